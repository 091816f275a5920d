# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # some of the names are for whoever sources it
# What the tests that measure share: running the program even if somebody else is
# measuring now, reading its records, and the system's settings. Source it.

top=${top_srcdir:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
tlbsync=$(realpath -- "${TLBSYNC:-./tlbsync}")
record=$scratch/record.json
out=$scratch/out
err=$scratch/err
code=0
thp=/sys/kernel/mm/transparent_hugepage
pool=/sys/kernel/mm/hugepages/hugepages-2048kB
online=$(getconf _NPROCESSORS_ONLN)

command -v jq >/dev/null || cannot_run "reading records takes jq"

# note TEXT: why something is not tried.
note()
{
	echo "# skipped: $*"
}

# await SECONDS COMMAND...: COMMAND succeeds within so many seconds.
await()
{
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift

	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		sleep 0.02
	done
}

nobody_measures()
{
	! grep -qs '@tlbsync-is-measuring' /proc/net/unix
}

# Only one run measures at a time, whoever started it.
await_turn()
{
	await 120 nobody_measures || cannot_run "somebody else has been measuring for two minutes"
}

# in_turn COMMAND...: COMMAND is a tlbsync run, perhaps inside another command. Its output
# goes to $out and $err, its exit status to $code. in_turn succeeds with any exit status.
in_turn()
{
	local try

	for ((try = 0; try < 20; try++)); do
		await_turn
		code=0
		"$@" >"$out" 2>"$err" </dev/null || code=$?
		grep -q 'another run measures on this machine' "$err" || break
	done
	cat "$err"
}

# run ARGUMENT...: one run, its record in $record.
run()
{
	rm -f -- "$record"
	in_turn "$tlbsync" run -o "$record" "$@"
}

# holds FILTER: jq's FILTER is true of the record. If not, the record is shown.
holds()
{
	jq -e "$1" "$record" >/dev/null && return
	echo "not so: $1"
	jq 'del(.cases[].latency_ns.histogram)' "$record"
	return 1
}

# How requests are counted here, as the record of the last run has it.
source_is()
{
	[ "$(jq -r '.cases[0].ipi.source' "$record")" = "$1" ]
}

khugepaged()
{
	grep -lsx khugepaged /proc/[0-9]*/comm | grep -o '[0-9]*' | head -1
}

# Every setting that a run may change, with its value.
settings()
{
	local file pid

	for file in "$thp"/enabled "$thp"/khugepaged/{*_sleep_millisecs,pages_to_scan,defrag,max_*} \
		"$pool"/{nr,free,surplus}_hugepages; do
		[ -r "$file" ] && echo "$file $(<"$file")"
	done
	pid=$(khugepaged)
	[ -z "$pid" ] || echo "khugepaged nice $(cut -d' ' -f19 "/proc/$pid/stat")," \
		"$(grep '^Cpus_allowed_list' "/proc/$pid/status")"
}

# restored FILE: all settings have the values that they had when FILE was written.
restored()
{
	settings | cmp -s - "$1"
}

# as_nobody COMMAND...: with no privilege at all.
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}
