#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/kernel-build promises about its cache and its errors, with a kernel
# of six lines in place of a real one: a Makefile that knows the same targets.
# shellcheck disable=SC2317,SC2030,SC2031 # called by promise; PATH is meant to change there only
set -u
top=${top_srcdir:?run this with: make check}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv flock script make gcc ld flex bison bc patch gzip df; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done
echo '#include <gelf.h>' | gcc -E -o /dev/null -xc - 2>/dev/null || cannot_run "gelf.h is missing"

# A copy of the scripts, with patches of our own, for a kernel of our own.
lab=$scratch/lab
tree=$scratch/source/9.9.1/linux
mkdir -p "$lab/scripts" "$lab"/kernel-patches/{,lab/,mutants/}9.9 "$tree"
cp "$top"/scripts/{common.sh,progress.sh,figures.sh,lab-figures,kernel-build,kernel-patch,lab.config,lab-debug.config} "$lab/scripts"
cat >"$lab/scripts/kernel-source" <<END
#!/bin/sh
echo "\$*" >>"$scratch/source-calls"
{ [ "\$1" = --cached ] && [ -e "$scratch/no-source" ]; } || echo "$tree"
END
chmod +x "$lab/scripts/kernel-source"
# What the builds of 9.9 take, as if measured on 2 CPUs: objects, seconds, CPUs, MiB.
cat >"$lab/scripts/lab-figures" <<'END'
source 9.9 - 0 60 2 1024 1200
base 9.9 lab 4 1200 2 512 600
patched 9.9 lab 2 600 2 64 900
lab 9.9 lab 4 1200 2 512 600
mutant 9.9 lab 2 300 2 8 640
mutant:special 9.9 lab 2 900 2 8 640
base 9.9 debug 4 2400 2 16 600
patched 9.9 debug 4 2400 2 16 600
lab 9.9 debug 4 2400 2 16 600
END
cat >"$tree/Makefile" <<'END'
# Builds in $(O), as a kernel would; "compiled" counts how often each object was.
all tinyconfig:
	echo CONFIG_TINY=y >$(O)/.config
allnoconfig:
	grep '^CONFIG_' $(O)/$(KCONFIG_ALLCONFIG) | grep -v "$$(cat drop 2>/dev/null || echo '^$$')" >$(O)/.config
$(O)/object: code.c
	cp code.c $@; echo x >>$(O)/compiled
$(O)/other: other.c
	cp other.c $@; echo y >>$(O)/compiled
bzImage: $(O)/object $(O)/other
	@echo '  CC      code.o'
	if [ -f hang ]; then echo $$$$ >"$$(cat hang)"; exec sleep 60; fi
	if [ -f slow ]; then sleep 3; fi
	if [ -f broken ]; then echo 'code.c:1: error: broken'; exit 1; fi
	mkdir -p $(O)/arch/x86/boot
	{ cat $(O)/object $(O)/other; echo "release 9.9.1$(LOCALVERSION)"; cat $(O)/compiled; } >$(O)/arch/x86/boot/bzImage
	cp $(O)/object $(O)/System.map
END
printf 'one\ntwo\nthree\n' | tee "$tree/code.c" >"$tree/other.c"

# make_patch FILE OLD NEW: one hunk on the three lines of FILE.
make_patch()
{
	printf '%s\n' "Subject: [PATCH] code: two" '' "--- a/$1" "+++ b/$1" '@@ -1,3 +1,3 @@' ' one' "-$2" "+$3" ' three'
}

make_patch code.c two deux >"$lab/kernel-patches/9.9/0001-two.patch"
echo 0001-two.patch >"$lab/kernel-patches/9.9/series"
make_patch code.c deux dos >"$lab/kernel-patches/lab/9.9/0001-lab.patch"
echo 0001-lab.patch >"$lab/kernel-patches/lab/9.9/series"
echo CONFIG_OF_THE_LAB=y >"$lab/kernel-patches/lab/9.9/config"
make_patch other.c two wrong >"$lab/kernel-patches/mutants/9.9/one.patch"
make_patch other.c two false >"$lab/kernel-patches/mutants/9.9/another.patch"
export TLBSYNC_CACHE=$scratch/cache
touch -d '1 minute ago' "$tree"/{Makefile,code.c,other.c}

# build [OPTION VALUE] KERNEL...
build()
{
	local options=()

	[[ $1 != --* ]] || { options=("$1" "$2"); shift 2; }
	"$lab/scripts/kernel-build" "${options[@]}" 9.9 "$@"
}
with_path() { (PATH=$1; "${@:2}"); }
fresh() { rm -rf "$TLBSYNC_CACHE" "$tree"/{hang,slow,broken,drop} "$scratch/hang.pid"; }

# image [OPTION]... VARIANT: the content of the image. kernel-build must print one line, a
# path; otherwise this fails.
image()
{
	local path

	path=$(build "$@") || return 1
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

lab_and_mutant()
{
	fresh
	image mutant:one >"$scratch/mutant" && image lab >"$scratch/lab.image" || return 1
	cat "$scratch/mutant" "$scratch/lab.image"
	grep -qx dos "$scratch/lab.image" && grep -qx 'release 9.9.1-tlbsync-lab' "$scratch/lab.image" &&
		! grep -qx wrong "$scratch/lab.image" &&
		grep -qx dos "$scratch/mutant" && grep -qx wrong "$scratch/mutant" &&
		grep -qx 'release 9.9.1-tlbsync-mutant-one' "$scratch/mutant"
}

# One x: the files that the series and the lab patch change are older than their object.
from_lab_objects() { [ "$(grep -cx x "$scratch/mutant")" -eq 1 ] && [ "$(grep -cx y "$scratch/mutant")" -eq 2 ]; }

lab_config()
{
	local option=^CONFIG_OF_THE_LAB=y$

	grep "$option" "$(dirname "$(build lab)")/config" && grep "$option" "$(dirname "$(build mutant:one)")/config" &&
		! grep "$option" "$(dirname "$(build patched)")/config"
}

new_mutant_same_lab()
{
	local before

	before=$(build lab)
	make_patch other.c two mistaken >"$lab/kernel-patches/mutants/9.9/another.patch"
	[ "$(build lab)" = "$before" ] && image mutant:another | grep -x mistaken
}

new_lab_new_mutant()
{
	local before

	before=$(build mutant:one)
	sed -i 's/dos/zwo/' "$lab/kernel-patches/lab/9.9/0001-lab.patch"
	image mutant:one | grep -x zwo && [ "$(build mutant:one)" != "$before" ]
}

debug_config()
{
	local before

	before=$(build patched)
	image --config debug patched >"$scratch/debug" || return 1
	cat "$scratch/debug"
	grep -qx deux "$scratch/debug" && grep -qx 'release 9.9.1-tlbsync-patched+debug' "$scratch/debug" &&
		grep -x CONFIG_KASAN=y "$(dirname "$(build --config debug patched)")/config" &&
		[ "$(build patched)" = "$before" ] && ! grep -x CONFIG_KASAN=y "$(dirname "$before")/config" &&
		image --config debug lab | grep -x 'release 9.9.1-tlbsync-lab+debug' &&
		image --config debug mutant:one | grep -x 'release 9.9.1-tlbsync-mutant-one+debug'
}

no_such_mutant()
{
	fails 1 "there are: another one" build mutant:none
}

no_lab_patches()
{
	mkdir -p "$lab/kernel-patches/9.7"
	cp "$lab/kernel-patches/9.9"/* "$lab/kernel-patches/9.7"
	fails 1 "no lab patches for 9.7" "$lab/scripts/kernel-build" 9.7 lab
}

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
	fails 1 "does not take these options of the configuration 'lab': CONFIG_NUMA" build base
}

no_space()
{
	fresh
	mkdir -p "$scratch/full"
	printf '#!/bin/sh\necho Avail; echo 1024\n' >"$scratch/full/df"
	chmod +x "$scratch/full/df"
	fails 1 "no room to build a kernel" with_path "$scratch/full:$PATH" build base &&
		grep "1 MiB free, $1 needed" "$scratch/fails.log"
}

no_space_no_source()
{
	local status=0

	touch "$scratch/no-source"
	rm -f "$scratch/source-calls"
	no_space "1.9 GiB" && [ "$(cat "$scratch/source-calls")" = "--cached 9.9" ] || status=1
	rm "$scratch/no-source"
	return "$status"
}

# cpus N COMMAND...: on a machine that has so many.
cpus()
{
	mkdir -p "$scratch/nproc$1"
	printf '#!/bin/sh\necho %s\n' "$1" >"$scratch/nproc$1/nproc"
	chmod +x "$scratch/nproc$1/nproc"
	with_path "$scratch/nproc$1:$PATH" "${@:2}"
}

# told WORDS: the build said so before it began.
told()
{
	cat "$scratch/said"
	sed '/: building /,$d' "$scratch/said" | grep -qF -- "$1"
}

# 1200 and 600 s for base and patched on 2 CPUs.
estimate()
{
	fresh
	cpus 2 build base patched >"$scratch/out" 2>"$scratch/said" || return 1
	told "builds 2 kernels of 9.9 (base, patched):" &&
		told "about 30 min on 2 CPUs, 576 MiB in $TLBSYNC_CACHE" && told " are free there)" && [ "$(wc -l <"$scratch/out")" -eq 2 ]
}

scaled()
{
	fresh
	cpus 6 build base patched 2>"$scratch/said" && told "about 10 min on 6 CPUs"
}

with_the_source()
{
	local status=0

	fresh
	touch "$scratch/no-source"
	cpus 2 build base 2>"$scratch/said" &&
		told "gets the source, builds 1 kernel of 9.9 (base):" && told "about 21 min on 2 CPUs, 1.5 GiB in" ||
		status=1
	rm "$scratch/no-source"
	return "$status"
}

parents_counted()
{
	fresh
	cpus 2 build mutant:one mutant:another 2>"$scratch/said" &&
		told "builds 3 kernels of 9.9 (lab, 2 mutants):" && told "about 30 min on 2 CPUs" && fresh &&
		build mutant:one 2>"$scratch/said" && told "builds 2 kernels of 9.9 (lab, mutant:one):" || return 1
	make_patch other.c two special >"$lab/kernel-patches/mutants/9.9/special.patch"
	cpus 2 build mutant:special 2>"$scratch/said" && told "about 15 min on 2 CPUs" || return 1
	rm "$lab/kernel-patches/mutants/9.9/special.patch"
}

own_figures()
{
	fresh
	build base 2>/dev/null && grep -E '^1 [0-9]+ [0-9]+ [0-9]+ [0-9]+$' "$TLBSYNC_CACHE/figures/9.9-lab-base" || return 1
	rm -r "$TLBSYNC_CACHE"/{kernel,objects}
	echo 4 180 2 100 200 >"$TLBSYNC_CACHE/figures/9.9-lab-base"
	cpus 2 build base 2>"$scratch/said" && told "about 3 min on 2 CPUs, 100 MiB"
}

# What nobody has measured has a limit for the disk, and no time.
not_measured()
{
	local figures=$lab/scripts/lab-figures status=0

	fresh
	cp "$figures" "$scratch/figures"
	echo "base 9.9 lab 0 0 1 512 600" >"$figures"
	cpus 2 build base 2>"$scratch/said" && told "  a time that was not measured yet, 512 MiB in" || status=1
	cat "$scratch/figures" >"$figures"
	sed -i 's/^patched.*/patched 9.9 lab 0 0 1 64 900/' "$figures"
	fresh
	cpus 2 build base patched 2>"$scratch/said" && told "  more than 20 min on 2 CPUs, 576 MiB in" || status=1
	mv "$scratch/figures" "$figures"
	return "$status"
}

nothing_said()
{
	build base 2>"$scratch/said" && cat "$scratch/said" && [ ! -s "$scratch/said" ]
}

# slow_build COMMAND...: a build of three seconds.
slow_build()
{
	local status=0

	fresh
	touch "$tree/slow"
	"$@" >"$scratch/said" 2>&1 || status=$?
	rm "$tree/slow"
	cat -v "$scratch/said"
	return "$status"
}

drawn()
{
	slow_build on_terminal xterm "$lab/scripts/kernel-build" 9.9 base patched && draws "$scratch/said" &&
		grep -E 'kernel 1 of 2: building 9\.9\.1 base, 1 of 4 objects, [0-9]+ s, about [0-9]+ s left' "$scratch/said"
}

drawn_unmeasured()
{
	local figures=$lab/scripts/lab-figures status=0

	cp "$figures" "$scratch/figures"
	sed -i 's/^base 9.9 lab.*/base 9.9 lab 0 0 1 512 600/' "$figures"
	slow_build on_terminal xterm "$lab/scripts/kernel-build" 9.9 base && draws "$scratch/said" &&
		grep -E 'building 9\.9\.1 base, [0-9]+ s' "$scratch/said" &&
		! grep -E ' of 0 objects|almost done| left' "$scratch/said" || status=1
	mv "$scratch/figures" "$figures"
	return "$status"
}

# The process that draws is a copy of the script, traps and all, until it begins.
no_foreign_clean_up()
{
	cat >"$scratch/drawing" <<-'END'
		set -euo pipefail
		. "$1/common.sh"
		. "$1/progress.sh"
		file=$2
		clean_up() { echo cleaned >>"$file"; }
		line() { echo line; }
		at_exit clean_up
		for ((i = 0; i < 200; i++)); do start_drawing line; stop_drawing; done
	END
	rm -f "$scratch/cleaned"
	bash "$scratch/drawing" "$lab/scripts" "$scratch/cleaned" && [ "$(wc -l <"$scratch/cleaned")" -eq 1 ]
}

dumb()
{
	slow_build on_terminal dumb "$lab/scripts/kernel-build" 9.9 base && plain "$scratch/said"
}

in_a_pipe()
{
	slow_build build base && plain "$scratch/said" && ! grep left "$scratch/said"
}

now_and_then()
{
	local status=0

	sed -i 's/^plain_every=30/plain_every=1/' "$lab/scripts/progress.sh"
	slow_build build base && plain "$scratch/said" &&
		grep -E '^kernel-build: building 9\.9\.1 base, 1 of 4 objects, .* left$' "$scratch/said" || status=1
	sed -i 's/^plain_every=1/plain_every=30/' "$lab/scripts/progress.sh"
	return "$status"
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

# The first hangs in its make, is named, and is then ended.
holder_named()
{
	local first second status=0

	fresh
	echo "$scratch/hang.pid" >"$tree/hang"
	build --config lab patched >"$scratch/first" 2>&1 &
	first=$!
	eventually test -s "$scratch/hang.pid" || return 1
	build base >"$scratch/second" 2>&1 &
	second=$!
	eventually grep -q 'its log: ' "$scratch/second" || status=1
	rm "$tree/hang"
	kill "$(cat "$scratch/hang.pid")"
	wait "$first"
	wait "$second" || status=1
	cat "$scratch/second"
	grep -E "pid [0-9]+: kernel-build --config lab 9.9 patched$" "$scratch/second" &&
		grep -E 'since [0-2][0-9]:[0-5][0-9]:[0-5][0-9] \([0-9]+ s\)$' "$scratch/second" &&
		grep "its log: $TLBSYNC_CACHE/log/9.9.1-base.log" "$scratch/second" &&
		grep -E 'going on after [0-9]+ s$' "$scratch/second" && [ "$status" -eq 0 ]
}

# What is left of a script that has ended, while somebody else holds the lock.
stale_holder()
{
	local holder second status=0

	fresh
	mkdir -p "$TLBSYNC_CACHE"
	sleep 0 &
	printf '%s\n' "$!" "$(date +%s)" 'kernel-build of yore' '/log' >"$TLBSYNC_CACHE/lock.holder"
	wait "$!"
	flock -o "$TLBSYNC_CACHE/lock" sleep 60 &
	holder=$!
	eventually locked || return 1
	build base >"$scratch/second" 2>&1 &
	second=$!
	eventually grep -q 'another lab command is using' "$scratch/second" || status=1
	sleep 2
	kill "$holder"
	wait "$second" || status=1
	cat "$scratch/second"
	! grep yore "$scratch/second" && ! grep yore "$TLBSYNC_CACHE/lock.holder" && [ "$status" -eq 0 ]
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
promise "lab is the lab patches on top of the series, and a mutant is a mistake on top of lab" lab_and_mutant
promise "a mutant starts from the lab's objects and compiles what the mistake is in" from_lab_objects
promise "what the lab patches need is configured for them, and for nothing else" lab_config
promise "a changed mutant is another kernel, and the lab's stays" new_mutant_same_lab
promise "a changed lab patch is another kernel, also for the mutants" new_lab_new_mutant
sed -i 's/zwo/dos/' "$lab/kernel-patches/lab/9.9/0001-lab.patch"
promise "--config debug builds each kernel a second time, with the kernel's own checks" debug_config
promise "a mutant that is none is named, with those there are" no_such_mutant
promise "a version without lab patches is named" no_lab_patches
fresh
promise "base and patched are built anew" both_build
promise "the source stays as it was" pristine
promise "a second call builds nothing" second_call
rm -f "$tree/broken"
promise "a reworded message is the same kernel" new_message_same_kernel
promise "a changed patch is another kernel" new_patch_new_kernel
sed -i 's/zwei/deux/' "$lab/kernel-patches/9.9/0001-two.patch"
promise "a build that fails shows the error and the log, and the next one works" failed_build
promise "an option that does not survive is named" lost_option
promise "a full disk is seen before the build" no_space "720 MiB"
promise "and before the source is fetched" no_space_no_source
promise "before it builds it says what that takes in time and disk" estimate
promise "what it says fits 80 columns" narrow "$scratch/said" 80
promise "the time is scaled by the number of CPUs" scaled
promise "a source that is to be fetched is counted" with_the_source
promise "so are the kernels that those wanted start from" parents_counted
promise "a second build tells what the first took" own_figures
promise "what was not measured is said to be so" not_measured
promise "with nothing to build nothing is said" nothing_said
promise "a terminal shows the objects done and expected, and the time left" drawn
promise "of a build that nobody has measured it shows the time so far alone" drawn_unmeasured
promise "the end of the progress line runs no clean-up of the script's" no_foreign_clean_up
promise "TERM=dumb gets no carriage returns" dumb
promise "a pipe gets start and end of a short build" in_a_pipe
promise "and a plain line with the time left now and then" now_and_then
promise "a patch that does not apply is named, and nothing is left half done" bad_patch
promise "after TERM no make goes on, and the cache works" works_after TERM
promise "after kill -9 no make goes on, and the cache works" works_after KILL
promise "the second of two on one cache says that it waits, and goes on" second_waits
promise "it names the first: pid, command, log and since when" holder_named
promise "one that has ended is not named" stale_holder
promise "a missing tool is named with its package" no_tool
promise "a variant that is none is wrong usage" fails 2 "no such kernel 'fast'" build fast
promise "a configuration that is none is wrong usage" fails 2 "no such configuration 'fast'" build --config fast base
promise "a version without patches is named" fails 1 "no patches for 9.8" \
	"$lab/scripts/kernel-build" 9.8 patched
promise "--help works" fails 0 "Usage: scripts/kernel-build" "$lab/scripts/kernel-build" --help
conclude
