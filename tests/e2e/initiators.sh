#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several initiators at once: every op of each is counted exactly, whoever cannot run says
# why, and whatever happens to one of them, the case ends and all settings come back.
# shellcheck disable=SC2317,SC2016 # called by promise; jq has variables of its own
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

# shellcheck disable=SC2046 # process ids
trap 'kill -9 $(jobs -p) 2>/dev/null; rm -rf -- "$scratch"' EXIT

storm=munmap,collapse-madvise,hugetlb-unshare-munmap

[ "$online" -ge 2 ] || cannot_run "several initiators need two CPUs"
run -w munmap -p alone --ops 1
source_is csd || cannot_run "IPIs cannot be counted exactly here"

# What runs alone here: a storm must hold all of it.
run -w "$storm" -p alone --ops 1
can=$(jq '[.cases[] | select(.status == "ok")] | length' "$record")
[ "$can" -gt 1 ] || cannot_run "neither collapse nor unshare can run here"

# Syncs of $1 ops of each of two initiators: 0 for munmap, a broadcast an op for the others.
exact_syncs()
{
	holds "(if .kernel.static_key == \"on\" then 0 else 2 * $1 * ($online - 1) end) as \$all |
		.cases | map(select(.status == \"ok\")) | length == $can and all(.[];
		.ipi.sync.requested == (if .workload == \"munmap\" then 0 else \$all end))"
}

all_agree()
{
	holds '.cases | map(select(.status == "ok")) | length > 0 and all(.[];
		.as_expected == true and .ipi.lost == 0 and .initiators == 2)'
}

exact_five_times()
{
	local times

	for ((times = 0; times < 5; times++)); do
		run -w "$storm" -p alone --initiators 2 --as processes --ops 500
		[ "$code" -eq 0 ] && exact_syncs 500 && all_agree || return 1
	done
}

exact_as_threads()
{
	run -w "$storm" -p alone --initiators 2 --as threads --ops 200
	[ "$code" -eq 0 ] && exact_syncs 200 && all_agree && holds 'all(.cases[]; .as == "thread")'
}

rows_add_up()
{
	holds 'all(.cases[] | select(.status == "ok"); . as $c | .per_initiator | length == 2 and
		all(.[]; .ops == 200 and .sync_unexpected_ops == 0 and .window_ops > 0 and
			(.latency_ns.histogram | map(.[1]) | add) == 200) and
		(map(.ops) | add) == $c.ops and
		(map(.sync_requested) | add) == $c.ipi.sync.requested)'
}

rates_are_told()
{
	holds 'all(.cases[] | select(.status == "ok"); .rate_per_s > 0 and
		(((.per_initiator | map(.window_ops * 1e9 / .window_ns) | add) / .rate_per_s)
			| . > 0.999 and . < 1.001))' &&
		grep -q '^Several initiators at once$' "$out"
}

told_apart()
{
	run -w munmap+collapse-madvise -p alone --ops 100
	[ "$code" -eq 0 ] && holds '.cases | length == 1 and (.[0] | .initiators == 2 and
		.workload == "munmap+collapse-madvise" and .as_expected == true and
		(.per_initiator | map(.workload) == [0, 1] and .[0].sync_requested == 0))' || return 1
	holds "(if .kernel.static_key == \"on\" then 0 else 100 * ($online - 1) end) as \$all |
		.cases[0].per_initiator[1].sync_requested == \$all"
}

# skipped_with WORDS ARGUMENT...: nothing can run, and each case says why.
skipped_with()
{
	local words=$1
	shift

	run "$@" --ops 1
	[ "$code" -eq 77 ] &&
		holds "all(.cases[]; .status == \"skip\" and (.reason | contains(\"$words\")))"
}

# refused WORDS ARGUMENT...: wrong usage, before anything runs.
refused()
{
	local words=$1
	shift

	fails 2 "$words" "$tlbsync" run -w munmap -o "$record" "$@"
}

for_a_time()
{
	run -w madvise-dontneed:size=64K -p alone --initiators 2 --time 1s
	[ "$code" -eq 0 ] && holds '.cases[0] | .status == "ok" and .ops > 2 and
		(.per_initiator | all(.[]; .window_ns > 900000000 and .window_ns < 5000000000))'
}

# An op that asks for more than a ring holds.
records_are_lost()
{
	run -w collapse-madvise:regions=64 -p alone --initiators 2 --ops 2 --ring-size 4K
	holds '.cases[0] | .ipi.lost > 0 and .as_expected == null and
		(.reason | contains("larger --ring-size than 4K"))'
}

# The initiators of the run that is $command, by rising pid.
initiators()
{
	local pid

	for pid in $(grep -lsx tlbsync-ops /proc/[0-9]*/comm | tr -dc '0-9\n' | sort -n); do
		grep -qsxz "TLBSYNC_TEST_MARK=$scratch" "/proc/$pid/environ" && echo "$pid"
	done
}

two_initiators()
{
	[ "$(initiators | wc -l)" -eq 2 ] && sleep 0.3
}

one_process()
{
	[ "$(initiators | wc -l)" -eq 1 ] && sleep 0.3
}

# begin_as CONDITION ARGUMENT...: a case of two initiators that takes minutes.
begin_as()
{
	local condition=$1
	shift

	rm -f -- "$record"
	settings >"$scratch/before"
	await_turn
	TLBSYNC_TEST_MARK=$scratch "$tlbsync" run -p alone --initiators 2 --ops 1000000 \
		-o "$record" "$@" >"$out" 2>"$err" </dev/null &
	command=$!
	await 20 "$condition" || { cat "$err"; return 1; }
}

begin()
{
	begin_as two_initiators "$@"
}

nobody_is_left()
{
	[ -z "$(initiators)" ]
}

# ended_with WORDS: the case failed with them, and nothing is left of it.
ended_with()
{
	local status=0

	wait "$command" || status=$?
	cat "$err"
	[ "$status" -eq 1 ] && holds ".cases[0] | .status == \"fail\" and
		(.reason | contains(\"$1\"))" && await 2 nobody_is_left && restored "$scratch/before"
}

# one_is_killed WHICH WORKLOAD KIND
one_is_killed()
{
	begin -w "$2" --as "$3" || return 1
	kill -9 "$(initiators | sed -n "$1p")"
	ended_with 'was ended by signal 9'
}

# one_hangs ARGUMENT...: the other one goes on meanwhile, if the pass lets it.
one_hangs()
{
	begin -w munmap --limit 2s "$@" || return 1
	kill -STOP "$(initiators | sed -n 2p)"
	ended_with 'ended for 2 seconds'
}

threads_are_killed()
{
	begin_as one_process -w munmap --as threads || return 1
	kill -9 "$(initiators)"
	ended_with 'was ended by signal 9'
}

in_a_shifted_time_namespace()
{
	in_turn unshare -T --monotonic 1000000 "$tlbsync" run -w collapse-madvise -p alone --ops 20 -o "$record"
	holds '.counter == "interrupts" and .cases[0].as_expected == null' &&
		grep -q 'time namespace' "$err"
}

command_is_killed()
{
	begin -w collapse-madvise || return 1
	kill -9 "$command"
	await 2 nobody_is_left && await 2 restored "$scratch/before"
}

promise "two processes, five times out of five: each op of each has exactly its syncs" exact_five_times
promise "two threads: the same, and flushes within their range" exact_as_threads
promise "each initiator has a row, and the rows add up" rows_add_up
promise "the rate is that of the window in which all ran" rates_are_told
promise "a mix is one case, whose initiators are held against their own predictions" told_apart
promise "more initiators than CPUs are skipped" \
	skipped_with "initiators need as many CPUs" -w munmap -p alone --initiators 1024
promise "one khugepaged has one initiator" \
	skipped_with "there is one khugepaged" -w collapse-khugepaged -p alone --initiators 2
promise "what forks does not run as threads" \
	skipped_with "forks" -w fork-exit -p alone --initiators 2 --as threads
promise "a mix needs as many initiators as workloads" \
	skipped_with "2 workloads need as many initiators; here is 1" \
	-w munmap+mprotect -p alone --initiators 1
promise "no initiators are refused" refused "'0'" --initiators 0
promise "the same number twice is refused" refused "twice" --initiators 2,2
promise "an unknown kind is refused" refused "fibres" --initiators 2 --as fibres
promise "a list of roles has its own initiators" \
	refused "leave out --initiators" --initiators 2 -p initiator=0,responder=1
promise "--ops and --time exclude each other" refused "exclude" --ops 5 --time 5s
promise "a pass may take a time in place of ops" for_a_time
promise "a trace ring that is too small is told, with what to set" records_are_lost
promise "kill -9 of the first process: the case fails, all is restored" \
	one_is_killed 1 collapse-madvise processes
promise "kill -9 of the second process: the same" one_is_killed 2 hugetlb-unshare-munmap processes
promise "kill -9 of threads: the same" threads_are_killed
promise "an initiator that hangs is told after the limit" one_hangs
promise "also while times are taken, and the other goes on" one_hangs --counter none
if unshare -T true 2>/dev/null; then
	promise "in a time namespace with a clock of its own nothing is counted wrongly" in_a_shifted_time_namespace
else
	note "time namespaces cannot be made here"
fi
promise "kill -9 of the command: nobody is left, all is restored" command_is_killed
conclude
