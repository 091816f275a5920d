#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tlbsync stress on this machine: every test for a second. A test that cannot run says
# so, one that hangs is ended, and one that is killed leaves nothing changed.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

tests=(race-unshare race-third-sharer race-collapse race-munmap race-perf-walk
	lazy-storm lazy-storm-hotplug lazy-storm-fail-alloc)
command=
under=()	# the command that starts the run in the background

# What a run may change, CPUs as well.
everything()
{
	settings
	cat /sys/devices/system/cpu/online
}

unchanged()
{
	everything | cmp -s - "$scratch/before"
}

# stress ARGUMENT...: a run to its end, its record in $record.
stress()
{
	rm -f -- "$record"
	in_turn "$tlbsync" stress "$@"
}

# says STATUS WORDS ARGUMENT...: it exits with STATUS and says WORDS, on either output.
says()
{
	local status=$1 words=$2
	shift 2

	stress "$@"
	cat "$out" "$err"
	[ "$code" -eq "$status" ] || { echo "exit status $code, not $status"; return 1; }
	grep -qF -- "$words" "$out" "$err" || { echo "it does not say: $words"; return 1; }
}

# here MOUNTS ARGUMENT...: tlbsync stress, in a mount namespace where MOUNTS were done.
here()
{
	local mounts=$1
	shift

	# shellcheck disable=SC2016 # expanded there
	in_turn unshare -m bash -c 'eval "$1" || exit 99; shift; exec "$@"' - "$mounts" \
		"$tlbsync" stress "$@"
	cat "$out" "$err"
}

all_are_listed()
{
	local name

	"$tlbsync" stress --list >"$out" || return
	for name in "${tests[@]}"; do
		grep -q "^  $name " "$out" || { echo "no $name"; return 1; }
	done
	[ "$(grep -c '^  [a-z]' "$out")" -eq "${#tests[@]}" ]
}

ktap_is_whole()
{
	[ "$(head -n 1 "$out")" = "KTAP version 1" ] &&
		[ "$(sed -n 2p "$out")" = "1..${#tests[@]}" ] &&
		[ "$(grep -cE '^(not )?ok [1-8] ' "$out")" -eq "${#tests[@]}" ]
}

all_run()
{
	stress --time 1s --seed 5 -o "$record"
	cat "$out" "$err"
	[ "$code" -eq 0 ] && ktap_is_whole && ! grep -q '^not ok' "$out"
}

the_record_agrees()
{
	holds '.schema == "tlbsync.stress/1" and .seed == "5" and .options.time_s == 1' &&
		holds '.kernel.release and .machine.cpus_online and .command' &&
		holds '[.tests[] | select(.status == "fail")] == []' &&
		holds '.tests | map(select(.status == "ok")) | length > 0 and
			all(.iterations > 0 and .reads.pin > 0 and .verified >= .pins and
			    .bytes == 8 * .verified and .findings == [])'
}

# With root and a pool, what the races need did happen.
they_were_races()
{
	holds '.tests[] | select(.name == "race-unshare") | .status == "skip" or
		(.counts.shared > 0 and .counts.together > 0 and .counts.after > 0)' &&
		holds '.tests[] | select(.name == "lazy-storm") | .counts.wakes > 0'
}

nothing_more_fits()
{
	local zero=$scratch/zero

	echo 0 >"$zero"
	here "mount --bind $zero $pool/nr_hugepages && mount --bind $zero $pool/free_hugepages &&
		mount -o remount,bind,ro $pool/nr_hugepages" --tests race-unshare --time 1s
	[ "$code" -eq 77 ] &&
		grep -q '^ok 1 race-unshare # SKIP the hugepage pool cannot grow (Read-only' "$out"
}

without_debugfs()
{
	here "mount -t tmpfs none /sys/kernel/debug" --tests race-munmap --windows pmd=1000
	[ "$code" -eq 77 ] && grep -q '^ok 1 race-munmap # SKIP debugfs is not mounted; mount -t debugfs' "$out"
}

without_the_lab()
{
	here "mount -t debugfs none /sys/kernel/debug" --tests race-munmap,lazy-storm --windows pmd=1000
	[ "$code" -eq 77 ] &&
		[ "$(grep -c "^ok [12] .* # SKIP .*lacks the lab patch 'delays inside of GUP-fast'" "$out")" -eq 2 ]
}

without_privilege()
{
	in_turn as_nobody "$scratch/tlbsync" stress --time 1s --tests race-munmap,race-unshare,lazy-storm-hotplug
	cat "$out" "$err"
	[ "$code" -eq 0 ] && grep -q '^ok 1 race-munmap$' "$out" &&
		grep -q '^ok 2 race-unshare # SKIP .*run as root' "$out" &&
		grep -q '^ok 3 lazy-storm-hotplug # SKIP .*run as root' "$out"
}

# The process that measures for $command.
measuring()
{
	child=$(awk -v parent="$command" '$2 == "(tlbsync-measure)" && $4 == parent { print $1 }' \
		/proc/[0-9]*/stat 2>/dev/null)
	[ -n "$child" ]
}

# start ARGUMENT...: a run in the background, until its test is under way.
start()
{
	local try

	rm -f -- "$record"
	for ((try = 0; try < 20; try++)); do
		await_turn
		"${under[@]}" "$tlbsync" stress "$@" -o "$record" >"$out" 2>"$err" </dev/null &
		command=$!
		await 10 measuring && return
		grep -q 'another run measures on this machine' "$err" || break
		wait "$command"
	done
	cat "$err"
	return 1
}

# finish: its exit status in $code.
finish()
{
	code=0
	wait "$command" || code=$?
	command=
	cat "$out" "$err"
}

a_hang()
{
	start --tests race-munmap,lazy-storm-fail-alloc --time 1s || return
	kill -STOP "$child"
	finish
	[ "$code" -eq 1 ] && grep -q '^not ok 1 race-munmap # it hung' "$out" &&
		grep -q '^ok 2 ' "$out" &&
		holds '.tests[0].hung and .tests[0].status == "fail"'
}

a_test_that_dies()
{
	start --tests race-munmap --time 20s || return
	kill -KILL "$child"
	finish
	[ "$code" -eq 1 ] && grep -q '^not ok 1 race-munmap # .*signal 9' "$out"
}

a_signal()
{
	start --tests "${1:-race-unshare}" --time 60s || return
	sleep 0.5
	kill "-$2" "$command"
	finish 2>/dev/null
	[ "$code" -eq "$3" ] && [ ! -e "$record" ] && await 5 unchanged || return
	[ "$2" = KILL ] || grep -qx "tlbsync stress: stopped by SIG$2; settings are restored, no record was written" "$err"
}

# complaint FILTER ARGUMENT...: a false kernel log says WARNING while a test runs. The test
# fails because of it, after a time for which FILTER is true.
complaint()
{
	local fifo=$scratch/kmsg after=$1
	shift

	rm -f -- "$fifo"
	mkfifo -m 600 "$fifo"
	# shellcheck disable=SC2016 # expanded there
	under=(unshare -m sh -c 'mount --bind "$0" /dev/kmsg && exec "$@"' "$fifo")
	start --tests race-munmap --time 3s "$@"
	under=()
	[ -n "$command" ] || return 1
	printf '4,2,20,-;WARNING: at the test\n' >"$fifo"
	finish
	[ "$code" -eq 1 ] && grep -q '^not ok 1 race-munmap # the kernel complained after .* WARNING: at the test' "$out" &&
		holds ".tests[0].elapsed_s | $after"
}

await_turn
everything >"$scratch/before"
trap '[ -z "$command" ] || kill -TERM "$command"; rm -rf -- "$scratch"' EXIT

promise "--list names every test" all_are_listed
promise "--help tells the options" says 0 "--windows pmd=US" --help
promise "an unknown test: the nearest is named" \
	says 2 "unknown test 'race-unshar'; did you mean 'race-unshare'?" --tests race-unshar
promise "a time without a unit" says 2 "not '10'" --time 10
promise "no readers" says 2 "from 1 to 256, not '0'" --readers 0
promise "a seed that is none" says 2 "not 'x'" --seed x
promise "--list with another option: contradictory" says 2 "takes no other option" --list --seed 1
promise "windows that open none" says 2 "opens none" --windows pmd=0
promise "-o where nothing can be written: nothing runs" \
	says 3 "'$scratch/none'" --time 1s -o "$scratch/none/record.json"

promise "every test runs for a second, and none fails" all_run
promise "the seed is printed" grep -qx '# seed 5' "$out"
promise "the record tells the same" the_record_agrees
[ "$(id -u)" -ne 0 ] || promise "tables were shared, and threads woke" they_were_races

promise "a test that hangs is ended, and is a failure" a_hang
promise "a test that dies is a failure" a_test_that_dies

if [ "$(id -u)" -eq 0 ]; then
	promise "stopped: no record, nothing changed" a_signal race-unshare TERM 143
	[ "$online" -lt 2 ] || promise "killed while a CPU is away: it comes back" \
		a_signal lazy-storm-hotplug KILL 137
	if unshare -m mount -t tmpfs tmpfs "$scratch" 2>/dev/null; then
		promise "no hugepages to be had: skipped, with what to do" nothing_more_fits
		promise "a complaint of the kernel ends its test, and is a failure" complaint '. < 2.5'
		promise "with --keep-going it is one after the test's whole time" complaint '. >= 3' --keep-going
		promise "debugfs not mounted: said, with how to mount it" without_debugfs
		if unshare -m sh -c 'mount -t debugfs none /sys/kernel/debug &&
				[ ! -e /sys/kernel/debug/tlbsync ]' 2>/dev/null; then
			promise "a kernel without the lab's patches: which is missing" without_the_lab
		else
			note "a kernel without the lab's patches: this one has them, or no debugfs"
		fi
	else
		note "what is not mounted or not writable: mounting is forbidden here"
	fi
	if command -v setpriv >/dev/null; then
		cp "$tlbsync" "$scratch/tlbsync"
		chmod 755 "$scratch" "$scratch/tlbsync"
		promise "without privilege: what can run does, what cannot says why" without_privilege
	fi
fi
promise "all settings have their old values, and all CPUs are there" unchanged
conclude
