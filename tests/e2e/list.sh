#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `tlbsync list`, `stress --list` and `run --dry-run` say can run does run, and what
# they say cannot is skipped for the reason they gave: for whoever runs this, and for an
# unprivileged user.
# shellcheck disable=SC2317,SC2016 # called by promise; what is quoted is jq's
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

list=$scratch/list.json
plan=$scratch/plan.json
who=()		# as whom the program is run

# What a list or plan says of each that the record has too, under the same name.
says_the_same='all(.[]; if .can_run then .status != "skip"
	else .status == "skip" and .why == .reason end)'

# agree FILTER: what FILTER makes of the list and the record, [{name, can_run, reason,
# status, why}], is not empty and says the same in both.
agree()
{
	jq -n --slurpfile list "$list" --slurpfile rec "$record" \
		"\$list[0] as \$list | \$rec[0] as \$rec | $1" >"$scratch/both" || return
	jq -e "length > 0 and ($says_the_same)" "$scratch/both" >/dev/null && return
	jq -c ".[] | select([.] | $says_the_same | not)" "$scratch/both"
	return 1
}

# workloads_agree: one run of each, its first values, alone.
workloads_agree()
{
	rm -f -- "$record"
	"${who[@]}" "$tlbsync" list --json >"$list" || return
	in_turn "${who[@]}" "$tlbsync" run --ops 3 -p alone -o "$record"
	[ "$code" -eq 0 ] || return
	agree '[$list.workloads[] | . as $one | $rec.cases[] | select(.workload == $one.name) |
		{name: .workload, can_run: $one.can_run, reason: $one.reason, status, why: .reason}]' &&
		[ "$(jq length "$scratch/both")" -eq "$(jq '.workloads | length' "$list")" ]
}

# placements_agree: a short run at every placement, and alone with memory of each kind.
placements_agree()
{
	local places

	rm -f -- "$record"
	"${who[@]}" "$tlbsync" list --json >"$list" || return
	places=$(jq -r '[.placements[].name, (.memory[].name | "alone@" + .)] | join(",")' "$list")
	in_turn "${who[@]}" "$tlbsync" run --ops 3 -w munmap:size=4K -p "$places" -o "$record"
	[ "$code" -eq 0 ] || return
	agree '[($list.placements[], ($list.memory[] | .name = "alone@" + .name)) as $one |
		$rec.cases[] | select(.placement == $one.name) |
		{name: .placement, can_run: $one.can_run, reason: $one.reason, status, why: .reason}]' &&
		[ "$(jq length "$scratch/both")" -eq "$(jq '[.placements, .memory | length] | add' "$list")" ]
}

# Lines "NAME REASON" of those that stress --list says cannot run, unwrapped.
blocked_tests()
{
	"${who[@]}" "$tlbsync" stress --list | awk '
		/^  [a-z]/ { if (why) print name, why; name = $1; why = ""; next }
		sub(/^ +cannot run here: /, "") { why = $0; next }
		why { sub(/^ */, ""); why = why " " $0 }
		END { if (why) print name, why }'
}

# The same of those that a run skips.
skipped_tests()
{
	sed -n 's/^ok [0-9]* \([a-z-]*\) # SKIP /\1 /p' "$out"
}

# In one run of all tests, so also what is said to run is not skipped.
stress_agrees()
{
	blocked_tests >"$scratch/said"
	in_turn "${who[@]}" "$tlbsync" stress --time 1s
	cat "$out"
	skipped_tests >"$scratch/skipped"
	diff "$scratch/said" "$scratch/skipped" && [ "$code" -eq 0 ]
}

# dry_run_is_the_plan ARGUMENT...: the cases of the run that follows, in its order, each
# with the roles that it gets and the same answer.
dry_run_is_the_plan()
{
	rm -f -- "$record"
	"${who[@]}" "$tlbsync" run --dry-run --json "$@" >"$plan" || return
	in_turn "${who[@]}" "$tlbsync" run "$@" -o "$record"
	[ "$code" -eq 0 ] || return
	jq -n --slurpfile plan "$plan" --slurpfile rec "$record" '
		def same: {workload, params, placement};
		($plan[0].cases | map(same)) as $want | ($rec[0].cases | map(same)) as $got |
		{cases: ($want | length), same: ($want == $got), differ: [
			range($want | length) | $plan[0].cases[.] as $p | $rec[0].cases[.] as $r |
			if $p.can_run then select($r.status == "skip" or
				any($p.roles | to_entries[]; .value != $r.roles[.key]))
			else select($r.status != "skip" or $p.reason != $r.reason) end | [$p, $r.status, $r.roles]
		]}' >"$scratch/both" || return
	cat "$scratch/both"
	jq -e '.cases > 1 and .same and .differ == []' "$scratch/both" >/dev/null
}

# fits ARGUMENT...: what it prints is there, and no line of it has over 80 columns.
fits()
{
	"${who[@]}" "$tlbsync" "$@" >"$out" || [ "$?" -eq 77 ] || return
	[ -s "$out" ] && ! grep -E '^.{81}' "$out"
}

# A case has one entry in the text too, and the number of them is told.
dry_run_counts()
{
	local nr can

	"${who[@]}" "$tlbsync" run --dry-run --json >"$plan" || return
	nr=$(jq '.cases | length' "$plan") can=$(jq '[.cases[] | select(.can_run)] | length' "$plan")
	"${who[@]}" "$tlbsync" run --dry-run >"$out" || return
	tail -n 1 "$out"
	[ "$(grep -c '^  [a-z]' "$out")" -eq "$nr" ] &&
		[ "$(tr -s '\n ' ' ' <"$out" | grep -o ': cannot run here: ' | wc -l)" -eq $((nr - can)) ] &&
		tail -n 1 "$out" | grep -q "^$nr cases, $can can run here; about [0-9]"
}

# In a folder where nothing may be written, while somebody else measures.
dry_run_takes_nothing()
{
	local other

	await_turn
	"$tlbsync" stress --tests race-munmap --time 2s >/dev/null 2>&1 </dev/null &
	other=$!
	await 10 somebody_measures || return
	mkdir -p "$scratch/empty" && chmod 555 "$scratch/empty"
	(cd "$scratch/empty" && "${who[@]}" "$tlbsync" run --dry-run >/dev/null)
	code=$?
	nobody_measures && return 1
	wait "$other"
	[ "$code" -eq 0 ] && [ -z "$(ls -A "$scratch/empty")" ]
}

somebody_measures()
{
	! nobody_measures
}

nothing_can_run()
{
	"$tlbsync" run --dry-run -w "$1"
	[ "$?" -eq 77 ] && "$tlbsync" run --dry-run -w "$1" | grep -q '^2 cases, 0 can run here$'
}

profiles_are_listed()
{
	local name

	"$tlbsync" list >"$out" && "$tlbsync" list --json >"$list" || return
	jq -e '[.profiles[] | .name, .time_s] == ["quick", 10, "default", 60, "full", 600]' "$list" &&
		grep -q '^  quick  *10 s, 10 cases: ' "$out" &&
		grep -q '^  full  *10 min, [0-9]* cases: all workloads' "$out" || return
	for name in quick default full; do
		[ "$("$tlbsync" run --dry-run --json --profile "$name" | jq '.cases | length')" -eq \
			"$(jq ".profiles[] | select(.name == \"$name\") | .cases" "$list")" ] || return
	done
}

parameters_are_listed()
{
	"$tlbsync" list >"$out"
	grep -q '^      size=64K (4K 64K 2M 32M 1G): bytes to unmap, 4K to 1G$' "$out" &&
		jq -e '.workloads[] | select(.name == "munmap") | .params == [{name: "size",
			summary: "bytes to unmap", min: 4096, max: 1073741824, multiple: 4096,
			standard: [65536, 4096, 2097152, 33554432, 1073741824]}]' "$list" >/dev/null
}

# As in a container, where /sys cannot be written.
read_only()
{
	unshare -m sh -c 'mount -o remount,ro,bind /sys || exit 99; exec "$@"' - "$@"
}

# Where debugfs is mounted; then as nobody.
with_debugfs()
{
	unshare -m sh -c 'mount -t debugfs debugfs /sys/kernel/debug || exit 99; exec "$@"' - "$@"
}

nobody_with_debugfs()
{
	with_debugfs setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}

# what_runs NAME COMMAND...: the same answers where COMMAND runs the program.
what_runs()
{
	local name=$1
	shift

	who=("$@")
	promise "$name: each workload runs, or is skipped, as list says" workloads_agree
	promise "$name: each stress test too" stress_agrees
	who=()
}

# all_promises NAME: as the user of $who.
all_promises()
{
	local args

	promise "$1: each workload runs, or is skipped, as list says" workloads_agree
	promise "$1: each placement and memory too" placements_agree
	promise "$1: each stress test too" stress_agrees
	promise "$1: the dry run's cases are those of the run" \
		dry_run_is_the_plan --ops 3 --profile quick -p lazy,alone,mixed,alone@remote
	promise "$1: also where the full profile runs all sizes" dry_run_is_the_plan --ops 2 \
		--profile full -w migrate,munmap-fallback,gup-fast,hugetlb-fork-storm,gup-vmsplice:pages=256 -p alone,all
	promise "$1: the dry run says how many cases there are, and the time" dry_run_counts
	promise "$1: the dry run takes no lock, and writes nothing" dry_run_takes_nothing
	for args in list "stress --list" "run --dry-run" "run --dry-run --profile full" \
		"run --dry-run --ops 1000000 -w munmap"; do
		# shellcheck disable=SC2086 # words of a command line
		promise "$1: '$args' fits 80 columns" fits $args
	done
}

await_turn
settings >"$scratch/before"
promise "list tells the profiles, their cases and their time" profiles_are_listed
promise "list tells parameters by their standard values" parameters_are_listed
unable=$("$tlbsync" list --json | jq -r '[.workloads[] | select(.can_run | not) | .name][0] // empty')
if [ -n "$unable" ]; then
	promise "a dry run of what cannot run here: exit status 77" nothing_can_run "$unable"
else
	note "a dry run of what cannot run: every workload can"
fi
all_promises "as $(id -un)"
if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null; then
	note "an unprivileged user takes root and setpriv"
else
	chmod 755 "$scratch"
	cp "$tlbsync" "$scratch/tlbsync"
	mkdir -m 777 "$scratch/anybody"
	tlbsync=$scratch/tlbsync record=$scratch/anybody/record.json who=(as_nobody)
	all_promises "as nobody"
	who=()
	if ! unshare -m true 2>/dev/null; then
		note "a read-only /sys, and debugfs: a mount namespace is forbidden here"
	else
		what_runs "with a read-only /sys" read_only
		if with_debugfs true; then
			what_runs "with debugfs mounted" with_debugfs
			what_runs "with debugfs mounted, as nobody" nobody_with_debugfs
		fi
	fi
fi
promise "all settings have their old values" restored "$scratch/before"
conclude
