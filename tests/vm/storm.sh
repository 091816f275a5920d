#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several initiators in the lab: on 8 CPUs and 4 nodes, base and patched, 1 to 8 of them, as
# processes and as threads, each op of each as the kernel source predicts; and on 64 CPUs,
# within the memory that a run may take.
# usage: storm.sh [VERSION]...; see check-vm.sh
# shellcheck disable=SC2317,SC2016 # called by promise; jq has variables of its own
set -u
# shellcheck source=tests/vm/lab.sh
. "${top_srcdir:?run this with: make check-vm}/tests/vm/lab.sh"

storms()
{
	"$top/scripts/vm-storm" --kver "$version" --tlbsync "$tlbsync" "$scratch/$version" \
		>"$scratch/storm.log" 2>&1 || { tail -n 40 "$scratch/storm.log"; return 1; }
}

# holds RECORD FILTER: jq's FILTER is true of the record.
holds()
{
	jq -e "$2" "$scratch/$version/$1.json" >/dev/null ||
		{ jq -c '.cases[] | [.workload, .placement, .initiators, .as, .status, .reason]' \
			"$scratch/$version/$1.json"; return 1; }
}

every_size_ran()
{
	holds "$1" '[.cases[] | select(.status == "ok") | "\(.workload) \(.initiators) \(.as)"] | unique |
		length == 3 * (1 + 2 * 3)'
}

each_op_is_exact()
{
	holds "$1" 'all(.cases[] | select(.status == "ok"); .as_expected == true and .ipi.lost == 0 and
		.ops == 50 * .initiators and .ipi.sync.unexpected_ops == 0)'
}

# $1: the record, $2: syncs of one op of a broadcast.
syncs_are()
{
	holds "$1" "all(.cases[] | select(.status == \"ok\"); .ipi.sync.requested ==
		(if .workload == \"munmap\" then 0 else $2 * .ops end))"
}

processes_flush_exactly()
{
	holds "$1" 'all(.cases[] | select(.status == "ok" and .as == "process");
		.expect.flush_per_op != null and .ipi.flush.unexpected_ops == 0)'
}

threads_flush_within_a_range()
{
	holds "$1" 'all(.cases[] | select(.status == "ok" and .as == "thread"); .expect.flush_range as $range |
		$range.least < $range.most and .ipi.flush.min_per_op >= $range.least and
		.ipi.flush.max_per_op <= $range.most)'
}

# The memory of the run is looked at once a second while ops of a page each run. $1: initiators
# on 64 CPUs.
large()
{
	"$top/scripts/vm-run" --quiet --kver "$version" --kernel base --cpus 64 --nodes 4 \
		--timeout 900 --tlbsync "$tlbsync" --out "$scratch/n64-$1" -- sh -c "$guest_words"'
		storm() { tlbsync run -p alone --initiators '"$1"' --ops 50 -o /out/$1.json -w $2; }
		most_pss /out/most & watch=$!
		storm munmap munmap:size=4K || exit
		kill $watch
		storm collapse collapse-madvise' \
		>"$scratch/n64.log" 2>&1 || { tail -n 20 "$scratch/n64.log"; return 1; }
	jq -se --argjson k "$1" 'map(.cases[]) | length == 2 and all(.[]; .status == "ok" and
		.as_expected == true and .ipi.lost == 0 and .ops == 50 * $k and .ipi.sync.requested ==
		(if .workload == "munmap" then 0 else 63 * .ops end))' \
		"$scratch/n64-$1"/{munmap,collapse}.json >/dev/null
}

small_enough()
{
	echo "# $(cat "$scratch/n64-64/most") KiB"
	[ "$(cat "$scratch/n64-64/most")" -gt 1000 ] && [ "$(cat "$scratch/n64-64/most")" -lt 65536 ]
}

# The CPU of one of four initiators goes away in the first case, and stays away.
unplugged()
{
	"$top/scripts/vm-run" --quiet --kver "$version" --kernel base --cpus 8 --nodes 4 \
		--tlbsync "$tlbsync" --out "$scratch/unplugged" -- sh -c "$guest_words"'
		(until [ $(ours | wc -l) -gt 5 ]; do sleep 0.1; done; sleep 2
			echo 0 >/sys/devices/system/cpu/cpu4/online) &
		tlbsync run -w collapse-madvise,munmap:size=64K -p alone --initiators 4 --ops 2000 -o /out/record.json
		echo $? >/out/code' >"$scratch/unplugged.log" 2>&1
	if [ "$(cat "$scratch/unplugged/code")" -ne 1 ] || ! jq -e '.cases | length == 2 and
		(.[0] | .status == "fail" and (.reason | test("CPUs came or went"))) and
		(.[1] | .status == "ok" and .initiators == 4 and .as_expected == true)' \
		"$scratch/unplugged/record.json" >/dev/null; then
		cat "$scratch/unplugged.log"
		return 1
	fi
}

for version in "${@:-$default_base}"; do
	promise "$version: the storm runs on 8 CPUs and 4 nodes, base and patched" storms
	for kernel in base patched; do
		promise "$version $kernel: 1, 2, 4 and 8 initiators ran, as processes and threads" every_size_ran "$kernel"
		promise "$version $kernel: each op of each is as predicted, none was lost" each_op_is_exact "$kernel"
		promise "$version $kernel: processes have exact flushes" processes_flush_exactly "$kernel"
		promise "$version $kernel: threads have theirs within a range" threads_flush_within_a_range "$kernel"
	done
	promise "$version base: each op of each broadcasts to 7 CPUs" syncs_are base 7
	promise "$version patched: none does" syncs_are patched 0
	promise "$version: 8 initiators on 64 CPUs are exact" large 8
	promise "$version: so are 64" large 64
	promise "$version: and the run's own memory stays below 64 MiB" small_enough
	promise "$version: an initiator's CPU that goes away fails the case, the run goes on" unplugged
done
conclude
