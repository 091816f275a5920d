#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `tlbsync topology` promises: every CPU of this machine is drawn once, with the roles
# of a placement; the same as JSON; and one line for each input that is wrong.
# shellcheck disable=SC2317 # called by promise
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "$0")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=$(realpath -- "${TLBSYNC:-./tlbsync}")
out=$scratch/out
err=$scratch/err
online=$(getconf _NPROCESSORS_ONLN)
first=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')

# exits STATUS ARGUMENT...
exits()
{
	local wanted=$1 status=0

	shift
	"$tlbsync" topology "$@" >"$out" 2>"$err" </dev/null || status=$?
	[ "$status" -eq "$wanted" ] || { echo "exit status $status"; cat "$out" "$err"; return 1; }
}

# refuses WORDS ARGUMENT...: wrong usage, one line that holds WORDS, nothing drawn.
refuses()
{
	local words=$1

	shift
	exits 2 "$@" && [ ! -s "$out" ] && [ "$(wc -l <"$err")" -eq 1 ] &&
		grep -qF -- "$words" "$err"
}

says() { grep -qE -- "$1" "$out" || { echo "missing: $1"; cat "$out"; return 1; }; }

# The numbers between brackets, one a line.
drawn() { grep -o '\[[^]]*\]' "$out" | grep -oE '[0-9]+' | sort -n; }

every_cpu_once()
{
	exits 0 && [ ! -s "$err" ] && [ "$(drawn | wc -l)" -eq "$online" ] &&
		[ "$(drawn | uniq | wc -l)" -eq "$online" ] && says "^$online CPUs? online"
}

fits_100_columns() { exits 0 && ! grep -q '^.\{101\}' "$out"; }

alone_is_drawn()
{
	exits 0 -p alone && says '^placement alone$' && says "\[.*\b${first}I" &&
		says "^initiator   I $first\$"
}

a_list_is_drawn()
{
	exits 0 -p "initiator=$first@local" && says "^placement initiator=$first@local\$" &&
		says "^initiator   I $first\$" && says '^memory node   [0-9]+$'
}

all_is_drawn_or_says_why()
{
	if [ "$online" -gt 1 ]; then
		exits 0 -p all && says '^responder   R [0-9]'
	else
		exits 77 -p all && says 'cannot be had here: only one CPU is online'
	fi
}

# Only one CPU is allowed, so there is none for a responder.
one_allowed_cpu()
{
	taskset -c "$first" "$tlbsync" topology -p all,alone >"$out" && says '^placement alone$' &&
		says '^  cannot be had here: only one CPU is ' || return 1
	[ "$online" -eq 1 ] || says '^not allowed ! '
}

forbidden()
{
	local status=0

	taskset -c "$first" "$tlbsync" topology -p "initiator=$other" >"$out" 2>"$err" || status=$?
	[ "$status" -eq 2 ] && [ ! -s "$out" ] &&
		grep -qF "CPU $other is not allowed to this process (taskset)" "$err"
}

json()
{
	exits 0 --json -p alone,all,mixed || return 1
	! command -v jq >/dev/null || jq -e --argjson online "$online" --argjson first "$first" '
		.schema == "tlbsync.topology/1" and (.cpus | length) == $online and
		(.nodes | length) >= 1 and ([.nodes[].cpus_online] | add) == $online and
		(.placements | map(.placement)) == ["alone", "all", "mixed"] and
		.placements[0].roles.initiator == [$first] and
		all(.placements[]; .can_run == (.reason == ""))' "$out"
}

help_says_usage() { exits 0 --help && says '^usage: tlbsync topology '; }

full_disk()
{
	local status=0

	"$tlbsync" topology >/dev/full 2>"$err" || status=$?
	[ "$status" -eq 3 ] && grep -q 'cannot print' "$err"
}

promise "every online CPU is drawn once" every_cpu_once
promise "no line is wider than 100 columns" fits_100_columns
promise "a placement's roles are drawn and listed" alone_is_drawn
promise "an explicit list with bound memory as well" a_list_is_drawn
promise "all: responders, or the reason" all_is_drawn_or_says_why
promise "one allowed CPU: what cannot be had says so, the rest is drawn" one_allowed_cpu
promise "--json holds the CPUs, nodes and placements" json
promise "--help tells the usage" help_says_usage
[ ! -w /dev/full ] || promise "what cannot be printed is exit 1, and said" full_disk

promise "an unknown placement: the nearest is named" refuses "did you mean 'alone'?" -p alon
promise "an unknown role: the nearest is named" \
	refuses "unknown role 'lasy'; did you mean 'lazy'?" -p initiator=0,lasy=1
promise "unknown memory: the nearest is named" refuses "did you mean 'remote'?" -p alone@remot
promise "no initiator" refuses "belongs to no initiator" -p responder=1
promise "too many initiators" refuses "at most 1024 initiators" -p initiator=0-1024
promise "a CPU twice" refuses "CPU 0 is given twice" -p initiator=0,responder=0
promise "a bad CPU list" refuses "'1-' is no CPU list" -p initiator=0,responder=1-
promise "a CPU that is not there" refuses "there is no CPU 8191" -p "initiator=$first,lazy=8191"
other=$(sed 's/.*[-,]//' /sys/devices/system/cpu/online)
[ "$other" = "$first" ] || promise "a CPU that is forbidden" forbidden
promise "an unknown option" refuses "unknown option '--jsn'" --jsn
promise "an option without its value" refuses "a value is missing after '-p'" -p
promise "a word too many" refuses "what is 'all'?" all
conclude
