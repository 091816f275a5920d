#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run does on a machine that is busy: while another run measures it says whose that
# is, or waits for it; what any other job takes from it, it tells.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

other=
end_other()
{
	[ -z "$other" ] || kill -TERM "$other" 2>/dev/null
	[ -z "$other" ] || wait "$other"
	other=
}
trap 'end_other; rm -rf -- "$scratch"' EXIT

short=(-w munmap:size=4K -p alone --ops 20)
odd=$'odd\e[31m\nname.json'

somebody_measures()
{
	! nobody_measures
}

# start_other [ARGUMENT...]: a run of many ops, its process in $other.
start_other()
{
	local try

	for ((try = 0; try < 20; try++)); do
		await_turn
		"$tlbsync" run -w munmap:size=4K -p alone --ops "${1:-1000000}" \
			-o "$scratch/${2:-other.json}" >"$scratch/other.out" 2>&1 </dev/null &
		other=$!
		await 20 somebody_measures && sleep 0.1 && kill -0 "$other" 2>/dev/null && return
		grep -q 'another run measures' "$scratch/other.out" || break
		wait "$other"
	done
	cat "$scratch/other.out"
	return 1
}

# refused COMMAND: exit status 4, one line, which names the other one's pid and command.
refused()
{
	start_other || return
	code=0
	"$tlbsync" "$@" -o "$record" >"$out" 2>"$err" || code=$?
	cat "$out" "$err"
	kill -0 "$other" || { echo "the other one has ended"; return 1; }
	[ "$code" -eq 4 ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" -eq 1 ] && [ ! -e "$record" ] &&
		grep -qF "tlbsync $1: another run measures on this machine: pid $other (tlbsync run -w munmap:size=4K -p alone --ops 1000000 -o" "$err" &&
		grep -qF 'wait for it with --wait, or end it' "$err"
}

# The command line may hold anything; what is printed cannot steer a terminal.
harmless()
{
	end_other
	start_other 1000000 "$odd" || return
	code=0
	"$tlbsync" run "${short[@]}" -o "$record" >"$out" 2>"$err" || code=$?
	end_other
	cat -v "$err"
	[ "$code" -eq 4 ] && [ "$(wc -l <"$err")" -eq 1 ] && ! grep -q $'\e' "$err" &&
		grep -qF 'odd?[31m?name.json' "$err"
}

too_long()
{
	start_other || return
	code=0
	SECONDS=0
	"$tlbsync" run "${short[@]}" --wait=2s -o "$record" >"$out" 2>"$err" || code=$?
	cat "$err"
	[ "$code" -eq 4 ] && [ "$SECONDS" -ge 2 ] && [ "$(grep -c "pid $other (tlbsync run" "$err")" -eq 2 ] &&
		grep -q 'even after the wait' "$err"
}

# waits ARGUMENT...: the other one is ended while tlbsync waits; it then measures.
waits()
{
	local waiter

	end_other
	start_other || return
	rm -f -- "$record" "$err"
	"$tlbsync" run "${short[@]}" "$@" -o "$record" >"$out" 2>"$err" </dev/null &
	waiter=$!
	await 10 grep -qs 'waiting until another run' "$err" || return
	sleep 0.5
	[ ! -e "$record" ] && kill -0 "$waiter" || return
	end_other
	wait "$waiter" || return
	cat "$err"
	[ "$(grep -c "^tlbsync run: waiting until another run on this machine has ended: pid [0-9]* (tlbsync run " "$err")" -eq 1 ] &&
		holds '.cases[0].status == "ok"'
}

# interrupted COMMAND SIGNAL STATUS
interrupted()
{
	local waiter

	start_other || return
	rm -f -- "$record" "$err"
	"$tlbsync" "$1" --wait -o "$record" >"$out" 2>"$err" </dev/null &
	waiter=$!
	await 10 grep -qs 'waiting until another run' "$err" || return
	kill "-$2" "$waiter"
	code=0
	wait "$waiter" || code=$?
	cat "$err"
	kill -0 "$other" && [ "$code" -eq "$3" ] && [ ! -e "$record" ] &&
		grep -q "stopped by SIG$2 while waiting" "$err"
}

# Its guard and its measuring process may outlive the command for a moment.
killed_but_not_gone()
{
	end_other
	start_other || return
	kill -KILL "$other"
	wait "$other" 2>/dev/null
	other=
	in_turn "$tlbsync" run "${short[@]}" --wait -o "$record"
	[ "$code" -eq 0 ]
}

# What doctor sees others take, in percent of the CPUs.
noise()
{
	"$tlbsync" doctor --json 2>/dev/null |
		jq -r '.[] | select(.fact == "noise") | .value | capture("take (?<p>[0-9]+) %").p // 100'
}

# A job that never sleeps, on the CPU on which the ops run.
a_busy_cpu_is_told()
{
	local job ok=0

	taskset -c "$first" sh -c 'while :; do :; done' &
	job=$!
	run -w munmap:size=4K -p alone --ops 300000
	kill "$job"
	wait "$job" 2>/dev/null
	[ "$code" -eq 0 ] && holds '.load.during | .cpu_s > 0.2 and .other_share > 0.2 and .own_s > 0.1' &&
		holds '.load.before.busy_share > 0' || ok=1
	sed '/^$/q' "$out"
	sed '/^$/q' "$out" | tr -s '\n ' ' ' |
		grep -qE 'The machine was busy: another job took ([2-9][0-9]|100) % of the measured CPUs' || ok=1
	return "$ok"
}

# Its own work is nobody else's, whether it spins on one CPU or on all. Only what happened
# in quiet counts; one disturbance that came and went is borne.
an_idle_cpu_is_not_told()
{
	local try quiet=0

	for ((try = 0; try < 5 && quiet < 2; try++)); do
		[ "$(noise)" -le 2 ] || { sleep 1; continue; }
		run --profile quick
		[ "$(noise)" -le 2 ] || continue
		quiet=$((quiet + 1))
		jq -c .load "$record"
		! grep -q 'was busy' "$out" && holds '.load.during.other_share <= 0.05' && return
	done
	[ "$quiet" -eq 0 ] && disturbed=yes
}

# Without /proc/stat nothing is known, and nothing is claimed.
what_is_hidden_is_unknown()
{
	# shellcheck disable=SC2016 # expanded there
	in_turn unshare -m sh -c 'mount --bind /dev/null /proc/stat && exec "$@"' - \
		"$tlbsync" run "${short[@]}" -o "$record"
	[ "$code" -eq 0 ] && ! grep -q 'was busy' "$out" && holds '.load |
		.before.busy_share == null and .during == {cpu_s: null, own_s: null,
		other_share: null, steal_share: null}'
}

set -m	# a job that the shell starts itself would ignore SIGINT
promise "run: exit status 4, and whose run it is" refused run "${short[@]}"
end_other
promise "stress: the same" refused stress --time 1s
end_other
promise "a command line that would steer a terminal cannot" harmless
promise "--wait=TIME ends after TIME, with exit status 4" too_long
end_other
promise "--wait waits for the other run, says so once, and measures" waits --wait
promise "--wait=TIME does so within TIME" waits --wait=1m
promise "Ctrl-C ends the wait: exit status 130" interrupted run INT 130
end_other
promise "SIGTERM ends the wait of stress: exit status 143" interrupted stress TERM 143
end_other
promise "after a killed command, --wait waits for what is left of it" killed_but_not_gone

first=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
disturbed=
promise "what another job takes is told, in the record and in the headline" a_busy_cpu_is_told
promise "on an idle machine nothing is told" an_idle_cpu_is_not_told
[ -z "$disturbed" ] || note "an idle machine: others were at work all the time"
if unshare -m true 2>/dev/null; then
	promise "where /proc/stat is hidden, the load is unknown" what_is_hidden_is_unknown
fi
conclude
