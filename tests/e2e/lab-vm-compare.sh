#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/vm-compare promises about order, retries, keys and what is left
# behind: with a stand-in for QEMU, kernels of five bytes, and records from
# tests/fixtures in place of the guest's measurements. The comparison is the real one.
# shellcheck disable=SC2317 # called by promise
set -u
top=${top_srcdir:?run this with: make check}
tlbsync=${TLBSYNC:?run this with: make check}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv busybox cpio ldd jq script; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done
! ldd "$(command -v busybox)" >/dev/null 2>&1 || cannot_run "busybox is not static"

# A copy of the scripts, in which building a kernel is quick.
lab=$scratch/copy
plan=$scratch/plan
mkdir -p "$lab/results" "$lab/src/stress" "$lab/kernel-patches" "$scratch/bin" "$scratch/tmp"
cp -r "$top/scripts" "$lab"
cp "$top/kernel-patches/bases" "$lab/kernel-patches"
default=$("$lab/scripts/bases" --default)
cp "$top/src/stress/kernel-complaints.inc" "$lab/src/stress"
for side in base patched lab mutant:one; do
	{ head -c 514 /dev/zero; echo HdrS; } >"$scratch/$side"
done
cat >"$lab/scripts/kernel-build" <<END
#!/bin/sh
[ "\$1" != --config ] || shift 2
[ "\$1" != 9.9 ] || { echo "kernel-build: error: no source" >&2; exit 1; }
shift
echo "\$*" >>"$scratch/builds"
printf "$scratch/%s\\n" "\$@"
END
ln -s "$top/tests/vm/qemu-stand-in" "$scratch/bin/qemu-system-x86_64"
# The suite in the guest: a boot's record, each with a boot id of its own.
cat >"$scratch/bin/tlbsync" <<END
#!/bin/sh
[ ! -e "$scratch/no-record" ] || exit 1
boot=\$(cat /proc/sys/kernel/random/uuid)
sed "s/00000000-0000-4000-8000-00000000000[0-9]/\$boot/" "\$(cat "$scratch/record-of-\${KERNEL##*/}")" >record.json
echo "\$*" >>"$plan.runs"
END
chmod +x "$scratch/bin/tlbsync"
echo "$top/tests/fixtures/records/base.json" >"$scratch/record-of-base"
echo "$top/tests/fixtures/records/patched.json" >"$scratch/record-of-patched"
export PLAN=$plan TMPDIR=$scratch/tmp
PATH=$scratch/bin:$PATH

# compare PLANNED OPTION...: one comparison, PLANNED a boot each.
compare()
{
	local planned=$1
	shift

	rm -rf "$lab"/results/* "$plan".*
	tr ' ' '\n' <<<"$planned" >"$plan"
	"$lab/scripts/vm-compare" --tlbsync "$tlbsync" "$@" >"$scratch/stdout"
}

tidy() { [ -z "$(ls "$scratch/tmp")" ] || { ls -R "$scratch/tmp"; return 1; }; }
says() { cat "$scratch/stdout"; grep -q -- "$1" "$scratch/stdout"; }

in_turn()
{
	compare "ok ok ok ok ok ok" --boots 3 && says 'Boots: 6 (base patched patched base base patched), retries: 0' &&
		[ "$(sed 's/.*-kernel [^ ]*\/\([a-z]*\) .*/\1/' "$plan.calls" | tr '\n' ' ')" = \
			"base patched patched base base patched " ]
}

records_kept()
{
	local folder name

	folder=$(echo "$lab"/results/vm-*-"$default"-n8)
	[[ $(basename "$folder") =~ ^vm-20[0-9]{6}T[0-9]{6}Z-"$default"-n8$ ]] || return 1
	for name in base-1 base-2 base-3 patched-1 patched-2 patched-3; do
		ls "$folder/$name.json" "$folder/$name/vm.json" || return 1
	done
	tidy
}

default_flags()
{
	compare "ok ok" --boots 1 && grep -q -- '--ops 100 ' "$plan.runs" && grep -q 'collapse-khugepaged' "$plan.runs"
}

given_flags()
{
	compare "ok ok" --boots 1 --cpus 4 -- --ops 7 -w munmap &&
		[ "$(sort -u "$plan.runs")" = "run --ops 7 -w munmap -o ./record.json" ] && grep -q -- '-smp 4,' "$plan.calls"
}

retries_told() { compare "panic ok dies panic ok" --boots 1 && says 'retries: 3'; }

key_not_on()
{
	local status=0

	sed 's/"static_key": "on"/"static_key": "off"/' "$top/tests/fixtures/records/patched.json" >"$scratch/off.json"
	echo "$scratch/off.json" >"$scratch/record-of-patched"
	fails 1 "the comparison does not hold" compare "ok ok" --boots 1 &&
		grep 'patched-1.*the static key is off, not on' "$scratch/fails.log" || status=1
	echo "$top/tests/fixtures/records/patched.json" >"$scratch/record-of-patched"
	return "$status"
}

no_record()
{
	local status=0

	touch "$scratch/no-record"
	fails 1 "the boot base-1 left no record" compare "ok ok" --boots 1 || status=1
	rm "$scratch/no-record"
	return "$status"
}

ended()
{
	local pid

	rm -rf "$lab"/results/* "$plan".*
	printf 'ok\nhang\n' >"$plan"
	"$lab/scripts/vm-compare" --tlbsync "$tlbsync" &
	pid=$!
	eventually test -s "$plan.pid" || return 1
	kill "$pid"
	wait "$pid"
	eventually gone "$(cat "$plan.pid")" && tidy && [ -z "$(ls "$lab/results")" ]
}

# told FILE: a line a boot, with the time left from the second on.
told()
{
	grep '^vm-compare: boot' "$1" >"$scratch/lines"
	cat "$scratch/lines"
	[ "$(wc -l <"$scratch/lines")" -eq 4 ] && grep -qx 'vm-compare: boot 1 of 4: base' "$1" &&
		grep -qE '^vm-compare: boot 2 of 4: patched, (about [0-9]+ s left|almost done)$' "$1" && narrow "$scratch/lines" 80
}

boots_told()
{
	rm -f "$scratch/builds"
	compare "ok ok ok ok" --boots 2 2>"$scratch/stderr" && told "$scratch/stderr" && plain "$scratch/stderr" &&
		[ "$(cat "$scratch/builds")" = "base patched" ]
}

# on TERM: what a terminal of that kind sees of a comparison.
on()
{
	rm -rf "$lab"/results/* "$plan".*
	printf 'ok\nok\nok\nok\n' >"$plan"
	on_terminal "$1" "$lab/scripts/vm-compare" --tlbsync "$tlbsync" >"$scratch/terminal"
}

drawn()
{
	on xterm && cat -v "$scratch/terminal" && draws "$scratch/terminal" &&
		grep -qE 'boot 4 of 4: patched|boot 3 of 4: patched' "$scratch/terminal" && ! grep -q '^vm-compare: boot' "$scratch/terminal"
}

dumb() { on dumb && plain "$scratch/terminal" && sed 's/\r$//' "$scratch/terminal" >"$scratch/stderr" && told "$scratch/stderr"; }

# Two boots of its four are done already.
scale_told()
{
	local folder=$scratch/scale

	mkdir -p "$folder"
	cp "$top/tests/fixtures/records/base.json" "$folder/n002-base.json"
	cp "$top/tests/fixtures/records/patched.json" "$folder/n004-patched.json"
	printf 'ok\nok\n' >"$plan"
	fails 1 "of these counts are wrong" "$lab/scripts/vm-scale" --tlbsync "$tlbsync" --max 4 "$folder" &&
		grep -x 'vm-scale: boot 1 of 2: 2 CPUs, patched' "$scratch/fails.log" &&
		grep -E '^vm-scale: boot 2 of 2: 4 CPUs, base, (about [0-9]+ s left|almost done)$' "$scratch/fails.log" &&
		plain "$scratch/fails.log" && [ ! -s "$plan" ]
}

# Two looks at the series and one at a mutant, of two boots each. Here is no key, which is
# right for no kernel, so the key's state catches all three.
mutants_told()
{
	mkdir -p "$lab/kernel-patches/mutants/$default"
	touch "$lab/kernel-patches/mutants/$default"/{one,other}.patch
	echo '{"cases":[],"tests":[{"name":"race","verified":1,"iterations":1}]}' >"$scratch/stress.json"
	echo "$scratch/stress.json" | tee "$scratch/record-of-lab" >"$scratch/record-of-mutant:one"
	printf 'ok\nok\nok\nok\nok\nok\n' >"$plan"
	rm -f "$scratch/builds"
	fails 1 "2 of these kernels" "$lab/scripts/mutants" --tlbsync "$tlbsync" --only one || return 1
	[ "$(head -n 1 "$scratch/builds")" = "lab mutant:one" ] &&
		grep -x 'mutants: kernel 1 of 3: the series' "$scratch/fails.log" &&
		grep -E '^mutants: kernel 2 of 3: the series, fake backend, (about [0-9]+ s left|almost done)$' "$scratch/fails.log" &&
		grep -E '^mutants: kernel 3 of 3: one, ' "$scratch/fails.log" && plain "$scratch/fails.log"
}

promise "the boots are base patched patched base base patched" in_turn
promise "a record and the machine's facts of each boot are kept, under the time" records_kept
promise "without RUN FLAGS it runs the five workloads, 100 ops" default_flags
promise "RUN FLAGS and the machine are passed on" given_flags
promise "retries are counted" retries_told
promise "a patched boot whose key is not on fails it, and is named" key_not_on
promise "a boot without a record fails it, and is named" no_record
promise "a warning in a kernel log fails it" fails 1 "the kernel log is not clean" compare "ok warning" --boots 1
promise "a kernel that cannot be built fails it" fails 1 "no source" compare "" --kver 9.9
promise "too many CPUs fail it before a kernel is built" fails 1 "256" compare "" --kver 9.9 --cpus 300
promise "--boots that is no number is wrong usage" fails 2 "--boots" compare "" --boots 0
promise "an unknown option is wrong usage, not a RUN FLAG" fails 2 "--bots" compare "" --bots 3
promise "a folder that is there is not written into" fails 1 "exists" compare "" --out "$scratch/tmp"
promise "TERM leaves no machine, no temporary folder and no half of a comparison" ended
promise "both kernels are asked for at once, and each boot is told, with the time left" boots_told
promise "a terminal has one line for that, drawn anew" drawn
promise "TERM=dumb gets plain lines and no carriage returns" dumb
promise "vm-scale tells the boots it has to do, with the time left" scale_told
promise "mutants asks for all kernels first and tells each, with the time left" mutants_told
promise "a series that is not clean fails mutants" grep -x "the series  *key 0.0 s (WRONG)" "$scratch/fails.log"
conclude
