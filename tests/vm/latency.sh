#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ipi pass in the lab: on 8 CPUs every request is matched from queue to exit, and the pairs
# of CPUs are those that the kernel source predicts, base and patched. No time is told, for
# emulation has none. On 64 CPUs the pass stays small, and a ring that overflows is told.
# usage: latency.sh [VERSION]...; see check-vm.sh
# shellcheck disable=SC2317,SC2016 # called by promise; jq has variables of its own
set -u
# shellcheck source=tests/vm/lab.sh
. "${top_srcdir:?run this with: make check-vm}/tests/vm/lab.sh"

# One initiator and seven responders, then eight initiators. $1: the kernel.
traced()
{
	"$top/scripts/vm-run" --quiet --kver "$version" --kernel "$1" --cpus 8 --nodes 4 \
		--tlbsync "$tlbsync" --out "$scratch/$version-$1" -- sh -c '
		tlbsync run -v -w collapse-madvise -p all --ops 100 -o /out/one.json >/out/one.txt &&
		tlbsync run -w collapse-madvise -p alone --initiators 8 --ops 50 --passes ipi -o /out/eight.json' \
		>"$scratch/traced.log" 2>&1 || { tail -n 30 "$scratch/traced.log"; return 1; }
}

# holds KERNEL RECORD FILTER
holds()
{
	jq -e ".cases[0] | $3" "$scratch/$version-$1/$2.json" >/dev/null ||
		{ jq -c '.cases[0] | [.status, .reason, .ipi_latency]' "$scratch/$version-$1/$2.json" |
			cut -c 1-2000; return 1; }
}

each_is_matched()
{
	local name

	for name in one eight; do
		holds "$1" "$name" '.status == "ok" and .ipi_latency.lost == 0 and
			([.ipi_latency[] | objects | .requested] | length > 0 or '"$2"') and
			all(.ipi_latency[] | objects; .requested == .matched and
				.matched == ([.edges[].n] | add))' || return 1
	done
}

# edges KERNEL RECORD CLASS NUMBER IPIS: so many pairs of CPUs, with so many requests each.
edges()
{
	holds "$1" "$2" "(.ipi_latency.$3.edges // []) | length == $4 and all(.[]; .n == $5)"
}

from_its_initiator()
{
	holds "$1" one '.roles.initiator[0] as $from | all(.ipi_latency[] | objects | .edges[];
		.from == $from and .to != $from)'
}

no_time_is_told()
{
	holds "$1" one '.ipi_latency | .timed == false and .traced_p50_ns == null and
		(has("stolen") | not) and all(.[] | objects; .delivery_ns == null and .handler_ns == null and
		.wait_ns == null and .wait_share == null and all(.edges[]; .p50_ns == null) and
		all(.by_distance[]; .p50_ns == null))' || return 1
	! grep -A 20 '^Latency of each IPI' "$scratch/$version-$1/one.txt" | grep -E '[0-9] [mun]s'
}

# Distances of 8 CPUs on 4 nodes: as many requests to each as there are targets.
distances_add_up()
{
	holds "$1" one '.ipi_latency.flush | ([.by_distance[].n] | add) == .matched - .merged and
		any(.by_distance[]; .distance == "other node" and .target == "busy")'
}

large()
{
	"$top/scripts/vm-run" --quiet --kver "$version" --kernel base --cpus 64 --nodes 4 \
		--timeout 900 --tlbsync "$tlbsync" --out "$scratch/n64" -- sh -c "$guest_words"'
		most_pss /out/most & watch=$!
		tlbsync run -w collapse-madvise -p alone --passes ipi --ops 1000 -o /out/large.json || exit
		kill $watch
		tlbsync run -w collapse-madvise:regions=64 -p alone --passes ipi --ops 5 --ring-size 4K \
			-o /out/lost.json >/out/lost.txt' \
		>"$scratch/n64.log" 2>&1 || { tail -n 20 "$scratch/n64.log"; return 1; }
	jq -e '.cases[0].ipi_latency | .ops == 1000 and .lost == 0 and .sync.requested == 63000 and
		.sync.matched == 63000 and (.sync.edges | length == 63 and all(.[]; .n == 1000))' \
		"$scratch/n64/large.json" >/dev/null
}

small_enough()
{
	echo "# $(cat "$scratch/n64/most") KiB"
	[ "$(cat "$scratch/n64/most")" -gt 1000 ] && [ "$(cat "$scratch/n64/most")" -lt 65536 ]
}

loss_is_told()
{
	jq -e '.cases[0] | .status == "ok" and .ipi_latency.lost > 0 and
		.ipi_latency.sync.matched < 5 * 64 * 63' "$scratch/n64/lost.json" >/dev/null &&
		tr -s '\n ' ' ' <"$scratch/n64/lost.txt" | grep -q 'records were lost in the ipi pass; choose a larger --ring-size'
}

for version in "${@:-$default_base}"; do
	promise "$version base: requests are traced on 8 CPUs" traced base
	promise "$version patched: requests are traced on 8 CPUs" traced patched
	promise "$version base: each is matched to its exit" each_is_matched base false
	promise "$version patched: each is matched to its exit" each_is_matched patched true
	promise "$version base: 7 pairs for syncs, an IPI an op" edges base one sync 7 100
	promise "$version base: and 7 for flushes" edges base one flush 7 100
	promise "$version patched: 7 pairs for flushes" edges patched one flush 7 100
	promise "$version patched: and none for syncs" edges patched one sync 0 0
	promise "$version base: all from its initiator" from_its_initiator base
	promise "$version base: 8 initiators have 56 pairs" edges base eight sync 56 50
	promise "$version patched: and there none" edges patched eight sync 0 0
	promise "$version base: by distance as many as in all" distances_add_up base
	promise "$version base: no time is told" no_time_is_told base
	promise "$version patched: no time is told" no_time_is_told patched
	promise "$version: 1,000 ops on 64 CPUs, each request matched" large
	promise "$version: in less than 64 MiB" small_enough
	promise "$version: records that a ring had no room for are told" loss_is_told
done
conclude
