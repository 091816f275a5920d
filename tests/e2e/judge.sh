#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tlbsync history promises of kernels and of verdicts: base and patched nights of one
# machine are two histories, what moved in one case and night is one row, and --judge says
# by words, figures and exit status what regressed in one record.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/nights.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/nights.sh"
command -v jq >/dev/null || cannot_run "what the program says is read with jq"

export COLUMNS=500

never_says()
{
	! grep -qE -- "$1" "$out" || { echo "says: $1"; cat "$out"; return 1; }
}

# holds FILTER: of the JSON that was printed.
holds()
{
	jq -e "$1" "$out" >"$scratch/jq" || { echo "not so: $1"; cat "$scratch/jq" "$out"; return 1; }
}

# night FOLDER NUMBER FILTER [NAME]: the record of a night in January 2025, changed by FILTER,
# as FOLDER/NAME.json.
night()
{
	mkdir -p "$1"
	jq --argjson day "$2" --arg name "${4:-$2}" '.id = "night-\($name)" | .kernel.boot_id = $name |
		.started = (1735700400 + 86400 * $day | todate) | '"$3" "$base" >"$1/${4:-$2}.json"
}

# In the second case of the fixture, collapse-madvise on all CPUs, sync and flush are 7.
sync() { echo ".cases[1].ipi.sync |= (.requested = $1 | .min_per_op = 0 | .max_per_op = $2)"; }
patched='.kernel.release = "7.2.0-patched" | .kernel.static_key = "on" | '$(sync 0 0)
slower='.cases[].latency_ns |= (if . then with_entries(if .key == "histogram"
	then .value[][0] *= 2 else .value *= 2 end) else . end)'
kvm='.machine.hypervisor = "kvm"'

for ((i = 1; i <= 12; i++)); do
	night "$scratch/both" "$i" . "base-$i"
	night "$scratch/both" "$i" "$patched" "patched-$i"
	night "$scratch/both" "$i" '.kernel.release = "6.12.1"' "older-$i"
	night "$scratch/plain" "$i" .
done
for ((i = 1; i <= 20; i++)); do
	if [ "$i" -le 10 ]; then
		night "$scratch/moved" "$i" "$kvm | $slower"
		night "$scratch/slower" "$i" "$kvm"
	else
		night "$scratch/moved" "$i" "$kvm | $(sync 1400 14) | .cases[1].ipi.flush.requested = 1400"
		night "$scratch/slower" "$i" "$kvm | .kernel.release = \"7.2.1\" | $slower"
	fi
done

# ---- histories -------------------------------------------------------------

base_and_patched()
{
	exits 0 --json "$scratch/both" && [ ! -s "$err" ] && holds '(.machines | length) == 3 and
		(.changes == []) and ([.machines[] | [.kernel_series, .static_key]] ==
			[["6.12", "absent"], ["7.2", "absent"], ["7.2", "on"]]) and
		([.machines[].series[] | select(.metric == "sync" and .placement == "all") |
			.values | unique] == [[7], [7], [0]]) and
		all(.machines[].nights[]; .mixed_kernels == false and .records == 1)'
}

lines_are_named()
{
	exits 0 "$scratch/both" && says '^\[1\] .*kernel 6\.12, key absent; 12 nights' &&
		says '^\[2\] .*kernel 7\.2, key absent; 12 nights' &&
		says '^\[3\] .*kernel 7\.2, key on; 12 nights' &&
		says '^collapse-madvise, all \[2\] +sync +7$' &&
		says '^collapse-madvise, all \[3\] +sync +0$'
}

# Syncs and flushes twice as many, times half as long, all in one night.
one_row()
{
	exits 0 --json "$scratch/moved" && holds '[.tables[] | select(.id == "moves") | .rows[] |
			select(.case == "collapse-madvise, all") | [.verdict, .night,
				([.metric] + (.also | split(", ")) | sort)]] ==
		[["worse", "2025-01-12", ["flush", "sync"]],
			["better", "2025-01-12", ["ops/s", "p50", "p99", "p99.9"]]]' &&
		holds '[.changes[] | select(.placement == "all") | .metric] | sort ==
			["flush", "ops/s", "p50", "p99", "p99.9", "sync"]' &&
		holds '.summary.worse == 1 and .summary.cases_worse == ["collapse-madvise, all"]'
}

known_files()
{
	local folder=$scratch/known kind

	cp -r "$scratch/plain" "$folder"
	for kind in stress night compare noise history topology judge; do
		echo "{\"schema\": \"tlbsync.$kind/1\"}" >"$folder/$kind.json"
	done
	echo '{"kernel": "k", "accel": "kvm", "cpus": 8, "retries": 0, "failed_boots": []}' >"$folder/vm.json"
	exits 0 --json "$folder" && [ ! -s "$err" ] && holds '.known_others == 8 and .passed_over == 0 and .records == 12' || return
	echo '{"schema": "tlbsync.other/1"}' >"$folder/other.json"
	echo '{"schema": "fio.stress/1"}' >"$folder/fio.json"
	echo '{"cpus": 8}' >"$folder/8.json"
	echo '{"schema": "tlbsync.stress/1"' >"$folder/half.json"
	exits 0 --json "$folder" && holds '.known_others == 8 and .passed_over == 4' &&
		complains "other.json" && complains "fio.json" && complains "/8.json" && complains "half.json"
}

# What the reference results hold beside records is all known.
reference()
{
	exits 0 --json "$top/results/reference/7.2-n8" && [ ! -s "$err" ] && holds '.known_others > 0 and
		([.machines[] | .static_key] == ["absent", "on"])'
}

forms()
{
	exits 0 --format csv "$scratch/both" && says '^case,metric,always$' &&
		says '^"collapse-madvise, all \[3\]",sync,0$' &&
		exits 0 --format markdown "$scratch/both" && says '^\| *case *\|' &&
		exits 0 --format json "$scratch/both" && cp "$out" "$scratch/json" &&
		exits 0 --json "$scratch/both" && cmp "$out" "$scratch/json" &&
		exits 0 --format text "$scratch/both" && says '^\[1\] '
}

# ---- verdicts --------------------------------------------------------------

# tonight FILTER: the 13th night, outside of any folder.
tonight()
{
	night "$scratch" 13 "$1" tonight
}

quiet()
{
	tonight . && exits 0 --judge "$scratch/tonight.json" "$scratch/plain" && [ ! -s "$err" ] &&
		says '^0 regressions$' && never_says '^regression' &&
		says '^compared with 12 nights of this machine, kernel 7.2, key absent in .*: 2025-01-02 to 2025-01-13; emulated'
}

# In every op one more, and what is lost beside it
grown()
{
	tonight "$(sync 701 8) | del(.cases[2])" &&
		exits 1 --judge "$scratch/tonight.json" "$scratch/plain" &&
		says '^regression: collapse-madvise, all: sync/op 7.01, up from 7, the median of 12 nights$' &&
		says '^note: munmap, alone: measured the night before, not tonight$' && says '^1 regression$' &&
		says '^collapse-madvise, all +sync/op +7 +7.01 .* 2025-01-14 +7.2.0$'
}

one_line()
{
	tonight "$(sync 800 8) | .cases[1] |= (.as_expected = false | .reason = \"2 ops had 8\")" &&
		exits 1 --judge "$scratch/tonight.json" "$scratch/plain" &&
		says '^regression: collapse-madvise, all: not as the kernel source predicts: 2 ops had 8; sync/op 8, up from 7, the median of 12 nights$' &&
		says '^1 regression$' && says '^collapse-madvise, all +not as predicted +7 +8 .* sync/op '
}

base_is_no_past_of_patched()
{
	tonight . && exits 0 --judge "$scratch/tonight.json" "$scratch/both" &&
		tonight "$patched" && exits 0 --judge "$scratch/tonight.json" "$scratch/both" &&
		says 'with 12 nights of this machine, kernel 7.2, key on' &&
		tonight "$patched | $(sync 100 1)" && exits 1 --judge "$scratch/tonight.json" "$scratch/both" &&
		says 'sync/op 1, up from 0'
}

longer_times()
{
	exits 1 --nights 14 --judge "$scratch/slower/20.json" "$scratch/slower" &&
		says '^regression: munmap, alone: p50 50.0 us to 100 us, p99 60.0 us to 120 us, p99.9 .* on 2025-01-12, kernel 7.2.0 to 7.2.1, p=0\.0' &&
		says '^3 regressions$' && exits 0 --judge "$scratch/slower/20.json" --nights 8 "$scratch/slower" &&
		exits 1 --json --judge "$scratch/slower/20.json" "$scratch/slower" && holds '(.regressions | length) == 3 and
			all(.regressions[]; .night == "2025-01-12" and .kernel_before == "7.2.0" and
				.kernel_after == "7.2.1" and .p < 0.01 and
				([.findings[] | [.kind, .unit]] | unique) == [["time", "ns"]] and
				(.findings[0] | .metric == "p50" and .before == 50047 and (.after - 100094 | fabs) < 200))'
}

# Its own place in time is all that counts.
an_old_record()
{
	exits 0 --judge "$scratch/slower/9.json" "$scratch/slower" && says '^compared with 8 nights' &&
		exits 0 --judge "$scratch/slower/1.json" "$scratch/slower" && says '^compared with nothing: '
}

judge_forms()
{
	tonight "$(sync 701 8) | del(.cases[2])"
	exits 1 --format json --judge "$scratch/tonight.json" "$scratch/plain" &&
		holds '.schema == "tlbsync.judge/1" and .record == "night-tonight" and .kernel_series == "7.2" and
			.static_key == "absent" and (.nights | length) == 12 and .summary.regressions == 1 and
			.regressions == [{workload: "collapse-madvise", placement: "all", initiators: 1, as: "process", params: {}, night: "2025-01-14",
				findings: [{kind: "count", metric: "sync", unit: "per_op", before: 7, after: 7.01, nights: 12}]}] and
			.not_measured == [{workload: "munmap", placement: "alone", initiators: 1, as: "process", params: {size: 65536}}]' &&
		exits 1 --format csv --judge "$scratch/tonight.json" "$scratch/plain" &&
		says '^"collapse-madvise, all",sync/op,7,7.01,' &&
		exits 1 --format markdown --judge "$scratch/tonight.json" "$scratch/plain" &&
		says 'regression: collapse-madvise, all: sync/op 7.01'
}

nothing_ran()
{
	tonight '.cases |= map(select(.status == "skip"))' &&
		exits 77 --judge "$scratch/tonight.json" "$scratch/none" && says '^0 regressions$'
}

a_failure_goes_before()
{
	tonight '.cases |= [.[0] | .status = "fail" | .as_expected = null | .reason = "killed\nby 9"]' &&
		exits 1 --judge "$scratch/tonight.json" "$scratch/none" &&
		says '^regression: collapse-madvise, alone: failed: killed\?by 9$'
}

mkdir "$scratch/none"
tonight .

# A verdict that cannot be given is neither 0 nor 77.
unreadable()
{
	head -c 500 "$base" >"$scratch/half.json"
	exits 3 --judge "$scratch/nowhere.json" "$scratch/plain" && complains 'there is no such file' && [ ! -s "$out" ] &&
		exits 3 --judge "$scratch/half.json" "$scratch/plain" && complains 'not JSON' && [ ! -s "$out" ] &&
		exits 3 --judge "$scratch/tonight.json" "$scratch/nowhere" && complains 'there is no such folder' &&
		[ ! -s "$out" ] && night "$scratch" 1 '.started = "yesterday"' undated &&
		exits 3 --judge "$scratch/undated.json" "$scratch/plain" && complains "cannot judge '$scratch/undated.json'" &&
		[ ! -s "$out" ]
}

[ -x "$tlbsync" ] || { echo "no program at $tlbsync: build it, or set TLBSYNC"; exit 1; }

promise 'base and patched, 6.12 and 7.2, are histories of their own' base_and_patched
promise 'each is named, and what is told says of which it is' lines_are_named
promise 'what moved in one case, night and direction is one row; JSON has each change' one_row
promise 'other files of the suite are passed over in silence, all others are named' known_files
promise 'the reference results hold nothing unknown' reference
promise 'a history is told as text, CSV, Markdown and JSON' forms
promise 'a night like the others: 0 regressions' quiet
promise 'a count that grew is a regression, a case that vanished a note' grown
promise 'all that is wrong with one case in one night is one line' one_line
promise 'nights of the base kernel are no past of the patched one' base_is_no_past_of_patched
promise 'a change to a longer time is one regression a case, within the nights compared' longer_times
promise 'a record is judged by the nights before it only' an_old_record
promise 'a verdict is told as CSV, Markdown and JSON too' judge_forms
promise 'nothing ran: exit status 77' nothing_ran
promise 'a case that failed is a regression, though nothing else ran' a_failure_goes_before
promise 'a record or folder that cannot be read is told, without a verdict' unreadable
promise 'an unknown form is wrong usage' exits 2 --format pdf "$scratch/plain"
promise 'a form that a history has not is wrong usage' exits 2 --format svg "$scratch/plain"
promise 'no record to judge is wrong usage' exits 2 --judge
promise 'no folder to judge by is wrong usage' exits 2 --judge "$scratch/tonight.json"
promise 'a verdict on some metrics only is wrong usage' \
	exits 2 --metric sync --judge "$scratch/tonight.json" "$scratch/plain"
conclude
