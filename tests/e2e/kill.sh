#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed in the middle of every workload, at each of its processes: within a second
# all settings have their old values again, and no process and no file is left.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

[ "$(id -u)" -eq 0 ] || cannot_run "a run changes settings only as root"

# With THP "always" the collapses have a setting to change and to restore.
old_thp=$(sed -n 's/.*\[\(.*\)\].*/\1/p' "$thp"/enabled 2>/dev/null)
put_back()
{
	[ -z "$old_thp" ] || echo "$old_thp" >"$thp"/enabled
}
# shellcheck disable=SC2046 # process ids
trap 'kill -9 $(ours) 2>/dev/null; sleep 0.1; put_back; rm -rf -- "$scratch"' EXIT
trap 'exit 1' INT TERM HUP

# Every process of our runs has this in its environment, with any name and in any session.
export TLBSYNC_TEST_MARK=$scratch

# started PID: when it started, in ticks since the boot.
started()
{
	local stat

	stat=$(<"/proc/$1/stat") || return 1
	# shellcheck disable=SC2086 # fields
	set -- ${stat##*) }
	echo "${20}"
}
begin=$(started $$)

# Older processes are not ours. Reading the environment of a process that hangs would hang
# too, so they are left out.
ours()
{
	local comm pid

	grep -ls '^tlbsync' /proc/[0-9]*/comm | while read -r comm; do
		pid=${comm//[!0-9]/}
		[ "$(started "$pid" 2>/dev/null || echo 0)" -ge "$begin" ] || continue
		! grep -qsxz "TLBSYNC_TEST_MARK=$TLBSYNC_TEST_MARK" "/proc/$pid/environ" || echo "$pid"
	done
}

nobody_is_left()
{
	[ -z "$(ours)" ]
}

# The measuring process of the run, but not $1, which was killed before.
measuring()
{
	local pid

	for pid in $(ours); do
		[ "$(cat "/proc/$pid/comm")" != tlbsync-measure ] || [ "$pid" = "${1-}" ] ||
			echo "$pid"
	done
}

# In the middle of $workload: what it changes has changed, and some ops are done.
in_the_middle()
{
	child=$(measuring "${1-}")
	[ -n "$child" ] || return 1
	case $workload in
	*khugepaged)	[ "$(<"$thp/khugepaged/scan_sleep_millisecs")" = 3600000 ] ;;
	collapse*)	grep -qF '[madvise]' "$thp"/enabled ;;
	hugetlb*)	grep -lsx tlbsync-sharer /proc/[0-9]*/comm ;;
	esac >/dev/null && sleep 0.1
}

# start ARGUMENT...: a run that takes minutes, its process in $command.
start()
{
	local try

	for ((try = 0; try < 20; try++)); do
		await_turn
		"$tlbsync" run -w "$@" -p alone --ops 1000000 -o "$record" \
			>"$out" 2>"$err" </dev/null &
		command=$!
		await 20 in_the_middle && return
		grep -q 'another run measures on this machine' "$err" || break
		wait "$command"
	done
	cat "$err"
	return 1
}

# Within a second, if the machine is idle.
restored_at_once()
{
	await 1 restored "$scratch/before" && await 1 nobody_is_left && return
	diff "$scratch/before" <(settings)
	echo "left: $(ours)"
	return 1
}

no_file_is_left()
{
	[ ! -e "$record" ] && ! compgen -G "$scratch/.tlbsync-*"
}

# The case was killed twice: once for the setting, once to see that the run goes on.
measuring_process_is_killed()
{
	local first

	start "$workload,$workload" || return 1
	first=$child
	kill -9 "$first"
	await 20 in_the_middle "$first" || return 1
	kill -9 "$child"
	restored_at_once || return 1
	wait "$command"
	[ $? -eq 1 ] && holds '.cases | length == 2 and all(.[]; .status == "fail" and
		.as_expected == null and (.reason | contains("signal 9")))'
}

command_is_killed()
{
	start "$workload" || return 1
	kill -9 "$command"
	restored_at_once && no_file_is_left
}

# stopped_by SIGNAL STATUS: it says so and is done within the same second.
stopped_by()
{
	start "$workload" || return 1
	kill "-$1" "$command"
	restored_at_once || return 1
	wait "$command"
	[ $? -eq "$2" ] && no_file_is_left && [ ! -s "$out" ] &&
		grep -q "stopped by SIG$1 before a case was done; settings are restored, no record" "$err"
}

# Why $workload cannot run here. khugepaged is too slow to be tried for that.
skipped_because()
{
	case $workload in
	*khugepaged) [ -w "$thp/khugepaged/scan_sleep_millisecs" ] || echo "no khugepaged here" ;;
	*) run -w "$workload" -p alone --ops 1 --counter none >/dev/null
	   jq -r '.cases[0] | select(.status == "skip") | .reason' "$record" ;;
	esac
}

set -m	# a job that the shell starts itself would ignore SIGINT
await_turn
for workload in munmap:size=4K madvise-dontneed collapse-madvise collapse-khugepaged \
		hugetlb-unshare-munmap; do
	reason=$(skipped_because)
	[ -z "$reason" ] || { note "$workload: $reason"; continue; }
	[[ $workload != collapse* ]] || echo always >"$thp"/enabled
	settings >"$scratch/before"
	rm -f -- "$record"
	promise "$workload, kill -9 of the measuring process: all is restored, the run goes on, the case failed" \
		measuring_process_is_killed
	rm -f -- "$record"
	promise "$workload, kill -9 of the command: all is restored, nothing is left" command_is_killed
	promise "$workload, Ctrl-C: all is restored, nothing is left" stopped_by INT 130
	put_back
done
settings >"$scratch/before"
workload=munmap:size=4K
promise "SIGTERM is like Ctrl-C" stopped_by TERM 143
promise "SIGHUP is like Ctrl-C" stopped_by HUP 129
conclude
