#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/kernel-source promises about its cache, its search and its errors,
# with a kernel of three files: as one's own tree and tarball, and as a package
# that a stand-in for apt serves. With TLBSYNC_TEST_LAB=1 the real apt as well.
# shellcheck disable=SC2317,SC2030,SC2031 # called by promise; PATH and KSRC are meant to change in subshells only
set -u
top=${top_srcdir:?run this with: make check}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv flock tar xz dpkg-deb make; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done
unset KSRC

tree=$scratch/own/linux
mkdir -p "$tree/.git" "$tree/mm" "$scratch/fake"
printf '%s\n' 'VERSION = 9' 'PATCHLEVEL = 9' 'SUBLEVEL = 1' 'EXTRAVERSION =' 'mrproper:' '	rm -f .config' >"$tree/Makefile"
echo obj-y >"$tree/Kbuild"
echo code >"$tree/mm/code.c"
echo history >"$tree/.git/HEAD"
tar -C "$scratch/own" --exclude=.git -cJf "$scratch/own.tar.xz" linux
export TLBSYNC_CACHE=$scratch/cache
store=$TLBSYNC_CACHE/source

source_of() { "$top/scripts/kernel-source" "$@"; }
with_ksrc() { (export KSRC=$1; source_of 9.9); }
with_path() { (PATH=$1:$PATH; "${@:2}"); }
fresh() { rm -rf "$TLBSYNC_CACHE"; }
nothing_left() { [ -z "$(ls -A "$store" 2>/dev/null)" ]; }

# is_copy PATH...: one path, of a whole tree with the same files.
is_copy()
{
	echo "printed: $*"
	[ $# -eq 1 ] && [ -f "$1/../stamp" ] && diff -r --exclude=.git "$tree" "$1"
}

copied()
{
	fresh
	mapfile -t printed < <(with_ksrc "$1")
	is_copy "${printed[@]}"
}

second_call()
{
	local began

	with_ksrc "$tree" || return 1
	began=$(date +%s%N)
	with_ksrc "$tree" || return 1
	[ $(($(date +%s%N) - began)) -lt 2000000000 ]
}

state_of() { (cd "$1" && find . -printf '%p %s %T@ %C@ %m\n' | sort); }

never_written()
{
	local before

	fresh
	touch "$tree/.config"
	before=$(state_of "$tree")
	path=$(with_ksrc "$tree") || return 1
	diff <(echo "$before") <(state_of "$tree")
}

cleaned() { [ -f "$tree/.config" ] && [ ! -e "$path/.config" ] && rm "$tree/.config"; }
no_history() { [ -f "$path/Makefile" ] && [ ! -e "$path/.git" ]; }

changed()
{
	local before

	fresh
	before=$(with_ksrc "$tree") || return 1
	echo more >>"$tree/mm/code.c"
	path=$(with_ksrc "$tree") || return 1
	[ "$path" != "$before" ] && is_copy "$path" && [ ! -e "$before" ]
}

# refused WORDS KSRC: an error that says WORDS, and nothing in the cache.
refused()
{
	fresh
	fails 1 "$1" with_ksrc "$2" && nothing_left
}

no_space()
{
	fresh
	printf '#!/bin/sh\necho Avail; echo 1024\n' >"$scratch/fake/df"
	chmod +x "$scratch/fake/df"
	fails 1 "no room for a kernel source" with_path "$scratch/fake" with_ksrc "$tree" && nothing_left
}

# disk_fills: there was room when the script checked, and then there is none.
disk_fills()
{
	local status=0

	fresh
	printf '#!/bin/sh\necho Avail; echo 99999999\n' >"$scratch/fake/df"
	mkdir -p "$scratch/big/linux" "$TLBSYNC_CACHE"
	cp "$tree/Makefile" "$tree/Kbuild" "$scratch/big/linux"
	head -c 6000000 /dev/urandom >"$scratch/big/linux/blob"
	tar -C "$scratch/big" -cf "$scratch/big.tar" linux
	mount -t tmpfs -o size=2m none "$TLBSYNC_CACHE" || return 1
	fails 1 "No space left" with_path "$scratch/fake" with_ksrc "$scratch/big.tar" && nothing_left &&
		path=$(with_path "$scratch/fake" with_ksrc "$tree") && is_copy "$path" || status=1
	umount "$TLBSYNC_CACHE"
	return "$status"
}

can_mount()
{
	mkdir -p "$scratch/mount" && mount -t tmpfs none "$scratch/mount" 2>/dev/null && umount "$scratch/mount"
}

# works_after SIGNAL: the signal comes while tar is at work, and ends tar too. The next
# call works.
works_after()
{
	local pid slow

	fresh
	rm -f "$scratch/tar.pid"
	mkdir -p "$scratch/slow"
	printf '#!/bin/sh\necho $$ >%s/tar.pid; exec sleep 60\n' "$scratch" >"$scratch/slow/tar"
	chmod +x "$scratch/slow/tar"
	KSRC=$scratch/own.tar.xz PATH=$scratch/slow:$PATH "$top/scripts/kernel-source" 9.9 &
	pid=$!
	eventually test -s "$scratch/tar.pid" || return 1
	slow=$(cat "$scratch/tar.pid")
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
	eventually gone "$slow" || { echo "tar went on"; return 1; }
	[ "$1" = KILL ] || nothing_left || return 1
	path=$(with_ksrc "$scratch/own.tar.xz") && is_copy "$path" && [ "$(ls -A "$store")" = "$(basename "${path%/linux}")" ]
}

locked() { ! flock -n "$TLBSYNC_CACHE/lock" true; }

second_waits()
{
	local holder second status=0

	fresh
	mkdir -p "$TLBSYNC_CACHE"
	flock -o "$TLBSYNC_CACHE/lock" sleep 60 &
	holder=$!
	eventually locked || return 1
	with_ksrc "$tree" >"$scratch/second" 2>&1 &
	second=$!
	eventually grep -q 'another lab command is using' "$scratch/second" || status=1
	gone "$second" && status=1
	kill "$holder"
	wait "$second" || status=1
	cat "$scratch/second"
	grep -E 'going on after [0-9]+ s$' "$scratch/second" && [ "$status" -eq 0 ]
}

# The first hangs in its tar and is named; then it is ended.
holder_named()
{
	local first second status=0

	fresh
	rm -f "$scratch/tar.pid"
	KSRC=$scratch/own.tar.xz PATH=$scratch/slow:$PATH "$top/scripts/kernel-source" 9.9 &
	first=$!
	eventually test -s "$scratch/tar.pid" || return 1
	with_ksrc "$tree" >"$scratch/second" 2>&1 &
	second=$!
	eventually grep -q "pid $first: kernel-source 9.9\$" "$scratch/second" || status=1
	kill "$first"
	wait "$first"
	wait "$second" || status=1
	cat "$scratch/second"
	return "$status"
}

# What it takes is said before it is done, with the free space.
estimate()
{
	fresh
	with_ksrc "$tree" 2>"$scratch/said" || return 1
	cat "$scratch/said"
	grep -x "kernel-source: copies $tree:" "$scratch/said" &&
		grep -E "  about [0-9]+ (s|min) on $(nproc) CPUs, [0-9.]+ [MG]iB in $TLBSYNC_CACHE$" "$scratch/said" &&
		grep -E ' are free there\)$' "$scratch/said"
}

cached_only()
{
	with_ksrc "$tree" >"$scratch/path" && [ "$(KSRC=$tree source_of --cached 9.9)" = "$(cat "$scratch/path")" ] || return 1
	fresh
	[ -z "$(KSRC=$tree source_of --cached 9.9 2>&1)" ] && nothing_left || return 1
	serve 9.9.2-1 '' && [ -z "$(from_apt --cached 9.9 2>&1)" ] && nothing_left && [ ! -e "$scratch/calls" ]
}

# serve SYSTEM MIRROR: stand-ins for apt-get and apt-cache. The machine's sources
# have the package in the version SYSTEM, the suites of its mirror in MIRROR.
serve()
{
	local pack=$scratch/pack

	mkdir -p "$pack/DEBIAN" "$pack/usr/src" "$scratch/apt"
	cp "$scratch/own.tar.xz" "$pack/usr/src/linux-source-9.9.tar.xz"
	printf '%s\n' 'Package: linux-source-9.9' "Version: ${1:-${2:-1}}" 'Architecture: all' \
		'Maintainer: nobody' 'Description: test' >"$pack/DEBIAN/control"
	dpkg-deb --build "$pack" "$scratch/served.deb" >/dev/null || return 1
	rm -f "$scratch/calls"
	cat >"$scratch/apt/apt-get" <<-END
		#!/bin/sh
		echo "\$*" >>"$scratch/calls"
		case "\$*" in
		*indextargets*) echo 'Debian|Debian|http://mirror.invalid/debian/' ;;
		*update*) [ ! -f "$scratch/apt-says" ] || cat "$scratch/apt-says" ;;
		*download*) cp "$scratch/served.deb" linux-source.deb ;;
		esac
	END
	cat >"$scratch/apt/apt-cache" <<-END
		#!/bin/sh
		case "\$*" in
		*apt/system/*) found='$1' ;;
		*) found='$2' ;;
		esac
		[ -z "\$found" ] || echo "linux-source-9.9 | \$found | a source"
	END
	chmod +x "$scratch/apt"/*
}

from_apt() { with_path "$scratch/apt" source_of "$@"; }

# fetched SYSTEM MIRROR VERSION: the package is used in that VERSION.
fetched()
{
	fresh
	serve "$1" "$2" || return 1
	path=$(from_apt 9.9) || return 1
	echo "$path"
	[ "$path" = "$store/$3/linux" ] && diff -r --exclude=.git "$scratch/plain/linux" "$path" &&
		[ "$(ls -A "$store/$3")" = $'linux\nstamp' ]
}

suites_asked()
{
	cat "$TLBSYNC_CACHE/apt/mirror/sources.list"
	! grep -v '^deb \[signed-by=/usr/share/keyrings/debian-archive-keyring\.[a-z]*\] http://mirror.invalid/debian/ ' \
		"$TLBSYNC_CACHE/apt/mirror/sources.list" &&
		[ "$(awk '{ print $4 }' "$TLBSYNC_CACHE/apt/mirror/sources.list" | xargs)" = "trixie-backports sid" ] &&
		! grep -riE 'unauthenticated|insecure|trusted' "$TLBSYNC_CACHE/apt"/*/apt.conf "$scratch/calls"
}

apt_at_rest()
{
	: >"$scratch/calls"
	from_apt 9.9 && [ ! -s "$scratch/calls" ]
}

refreshed()
{
	serve 9.9.3-1 '' || return 1
	path=$(from_apt --refresh 9.9) && [ "$path" = "$store/9.9.3-1/linux" ] || return 1
	serve 9.9.2-1 '' || return 1
	path=$(from_apt --refresh 9.9) && [ "$path" = "$store/9.9.3-1/linux" ]
}

unknown()
{
	fresh
	serve '' ''
	fails 1 "no package linux-source-9.99" from_apt 9.99 && grep 'KSRC=/path, or use 6.12' "$scratch/fails.log" && nothing_left
}

no_key()
{
	fresh
	serve '' ''
	echo 'W: GPG error: the following signatures could not be verified: NO_PUBKEY 123' >"$scratch/apt-says"
	fails 1 "signed by a key that is not on this machine" from_apt 9.9 &&
		grep 'upgrade the package debian-archive-keyring' "$scratch/fails.log"
}

offline()
{
	fresh
	serve '' ''
	echo 'W: Failed to fetch http://mirror.invalid/debian/InRelease  Temporary failure resolving' >"$scratch/apt-says"
	fails 1 "could not be fetched" from_apt 9.9
}

# real VERSION: from the machine's own sources, into the usual cache.
real()
{
	local began

	path=$(source_of "$1") && [ -f "$path/Makefile" ] || return 1
	began=$(date +%s%N)
	[ "$(source_of "$1")" = "$path" ] && [ $(($(date +%s%N) - began)) -lt 2000000000 ]
}

system_untouched()
{
	local before

	before=$(state_of /etc/apt; state_of /var/lib/apt; state_of /var/cache/apt)
	fails 1 "no package linux-source-9.99" source_of 9.99 || return 1
	diff <(echo "$before") <(state_of /etc/apt; state_of /var/lib/apt; state_of /var/cache/apt)
}

promise "--help works" fails 0 "Usage: scripts/kernel-source" source_of --help
promise "no version is wrong usage" fails 2 "no VERSION given" source_of
promise "what is no version is wrong usage" fails 2 "no kernel version" source_of ../../etc
promise "KSRC, a tree, is copied, and one path printed" copied "$tree"
promise "a second call takes less than two seconds" second_call
promise "KSRC is never written into" never_written
promise "what was built in KSRC is cleaned out of the copy only" cleaned
promise "KSRC's history is not copied" no_history
promise "a changed KSRC is another tree, and takes the older one's place" changed
tar -C "$scratch/own" --exclude=.git -cJf "$scratch/own.tar.xz" linux
mkdir "$scratch/plain" && tar -C "$scratch/plain" -xf "$scratch/own.tar.xz"
promise "KSRC, a tarball, is unpacked" copied "$scratch/own.tar.xz"
promise "KSRC of another version is used, and it is said" fails 0 "is Linux 9.9.1; using it as 9.8" \
	env "KSRC=$tree" "TLBSYNC_CACHE=$scratch/other" "$top/scripts/kernel-source" 9.8
promise "KSRC that is not there is an error" refused "does not exist" "$scratch/nowhere"
promise "KSRC that is no kernel is an error" refused "is no kernel source" "$scratch"
head -c 300 "$scratch/own.tar.xz" >"$scratch/broken.tar.xz"
promise "KSRC that is a broken tarball is an error" refused "is no tarball of a kernel source" "$scratch/broken.tar.xz"
promise "KSRC that is no tarball is an error" refused "is no tarball of a kernel source" "$tree/Makefile"
promise "a full disk is seen before anything is written" no_space
if can_mount; then
	promise "a disk that fills up leaves nothing behind" disk_fills
else
	echo "skipped - a disk that fills up leaves nothing behind: cannot mount a small disk"
fi
promise "after TERM no tar goes on, and the cache works" works_after TERM
promise "after HUP no tar goes on, and the cache works" works_after HUP
promise "after kill -9 no tar goes on, and the cache works" works_after KILL
promise "the second of two on one cache says that it waits, and goes on" second_waits
promise "it names the first" holder_named
promise "before it copies it says what that takes in time and disk" estimate
promise "--cached prints what the cache has, and fetches nothing" cached_only
promise "the package comes from the machine's own apt sources" fetched 9.9.2-1 9.9.8-1 9.9.2-1
promise "with the package in the cache apt is not asked" apt_at_rest
promise "--refresh takes a newer package, and no older one" refreshed
promise "the package comes from the mirror's other suites where the sources lack it" fetched '' 9.9.8-1 9.9.8-1
promise "these are trixie-backports and sid of that mirror, signatures checked" suites_asked
promise "an unknown version is an error, with a hint at KSRC and 6.12" unknown
promise "a missing archive key is named as the reason" no_key
promise "no network is named as the reason" offline
if [ -n "${TLBSYNC_TEST_LAB:-}" ]; then
	promise "the system's apt is left untouched by a search" system_untouched
	unset TLBSYNC_CACHE
	promise "linux-source-6.12 is found, and at once the second time" real 6.12
	promise "linux-source-7.2 is found, and at once the second time" real 7.2
fi
conclude
