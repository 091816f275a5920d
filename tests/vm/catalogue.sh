#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole catalogue in the lab: every workload at every placement on 8 CPUs and 4
# nodes, base and patched, exactly as the kernel source predicts; what bystanders
# pay; small and large machines; CPUs that go away in the middle of a run.
# usage: catalogue.sh [VERSION]...; needs minutes, see check-vm.sh
# shellcheck disable=SC2317,SC2016 # called by promise; jq has variables of its own
set -u
# shellcheck source=tests/vm/lab.sh
. "${top_srcdir:?run this with: make check-vm}/tests/vm/lab.sh"

cpus=8
ops=50

# guest KERNEL CPUS NODES FOLDER COMMAND...: its record is FOLDER/record.json. The guest has
# 1 GiB of memory, too little for one case: emulation takes minutes to unmap a gigabyte.
guest()
{
	local kernel=$1 cpus=$2 nodes=$3 folder=$scratch/$4
	shift 4

	"$top/scripts/vm-run" --quiet --kver "$version" --kernel "$kernel" --cpus "$cpus" --nodes "$nodes" \
		--memory 1024 --timeout 1500 --tlbsync "$tlbsync" --out "$folder" -- "$@"
}

# runs KERNEL CPUS NODES FOLDER RUN FLAGS...: exit status 0 and a whole record.
runs()
{
	local kernel=$1 cpus=$2 nodes=$3 folder=$4
	shift 4

	guest "$kernel" "$cpus" "$nodes" "$folder" tlbsync run -o /out/record.json "$@" >"$scratch/$folder.log" 2>&1 ||
		{ tail -n 60 "$scratch/$folder.log"; return 1; }
}

# both_run: the full profile on both kernels, at the same time.
both_run()
{
	local first status=0

	runs base "$cpus" 4 "$version-base" --profile full --passes count --ops "$ops" &
	first=$!
	runs patched "$cpus" 4 "$version-patched" --profile full --passes count --ops "$ops" || status=1
	wait "$first" && [ "$status" -eq 0 ]
}

# holds FOLDER FILTER: jq's FILTER is true of the record.
holds()
{
	jq -e --argjson n "$cpus" --argjson ops "$ops" "$2" "$scratch/$1/record.json" >/dev/null
}

# each FOLDER CONDITION [WHICH]: CONDITION holds for every case (that WHICH selects),
# and there is at least one.
each()
{
	local which=${3:-true}

	jq -e --argjson n "$cpus" --argjson ops "$ops" "[.cases[] | select($which)] | length > 0 and all(.[]; $2)" \
		"$scratch/$1/record.json" >/dev/null || {
		jq -c --argjson n "$cpus" --argjson ops "$ops" ".cases[] | select($which) | select(($2) | not)
			| {workload, params, placement, status, reason, ops, sync: .ipi.sync.requested,
				flush: .ipi.flush.requested, expect, as_expected}" "$scratch/$1/record.json" | head -n 40
		return 1
	}
}

ok='.status == "ok"'

# every_workload_ran FOLDER: each workload is in the record.
every_workload_ran()
{
	local name

	for name in $("$tlbsync" list --json | jq -r '.workloads[].name'); do
		jq -e --arg name "$name" 'any(.cases[]; .workload == $name)' "$scratch/$1/record.json" >/dev/null ||
			{ echo "$name is not in the record"; return 1; }
	done
}

# few_unchecked FOLDER: at most a tenth of the cases that ran has no verdict.
few_unchecked()
{
	holds "$1" '[.cases[] | select(.status == "ok")] | length as $all
		| map(select(.as_expected == null)) | length * 10 <= $all'
}

# broadcasts FOLDER PER_OP: so many syncs each bystander CPU takes in every collapse and
# last unshare with the placement bystanders.
broadcasts()
{
	jq -e --argjson per_op "$2" '
		[.cases[] | select(.status == "ok" and .placement == "bystanders"
			and (.workload | test("^(collapse-madvise|collapse-khugepaged|hugetlb-unshare-(munmap|exit|mprotect|mremap|dontneed|punch-hole|truncate|split))$"))
			and (.params.regions // 1) == 1)]
		| length >= 10 and all(.[]; . as $case | (.roles.bystander | length) > 0
			and all(.roles.bystander[]; $case.ipi.sync.per_cpu[.] == $per_op * $case.ops))' \
		"$scratch/$1/record.json" >/dev/null
}

# lazy_cost FOLDER PER_OP: so many flush IPIs has an unshare that leaves sharers, with 7
# lazy CPUs.
lazy_cost()
{
	each "$1" "$ok and .ipi.flush.requested == $2 * .ops and .ipi.sync.requested == 0" \
		'.workload == "hugetlb-unshare-shared" and .placement == "lazy"'
}

catalogue_of()
{
	local kernel

	promise "$version: the full profile runs on $cpus CPUs and 4 nodes, base and patched" both_run
	for kernel in base patched; do
		[ -s "$scratch/$version-$kernel/record.json" ] || continue
		promise "$version $kernel: every workload was there" every_workload_ran "$version-$kernel"
		promise "$version $kernel: no case failed" each "$version-$kernel" '.status != "fail"'
		promise "$version $kernel: each case that ran did $ops ops or more" each "$version-$kernel" '.ops >= $ops' "$ok"
		promise "$version $kernel: each prediction agrees exactly" each "$version-$kernel" '.as_expected == true' \
			"$ok and .as_expected != null"
		promise "$version $kernel: a case without a verdict or skipped says why" each "$version-$kernel" \
			'.as_expected == true or (.reason | length > 0)'
		promise "$version $kernel: at most a tenth of the cases have no verdict" few_unchecked "$version-$kernel"
		jq -r '.cases | group_by(.status)[] | "    \(.[0].status): \(length)"' "$scratch/$version-$kernel/record.json"
	done
	promise "$version base: each bystander CPU takes 1 sync IPI per collapse or last unshare" broadcasts "$version-base" 1
	promise "$version patched: it takes none" broadcasts "$version-patched" 0
	promise "$version base: an unshare that leaves sharers flushes no lazy CPU" lazy_cost "$version-base" 0
	promise "$version patched: it flushes each lazy CPU" lazy_cost "$version-patched" $((cpus - 1))
}

# A CPU goes away in the first case, and stays away.
unplugged()
{
	guest base "$cpus" 4 unplugged sh -c '
		tlbsync run -w munmap:size=64K,munmap:size=4K -p alone,all --ops 10000 --passes count -o /out/record.json &
		sleep 2
		echo 0 >/sys/devices/system/cpu/cpu7/online
		wait $!' >"$scratch/unplugged.log" 2>&1
	[ -s "$scratch/unplugged/record.json" ] || { tail -n 30 "$scratch/unplugged.log"; return 1; }
	holds unplugged '(.cases | length == 4) and ([.cases[] | select(.status == "fail")] | length == 1
			and (.[0].reason | test("CPUs came or went.*0-7, now 0-6")))
		and ([.cases[] | select(.status == "ok")] | length == 3 and all(.[]; .as_expected))
		and (.cases[3].roles.responder == [1, 2, 3, 4, 5, 6])' ||
		{ jq -c '.cases[] | {workload, placement, status, reason, ops, roles, expect, as_expected}' "$scratch/unplugged/record.json"; return 1; }
}

# Emulation takes no times, so without a counter there is nothing to measure.
nothing_to_measure()
{
	guest base 2 1 nothing tlbsync run -w munmap:size=4K -p alone --counter none -o /out/record.json \
		>"$scratch/nothing.log" 2>&1
	[ $? -eq 77 ] && grep -q "nothing to measure but IPIs" "$scratch/nothing.log" &&
		[ ! -e "$scratch/nothing/record.json" ]
}

[ $# -gt 0 ] || set -- "$default_base"
for version in "$@"; do
	catalogue_of
	promise "$version patched: the quick profile runs to its end on 64 CPUs and 4 nodes" \
		runs patched 64 4 "$version-64" --profile quick
	promise "$version patched: as predicted there" each "$version-64" '.as_expected == true'
	promise "$version patched: and on 1 CPU" runs patched 1 1 "$version-1" --profile quick
	promise "$version patched: as predicted there, or skipped for lack of CPUs" each "$version-1" \
		'.as_expected == true or (.status == "skip" and (.reason | test("only one CPU")))'
	promise "$version: under emulation, without a counter, there is nothing to measure" nothing_to_measure
	promise "$version: a CPU that goes away fails its case, the run goes on without it" unplugged
done
conclude
