#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ./bootstrap and ./configure promise, tried in a copy of what they read.
# Nothing is installed: apt-get, dpkg-query and sudo are stand-ins that say what the
# test wants and write down how they were called.
# shellcheck disable=SC2317 # most of this is called by promise
set -u

cd -- "${top_srcdir:?run this with: make check}" || exit 1
# shellcheck source=tests/promise.sh
. tests/promise.sh
copy=$scratch/copy
calls=$scratch/calls
mkdir -p "$copy/src" "$scratch/bin" "$scratch/no-apt" "$scratch/empty"
cp -R bootstrap configure.ac Makefile.am scripts "$copy"
cp src/main.c "$copy/src"
chmod -R u+w "$copy"
cd "$copy" || exit 1

# The file lists what is installed; apt knows packages only after an update.
cat >"$scratch/bin/dpkg-query" <<'END'
#!/bin/sh
sed 's/^/installed /' "$INSTALLED"
END
cat >"$scratch/bin/apt-get" <<'END'
#!/bin/sh
echo "$DEBIAN_FRONTEND apt-get $*" >>"$CALLS"
case "$*" in
*update*) touch "$CALLS.updated" ;;
*) [ -e "$CALLS.updated" ] ;;
esac
END
printf '#!/bin/sh\nexec "$@"\n' >"$scratch/bin/sudo"
chmod +x "$scratch"/bin/*
for tool in env dirname sort pkg-config; do
	ln -s "$(command -v $tool)" "$scratch/no-apt/$tool"
done

export CALLS=$calls INSTALLED=$scratch/installed LINUX_TARBALL=$scratch/none
PATH=$scratch/bin:$PATH
awk '/^[a-z]/ { print $2 }' scripts/packages >"$scratch/all"

# tried STATUS WORDS COMMAND...: as fails, with an empty log of calls before it.
tried()
{
	rm -f "$calls"
	fails "$@"
}

said() { grep -qF -e "$1" "$scratch/fails.log"; }

no_deps()
{
	: >"$INSTALLED"
	tried 0 --no-deps ./bootstrap --no-deps &&
		said libhwloc-dev && [ ! -e "$calls" ] && [ -x configure ]
}

again()
{
	cp "$scratch/all" "$INSTALLED"
	tried 0 'nothing to do' timeout 5 ./bootstrap && [ ! -e "$calls" ]
}

only_missing()
{
	grep -vx libjansson-dev "$scratch/all" >"$INSTALLED"
	tried 0 'installing libjansson-dev' ./bootstrap &&
		grep -qx 'noninteractive apt-get .*install libjansson-dev' "$calls" &&
		[ "$(grep -c update "$calls")" -eq 1 ] &&
		tried 0 'installing libjansson-dev' ./bootstrap && ! grep -q update "$calls"
}

no_apt()
{
	tried 1 'no apt' env PATH="$scratch/no-apt" ./bootstrap &&
		said libcpuid-dev && said './bootstrap --no-deps'
}

# only_with OPTION PACKAGE: bootstrap installs PACKAGE with OPTION, and not without.
only_with()
{
	grep -vx "$2" "$scratch/all" >"$INSTALLED"
	tried 0 'nothing to do' ./bootstrap &&
		tried 0 'installing' ./bootstrap "$1" && grep -q "install $2" "$calls"
}

all_missing_at_once()
{
	local package

	tried 1 'configure: error: ' env PKG_CONFIG_PATH='' PKG_CONFIG_LIBDIR="$scratch/empty" ./configure || return
	for package in libhwloc-dev libcpuid-dev libjansson-dev libyajl-dev libcmocka-dev linux-source-6.12 ./bootstrap; do
		grep 'configure: error:' "$scratch/fails.log" | grep -qF "$package" || return
	done
}

no_source()
{
	tried 1 "$LINUX_TARBALL" scripts/build-libperf "$scratch/prefix" &&
		said linux-source-6.12 && [ ! -e "$scratch/prefix" ]
}

bad_source()
{
	echo 'not a tarball' >"$scratch/bad.tar.xz"
	tried 1 'cannot unpack' env LINUX_TARBALL="$scratch/bad.tar.xz" scripts/build-libperf "$scratch/prefix" &&
		[ -z "$(compgen -G 'libperf*')" ] && [ -z "$(compgen -G "$scratch/prefix/*")" ]
}

promise 'bootstrap --no-deps installs nothing, says what is missing, makes ./configure' no_deps
promise 'bootstrap again does nothing and says so' again
promise 'bootstrap installs only what is missing, and updates only when needed' only_missing
promise 'bootstrap without apt prints the list and stops' no_apt
promise 'bootstrap --lab installs what the lab needs, plain bootstrap does not' only_with --lab qemu-system-x86
promise 'bootstrap --web installs a browser, plain bootstrap does not' only_with --web chromium
promise 'bootstrap refuses an option it does not know' \
	tried 2 "'--frobnicate'" ./bootstrap --frobnicate
promise 'configure names all missing packages at once' all_missing_at_once
promise 'build-libperf without a source names the package' no_source
promise 'build-libperf leaves nothing behind of a bad source' bad_source
conclude
