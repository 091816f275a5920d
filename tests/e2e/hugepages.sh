#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# If the hugepage pool is empty and cannot grow, the cases that need it are skipped with
# the reason and what to do. If it can grow, it has its old size afterwards.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

[ "$(id -u)" -eq 0 ] || cannot_run "the pool is root's"
[ -e "$pool/nr_hugepages" ] || cannot_run "this kernel has no 2 MiB hugetlb pool"

# A pool that accepts a write and does not grow, as when memory is fragmented: in a
# mount namespace of its own, plain files stand in for the kernel's.
short_of_memory()
{
	echo 0 >"$scratch/nr"
	echo 0 >"$scratch/free"
	# shellcheck disable=SC2016 # expanded there
	unshare -m sh -c 'mount --bind "$2/nr" "$1/nr_hugepages" &&
		mount --bind "$2/free" "$1/free_hugepages" || exit 99
		shift 2; exec "$@"' - "$pool" "$scratch" "$@"
}

# As in a container in which /sys cannot be written.
read_only()
{
	# shellcheck disable=SC2016 # expanded there
	unshare -m sh -c 'mount -o remount,ro,bind /sys || exit 99
		exec "$@"' - "$@"
}

# hugetlb LIST COMMAND...: the workloads of LIST in the pool as COMMAND has it.
hugetlb()
{
	local list=$1
	shift

	rm -f -- "$record"
	in_turn "$@" "$tlbsync" run -w "$list" -p alone --ops 20 -o "$record"
}

# skipped WORDS: the case is skipped; the reason holds WORDS and says what to do.
skipped()
{
	holds ".cases[0] | .workload == \"hugetlb-unshare-munmap\" and .status == \"skip\" and
		(.reason | contains(\"$1\") and contains(\"write 8 to $pool/nr_hugepages\"))" &&
		grep -q '^hugetlb-unshare-munmap .*skipped' "$out"
}

# skips WORDS COMMAND...: as skipped; no other case ran, so the exit status is 77.
skips()
{
	local words=$1
	shift

	hugetlb hugetlb-unshare-munmap "$@"
	[ "$code" -eq 77 ] && skipped "$words"
}

the_other_case_runs()
{
	hugetlb hugetlb-unshare-munmap,munmap:size=4K "$@"
	[ "$code" -eq 0 ] && skipped "" && holds '.cases[1].status == "ok"'
}

it_runs_and_the_pool_is_as_before()
{
	hugetlb hugetlb-unshare-munmap env
	[ "$code" -eq 0 ] && holds '.cases[0].status == "ok"' && restored "$scratch/before"
}

await_turn
settings >"$scratch/before"
if ! unshare -m true 2>/dev/null; then
	note "a pool that cannot grow: a mount namespace is forbidden here"
else
	promise "a pool that memory is too short for: skipped, exit status 77" \
		skips "cannot grow (memory is short)" short_of_memory
	promise "and what was written to it is taken back" test "$(cat "$scratch/nr")" = 0
	promise "with a workload beside it that runs: exit status 0" the_other_case_runs short_of_memory
	if [ "$(<"$pool/free_hugepages")" -ge 4 ]; then
		note "a read-only pool: this one has free pages"
	else
		promise "a pool that cannot be written: skipped, exit status 77" \
			skips "cannot grow (Read-only file system)" read_only
	fi
fi
if ! command -v setpriv >/dev/null; then
	note "an unprivileged user takes setpriv"
elif [ "$(<"$pool/free_hugepages")" -gt 0 ]; then
	note "an unprivileged user without free pages: this pool has some"
else
	cp "$tlbsync" "$scratch/tlbsync"
	mkdir -m 777 "$scratch/anybody"
	chmod 755 "$scratch" "$scratch/tlbsync"
	tlbsync=$scratch/tlbsync record=$scratch/anybody/record.json
	promise "as nobody, with an empty pool: skipped, exit status 77" \
		skips "no free 2 MiB page in the pool; run as root" as_nobody
	tlbsync=$(realpath -- "${TLBSYNC:-./tlbsync}") record=$scratch/record.json
fi
if [ "$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)" -gt 256 ]; then
	promise "a pool that can grow: it runs, and the pool is as before" it_runs_and_the_pool_is_as_before
fi
promise "all settings have their old values" restored "$scratch/before"
conclude
