#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that a signal ends after some of its cases: they are kept and printed, the record
# says that it is incomplete, and settings are as they were.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

command=
old_thp=$(sed -n 's/.*\[\(.*\)\].*/\1/p' "$thp"/enabled 2>/dev/null)
[ -w "$thp"/enabled ] || old_thp=
clean_up()
{
	[ -z "$command" ] || kill -KILL "$command" 2>/dev/null
	[ -z "$old_thp" ] || { await 5 nobody_measures; echo "$old_thp" >"$thp"/enabled; }
	rm -rf -- "$scratch"
}
trap clean_up EXIT

# The process that measures the case under way.
child_of_case()
{
	local pid children=()

	read -ra children <"/proc/$command/task/$command/children" || true
	for pid in "${children[@]}"; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != tlbsync-measure ] || echo "$pid"
	done
}

first_case() { first=$(child_of_case); [ -n "$first" ]; }
second_case()
{
	local now

	now=$(child_of_case)
	[ -n "$now" ] && [ "$now" != "$first" ] || return 1
	# The collapse changes a setting, which is there to be restored.
	[ -z "$old_thp" ] || grep -qF '[madvise]' "$thp"/enabled
}

# start [OUTPUT]: a run of a short case and two long ones, in its second one.
start()
{
	local try

	rm -f -- "$record"
	for ((try = 0; try < 20; try++)); do
		await_turn
		"$tlbsync" run -w munmap:size=4K,collapse-madvise,munmap:size=8K -p alone --ops 100000 \
			--counter none -o "$record" >"${1:-$out}" 2>"$err" </dev/null &
		command=$!
		await 20 first_case && await 60 second_case && sleep 0.2 && return
		grep -q 'another run measures' "$err" || break
		wait "$command"
	done
	cat "$err"
	return 1
}

# finish: its exit status in $code.
finish()
{
	code=0
	wait "$command" || code=$?
	command=
	cat "$err"
}

# stopped_by SIGNAL STATUS [TIMES]
stopped_by()
{
	local time

	start || return
	for ((time = 0; time < ${3:-1}; time++)); do
		kill "-$1" "$command"
	done
	finish
	restored "$scratch/before" || { diff "$scratch/before" <(settings); return 1; }
	[ "$code" -eq "$2" ] || { echo "exit status $code"; return 1; }
	grep -qx "tlbsync run: stopped by SIG$1: 1 of 3 cases were done; settings are restored" "$err" &&
		grep -qx "record: $record" "$err" && grep -q '^munmap' "$out" &&
		holds ".schema == \"tlbsync.run/1\" and
			.incomplete == {signal: \"SIG$1\", cases_planned: 3} and
			(.cases | length == 1 and .[0].status == \"ok\")"
}

show_says_so()
{
	"$tlbsync" show "$record" >"$scratch/shown" && diff "$scratch/shown" "$out" &&
		grep -qx 'The run is incomplete: SIGINT ended it after 1 of 3 cases\.' "$scratch/shown"
}

# A copy of another boot, so that the two may be compared.
compare_warns_and_compares()
{
	jq '.kernel.boot_id = "another" | .id += "x" | del(.incomplete)' "$record" >"$scratch/whole.json"
	"$tlbsync" compare "$scratch/whole.json" --vs "$record" >"$scratch/compared" 2>&1
	cat "$scratch/compared"
	grep -q "^warning: .*record.json is incomplete: SIGINT ended the run after 1 of 3 cases" \
		<(tr '\n' ' ' <"$scratch/compared" | sed 's/  */ /g; s/ warning:/\nwarning:/g') &&
		grep -q '^munmap' "$scratch/compared"
}

history_uses_its_cases()
{
	mkdir "$scratch/nights"
	cp "$record" "$scratch/nights/1.json"
	"$tlbsync" history --json "$scratch/nights" >"$scratch/told" 2>&1
	cat "$scratch/told"
	jq -e . "$scratch/told" >/dev/null && grep -q munmap "$scratch/told"
}

# The signal comes while the record is being written, when all cases are done. Leaks cannot
# be looked for under strace.
at_the_last_moment()
{
	rm -f -- "$record"
	in_turn strace -E ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" -qq -o "$scratch/trace" -e trace=fsync -e inject=fsync:signal=SIGTERM:when=1 \
		"$tlbsync" run -w munmap:size=4K -p alone --ops 20 --counter none -o "$record"
	cat "$scratch/trace"
	[ "$code" -eq 143 ] && holds '(has("incomplete") | not) and (.cases | length == 1)' &&
		grep -qx "tlbsync run: stopped by SIGTERM: 1 of 1 cases were done; settings are restored" "$err" &&
		grep -qx "record: $record" "$err" && grep -q '^munmap' "$out"
}

late_echo()
{
	start || return
	kill -TERM "$command"
	sleep 0.07
	kill -TERM "$command" 2>/dev/null
	finish
	[ "$code" -eq 143 ] && holds '.incomplete.signal == "SIGTERM" and (.cases | length == 1)'
}

a_complete_record_says_nothing()
{
	run -w munmap:size=4K -p alone --ops 20
	[ "$code" -eq 0 ] && holds 'has("incomplete") | not' &&
		"$tlbsync" show "$record" >"$scratch/shown" 2>"$scratch/said" && [ ! -s "$scratch/said" ]
}

# What the command prints goes to a full pipe that nobody reads: there it hangs.
second_signal()
{
	local fifo=$scratch/fifo

	mkfifo "$fifo"
	exec 7<>"$fifo"
	dd if=/dev/zero of="$fifo" bs=4096 count=1000 oflag=nonblock 2>/dev/null
	start "$fifo" || return
	kill -INT "$command"
	await 10 test -e "$record" || return
	sleep 0.3
	kill -0 "$command" || { echo "it did not hang"; return 1; }
	kill -INT "$command"
	await 1 gone "$command" || return
	finish
	exec 7>&-
	[ "$code" -eq 130 ] && await 1 restored "$scratch/before" && await 1 nobody_measures
}

set -m	# a job that the shell starts itself would ignore SIGINT
await_turn
[ -z "$old_thp" ] || echo always >"$thp"/enabled
settings >"$scratch/before"
promise "SIGTERM: 143, and the record has the case that was done" stopped_by TERM 143
promise "SIGHUP: 129, the same" stopped_by HUP 129
promise "a signal that comes twice at once is one" stopped_by TERM 143 2
promise "nor does it lose the record when the second comes late" late_echo
if strace -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=SIGTERM:when=1 true 2>/dev/null; then
	promise "a signal while the record is written: it is whole, and the exit status tells" at_the_last_moment
else
	note "a signal while the record is written takes strace"
fi
promise "Ctrl-C: 130, the same" stopped_by INT 130
promise "show prints the same table, and says that it is incomplete" show_says_so
promise "compare warns, and compares what is there" compare_warns_and_compares
promise "history uses its cases as any other's" history_uses_its_cases
promise "a second Ctrl-C ends it at once: 130, settings restored" second_signal
promise "a complete record is not marked" a_complete_record_says_nothing
conclude
