#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `tlbsync run` with less than it needs for exact counts: no privilege, perf forbidden,
# addresses hidden, no tracefs. It runs all the same, and says what it could not do.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

[ "$(id -u)" -eq 0 ] || cannot_run "dropping privilege takes root"
command -v setpriv >/dev/null || cannot_run "dropping privilege takes setpriv"

paranoid=/proc/sys/kernel/perf_event_paranoid
restrict=/proc/sys/kernel/kptr_restrict
old_paranoid=$(<$paranoid) old_restrict=$(<$restrict)
old_thp=$(sed -n 's/.*\[\(.*\)\].*/\1/p' "$thp/enabled" 2>/dev/null)

put_back()
{
	[ -z "$old_thp" ] || echo "$old_thp" >"$thp/enabled"
	echo "$old_paranoid" >$paranoid
	echo "$old_restrict" >$restrict
}
trap 'put_back; rm -rf -- "$scratch"' EXIT
trap 'exit 1' INT TERM HUP

# A copy that anybody may run, and a folder where anybody may write.
chmod 755 "$scratch"
cp "$tlbsync" "$scratch/tlbsync"
mkdir -m 777 "$scratch/anybody"
record=$scratch/anybody/record.json
short=(run --profile quick -w munmap:size=4K -p alone --ops 50 -o "$record")

# with COMMAND...: a short run inside COMMAND, which takes something away from it.
with()
{
	rm -f -- "$record"
	in_turn "$@" "$scratch/tlbsync" "${short[@]}"
	[ "$code" -eq 0 ]
}

falls_back_and_says_so()
{
	grep -q '^tlbsync run: IPIs are estimated from /proc/interrupts: ' "$err" &&
		holds '.counter == "interrupts" and (.counter_why | length > 0)' &&
		holds '.cases[0] | .status == "ok" and .ipi.source == "interrupts" and
			.as_expected == null and (.reason | length > 0) and .latency_ns.p50 > 0' &&
		grep -q ' ~' "$out"
}

# falls_back WORDS COMMAND...: it estimates; the reason holds WORDS, on standard error and in
# the record.
falls_back()
{
	local words=$1
	shift

	with "$@" && falls_back_and_says_so && holds ".counter_why | contains(\"$words\")" &&
		grep -qF -- "$words" "$err"
}

# Cases that need root are skipped, with the reason and what to do.
all_workloads_run_or_say_what_they_need()
{
	rm -f -- "$record"
	in_turn as_nobody "$scratch/tlbsync" run --ops 3 -p alone -o "$record"
	[ "$code" -eq 0 ] && holds 'all(.cases[]; .status == "ok" or
		(.status == "skip" and (.reason | test("run as root|it takes root|; boot "))))' &&
		holds 'any(.cases[]; .workload == "collapse-khugepaged" and .status == "skip")'
}

# MADV_COLLAPSE needs no setting, so it works although settings cannot be written.
collapse_runs_where_thp_is()
{
	echo "$1" >"$thp/enabled"
	rm -f -- "$record"
	in_turn as_nobody "$scratch/tlbsync" run -w collapse-madvise -p alone --ops 3 -o "$record"
	echo "$old_thp" >"$thp/enabled"
	[ "$code" -eq 0 ] && holds '.cases[0].status == "ok"' && ! grep -q 'cannot restore' "$err"
}

without_tracefs()
{
	# shellcheck disable=SC2016 # expanded there
	unshare -m sh -c '
		while mount=$(awk "\$3 == \"tracefs\" { print \$2; exit }" /proc/self/mounts) &&
			[ "$mount" ]; do umount -l "$mount" || exit 99; done
		exec "$@"' - "$@"
}

await_turn
settings >"$scratch/before"
with env >/dev/null || cannot_run "it does not run as root"
source_is csd || note "root is refused as well: $(jq -r .counter_why "$record")"
root_counts=$(jq -r '.cases[0].ipi.source' "$record")

promise "as nobody: it runs, falls back, and says so" falls_back "" as_nobody
promise "as nobody: each workload runs, or says that root could" all_workloads_run_or_say_what_they_need

if [ -n "$old_thp" ]; then
	promise "as nobody with THP never: a collapse runs, and nothing is left to restore" \
		collapse_runs_where_thp_is never
	promise "as nobody with THP madvise: a collapse runs" collapse_runs_where_thp_is madvise
fi

echo 3 >$paranoid
promise "as nobody with perf_event_paranoid 3: it runs, falls back, and says so" falls_back "" as_nobody
echo 2 >$restrict
promise "as nobody with all addresses hidden: it runs, falls back, and says so" \
	falls_back "/proc/kallsyms hides addresses" as_nobody
promise "as root with all addresses hidden: it runs, falls back, and says so" \
	falls_back "kptr_restrict" env
promise "as root with all addresses hidden: what the key's state decides has no verdict" \
	holds '.kernel.static_key == "absent" or .cases[0].as_expected == null'
put_back

if [ "$root_counts" != csd ]; then
	note "counting without CAP_PERFMON or tracefs: root cannot count here at all"
else
	promise "as root without CAP_PERFMON and CAP_SYS_ADMIN: it runs, falls back, and says so" \
		falls_back "" setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin
	if unshare -m true 2>/dev/null; then
		promise "as root with no tracefs mounted: it counts by csd all the same" with without_tracefs
		promise "and the record says so" holds '.counter == "csd" and .counter_why == "" and
			.cases[0].ipi.source == "csd"'
	else
		note "no tracefs mounted: a mount namespace is forbidden here"
	fi
fi
promise "all settings have their old values" restored "$scratch/before"
conclude
