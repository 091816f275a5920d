#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tlbsync compare promises: one table of base beside patched with exact totals,
# no verdict on times, and no comparison of what does not belong together.
# shellcheck disable=SC2317 # called by promise
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "$0")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=${TLBSYNC:-./tlbsync}
base=$top/tests/fixtures/records/base.json
patched=$top/tests/fixtures/records/patched.json
out=$scratch/out
err=$scratch/err

# exits STATUS ARGUMENT...: tlbsync compare ends with STATUS.
exits()
{
	local wanted=$1 status=0

	shift
	"$tlbsync" compare "$@" >"$out" 2>"$err" || status=$?
	[ "$status" -eq "$wanted" ] || { echo "exit status $status"; cat "$out" "$err"; return 1; }
}

# refuses MESSAGE ARGUMENT...: exit status 3, the message, and no table.
refuses()
{
	local message=$1

	shift
	exits 3 "$@" && [ ! -s "$out" ] && grep -qF -- "$message" "$err"
}

says()
{
	grep -qE -- "$1" "$out" || { echo "missing: $1"; return 1; }
}

# variant NAME RECORD SED-EXPRESSION...: a changed record as $scratch/NAME.json.
variant()
{
	local name=$1 from=$2

	shift 2
	sed -E -e "$@" "$from" >"$scratch/$name.json"
	if cmp -s "$from" "$scratch/$name.json"; then
		echo "the variant $name changes nothing"
		exit 1
	fi
}

# reboot NAME RECORD: the same as a boot of its own.
reboot()
{
	variant "$1" "$2" "s/\"boot_id\": \"[^\"]*\"/\"boot_id\": \"$1\"/"
}

# boots NAME NR SHIFT: NR boots a side in turns, not emulated, as $scratch/NAME-b*.json and
# NAME-p*.json: each p50 a different histogram's bucket, the patched lower by SHIFT of them.
boots()
{
	local i name=$1 nr=$2 shift=$3

	for ((i = 0; i < nr; i++)); do
		boot "$name-b$i" "$base" $((2 * i + i % 2)) $((i * 7 % nr)) || return 1
		boot "$name-p$i" "$patched" $((2 * i + 1 - i % 2)) $((i * 3 % nr - shift)) || return 1
	done
}

# boot NAME RECORD MINUTE BUCKET: one of them; buckets are 256 ns wide there.
boot()
{
	variant "$1" "$2" "s/\"boot_id\": \"[^\"]*\"/\"boot_id\": \"$1\"/; s/\"tcg\"/\"kvm\"/" \
		-e "s/\"started\": \"[^\"]*\"/\"started\": \"2025-01-01T12:$(printf %02d "$3"):00Z\"/" \
		-e "s/\[49920, 80\]/[$((49920 + 256 * $4)), 80]/"
}

the_table()
{
	exits 0 "$base" --vs "$patched" && [ ! -s "$err" ] &&
		says '^collapse-madvise +alone +1 +100 +7 -> 0 +0 -> 0 +7 / 0 -> 0 / 0 +all gone +yes$' &&
		says '^collapse-madvise +all +1 +100 +7 -> 0 +7 -> 7 +7 / 7 -> 0 / 7 +all gone +yes$' &&
		says '^munmap +alone +1 +100 +0 -> 0 +0 -> 0 +0 / 0 -> 0 / 0 +same +yes$' &&
		says '^hugetlb-unshare-munmap, alone: skipped in 1 patched boot: the hugepage pool' &&
		! grep -q '^.\{101\}' "$out" &&
		[ "$(sed '/^$/,$d' "$out")" = "$(printf '%s\n' \
			'IPIs, base -> patched: sync 1,400 -> 0, flush 700 -> 700, all 2,103 -> 703.' \
			'No case got worse.' \
			'All cases have the IPIs that the kernel source predicts, on both sides, in every op.' \
			'Times are not compared: emulated, where times mean nothing.')" ]
}

uneven_sides()
{
	reboot p2 "$patched" || return 1
	exits 0 "$base" --vs "$patched" "$scratch/p2.json" &&
		says '^boots +1 base, 2 patched; ' &&
		says '^collapse-madvise +all +1\+2 +100\+200 +7 -> 0 .* all gone +yes$'
}

exact_totals()
{
	reboot b2 "$base" && reboot p2 "$patched" || return 1
	exits 0 "$base" "$scratch/b2.json" --vs "$patched" "$scratch/p2.json" &&
		says '^collapse-madvise +all +2 +200 +7 -> 0 ' &&
		says '^collapse-madvise +all +1,400 -> 0 +1,400 -> 1,400 +0 -> 0$' &&
		says '^munmap +alone +0 -> 0 +0 -> 0 +6 -> 6$'
}

# A factor, a percentage, something new: the words say whether it is more or less.
words_for_change()
{
	variant many "$base" 's/"requested": 700,/"requested": 646316,/; s/"handled": 700,/"handled": 646316,/' &&
		variant few "$patched" '15s/"requested": 0,/"requested": 785,/' || return 1
	exits 0 "$scratch/many.json" --vs "$scratch/few.json" && says ' x823 fewer ' &&
		says '^collapse-madvise +alone +646,316 -> 785 ' || return 1

	local zero='"sync": \{"requested": 0,'

	variant factor "$patched" "15s/$zero/\"sync\": {\"requested\": 17,/" \
		-e "16s/$zero/\"sync\": {\"requested\": 690,/" \
		-e "17s/$zero/\"sync\": {\"requested\": 1,/" || return 1
	exits 0 "$base" --vs "$scratch/factor.json" &&
		says '^collapse-madvise +alone .* 7 -> 0\.17 .* x41 fewer ' &&
		says '^collapse-madvise +all .* 7 -> 6\.90 .* -1\.4% ' &&
		says '^munmap .* 0 -> 0\.01 .* new '
}

no_times_from_emulation()
{
	exits 0 "$base" --vs "$patched" && says '^Times are not compared: emulated, where times mean nothing\.$' &&
		! grep -qE 'p50| (ns|us|ms)\b' "$out" &&
		exits 0 --json "$base" --vs "$patched" && says '"p50_ns": null'
}

few_boots_counts_only()
{
	boots few 3 0 || return 1
	exits 0 "$scratch"/few-b*.json --vs "$scratch"/few-p*.json &&
		says '^collapse-madvise +all +3 +300 ' &&
		says '^times +no verdict: 3 and 3 boots; with fewer than 4 a side' &&
		! grep -qE ' (ns|us|ms)\b' "$out"
}

json()
{
	exits 0 --json "$base" --vs "$patched" && says '"schema": "tlbsync.compare/1"' &&
		says '"total": 700' && says '"matched": false' && says '"warnings": \[\]' || return 1
	! command -v jq >/dev/null || jq -e '.cases[0].base.sync.total == 700 and
		.cases[0].patched.sync.per_op == 0 and .emulated' "$out" >"$err"
}

unmatched_named()
{
	variant other "$patched" '16s/"placement": "all"/"placement": "smt"/' || return 1
	exits 0 "$base" --vs "$scratch/other.json" &&
		says '^collapse-madvise, all: not in any patched record$' &&
		says '^collapse-madvise, smt: not in any base record$'
}

mixed()
{
	local what=$1 expression=$2

	variant mixed "$patched" "$expression" || return 1
	refuses "$what differs: " "$base" --vs "$scratch/mixed.json" &&
		grep -q -- '--force compares them all the same' "$err" &&
		exits 0 --force "$base" --vs "$scratch/mixed.json" &&
		says "^warning: $what differs: "
}

mixed_kernels()
{
	variant older "$base" 's/"release": "7.2.0"/"release": "6.12"/' \
		-e 's/"boot_id": "[^"]*"/"boot_id": "older"/' || return 1
	refuses 'kernel release differs: ' "$base" "$scratch/older.json" --vs "$patched" &&
		exits 0 --force "$base" "$scratch/older.json" --vs "$patched"
}

same_boot_twice()
{
	refuses 'of the same boot, which would count twice' "$base" "$base" --vs "$patched" &&
		refuses 'of the same boot, which would count twice' --force \
			"$base" "$base" --vs "$patched"
}

key_off()
{
	variant off "$patched" 's/"static_key": "on"/"static_key": "off"/' || return 1
	exits 0 "$base" --vs "$scratch/off.json" && says '^warning: .*static key is off, not on' &&
		refuses 'static key is off, not on as required' \
			--expect-keys absent,on "$base" --vs "$scratch/off.json" &&
		exits 0 --expect-keys=absent,off "$base" --vs "$scratch/off.json" &&
		exits 0 --expect-keys absent,on "$base" --vs "$patched"
}

not_as_expected()
{
	variant wrong "$patched" '15s/"as_expected": true/"as_expected": false/' || return 1
	exits 1 "$base" --vs "$scratch/wrong.json" && says ' NO: patched$' &&
		grep -q '1 of 3 cases are not as expected' "$err"
}

no_common_case()
{
	variant foreign "$patched" 's/"workload": "/"workload": "x-/' || return 1
	refuses 'no measured case in common' "$base" --vs "$scratch/foreign.json"
}

broken_records_named()
{
	head -c 1000 "$base" >"$scratch/cut.json"
	refuses "cannot read '$scratch/cut.json': not JSON" "$scratch/cut.json" \
		"$scratch/none.json" --vs "$patched" &&
		grep -qF "cannot read '$scratch/none.json': there is no such file" "$err"
}

hostile_text()
{
	variant hostile "$patched" 's/"placement": "all"/"placement": "\\u001b[31m<script>\\n"/' ||
		return 1
	exits 0 "$base" --vs "$scratch/hostile.json" && says '^collapse-madvise, \?\[31m<script>\?: ' &&
		! grep -q "$(printf '\033')" "$out"
}

a_shift_is_found()
{
	boots far 10 12 || return 1
	exits 0 --test p50 "$scratch"/far-b*.json --vs "$scratch"/far-p*.json &&
		says '^order +bppb bppb bppb bppb bppb ' &&
		says "^times +Wilcoxon's signed rank test on 10 pairs of boots\$" &&
		[ "$(grep -cE '^p50 .* -6\.0% +-8\.0%\.\.-4\.0% +0\.0[0-9]+ +[0-9.]+%$' "$out")" -eq 3 ] &&
		says '^p99 .* - +\+0\.0%\.\.\+0\.0% +- +-$' &&
		says '^p: Holm-corrected over 3 tests;' &&
		says '^Of 3 tested times 3 got better and 0 worse; of the others nothing can be told\.$'
}

no_shift_is_found()
{
	boots near 10 0 || return 1
	exits 0 --test all "$scratch"/near-b*.json --vs "$scratch"/near-p*.json &&
		[ "$(grep -cE '^(p50|p99|p99\.9|ops/s) .* ~ ' "$out")" -eq 12 ]
}

# 4 boots a side in a table of 12 tests: no p can be small enough, and the table says so.
what_boots_cannot_show()
{
	boots four 4 20 || return 1
	exits 0 --test all "$scratch"/four-b*.json --vs "$scratch"/four-p*.json &&
		says '^times +Mann-Whitney test on 4 and 4 boots; not as the 4 pairs they are' &&
		says '^So few boots can show no change among 12 tests' &&
		[ "$(grep -cE '^(p50|ops/s) ' "$out")" -eq 6 ] &&
		! grep -E '^(p50|ops/s) ' "$out" | grep -vE ' ~ .* -$'
}

noise_alone()
{
	boots aa 8 0 || return 1
	exits 0 --aa "$scratch"/aa-b*.json && says '^boots +8 of one kernel; ' &&
		says '^times +the earlier 4 boots against the later 4$' &&
		says '^metric +earlier +IQR +later +IQR +shift +95% interval +floor$' &&
		exits 0 --json --aa "$scratch"/aa-b*.json && says '"schema": "tlbsync.noise/1"' &&
		refuses 'no noise floor: halves of 3 and 3 boots' --aa "$scratch"/aa-b[0-5].json &&
		refuses 'no noise floor: emulated' --aa "$base" &&
		refuses 'kernel release differs' --aa "$scratch"/aa-b*.json "$scratch"/aa-p1.json
}

# 6 % is a change if the floor comes from boots that are alike, but not if it comes from
# boots that differ by 10 %.
noise_under_a_comparison()
{
	local i

	boots low 10 12 || return 1
	for ((i = 0; i < 8; i++)); do
		boot "rough-$i" "$base" "$i" $((i < 4 ? i : 20 + i)) || return 1
		boot "even-$i" "$base" "$i" $((i % 2)) || return 1
	done
	exits 0 --test p50 "$scratch"/low-b*.json --vs "$scratch"/low-p*.json \
		--aa "$scratch"/rough-*.json && says '^floor +from 8 boots of 7\.2\.0' &&
		[ "$(grep -cE '^p50 .* ~ .* 1[0-9]\.[0-9]%$' "$out")" -eq 3 ] &&
		exits 0 --test p50 "$scratch"/low-b*.json --vs "$scratch"/low-p*.json \
			--aa "$scratch"/even-*.json && says '^p50 .* -6\.0% .* 0\.5%$' &&
		variant other-host "$scratch/even-1.json" 's/"host": "lab"/"host": "den"/' &&
		refuses 'host differs' "$base" --vs "$patched" --aa "$scratch/other-host.json" &&
		exits 0 --force --test p50 "$scratch"/low-b*.json --vs "$scratch"/low-p*.json \
			--aa "$scratch"/even-[02-7].json "$scratch/other-host.json" \
			&& says '^warning: host differs'
}

# hostile NAME: 5 boots a side, their files in $sides, with names of the greatest lengths
# and whatever could be taken for markup or a command.
hostile()
{
	local file long text

	long=$(printf 'x%.0s' {1..47})
	# shellcheck disable=SC2016 # nothing is to be expanded
	text='a b\\"\\n'\''`|<script>\&*$(touch oops)\\u00e9'"$long$long"
	boots "$1" 10 12 || return 1
	for file in "$scratch/$1"-[bp]?.json; do
		sed -E -i -e "s/\"(host|release|cpu)\": \"[^\"]*\"/\"\\1\": \"$text\"/" \
			-e "s/\"workload\": \"munmap\"/\"workload\": \"$long\"/" \
			-e "s/\"placement\": \"all\"/\"placement\": \"initiator=0,responder=1-2,4-5,7-8,10-11,13-14,16\"/" \
			-e 's/"params": \{"size": 65536\}/"params": {"a": 123456789012, "b": 2, "c": 3, "d": 4, "e": 123456789012345}/' \
			-e 's/"requested": 700,/"requested": 9000000000000000,/; s/"foreign": 0, "handled": 700/"foreign": 0, "handled": 9000000000000000/' \
			"$file"
	done
	sides=("$scratch/$1"-b?.json --vs "$scratch/$1"-p?.json)
}

# fits: ASCII, 75 columns, nothing behind the last character.
fits()
{
	! LC_ALL=C grep -nE '[^ -~]|^.{76}| $' "$out"
}

mail()
{
	boots mail 10 12 || return 1
	exits 0 --format mail "$scratch"/mail-b*.json --vs "$scratch"/mail-p*.json && fits &&
		says '^collapse-madvise +all +7 -> 0 +7 -> 7 .* all gone +yes$' &&
		says '^collapse-madvise +all +7,000 -> 0 +7,000 -> 7,000 +0 -> 0$' &&
		says '^1 case unchanged: as many sync and flush IPIs on both sides\.$' &&
		says '^machine +lab; ' &&
		says '^patched +7.2.0-patched; static key on; flush native$' &&
		says '^order +bppb ' && says '^p50 .* -6\.0% ' || return 1
	exits 0 --format mail "$base" --vs "$patched" && fits && ! grep -qE '^p50' "$out" &&
		says '^times +no verdict: emulated'
}

mail_with_hostile_names()
{
	hostile wide && exits 0 --format mail "${sides[@]}" && fits && says '^p50 .* -6\.0% ' &&
		exits 0 --format mail "${sides[@]}" \
			--aa "$scratch"/wide-b?.json "$scratch"/wide-p?.json --force && fits &&
		says '^floor +from 20 boots of ' && says '^p50 .*%$' && [ ! -e oops ]
}

# The command at the end of the mail gives the same mail, with any names of files.
mail_repeats_itself()
{
	local odd first
	odd="$scratch/a b'\"\$(touch oops)"$'\n\303\251'"$(printf 'x%.0s' {1..90}).json"
	cp "$base" "$odd" || return 1
	exits 0 --format mail "$odd" --vs "$patched" && fits || return 1
	first=$(cat "$out")
	sed -n '/^tlbsync compare/,$p' "$out" >"$scratch/command"
	# shellcheck disable=SC1091 # it is written above
	(tlbsync() { "$tlbsync" "$@"; }; . "$scratch/command") >"$out" 2>"$err" || return 1
	[ "$first" = "$(cat "$out")" ] && [ ! -e oops ]
}

# Every row of a table has as many cells as its head, and no tag is let through.
markdown()
{
	hostile md && exits 0 --format markdown "${sides[@]}" &&
		says '^\| workload \| placement \| ' && says '^\| case \| metric \| ' &&
		says '&lt;script&gt;' && ! sed '/^    /d' "$out" | grep -q '<script>' &&
		! sed 's/\\.//g' "$out" | grep -v '^    ' | grep -q '[`<>]' &&
		sed 's/\\.//g' "$out" | awk -F'|' '/^\| (case|workload) / { cells = NF }
			/^\|/ && NF != cells { print; bad = 1 } END { exit bad }'
}

# A real record of run --flip-key, 12 blocks of 5 ops: pairs of blocks of one boot.
flipped_blocks_are_pairs()
{
	local record=$top/tests/fixtures/records/flipped.json

	exits 0 --flipped "$record" && says '^blocks +6 with the key off, 6 with it on, in one boot' &&
		says '^order +bppb bppb bppb ' && says '^collapse-madvise .* 6 +30 +7 -> 0 ' &&
		says '^munmap .* 6 +30 +0 -> 0 ' || return 1
	exits 0 --flipped "$record" --json &&
		{ ! command -v jq >/dev/null ||
			jq -e '.unit == "block" and .times.pairs == 6' "$out" >/dev/null; } &&
		"$tlbsync" show "$record" | grep -q '^blocks  *6 with the key off'
}

# Ctrl-C in the first block leaves nothing to compare: the cases that were done are shown.
one_key_is_shown_as_a_run()
{
	jq '.cases |= map(select(.block.number == 1)) |
		.incomplete = {signal: "SIGINT", cases_planned: 24}' \
		"$top/tests/fixtures/records/flipped.json" >"$scratch/stopped.json" || return
	"$tlbsync" show "$scratch/stopped.json" >"$out" 2>"$err" || { cat "$err"; return 1; }
	[ ! -s "$err" ] && says '^The run is incomplete: SIGINT ended it after [12] of 24 cases' &&
		says '^collapse-madvise '
}

flipped_stands_alone()
{
	local record=$top/tests/fixtures/records/flipped.json

	refuses 'holds blocks of one boot' "$record" --vs "$patched" &&
		[ "$(grep -c 'holds blocks' "$err")" -eq 1 ] || return 1
	refuses 'has no blocks with the key off and on' --flipped "$base" &&
		exits 2 --flipped "$record" "$record" && exits 2 --flipped "$record" --vs "$patched" &&
		exits 2 --flipped "$record" --aa "$base"
}

# The reports in results/reference say what the records there say.
reference_report()
{
	local folder=$top/results/reference/7.2-n8 format file tool

	tool=$(realpath "$tlbsync")
	for format in mail:report.txt markdown:report.md; do
		file=$folder/${format#*:}
		(cd "$folder" && "$tool" compare --format "${format%:*}" base-?.json base-10.json \
			--vs patched-?.json patched-10.json) | diff "$file" - || return 1
	done
}

# drawn TEXT COMMAND...: a promise that takes gnuplot.
drawn()
{
	if command -v gnuplot >/dev/null; then
		promise "$@"
	else
		echo "skipped, there is no gnuplot: $1"
	fi
}

# page WORD...: the page of a comparison, as $out.
page()
{
	exits 0 --format html -o "$scratch/page.html" "$@" && cp "$scratch/page.html" "$out"
}

# reads PATTERN: the page says it, wherever its words may break.
reads()
{
	whole_words <"$out" | grep -E -- "$1" >/dev/null || { echo "missing: $1"; return 1; }
}

# Not emulated, so there are times: counts, times, a graph a case and one of CPUs, and maps.
html()
{
	boots html 4 0 || return 1
	page "$scratch"/html-b?.json --vs "$scratch"/html-p?.json &&
		reads '^<p>IPIs, base -&gt; patched: sync 5,600 -&gt; 0, flush 2,800 -&gt; 2,800, ' &&
		reads '<td class="n" data-head="sync">2,800 → 0</td>' && says '>Mann-Whitney test on 4' &&
		[ "$(grep -c '<svg class="graph"' "$out")" -eq 4 ] &&
		[ "$(grep -o '<div class="maps">' "$out" | wc -l)" -eq 3 ] &&
		[ "$(grep -o '<div class="map">' "$out" | wc -l)" -eq 7 ] &&
		says '<i class="cpu s3"><small>1</small>1</i>' &&
		says '<i class="cpu s3"><small>1 responder</small>1</i>' &&
		says '<code>tlbsync compare --format html'
}

html_from_emulation()
{
	page "$base" --vs "$patched" && says 'no verdict: emulated' &&
		! grep -q -e '<h2[^>]*>Times' -e '<h2[^>]*>Latencies' "$out" &&
		[ "$(grep -c '<svg class="graph"' "$out")" -eq 1 ]
}

# dots RED: the graph has a dot for each of three sizes, and one in its key, of that colour;
# none is a marker, which would stand in a head that a page has not.
dots()
{
	[ "$(grep -c "<polygon fill = 'rgb( *$1, " "$out")" -eq 4 ] && ! grep -q '<use' "$out"
}

# One point for each size: N-1 on base, 0 on patched.
html_scale()
{
	local n

	for n in 2 32; do
		variant "n$n-base" "$base" "s/\"cpus_online\": 8/\"cpus_online\": $n/" \
			-e "s/\"boot_id\": \"[^\"]*\"/\"boot_id\": \"n$n-base\"/" \
			-e "s/\"sync_per_op\": 7/\"sync_per_op\": $((n - 1))/" || return 1
		variant "n$n-patched" "$patched" "s/\"cpus_online\": 8/\"cpus_online\": $n/" \
			-e "s/\"boot_id\": \"[^\"]*\"/\"boot_id\": \"n$n-patched\"/" || return 1
	done
	page "$base" --vs "$patched" --scale "$scratch"/n*-base.json "$scratch"/n*-patched.json &&
		says 'Counted in 6 cases' && dots 217 && dots 76
}

# The graph alone, as a picture of its own; without a case for it nothing is written.
svg()
{
	exits 0 --format svg "$base" --vs "$patched" && says '^<svg xmlns="http://www.w3.org/2000/svg"' &&
		[ "$(grep -c '</svg>' "$out")" -eq 1 ] && grep -q '<path' "$out" &&
		[ "$(grep -o '<g[ >]' "$out" | wc -l)" -eq "$(grep -o '</g>' "$out" | wc -l)" ] ||
		return 1
	variant calm-base "$base" 's/"sync_per_op": 7/"sync_per_op": 0/' || return 1
	refuses 'nothing to draw' --format svg "$scratch/calm-base.json" --vs "$patched"
}

scale_needs_both_sides_and_keys()
{
	variant hidden "$base" 's/"static_key": "absent"/"static_key": "unknown"/' || return 1
	refuses 'of 8 CPUs there is no patched record' --format html "$base" --vs "$patched" \
		--scale "$base" &&
		refuses 'does not tell its static key' --format html "$base" --vs "$patched" \
		--scale "$scratch/hidden.json" &&
		refuses 'there is no such file' --format html "$base" --vs "$patched" \
		--scale "$scratch/nothing.json"
}

html_with_hostile_names()
{
	hostile page && page "${sides[@]}" && says '&lt;script&gt;' &&
		! grep -qE '<script|<img' "$out"
}

# The old page stays when the new one cannot be made or written.
old_page_stays()
{
	echo old >"$scratch/old.html"
	exits 3 --format html -o "$scratch/old.html" "$base" --vs "$scratch/nothing.json" &&
		[ "$(cat "$scratch/old.html")" = old ] || return 1
	mkdir -p "$scratch/empty" && boots old 1 0 || return 1
	PATH=$scratch/empty exits 77 --format html -o "$scratch/old.html" \
		"$scratch/old-b0.json" --vs "$scratch/old-p0.json" &&
		grep -q gnuplot-nox "$err" && [ "$(cat "$scratch/old.html")" = old ]
}

# Bars and maps take no gnuplot, and from emulation there is nothing else.
page_without_gnuplot()
{
	mkdir -p "$scratch/empty" &&
		PATH=$scratch/empty exits 0 --format html -o "$scratch/bars.html" "$base" --vs "$patched" &&
		grep -q '<svg class="graph"' "$scratch/bars.html" &&
		PATH=$scratch/empty exits 0 --format svg -o "$scratch/bars.svg" "$base" --vs "$patched" &&
		grep -q '<rect' "$scratch/bars.svg"
}

output_into_a_file()
{
	exits 0 --format markdown -o "$scratch/out.md" "$base" --vs "$patched" && [ ! -s "$out" ] &&
		grep -q '^| workload |' "$scratch/out.md" &&
		refuses 'create it or choose another' -o "$scratch/no/out" "$base" --vs "$patched"
}

json_with_times()
{
	boots json 10 12 || return 1
	exits 0 --format json "$scratch"/json-b*.json --vs "$scratch"/json-p*.json || return 1
	! command -v jq >/dev/null || jq -e '.times.test == "signed-rank" and .times.pairs == 10 and
		.cases[0].times.p50_ns.change == "better" and
		.cases[0].times.p50_ns.base.boots == 10 and .cases[0].times.p99_ns.change == "~" and
		.cases[0].times.p999_ns.p_holm == null and .noise == null' "$out" >"$err"
}

absurd_numbers_refused()
{
	variant negative "$base" 's/"ops": 100/"ops": -100/' &&
		refuses 'ops is negative' "$scratch/negative.json" --vs "$patched" &&
		variant nan "$base" 's/"cost_ns": 48.5/"cost_ns": NaN/' &&
		refuses 'not JSON' "$scratch/nan.json" --vs "$patched" &&
		variant major "$base" 's/tlbsync.run\/1/tlbsync.run\/2/' &&
		refuses 'use a newer tlbsync' "$scratch/major.json" --vs "$patched"
}

[ -x "$tlbsync" ] || { echo "no program at $tlbsync: build it, or set TLBSYNC"; exit 1; }

promise 'compare prints base beside patched' the_table
promise 'sides may have different numbers of boots' uneven_sides
promise 'totals are exact over several boots' exact_totals
promise 'a change says in words which way and how much' words_for_change
promise 'no times are shown from emulation' no_times_from_emulation
promise 'fewer than 4 boots a side: counts only, and why' few_boots_counts_only
promise 'compare --json is for programs' json
promise 'unmatched cases are named' unmatched_named
promise 'two hosts are refused' mixed host 's/"host": "lab"/"host": "den"/'
promise 'two CPU models are refused' mixed 'CPU model' 's/"cpu": "/"cpu": "x/'
promise 'two CPU counts are refused' mixed 'CPUs online' 's/"cpus_online": 8/"cpus_online": 4/'
promise 'two node counts are refused' mixed nodes 's/"nodes": 4/"nodes": 1/'
promise 'two hypervisors are refused' mixed hypervisor 's/"hypervisor": "tcg"/"hypervisor": "kvm"/'
promise 'two tool versions are refused' mixed 'tool version' 's/"tool": "tlbsync /"tool": "tlbsync 9/'
promise 'two counters are refused' mixed counter 's/"counter": "csd"/"counter": "interrupts"/'
promise 'two kernels on one side are refused' mixed_kernels
promise 'the same boot twice on a side is refused, forced or not' same_boot_twice
promise 'a key that is not on warns, and fails where it is required' key_off
promise 'a case that is not as expected fails the comparison' not_as_expected
promise 'no common case is an error' no_common_case
promise 'every broken record is named' broken_records_named
promise 'text from records cannot steer the terminal' hostile_text
promise 'a true shift is found, as pairs' a_shift_is_found
promise 'equal sets show no change' no_shift_is_found
promise 'what so few boots cannot show is said' what_boots_cannot_show
promise 'boots of one kernel give the noise floor' noise_alone
promise 'nothing below the noise floor is a change' noise_under_a_comparison
promise 'a mail is ASCII and 75 columns wide' mail
promise 'a mail is that with names as long and bad as can be' mail_with_hostile_names
promise 'the command in a mail repeats it' mail_repeats_itself
promise 'Markdown is a table, whatever the names' markdown
promise 'blocks of one boot are compared as pairs' flipped_blocks_are_pairs
! command -v jq >/dev/null ||
	promise 'blocks of one key alone are shown as any run' one_key_is_shown_as_a_run
promise 'blocks of one boot are not mixed with boots' flipped_stands_alone
promise 'the reference report is what its records say' reference_report
drawn 'a page has tables, graphs and a map of the CPUs' html
drawn 'a page from emulation draws counts only' html_from_emulation
drawn 'a page draws syncs against the number of CPUs' html_scale
drawn 'the graph can be had by itself' svg
promise 'other sizes need both kernels' scale_needs_both_sides_and_keys
drawn 'names cannot become markup in a page' html_with_hostile_names
promise 'a page that cannot be made leaves the old one' old_page_stays
promise 'a page with nothing for gnuplot to draw needs none' page_without_gnuplot
promise '--output writes a file and nothing else' output_into_a_file
promise 'JSON holds what was tested' json_with_times
promise 'absurd numbers and unknown versions are refused' absurd_numbers_refused
promise 'help says usage' exits 0 --help
promise 'no --vs is wrong usage' exits 2 "$base" "$patched"
promise 'two --vs are wrong usage' exits 2 "$base" --vs "$patched" --vs "$patched"
promise 'an empty side is wrong usage' exits 2 "$base" --vs
promise 'an unknown key state is wrong usage' exits 2 --expect-keys absent,maybe "$base" --vs "$patched"
promise 'no record after --aa is wrong usage' exits 2 "$base" --vs "$patched" --aa
promise 'an unknown format is wrong usage' exits 2 --format pdf "$base" --vs "$patched"
promise '--scale without a page is wrong usage' exits 2 "$base" --vs "$patched" --scale "$base"
promise 'an unknown metric is wrong usage' exits 2 --test p42 "$base" --vs "$patched"
promise 'an unknown option is wrong usage' exits 2 --frobnicate "$base" --vs "$patched"

conclude
