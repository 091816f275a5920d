#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `tlbsync doctor` promises: every fact with a state and, where not ok, a mend;
# it runs as root and as nobody, changes nothing, and refuses what it does not know.
# shellcheck disable=SC2016,SC2317  # promises are commands given as arguments
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "$0")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=$(realpath -- "${TLBSYNC:-./tlbsync}")

# Runs doctor with what it prints in $scratch/out and err, its exit code in $code.
doctor() {
	COLUMNS=1000 "$tlbsync" doctor "$@" >"$scratch/out" 2>"$scratch/err"
	code=$?
}

# Line by line: a state, a fact of the table, a value; a fix if and only if not ok.
every_line_is_well_formed() {
	[ -s "$scratch/out" ] && ! grep -qvE \
		'^(ok       [a-z_]+ +[^ ].*|(warning|missing)  [a-z_]+ +[^ ].* -> [^ ].*)$' \
		"$scratch/out" && ! grep -q '^ok .* -> ' "$scratch/out"
}

code_agrees_with_the_lines() {
	if grep -q '^missing ' "$scratch/out"; then [ "$code" = 1 ]; else [ "$code" = 0 ]; fi
}

has() { grep -qE -- "$1" "$scratch/out"; }
says() { grep -qE -- "$1" "$scratch/err"; }

settings() {
	cat /sys/kernel/mm/transparent_hugepage/{enabled,khugepaged/{*_sleep_millisecs,pages_to_scan,defrag,max_*}} \
		/sys/kernel/mm/hugepages/*/nr_hugepages /proc/self/mounts 2>&1
}

has_all_facts() {
	local fact

	for fact in cpus nodes smt isolated nohz_full noise governor clock hypervisor flush \
		invlpgb kernel pt_reclaim static_key kcore kallsyms perf tracefs \
		csd_queue_cpu csd_function_entry counter thp khugepaged hugetlb memory; do
		has "^[a-z]+ +$fact " || { echo "# no fact '$fact'"; return 1; }
	done
}

# As the first two columns of the table, from the JSON in file $1.
json_states() {
	jq -er 'if all(.[]; (keys == ["fact", "mend", "state", "value"]) and .value != ""
			and ((.mend == null) == (.state == "ok")))
		then .[] | "\(.state) \(.fact)" else error("a fact is not well-formed") end' "$1"
}

bad_usage() {
	doctor "$@"
	[ "$code" = 2 ] && [ ! -s "$scratch/out" ] && [ "$(wc -l <"$scratch/err")" = 1 ]
}

settings >"$scratch/before"
doctor
promise "every fact has a line" has_all_facts
promise "each line has a state and a value, and a fix if not ok" every_line_is_well_formed
promise "at 80 columns no line is wider" eval \
	'! COLUMNS=80 "$tlbsync" doctor 2>&1 | grep "^.\{81\}"'
promise "the exit code is 1 if something is missing, else 0" code_agrees_with_the_lines
promise "no colour where standard output is no terminal" \
	eval "! grep -q $'\033' '$scratch/out'"
promise "the CPUs online are those that the kernel counts" \
	has "^[a-z]+ +cpus +$(getconf _NPROCESSORS_ONLN) online, "
promise "the kernel is the one that runs" has "^[a-z]+ +kernel +$(uname -r), "
# Noise comes and goes from one look to the next.
awk '$2 != "noise" { print $1, $2 }' "$scratch/out" >"$scratch/states"
settings >"$scratch/after"
promise "nothing on the system is changed" cmp -s "$scratch/before" "$scratch/after"

if command -v jq >/dev/null; then
	doctor --json
	json_states "$scratch/out" | grep -v ' noise$' >"$scratch/json-states"
	promise "--json holds the same states" cmp "$scratch/states" "$scratch/json-states"
else
	echo "# skipped: reading --json takes jq"
fi

if command -v script >/dev/null; then
	tty_out() { script -qec "env $1 '$tlbsync' doctor" /dev/null </dev/null; }
	promise "colour on a terminal" eval 'tty_out -uNO_COLOR | grep -q $'"'\033'"
	promise "no colour on a terminal with NO_COLOR" \
		eval '! tty_out NO_COLOR=1 | grep -q $'"'\033'"
fi

taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" \
	"$tlbsync" doctor >"$scratch/out" 2>"$scratch/err"
code=$?
promise "one allowed CPU of several is a warning" eval \
	'[ "$(getconf _NPROCESSORS_ONLN)" = 1 ] || has "^warning +cpus .* 1 allowed"'

# A job that takes one CPU is seen there, and its share of all CPUs is no less.
noise_is_measured()
{
	local first job share

	first=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
	taskset -c "$first" sh -c 'while :; do :; done' &
	job=$!
	sleep 0.3
	doctor
	kill "$job"
	grep noise "$scratch/out"
	share=$(sed -nE 's/^warning +noise +jobs take ([0-9]+) % of the CPUs, a hypervisor [0-9]+ %; CPU [0-9]+ most: ([89][0-9]|100) % -> .*/\1/p' "$scratch/out")
	[ -n "$share" ] && [ "$share" -ge $((80 / $(getconf _NPROCESSORS_ONLN))) ]
}
promise "noise is measured: a job on one CPU is seen" noise_is_measured
# A /proc without stat, as some containers have it.
noise_is_unknown()
{
	# shellcheck disable=SC2016 # expanded there
	unshare -m sh -c 'mount --bind /dev/null /proc/stat && exec "$1" doctor' - "$tlbsync" \
		>"$scratch/out" 2>"$scratch/err"
	has '^warning +noise +unknown: /proc/stat does not tell -> '
}
if unshare -m true 2>/dev/null; then
	promise "where /proc/stat is hidden, noise is unknown" noise_is_unknown
fi

promise "an unknown option is wrong usage, with the nearest one named" eval \
	'bad_usage --jsom && says "did you mean '\''--json'\''?"'
promise "an unknown letter is wrong usage" bad_usage -x
promise "a value for --json is wrong usage" bad_usage --json=yes
promise "an argument is wrong usage" bad_usage everything
doctor --help
promise "--help tells the usage and exits 0" eval '[ "$code" = 0 ] && has "^usage: tlbsync doctor"'
if [ -w /dev/full ]; then
	"$tlbsync" doctor >/dev/full 2>"$scratch/err"
	code=$?
	promise "output that cannot be written is exit 1, and said" eval \
		'[ "$code" = 3 ] && says "cannot write"'
fi

# As nobody, whose only right is to run a copy of the program.
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
	echo "# skipped: becoming an unprivileged user takes root and setpriv"
	conclude
fi
cp "$tlbsync" "$scratch/tlbsync"
chmod 755 "$scratch" "$scratch/tlbsync"
setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
	env COLUMNS=1000 "$scratch/tlbsync" doctor >"$scratch/out" 2>"$scratch/err"
code=$?
promise "as nobody, every fact has a line" has_all_facts
promise "as nobody, each line has a fix if not ok" every_line_is_well_formed
promise "as nobody, the exit code tells what is missing" code_agrees_with_the_lines
promise "as nobody, exact counting is off and the fallback is named" \
	has '^warning +counter +/proc/interrupts'
if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 0 ]; then
	promise "as nobody, root is named as the fix" has '^warning +perf .* -> run as root'
fi
conclude
