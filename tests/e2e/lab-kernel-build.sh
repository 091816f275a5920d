#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/kernel-build promises about its cache and its errors, with a kernel
# of six lines in place of a real one: a Makefile that knows the same targets.
# shellcheck disable=SC2317,SC2030,SC2031 # called by promise; PATH is meant to change there only
set -u
top=${top_srcdir:?run this with: make check}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv flock make gcc ld flex bison bc patch gzip df; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done
echo '#include <gelf.h>' | gcc -E -o /dev/null -xc - 2>/dev/null || cannot_run "gelf.h is missing"

# A copy of the scripts, with patches of our own, for a kernel of our own.
lab=$scratch/lab
tree=$scratch/source/9.9.1/linux
mkdir -p "$lab/scripts" "$lab/kernel-patches/9.9" "$tree"
cp "$top"/scripts/{common.sh,kernel-build,kernel-patch,lab.config} "$lab/scripts"
printf '#!/bin/sh\necho "%s"\n' "$tree" >"$lab/scripts/kernel-source"
chmod +x "$lab/scripts/kernel-source"
cat >"$tree/Makefile" <<'END'
# Builds in $(O), as a kernel would; "object" counts how often it was compiled.
all tinyconfig:
	echo CONFIG_TINY=y >$(O)/.config
allnoconfig:
	grep '^CONFIG_' $(O)/$(KCONFIG_ALLCONFIG) | grep -v "$$(cat drop 2>/dev/null || echo '^$$')" >$(O)/.config
$(O)/object: code.c
	cp code.c $@; echo x >>$(O)/compiled
bzImage: $(O)/object
	@echo '  CC      code.o'
	if [ -f hang ]; then echo $$$$ >"$$(cat hang)"; exec sleep 60; fi
	if [ -f broken ]; then echo 'code.c:1: error: broken'; exit 1; fi
	mkdir -p $(O)/arch/x86/boot
	{ cat $(O)/object; echo "release 9.9.1$(LOCALVERSION)"; cat $(O)/compiled; } >$(O)/arch/x86/boot/bzImage
	cp $(O)/object $(O)/System.map
END
printf 'one\ntwo\nthree\n' >"$tree/code.c"
printf '%s\n' 'Subject: [PATCH] code: two' '' '--- a/code.c' '+++ b/code.c' '@@ -1,3 +1,3 @@' ' one' \
	'-two' '+deux' ' three' >"$lab/kernel-patches/9.9/0001-two.patch"
echo 0001-two.patch >"$lab/kernel-patches/9.9/series"
export TLBSYNC_CACHE=$scratch/cache
touch -d '1 minute ago' "$tree/code.c"

build() { "$lab/scripts/kernel-build" 9.9 "$1"; }
with_path() { (PATH=$1; "${@:2}"); }
fresh() { rm -rf "$TLBSYNC_CACHE" "$tree"/{hang,broken,drop} "$scratch/hang.pid"; }

# image VARIANT: the content of the image; one line of output, a path, or it fails.
image()
{
	local path

	path=$(build "$1") || return 1
	[ "$(wc -l <<<"$path")" -eq 1 ] && [ -f "${path%/*}/System.map" ] && [ -f "${path%/*}/config" ] || return 1
	cat "$path"
}

both_build()
{
	image base >"$scratch/base" && image patched >"$scratch/patched" || return 1
	cat "$scratch/base" "$scratch/patched"
	grep -qx two "$scratch/base" && grep -qx 'release 9.9.1-tlbsync-base' "$scratch/base" &&
		grep -qx deux "$scratch/patched" && grep -qx 'release 9.9.1-tlbsync-patched' "$scratch/patched"
}

same_config()
{
	cmp "$(dirname "$(build base)")/config" "$(dirname "$(build patched)")/config"
}

# Two x: the base compiled the object, the patched build once more in its copy.
from_base_objects() { [ "$(grep -cx x "$scratch/base")" -eq 1 ] && [ "$(grep -cx x "$scratch/patched")" -eq 2 ]; }
pristine() { [ "$(cat "$tree/code.c")" = $'one\ntwo\nthree' ] && [ ! -e "$tree/obj" ]; }
no_partial() { [ ! -e "$TLBSYNC_CACHE/build" ]; }

second_call()
{
	local began=$SECONDS

	touch "$tree/broken"		# a build would fail
	image base && image patched && [ $((SECONDS - began)) -le 2 ]
}

new_patch_new_kernel()
{
	local before

	before=$(build patched)
	sed -i 's/deux/zwei/' "$lab/kernel-patches/9.9/0001-two.patch"
	image patched | grep -x zwei && [ "$(build patched)" != "$before" ]
}

new_message_same_kernel()
{
	local before

	before=$(build patched)
	sed -i 's/code: two/code: say two/' "$lab/kernel-patches/9.9/0001-two.patch"
	[ "$(build patched)" = "$before" ]
}

# interrupt SIGNAL: ends a build in the middle of it, and its make with it.
interrupt()
{
	local pid slow

	echo "$scratch/hang.pid" >"$tree/hang"
	"$lab/scripts/kernel-build" 9.9 patched &
	pid=$!
	eventually test -s "$scratch/hang.pid" || return 1
	slow=$(cat "$scratch/hang.pid")
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
	rm -f "$tree/hang"
	eventually gone "$slow"
}

works_after()
{
	fresh
	interrupt "$1" || { echo "the build went on"; return 1; }
	[ "$1" = KILL ] || no_partial || return 1
	both_build && no_partial
}

failed_build()
{
	fresh
	touch "$tree/broken"
	fails 1 "code.c:1: error: broken" build base || return 1
	log=$(sed -n 's/.*the whole log is //p' "$scratch/fails.log")
	grep broken "$log" && no_partial && rm "$tree/broken" && both_build
}

lost_option()
{
	fresh
	echo CONFIG_NUMA=y >"$tree/drop"
	fails 1 "does not take these options of scripts/lab.config: CONFIG_NUMA" build base
}

no_space()
{
	fresh
	mkdir -p "$scratch/full"
	printf '#!/bin/sh\necho Avail; echo 1024\n' >"$scratch/full/df"
	chmod +x "$scratch/full/df"
	fails 1 "no room to build a kernel" with_path "$scratch/full:$PATH" build base
}

bad_patch()
{
	local status=0

	fresh
	cp "$lab/kernel-patches/9.9/0001-two.patch" "$scratch/good"
	sed -i 's/^ one/ eins/' "$lab/kernel-patches/9.9/0001-two.patch"
	fails 1 "0001-two.patch" build patched && grep code.c "$scratch/fails.log" || status=1
	cp "$scratch/good" "$lab/kernel-patches/9.9/0001-two.patch"
	[ "$status" -eq 0 ] && pristine && no_partial && both_build
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
	build base >"$scratch/second" 2>&1 &
	second=$!
	eventually grep -q 'another lab command is using' "$scratch/second" || status=1
	gone "$second" && status=1
	kill "$holder"
	wait "$second" || status=1
	cat "$scratch/second"
	return "$status"
}

no_tool()
{
	local tool

	fresh
	mkdir -p "$scratch/few"
	for tool in bash sh dirname basename mkdir cat uname sed setpriv flock make env; do
		ln -sf "$(command -v "$tool")" "$scratch/few/$tool"
	done
	fails 1 "install the Debian package gcc" with_path "$scratch/few" build base
}

promise "base and patched are built, each shows in its release which it is" both_build
promise "both have the same configuration" same_config
promise "the patched build starts from the base's objects" from_base_objects
promise "the source stays as it was" pristine
promise "a second call builds nothing" second_call
rm -f "$tree/broken"
promise "a reworded message is the same kernel" new_message_same_kernel
promise "a changed patch is another kernel" new_patch_new_kernel
sed -i 's/zwei/deux/' "$lab/kernel-patches/9.9/0001-two.patch"
promise "a build that fails shows the error and the log, and the next one works" failed_build
promise "an option that does not survive is named" lost_option
promise "a full disk is seen before the build" no_space
promise "a patch that does not apply is named, and nothing is left half done" bad_patch
promise "after TERM no make goes on, and the cache works" works_after TERM
promise "after kill -9 no make goes on, and the cache works" works_after KILL
promise "the second of two on one cache says that it waits, and goes on" second_waits
promise "a missing tool is named with its package" no_tool
promise "a variant that is none is wrong usage" fails 2 "no such kernel 'fast'" build fast
promise "a version without patches is named" fails 1 "no patches for 9.8" \
	"$lab/scripts/kernel-build" 9.8 patched
promise "--help works" fails 0 "Usage: scripts/kernel-build" "$lab/scripts/kernel-build" --help
conclude
