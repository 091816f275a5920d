#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tlbsync history promises: a folder of records becomes nightly series, the nights at
# which a level moved are told with the kernels between which that was, worst first; in a
# table, in JSON and on a page that fetches and runs nothing. Bad files are passed over.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/nights.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/nights.sh"

page=$scratch/page.html

has()
{
	grep -qF -- "$1" "$page" || { echo "not in the page: $1"; return 1; }
}

# reads TEXT: the page says it, wherever its words may break.
reads()
{
	whole_words <"$page" | grep -F -- "$1" >/dev/null || { echo "not in the page: $1"; return 1; }
}

has_not()
{
	! grep -qiE -- "$1" "$page" || { echo "in the page: $1"; return 1; }
}

# night FOLDER NUMBER RELEASE [SED-EXPRESSION...]: the record of a night in January or
# February 2025, NUMBER from 1 to 59, as FOLDER/NUMBER.json.
night()
{
	local folder=$1 number=$2 release=$3 day

	shift 3
	day=$(printf '2025-%02d-%02d' $((number > 31 ? 2 : 1)) $((number > 31 ? number - 31 : number)))
	mkdir -p "$folder"
	sed -E -e "s/\"started\": \"[^T]*/\"started\": \"$day/" -e "s/\"id\": \"[^\"]*/&-$number/" \
		-e "s/\"boot_id\": \"[^\"]*/&-$number/" \
		-e "s/\"release\": \"[^\"]*/\"release\": \"$release/" \
		"${@/#/-e}" "$base" >"$folder/$number.json"
}

# Twenty nights of kernel 7.2.0, then twenty of 7.2.1. In these one case syncs twice as
# often, and another one syncs no longer.
fewer='/"placement": "all"/s/"sync": \{"requested": 700/"sync": {"requested": 0/'
more='/"placement": "alone"/s/"sync": \{"requested": 700/"sync": {"requested": 1400/'
for ((number = 1; number <= 20; number++)); do
	night "$scratch/forty/a" "$number" 7.2.0
	night "$scratch/forty/b/c" "$((number + 20))" 7.2.1 "$more" "$fewer"
done
night "$scratch/one" 1 7.2.0
night "$scratch/two" 1 7.2.0
night "$scratch/two" 2 7.2.1 "$more"
mkdir "$scratch/none"

the_table()
{
	exits 0 "$scratch/forty" && [ ! -s "$err" ] &&
		says '^history .*: 40 records, [0-9]+ series$' &&
		says '^\[1\] +lab: 8 CPUs, .*; kernel 7.2, key absent; 40 nights,$' &&
		says '^ +2025-01-01 to 2025-02-09; emulated: no times$' &&
		says '^1 change for the worse: collapse-madvise, alone\.$' &&
		says '^1 change for the better, 0 that nobody can judge\.$' &&
		says '^worse +collapse-madvise, alone +sync +7 +14 +x2\.0 more .* 2025-01-21 +7.2.0 -> 7.2.1$' &&
		says '^better +collapse-madvise, all +sync +7 +0 +all gone .* 2025-01-21 ' &&
		[ "$(grep -cE '^(worse|better|moved) ' "$out")" -eq 2 ] &&
		grep -E '^(worse|better) ' "$out" | head -1 | grep -q '^worse'
}

no_times_from_emulation()
{
	exits 0 --json "$scratch/forty" && says '"metric": "sync"' &&
		! grep -qE '"(p50|p99|ops/s|stolen)"' "$out" &&
		sed -i 's/"tcg"/"kvm"/' "$scratch"/one/1.json && exits 0 --json "$scratch/one" &&
		says '"p50"' && says '"p99.9"' && says '"ops/s"'
	local status=$?

	night "$scratch/one" 1 7.2.0
	return "$status"
}

json()
{
	exits 0 --json "$scratch/forty" && says '"schema": "tlbsync.history/1"' || return 1
	command -v jq >/dev/null || return 0
	jq -e '(.changes | length) == 2 and .changes[0].verdict == "worse" and
		.changes[0].before == 7 and .changes[0].after == 14 and
		.changes[0].last_night == "2025-01-20" and .changes[0].night == "2025-01-21" and
		.changes[0].kernel_before == "7.2.0" and .changes[0].kernel_after == "7.2.1" and
		(.machines[0].nights | length) == 40 and
		(.machines[0].series[0].values | length) == 40' "$out" >"$err"
}

few_nights()
{
	exits 0 "$scratch/none" && says 'No night has been recorded yet: there is nothing to tell' &&
		exits 0 "$scratch/one" && says 'Only one night .* nothing to tell yet' &&
		exits 0 "$scratch/two" && says 'too few nights to tell' &&
		exits 0 --json "$scratch/none" && exits 0 --json "$scratch/one"
}

few_nights_on_a_page()
{
	for folder in none one two; do
		rm -f "$page"
		exits 0 --html "$page" "$scratch/$folder" && has '</html>' || return 1
	done
	has 'too few nights'
}

same_night_is_one()
{
	cp -r "$scratch/two" "$scratch/both"
	night "$scratch/both" 3 7.2.9 "s/2025-01-03T12/2025-01-02T13/"
	exits 0 --json "$scratch/both" && complains "in 1 night "
}

fold_to_median()
{
	local folder=$scratch/median hour

	for hour in 10 11 12; do
		night "$folder" "$hour" 7.2.0 "s/\"started\": \"[^\"]*/\"started\": \"2025-01-01T$hour:00:00Z/" \
			"s/\"requested\": 700/\"requested\": ${hour}00/"
	done
	exits 0 --json --metric sync "$folder" || return 1
	command -v jq >/dev/null || return 0
	jq -e '(.machines[0].nights | length) == 1 and .machines[0].nights[0].records == 3 and
		.machines[0].series[0].values == [11]' "$out" >"$err"
}

machines_apart()
{
	cp -r "$scratch/two" "$scratch/hosts"
	night "$scratch/hosts" 3 7.2.0 's/"host": "lab"/"host": "den"/'
	night "$scratch/hosts" 4 7.2.0 's/"cpus_online": 8/"cpus_online": 4/'
	night "$scratch/hosts" 5 7.2.0 's/"hypervisor": "tcg"/"hypervisor": "kvm"/'
	night "$scratch/hosts" 6 7.2.0 's/"cpu": "/"cpu": "other /'
	exits 0 "$scratch/hosts" && [ "$(grep -cE '^\[[1-5]\] ' "$out")" -eq 5 ]
}

copies_count_once()
{
	cp -r "$scratch/two" "$scratch/merged"
	cp "$scratch/two/1.json" "$scratch/merged/copy.json"
	exits 0 "$scratch/merged" && complains 'copy.json'"'"': it is a copy' &&
		says ': 2 records'
}

# passes_over WORDS FILE-COMMAND...: the file that the command prints is named and why.
passes_over()
{
	local words=$1 folder=$scratch/bad

	shift
	rm -rf "$folder"
	cp -r "$scratch/two" "$folder"
	"$@" >"$folder/x.json"
	exits 0 "$folder" && complains "passed over: cannot" && complains "'$folder/x.json'" &&
		complains "$words" && says ': 2 records'
}

other_files_are_left_alone()
{
	cp -r "$scratch/two" "$scratch/other"
	echo hello >"$scratch/other/README.md"
	echo half >"$scratch/other/.tlbsync-abc.json"
	mkdir -p "$scratch/other/1/2/3"
	cp "$base" "$scratch/other/1/2/3/deep.json"
	ln -s .. "$scratch/other/1/loop"
	exits 0 "$scratch/other" && says ": 2 records" && [ ! -s "$err" ]
}

# What scripts/nightly and scripts/vm-run leave beside records.
beside_records()
{
	local folder=$scratch/beside

	cp -r "$scratch/two" "$folder"
	mkdir "$folder/log" "$folder/.night-lab"
	echo '{"schema": "tlbsync.night/1", "reason": "the run failed"}' >"$folder/3.failed.json"
	echo '{"accel": "tcg", "cpus": 8, "retries": 0, "failed_boots": []}' >"$folder/1.vm.json"
	cp "$base" "$folder/.night-lab/record.json"
	touch "$folder/.night-lab.lock" "$folder/log/1.log" "$folder/history.html"
	exits 0 "$folder" && says ': 2 records' && [ ! -s "$err" ]
}

# One night that is far off is no level, neither in the middle nor at the end.
outliers()
{
	local folder=$scratch/outliers ten='s/"sync": \{"requested": 700/"sync": {"requested": 7000/'

	for ((number = 1; number <= 40; number++)); do
		if [ $((number % 20)) -eq 0 ]; then
			night "$folder" "$number" 7.2.0 "$ten"
		else
			night "$folder" "$number" 7.2.0
		fi
	done
	exits 0 --json --metric sync "$folder" && says ' 70\.0' && exits 0 "$folder" && says 'No level has moved'
}

unreadable()
{
	exits 3 "$scratch/nowhere" && complains 'there is no such folder' &&
		exits 3 "$base" && complains 'Not a directory'
}

chosen_metrics()
{
	exits 0 --json --metric flush,other "$scratch/two" && says '"flush"' &&
		! grep -q '"metric": "sync"' "$out" &&
		exits 3 --metric sync,p95 "$scratch/two" && complains "no record here has the metric 'p95'"
}

last_nights()
{
	exits 0 --nights 15 "$scratch/forty" && says ' 15 nights,$' && says '^ +2025-01-26 to ' &&
		says ' 25 older are not looked at \(--nights\)' && says 'No level has moved' &&
		exits 0 --nights 0 "$scratch/forty" && says ' 40 nights,$'
}

the_page()
{
	exits 0 --html "$page" "$scratch/forty" && [ ! -s "$out" ] && [ ! -s "$err" ] &&
		has '</html>' && has 'Where levels moved, worst first' && has 'name="viewport"' &&
		has 'prefers-color-scheme: dark' && reads '7.2.0 -&gt; 7.2.1' &&
		[ "$(grep -c '<svg class="graph"' "$page")" -eq 2 ] &&
		has_not '<script|<iframe|<img|@import|url\(|src=|href="[^#d]|<title>Gnuplot'
}

# The mean of so many ops differs in the eleventh digit.
hardly_varies()
{
	local number

	for number in 1 2; do
		night "$scratch/hardly" "$number" 7.2.0 's/"tcg"/"kvm"/' \
			"s/\[49920, 80\]/[49920, ${number}0000000000]/"
	done
	exits 0 --html "$page" "$scratch/hardly" && has '<svg class="spark"'
}

same_again()
{
	exits 0 --html "$page" --json "$scratch/forty" && cp "$out" "$scratch/first.json" &&
		cp "$page" "$scratch/first.html" &&
		exits 0 --html "$page" --json "$scratch/forty" &&
		cmp "$out" "$scratch/first.json" && cmp "$page" "$scratch/first.html"
}

hostile_names()
{
	local folder="$scratch/a <b> \"c\" 'd'" evil='<script>alert(1)<\/script>\\n\\"\\u001b[31m'

	for ((number = 1; number <= 40; number++)); do
		night "$folder" "$number" "7.2;\`touch owned\`$((number / 21))$evil" \
			"s/\"host\": \"lab/&$evil/" 's/"placement": "alone"/"placement": "<b>x"/' \
			"s/collapse-madvise/'; system 'touch owned' #/" \
			"s/(\"sync\": \{\"requested\": )700/\1$((number > 20 ? 70 : 700))/"
	done
	hostile_page "$folder" && hostile_table "$folder" && hostile_json "$folder" && [ ! -e owned ]
}

hostile_page()
{
	exits 0 --html "$page" "$1" && has 'lab&lt;script&gt;alert(1)&lt;/script&gt;?&quot;?[31m' &&
		reads "7.2;\`touch owned\`0&lt;script&gt;alert(1)&lt;/script&gt;?&quot;?[31m -&gt; 7.2" &&
		has '&lt;b&gt;x' && has_not '<script|<b>x|onload' && ! grep -q "$(printf '\033')" "$page"
}

# shellcheck disable=SC2016 # backquotes that no shell may run
hostile_table()
{
	COLUMNS=100 exits 0 "$1" && ! grep -q '^.\{101\}' "$out" &&
		COLUMNS=400 exits 0 "$1" && says '^\[1\] +lab<script>alert\(1\)</script>\?"\?\[31m: 8 CPUs' &&
		says '^better .* 7.2;`touch owned`0<script>alert\(1\)</script>\?"\?\[31m -> 7.2;`touch owned`1<' &&
		! grep -q "$(printf '\033')" "$out"
}

# shellcheck disable=SC2016
hostile_json()
{
	exits 0 --json "$1" || return
	command -v jq >/dev/null || return 0
	jq -e '"<script>alert(1)</script>\n\"\u001b[31m" as $evil | .machines[0].host == "lab" + $evil and
		(.changes | length) > 0 and all(.changes[]; .kernel_before == "7.2;`touch owned`0" + $evil and
		.kernel_after == "7.2;`touch owned`1" + $evil)' "$out" >"$err"
}

unwritable()
{
	exits 3 --html "$scratch/no/page.html" "$scratch/two" && complains 'cannot write' &&
		[ "$(wc -l <"$err")" -eq 1 ] &&
		exits 3 --html "$scratch" "$scratch/two" && complains 'it is a directory' &&
		exits 3 --html /dev/null "$scratch/two" && complains 'not a regular file'
}

full_disk()
{
	[ -w /dev/full ] || return 0
	! "$tlbsync" history "$scratch/two" >/dev/full 2>"$err" && complains 'cannot print'
}

# Without gnuplot the old page stays, and text and JSON still work.
no_gnuplot()
{
	mkdir -p "$scratch/empty"
	echo old >"$page"
	PATH=$scratch/empty exits 77 --html "$page" "$scratch/forty" && complains gnuplot-nox &&
		[ "$(cat "$page")" = old ] && PATH=$scratch/empty exits 0 "$scratch/forty"
}

# If gnuplot fails, its own message is shown, and the old page stays.
broken_gnuplot()
{
	mkdir -p "$scratch/broken"
	printf '#!/bin/sh\necho "no memory for plots" >&2\nexit 3\n' >"$scratch/broken/gnuplot"
	chmod +x "$scratch/broken/gnuplot"
	echo old >"$page"
	PATH=$scratch/broken:$PATH exits 3 --html "$page" "$scratch/forty" &&
		complains 'gnuplot failed: no memory for plots' && [ "$(cat "$page")" = old ]
}

# with_gnuplot TEXT COMMAND...: a promise that takes gnuplot.
with_gnuplot()
{
	if command -v gnuplot >/dev/null; then
		promise "$@"
	else
		echo "skipped, there is no gnuplot: $1"
	fi
}

[ -x "$tlbsync" ] || { echo "no program at $tlbsync: build it, or set TLBSYNC"; exit 1; }

promise 'history tells the nights and kernels of a change, worst first' the_table
promise 'times are shown, but not from emulation' no_times_from_emulation
promise 'history --json is for programs' json
promise 'no night, one or two: there is nothing to tell yet' few_nights
promise 'records of one night fold to their median' fold_to_median
promise 'a night of several kernels is noted' same_night_is_one
promise 'machines are kept apart' machines_apart
promise 'a copy of a record counts once' copies_count_once
promise 'a truncated record is passed over' passes_over 'not JSON' head -c 1000 "$base"
promise 'an empty file is passed over' passes_over 'it is empty' true
promise 'foreign JSON is passed over' passes_over 'no record of a run' echo '{"a": 1}'
promise 'a record of an unknown version is passed over' passes_over 'use a newer tlbsync' \
	sed 's,tlbsync.run/1,tlbsync.run/9,' "$base"
promise 'a negative number is passed over' passes_over 'is negative' \
	sed 's/"ops": 100/"ops": -5/' "$base"
promise 'NaN is passed over' passes_over 'not JSON' sed 's/"ops": 100/"ops": NaN/' "$base"
promise 'an impossible date is passed over' passes_over "'started' is no time" \
	sed 's/"started": "2025-01/"started": "2025-13/' "$base"
promise 'files of other names, hidden ones and deep folders are left alone' other_files_are_left_alone
promise 'what nightly and the lab leave beside records is passed over in silence' beside_records
promise 'nights far off, one by one, raise no alarm' outliers
promise 'a folder that cannot be read is an error' unreadable
promise 'metrics can be chosen' chosen_metrics
promise 'the last nights can be chosen' last_nights
with_gnuplot 'the page is whole, with graphs, and fetches nothing' the_page
with_gnuplot 'a figure that hardly varies is drawn too' hardly_varies
with_gnuplot 'the same records give the same page and JSON' same_again
with_gnuplot 'few nights give a page too' few_nights_on_a_page
with_gnuplot 'names cannot get out of the page, the script or the table' hostile_names
promise 'a page that cannot be written is told at once' unwritable
promise 'a full disk is told' full_disk
promise 'without gnuplot the package is named, the rest works' no_gnuplot
promise 'a gnuplot that fails is quoted, and the old page stays' broken_gnuplot
promise 'help says usage' exits 0 --help
promise 'no folder is wrong usage' exits 2
promise 'two folders are wrong usage' exits 2 "$scratch/one" "$scratch/two"
promise 'no such number of nights is wrong usage' exits 2 --nights -3 "$scratch/one"
promise 'no metric is wrong usage' exits 2 --metric , "$scratch/one"
promise 'an unknown option is wrong usage' exits 2 --frobnicate "$scratch/one"

conclude
