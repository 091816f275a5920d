#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the lab promises with real kernels: the exact counts on 8 CPUs, base and
# patched, the times it may take, and what it does when a boot goes wrong.
# usage: check-vm.sh [VERSION]...; needs minutes, and half an hour with an empty cache.
# shellcheck disable=SC2317 # called by promise
set -u
# shellcheck source=tests/vm/lab.sh
. "${top_srcdir:?run this with: make check-vm}/tests/vm/lab.sh"

cpus=8

# within SECONDS COMMAND...: COMMAND succeeds, and in time.
within()
{
	local limit=$1 began=$SECONDS
	shift

	"$@" || return 1
	echo "took $((SECONDS - began)) s"
	[ $((SECONDS - began)) -le "$limit" ]
}

builds()
{
	"$top/scripts/kernel-build" "$1" base >"$scratch/$1-base" &&
		"$top/scripts/kernel-build" "$1" patched >"$scratch/$1-patched"
}

compares()
{
	"$top/scripts/vm-compare" --kver "$1" --cpus "$cpus" --tlbsync "$tlbsync" --out "$scratch/$1" >"$scratch/$1.table" ||
		{ cat "$scratch/$1.table"; return 1; }
}

# sync_is VERSION SIDE WORKLOAD PLACEMENT PER_OP: in every boot, 100 ops or more with
# exactly so many sync IPIs.
sync_is()
{
	local record

	for record in "$scratch/$1/$2"-[0-9]*.json; do
		jq -e --arg workload "$3" --arg placement "$4" --argjson per_op "$5" '
			[.cases[] | select(.workload == $workload and .placement == $placement)]
			| length > 0 and all(.[]; .status == "ok" and .ops >= 100
				and .ipi.source == "csd" and .ipi.sync.requested == .ops * $per_op)
			' "$record" >/dev/null || { echo "not in $record:"; counts "$record" "$3" "$4"; return 1; }
	done
}

counts()
{
	jq -c --arg workload "$2" --arg placement "$3" '
		.cases[] | select(.workload == $workload and .placement == $placement)
		| {status, reason, ops, ipi, expect}' "$1"
}

# flush_is_predicted VERSION SIDE: in every case of every boot.
flush_is_predicted()
{
	local record

	for record in "$scratch/$1/$2"-[0-9]*.json; do
		jq -e '(.cases | length > 0) and all(.cases[]; .as_expected == true
			and .ipi.flush.requested == .ops * .expect.flush_per_op)' "$record" >/dev/null || {
			jq -c '.cases[] | {workload, placement, ops, flush: .ipi.flush.requested, expect, as_expected}' "$record"
			return 1
		}
	done
}

counts_of()
{
	local workload placement

	for placement in alone all; do
		for workload in collapse-madvise collapse-khugepaged hugetlb-unshare-munmap; do
			promise "$1, $workload, $placement: $((cpus - 1)) sync IPIs per op on base" \
				sync_is "$1" base $workload $placement $((cpus - 1))
			promise "$1, $workload, $placement: 0 on patched" sync_is "$1" patched $workload $placement 0
		done
		for workload in munmap madvise-dontneed; do
			promise "$1, $workload, $placement: 0 on base" sync_is "$1" base $workload $placement 0
			promise "$1, $workload, $placement: 0 on patched" sync_is "$1" patched $workload $placement 0
		done
	done
	promise "$1: flush IPIs as the kernel source predicts, on base" flush_is_predicted "$1" base
	promise "$1: flush IPIs as the kernel source predicts, on patched" flush_is_predicted "$1" patched
}

# A comparison of a base kernel with itself must fail: its key is not on.
no_key_no_comparison()
{
	fails 3 "the static key is absent, not on" "$tlbsync" compare --expect-keys absent,on "$scratch/$1/base-1.json" --vs "$scratch/$1/base-2.json"
}

first_op()
{
	"$top/scripts/vm-run" --kernel "$image" --cpus 8 --nodes 4 --tlbsync "$tlbsync" --out "$scratch/first" \
		-- tlbsync run --ops 1 -w munmap -p alone -o /out/record.json
}

guest_has()
{
	# shellcheck disable=SC2016 # the guest's shell expands it
	"$top/scripts/vm-run" --kernel "$image" --cpus 8 --nodes 4 --tlbsync "$tlbsync" -- sh -ec '
		test -d /sys/kernel/tracing/events/csd/csd_queue_cpu
		test -d /sys/kernel/tracing/events/csd/csd_function_entry
		grep -qE "^[0-9a-f]*[1-9a-f][0-9a-f]* t tlb_remove_table_smp_sync" /proc/kallsyms
		test -r /proc/kcore
		test "$(cat /sys/devices/system/node/online)" = 0-3
		test "$(cat /sys/devices/system/node/node3/cpulist)" = 6-7
		grep -q "Node 3 MemTotal: *[1-9]" /sys/devices/system/node/node3/meminfo'
}

# A panic is reported with the end of the console and the number of attempts.
panics()
{
	fails 1 "did not boot with 8 CPUs in 3 attempts: the kernel panicked" \
		"$top/scripts/vm-run" --kernel "$image" --tlbsync "$tlbsync" --append "rdinit=/none init=/none" --out "$scratch/panic" -- true &&
		grep -q 'Requested init /none failed' "$scratch/fails.log" && grep -q '"retries": 2' "$scratch/panic/vm.json"
}

# A warning that the guest's kernel logs fails the run, whatever the command says.
complains()
{
	fails 1 "the kernel log is not clean" "$top/scripts/vm-run" --kernel "$image" --tlbsync "$tlbsync" \
		--out "$scratch/complains" -- sh -c 'echo "WARNING: CPU: 0 at the test" >/dev/kmsg'
}

# children_of PID: from the stat files, which can be read even if a process hangs.
children_of()
{
	sed -n "s/^\([0-9]*\) (.*) [A-Z] $1 .*/\1/p" /proc/[0-9]*/stat 2>/dev/null
}

# machine_of PID: the QEMU among its descendants.
machine_of()
{
	local child

	for child in $(children_of "$1"); do
		if [ "$(cat "/proc/$child/comm" 2>/dev/null)" = qemu-system-x86 ]; then
			echo "$child"
			return
		fi
		machine_of "$child" && return
	done
	return 1
}

nothing_left() { [ -z "$(ls "$TMPDIR")" ] || { ls "$TMPDIR"; return 1; }; }

# interrupted COMMAND...: Ctrl-C, as a terminal sends it, while a machine runs. If these
# tests were started in the background, they may ignore the signal, and the shell cannot
# undo that.
interrupted()
{
	local pid machine

	set -m
	env --default-signal=INT "$@" </dev/null &
	pid=$!
	set +m
	machine=$(eventually machine_of "$pid")
	[ -n "$machine" ] || { kill "$pid"; echo "no machine came up"; return 1; }
	sleep 1
	kill -INT -- "-$pid"
	wait "$pid"
	eventually gone "$machine" && nothing_left
}

interrupted_compare()
{
	interrupted "$top/scripts/vm-compare" --kver "$1" --tlbsync "$tlbsync" --out "$scratch/interrupted" &&
		[ ! -e "$scratch/interrupted" ]
}

[ $# -gt 0 ] || set -- "$default_base"
for version in "$@"; do
	promise "$version is built, base and patched" builds "$version"
	promise "$version: both from the cache again within 4 s" within 4 builds "$version"
	[ -s "$scratch/$version-patched" ] || { conclude; }
	image=$(cat "$scratch/$version-patched")
	promise "$version: four boots, the suite in each and the table within 60 s" within 60 compares "$version"
	sed 's/^/    /' "$scratch/$version.table"
	counts_of "$version"
	promise "$version: a side whose static key is not on is no patched side" no_key_no_comparison "$version"
	promise "$version: 8 CPUs on 4 nodes boot, run an op and power off within 8 s" within 8 first_op
	promise "$version: the guest has the csd events, symbols, kcore, 4 nodes with CPUs and memory" guest_has
	promise "$version: a panic at boot is retried twice, and the console shown" panics
	promise "$version: a warning in the kernel log fails the run" complains
	promise "$version: Ctrl-C leaves no machine and no temporary folder" \
		interrupted "$top/scripts/vm-run" --kernel "$image" --tlbsync "$tlbsync" -- sleep 60
	promise "$version: Ctrl-C of a comparison neither, and no half of one" interrupted_compare "$version"
done
conclude
