#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ipi pass and the counters: nearly every request is matched, an independent reading of the
# kernel's trace finds the same latencies, and what cannot be had says why.
# shellcheck disable=SC2317,SC2016 # called by promise; jq has variables of its own
set -u
: "${top_builddir:=.}"

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

tracefs=
# shellcheck disable=SC2329 # the trap calls it
leave()
{
	if [ -n "$tracefs" ]; then
		rmdir "$tracefs/instances/tlbsync-test" 2>/dev/null
		umount "$tracefs" 2>/dev/null
	fi
	rm -rf -- "$scratch"
}
trap leave EXIT

[ "$online" -ge 2 ] || cannot_run "an IPI needs two CPUs"
run -w collapse-madvise -p all --ops 1
source_is csd || cannot_run "IPIs cannot be traced here"
holds '.cases[0].status == "ok"' || cannot_run "collapse cannot run here"

# ---- the pass ------------------------------------------------------------------

most_are_matched()
{
	run -w collapse-madvise -p all --ops 1000
	holds '.cases[0].ipi_latency | .ops == 1000 and .timed and .lost == 0 and
		.sync.requested >= 1000 and .sync.matched >= 0.999 * .sync.requested'
}

latencies_hang_together()
{
	holds '.cases[0] | .ipi_latency as $l | $l.sync | .matched == ([.edges[].n] | add) and
		.matched - .merged == ([.by_distance[].n] | add) and
		([.delivery_ns.histogram[][1]] | add) == .matched - .merged and
		.delivery_ns.p50 > 0 and .delivery_ns.p50 + .handler_ns.p50 <= 2 * .wait_ns.p50 and
		.wait_share > 0 and .wait_share < 1 and ([.last[].ops] | add) >= 0.999 * $l.ops and
		all(.edges[]; .p50_ns <= .p99_ns and .p99_ns <= .max_ns)'
}

told_with_v_only()
{
	run -v -w collapse-madvise -p all --ops 50
	grep -q '^Latency of each IPI$' "$out" && grep -q '^Latency of each IPI by distance$' "$out" &&
		! "$tlbsync" run -w collapse-madvise -p all --ops 50 -o "$scratch/b.json" 2>"$err" |
			grep 'Latency of each IPI' && "$tlbsync" show "$record" | grep -q '^Latency of each IPI$'
}

# Nine of ten ops at least are seen to interrupt the bystander once.
gaps_are_explained()
{
	run -w collapse-madvise -p initiator=0,bystander=1 --ops 500
	holds '.cases[0].ipi_latency | .stolen | map({ (.cause): .gaps }) | add |
		.sync > 450 and .sync <= 501' && "$tlbsync" show -v "$record" |
		grep -q '^What took time from bystanders$'
}

distances_are_drawn()
{
	"$tlbsync" topology --latency "$record" >"$scratch/map" &&
		grep -qE '^same (core|cache|node) |^other node ' "$scratch/map" &&
		grep -q '^From CPU (rows) to CPU (columns), median in' "$scratch/map" &&
		"$tlbsync" topology --latency "$record" --json | jq -e '.schema == "tlbsync.distances/1" and
			(.tables[0].rows | length > 0 and all(.[]; .n > 0)) and
			(.pairs_of_cpus | length > 0 and all(.[]; .from != .to and .p50_ns > 0))' >/dev/null
}

only_the_passes_asked_for()
{
	run -w munmap -p all --ops 20 --passes count
	holds '.cases[0] | .latency_ns == null and .ipi.sync != null and (has("ipi_latency") | not)' || return 1
	run -w munmap -p all --ops 20 --passes ipi,time
	holds '.cases[0] | .latency_ns != null and .ipi == null and .ipi_latency.ops == 20 and .ops == 20'
}

# At most 1000 ops of each initiator.
many_ops_are_not_all_traced()
{
	run -w madvise-dontneed:size=4K -p alone --ops 3000
	holds '.cases[0] | .ops == 3000 and .ipi_latency.ops == 1000'
}

# ---- beside another reading -------------------------------------------------------

# An instance of the trace of our own, with the clock of perf's records.
begin_trace()
{
	tracefs=$scratch/tracefs
	mkdir -p "$tracefs"
	if ! mount -t tracefs nodev "$tracefs" 2>/dev/null; then
		tracefs=
		return 1
	fi
	trace=$tracefs/instances/tlbsync-test
	mkdir "$trace" 2>/dev/null && echo mono_raw >"$trace/trace_clock" &&
		echo 16384 >"$trace/buffer_size_kb" || return 1
	for event in csd_queue_cpu csd_function_entry csd_function_exit; do
		echo 1 >"$trace/events/csd/$event/enable" || return 1
	done
}

another_reading_agrees()
{
	local nr median ours address

	run -w collapse-madvise -p all --ops 1000 --passes ipi
	for event in csd_queue_cpu csd_function_entry csd_function_exit; do
		echo 0 >"$trace/events/csd/$event/enable"
	done
	address=$(awk '$3 == "tlb_remove_table_smp_sync" { print $1; exit }' /proc/kallsyms)
	read -r nr median < <("$top_builddir/tests/e2e/trace-median" "$trace" "$address")
	ours=$(jq '.cases[0].ipi_latency.sync.delivery_ns.p50' "$record")
	echo "$nr in tracefs: $median ns, here: $ours ns"
	[ "$nr" -ge 1000 ] && awk -v a="$median" -v b="$ours" 'BEGIN { d = a - b; if (d < 0) d = -d
		exit !(d <= 0.1 * a) }'
}

# ---- counters ------------------------------------------------------------------------

events_are_counted()
{
	run -w fork-exit,munmap -p alone --ops 50 --events page-faults,context-switches,task-clock
	holds 'all(.cases[]; [.counters[] | select(.role == "initiator") | .event] ==
		["page-faults", "context-switches", "task-clock"] and
		all(.counters[]; .counted_share == 1 and .rdpmc == false))' &&
	holds '.cases | map(select(.workload == "fork-exit")) | .[0].counters[0] | .per_op >= 1 and .per_op < 100' &&
	holds '.cases | map(select(.workload == "munmap")) | .[0].counters | .[0].per_op == 0 and .[2].per_op > 1000' &&
		grep -q '^Counted in ops$' "$out"
}

roles_are_counted_apart()
{
	run -w munmap -p initiator=0,bystander=1 --ops 50 --events task-clock
	holds '[.cases[0].counters[].role] == ["initiator", "bystander"]'
}

# A case that no pass can measure, and one that is measured but for its latencies.
nothing_is_measured()
{
	run -w munmap -p alone --initiators 2 --counter interrupts --passes count --ops 5
	[ "$code" -eq 77 ] && "$tlbsync" show "$record" | tr -s '\n ' ' ' | grep -q 'no other pass was asked for'
}

# The machine's own word on whether it has a PMU.
missing_events_say_why()
{
	run -w munmap -p alone --ops 20 --events instructions,page-faults,nobody:knows_it
	[ "$code" -eq 0 ] && holds '.cases[0].counters | length >= 3 and any(.[]; .event == "page-faults" and
		.per_op != null) and any(.[]; .event == "nobody:knows_it" and (.why | test("no such tracepoint")))' ||
		return 1
	if [ -e /sys/bus/event_source/devices/cpu ] || [ -e /sys/bus/event_source/devices/cpu_core ]; then
		return
	fi
	holds '.cases[0].counters[0] | .event == "instructions" and .why == "this machine has no PMU"' &&
		tr -s '\n ' ' ' <"$out" | grep -q 'instructions of the initiator is not counted: this machine has no PMU' &&
		"$tlbsync" doctor 2>/dev/null | tr -s '\n ' ' ' | grep -q 'page-faults.*this machine has no PMU'
}

# ---- wrong usage ------------------------------------------------------------------------

# refused WORDS ARGUMENT...: before anything runs.
refused()
{
	fails 2 "$1" "$tlbsync" run -w munmap -o "$record" "${@:2}"
}

# A record from before there was such a pass, and one of emulation.
nothing_to_draw()
{
	jq -c 'del(.cases[].ipi_latency)' "$record" >"$scratch/old.json"
	fails 77 "holds no latency of IPIs" "$tlbsync" topology --latency "$scratch/old.json" &&
		jq -c 'del(.machine.topology)' "$record" >"$scratch/older.json" &&
		fails 77 "does not tell the machine's topology" "$tlbsync" topology --latency "$scratch/older.json" &&
		fails 3 "" "$tlbsync" topology --latency "$scratch/none.json" &&
		fails 2 "exclude each other" "$tlbsync" topology -p all --latency "$record"
}

promise "999 of 1000 syncs at least are matched from queue to exit" most_are_matched
promise "pairs, distances, waits and last targets fit together" latencies_hang_together
promise "the latency table is printed by run -v and by show" told_with_v_only
promise "what bystanders lost is put down to syncs" gaps_are_explained
promise "topology --latency draws what a record holds" distances_are_drawn
promise "--passes makes no other pass" only_the_passes_asked_for
promise "of many ops 1000 are traced" many_ops_are_not_all_traced
if begin_trace; then
	promise "tracefs finds the same median within a tenth" another_reading_agrees
else
	note "the same median in tracefs: no trace of one's own can be had here"
fi
promise "--events counts by op and says by which role" events_are_counted
promise "each role is a line" roles_are_counted_apart
promise "events that cannot be had say why, the others are counted" missing_events_say_why
promise "a case that no pass can measure is skipped, and its record can be read" nothing_is_measured
promise "an unknown event is refused, with the nearest" refused "did you mean 'page-faults'" --events page-fauts
promise "so are too many events" refused "at most 12" --events r1,r2,r3,r4,r5,r6,r7,r8,r9,ra,rb,rc,rd
promise "and no event at all" refused "takes names of events" --events ,
promise "an unknown pass is refused, with the nearest" refused "did you mean 'count'" --passes coutn
promise "and no pass at all" refused "takes count, time and ipi" --passes ,
promise "a record without latencies cannot be drawn, and says why" nothing_to_draw
conclude
