#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CPUs that may not be used, and CPUs that are offline: N counts the online ones, roles
# take the allowed ones, and a placement that does not fit is skipped.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

switch=/sys/devices/system/cpu/cpu1/online
group=

put_back()
{
	[ "$(cat "$switch" 2>/dev/null)" != 0 ] || echo 1 >"$switch"
	[ -z "$group" ] || rmdir "$group" 2>/dev/null
}
trap 'put_back; rm -rf -- "$scratch"' EXIT
trap 'exit 1' INT TERM HUP

first_cpu=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')

# exact_for N: sync requests are exact for N online CPUs, if they can be counted here.
exact_for()
{
	holds ".machine.cpus_online == $1 and (.cases[] | select(.placement == \"alone\") |
		.status == \"ok\" and (.ipi.source != \"csd\" or (.as_expected == true and
		.ipi.sync.requested == .ops * (if .expect.sync_per_op == 0 then 0 else $(($1 - 1)) end))))"
}

prediction_is_n_minus_1()
{
	holds ".kernel.static_key != \"absent\" or
		.cases[0].expect.sync_per_op == $(($1 - 1))"
}

all_is_skipped_because()
{
	holds ".cases[] | select(.placement == \"all\") |
		.status == \"skip\" and (.reason | contains(\"$1\"))"
}

# both COMMAND...: collapse-madvise alone and with all, under COMMAND.
both()
{
	rm -f -- "$record"
	in_turn "$@" "$tlbsync" run -w collapse-madvise --ops 20 -o "$record"
	[ "$code" -eq 0 ]
}

# in_group COMMAND...: inside the cpuset.
in_group()
(
	# A subshell's own id is BASHPID.
	echo "$BASHPID" >"$group/cgroup.procs" && exec "$@"
)

# A cpuset of the CPU $first_cpu alone, v1 or v2; nothing if none can be made.
make_group()
{
	local v1=/sys/fs/cgroup/cpuset v2=/sys/fs/cgroup

	if [ -e $v1/cpuset.mems ]; then
		group=$v1/tlbsync-test-$$
		mkdir "$group" && cat $v1/cpuset.mems >"$group/cpuset.mems"
	elif grep -qsw cpuset $v2/cgroup.subtree_control; then
		group=$v2/tlbsync-test-$$
		mkdir "$group"
	else
		return 1
	fi && echo "$first_cpu" >"$group/cpuset.cpus"
}

run -w collapse-madvise -p alone --ops 1 >/dev/null
[ "$(jq -r '.cases[0].status' "$record")" = ok ] ||
	cannot_run "collapse-madvise does not run here: $(jq -r '.cases[0].reason' "$record")"
[ "$online" -ge 2 ] || cannot_run "only one CPU is online"
source_is csd || note "exact counts: $(jq -r .counter_why "$record")"

promise "one allowed CPU: it runs" both taskset -c "$first_cpu"
promise "one allowed CPU: N is the number of online CPUs, alone is exact" exact_for "$online"
promise "one allowed CPU: N - 1 syncs are predicted" prediction_is_n_minus_1 "$online"
promise "one allowed CPU: all is skipped with the reason" \
	all_is_skipped_because "only one CPU is allowed to this process"
promise "one allowed CPU: that is recorded" holds '.machine.cpus_allowed == 1'

last=$(sed 's/.*[-,]//' /sys/devices/system/cpu/online)
promise "only the last CPU allowed: it runs" both taskset -c "$last"
promise "only the last CPU allowed: it is the initiator" holds ".cases[0].roles.initiator == [$last]"
promise "only the last CPU allowed: alone is exact" exact_for "$online"

if make_group 2>/dev/null; then
	promise "a cpuset of one CPU: it runs" both in_group
	promise "a cpuset of one CPU: N is the number of online CPUs, alone is exact" exact_for "$online"
	promise "a cpuset of one CPU: all is skipped with the reason" \
		all_is_skipped_because "only one CPU is allowed to this process"
	rmdir "$group" && group=
else
	note "a cpuset of one CPU: no cpuset can be made here"
fi

# Under cgroup v1 a CPU that comes back online stays missing in cpusets below the root.
if [ ! -w "$switch" ]; then
	note "an offline CPU: $switch cannot be written"
elif [ "$(cat /proc/self/cpuset 2>/dev/null || echo /)" != / ] && [ -e /sys/fs/cgroup/cpuset/cpuset.mems ]; then
	note "an offline CPU: this cpuset would not get it back"
else
	rest=$((online - 1))
	await_turn
	if echo 0 2>/dev/null >"$switch"; then
		promise "a CPU offline: it runs" both env
		promise "a CPU offline: N is the number of online CPUs, alone is exact" exact_for "$rest"
		promise "a CPU offline: N - 1 syncs are predicted" prediction_is_n_minus_1 "$rest"
		promise "a CPU offline: it has no role" holds 'all(.cases[].roles[][]; . != 1)'
		[ "$rest" -gt 1 ] || promise "a CPU offline, one left: all is skipped with the reason" \
			all_is_skipped_because "only one CPU is online"
		echo 1 >"$switch"
		promise "the CPU is back: it runs" both env
		promise "the CPU is back: N counts it again" exact_for "$online"
	else
		note "an offline CPU: CPU 1 cannot be taken offline"
	fi
fi
conclude
