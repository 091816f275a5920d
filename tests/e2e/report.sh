#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the forms of a report promise together: the same headline in each of them, no line
# wider than there is room, figures that never break, the same figures for programs; all of
# it with the widest and the oldest records of results/reference.
# shellcheck disable=SC2317 # called by promise
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "$0")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=${TLBSYNC:-./tlbsync}
reference=$top/results/reference
two_cpus=$reference/20261122T161457Z-vm-6.18.44-fc-v657.json
out=$scratch/out
err=$scratch/err

# sides FOLDER: its records as arguments of compare, in $sides.
sides()
{
	local file

	sides=()
	for file in "$reference/$1"/base*.json; do
		[[ $file == *.vm.json ]] || sides+=("$file")
	done
	sides+=(--vs)
	for file in "$reference/$1"/patched*.json; do
		[[ $file == *.vm.json ]] || sides+=("$file")
	done
}

# prints COMMAND...: tlbsync prints it as $out, and no message.
prints()
{
	"$tlbsync" "$@" >"$out" 2>"$err" || { cat "$err"; return 1; }
	[ ! -s "$err" ] || { cat "$err"; return 1; }
}

says()
{
	grep -qE -- "$1" "$out" || { echo "missing: $1"; return 1; }
}

# unwrap: the paragraphs up to the first empty line, each on one line again.
unwrap()
{
	awk '/^$/ { exit }
		/^  / { sub(/^ +/, " "); printf "%s", $0; next }
		NR > 1 { print "" }
		{ printf "%s", $0 }
		END { print "" }'
}

# unescaped: text of HTML or Markdown without its escapes.
unescaped()
{
	sed -E 's/\\([][\\`*_|~#!])/\1/g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'\''/g; s/&amp;/\&/g'
}

# headline FORM: the sentences of $out, one a line.
headline()
{
	case $1 in
	text | mail) unwrap ;;
	markdown) sed '/^$/,$d; s/^\*\*//; s/\*\*$//' | unescaped ;;
	html)
		sed -n '/<section class="headline">/,/<\/section>/s/^<p>\(.*\)<\/p>$/\1/p' |
			whole_words | unescaped ;;
	csv) sed '/^$/,$d; s/^# //' ;;
	json) sed -n '/^ "headline": \[/,/^ \]/s/^  "\(.*\)",\{0,1\}$/\1/p' | sed 's/\\"/"/g; s/\\\\/\\/g' ;;
	esac <"$out"
}

# one_headline FOLDER WORDS: it is the same in all forms, and says WORDS.
one_headline()
{
	local form

	sides "$1"
	COLUMNS=5000 prints compare "${sides[@]}" || return 1
	sed '/^$/,$d' "$out" >"$scratch/headline"
	grep -qF -- "$2" "$scratch/headline" || { cat "$scratch/headline"; return 1; }
	[ "$(wc -l <"$scratch/headline")" -ge 4 ] || return 1
	for form in text mail markdown html csv json; do
		prints compare --format "$form" "${sides[@]}" || return 1
		headline "$form" | diff "$scratch/headline" - || { echo "in $form"; return 1; }
	done
}

lazy_is_told()
{
	one_headline 7.2-lazy "4 of 7 cases got worse: hugetlb-unshare-munmap, lazy (flush 0 -> 7 \
per op); hugetlb-unshare-shared, lazy (flush 0 -> 7 per op); hugetlb-unshare-exit, lazy (flush 7 \
-> 14 per op); hugetlb-unshare-mprotect, lazy (flush 7 -> 14 per op)."
}

# narrow WIDTH: no line of $out is wider; characters, not bytes.
narrow()
{
	! LC_ALL=C.UTF-8 grep -nE "^.{$(($1 + 1))}" "$out"
}

# figures: times, totals and whatever has decimals, which no layout may touch, sorted.
figures()
{
	sed -n '/^workload/,/^$/p; /^Exact totals/,$p' "$out" |
		grep -oE '[0-9.]+ (ns|us|ms|s)( |$)|[0-9][0-9,]{3,} -> [0-9,]+|[0-9]{1,3}(,[0-9]{3})+ |[0-9]+\.[0-9]+( |$)' |
		sed 's/ *$//' | sort
}

# fits COMMAND...: in 80, 100 and 160 columns, and in 100 where there is no terminal; the
# same figures as on a line without end.
fits()
{
	local width

	COLUMNS=5000 prints "$@" && figures >"$scratch/figures" || return 1
	for width in 80 100 160; do
		if ! COLUMNS=$width prints "$@" || ! narrow "$width" || ! has_all; then
			echo "in $width columns"
			return 1
		fi
	done
	(unset COLUMNS && prints "$@") && narrow 100 && has_all
}

# has_all: every figure of $out is one of the line without end, and none is missing but the
# numbers of ops, whose column may go.
has_all()
{
	figures >"$scratch/narrow"
	[ -s "$scratch/narrow" ] && [ -z "$(comm -13 "$scratch/figures" "$scratch/narrow")" ] &&
		[ -z "$(comm -23 <(grep -vE '^[0-9,]+$' "$scratch/figures") "$scratch/narrow")" ]
}

short_mail()
{
	local tool

	tool=$(realpath "$tlbsync")
	(cd "$reference/7.2-n8" && "$tool" compare --format mail base-?.json base-10.json \
		--vs patched-?.json patched-10.json) >"$out" && ! LC_ALL=C grep -nE '[^ -~]|^.{76}| $' "$out" &&
		[ "$(wc -l <"$out")" -lt 60 ] &&
		[ "$(grep -c '^8 cases unchanged: as many sync and flush IPIs on both sides\.$' "$out")" -eq 2 ] &&
		! grep -qE '^(munmap|madvise-dontneed|hugetlb-private|collapse-shmem) ' "$out"
}

# Sync and flush per op as they always were; each line of a fact is one row.
old_records_show()
{
	prints show "$two_cpus" &&
		says '^munmap size=4K +alone +170,000 +2\.02 us +2\.97 us +0 +0 .* yes$' &&
		says '^hugetlb-unshare-munmap +all +58,000 +33\.9 us +55\.7 us +1 +1\.00 .* yes$' &&
		says '^All 14 cases have the IPIs' &&
		prints show "$reference/6.12-n8/base-1.json" &&
		says '^collapse-khugepaged +alone +100 +4\.01 ms +12\.7 ms +7 +1 +7 / 1 +yes$' &&
		says '^munmap size=4K +all +100 +92\.4 us +649 us +0 +7 +0 / 7 +yes$' &&
		prints show "$reference/6.12-lazy/patched.json" &&
		says '^hugetlb-unshare-munmap +lazy +100 +- +- +0 +7 +0 / 7 +yes$' &&
		prints show "$reference/7.2-scale/n128-base.json" &&
		says '^collapse-madvise +alone +100 +3\.24 ms +4\.90 ms +127 +0 +127 / 0 +yes$' &&
		prints show "$reference/7.2-full/base.json" &&
		says '^hugetlb-fork-storm live=4 +smt +50 +- +- +55\.86 +105\.32 +\? / \? +-$' &&
		says '^munmap-fallback .* skipped$'
}

old_records_compare()
{
	sides 6.12-n8
	prints compare "${sides[@]}" &&
		says '^collapse-khugepaged +alone +2 +200 +7 -> 0 +1 -> 1 +7 / 1 -> 0 / 1 +all gone +yes$' &&
		says '^collapse-khugepaged +alone +1,400 -> 0 +200 -> 200 +87 -> 12$' &&
		says '^munmap size=2M +all +0 -> 0 +1,400 -> 1,400 +0 -> 0$' || return 1
	sides 7.2-full
	prints compare "${sides[@]}" &&
		says '^IPIs, base -> patched: sync 227,157 -> 0, flush 241,118 -> 244,110, all ' &&
		says '^hugetlb-sharers +lazy .* 7 -> 0 +14 -> 14 ' || return 1
	sides 6.12-lazy
	prints compare "${sides[@]}" &&
		says '^2 of 7 cases got worse: hugetlb-unshare-munmap, lazy \(flush 0 -> 7 per op\);' &&
		prints compare "$reference/7.2-scale/n128-base.json" \
			--vs "$reference/7.2-scale/n128-patched.json" &&
		says '^collapse-madvise +alone +12,700 -> 0 +0 -> 0 +10 -> 10$'
}

old_blocks_compare()
{
	prints compare --flipped "$reference/7.2-flip/flip.json" &&
		says '^IPIs, base -> patched: sync 2,100 -> 0, flush 2,800 -> 2,800, all 4,964 -> 2,866\.$' &&
		says '^collapse-madvise +lazy +10 +50 +7 -> 0 +7 -> 7 ' &&
		says '^collapse-madvise +lazy +350 -> 0 +350 -> 350 +25 -> 16$' &&
		prints compare --flipped "$reference/6.12-fallback/flip.json" &&
		says '^munmap-fallback tables=7 +all +10 +50 +49 -> 0 +49 -> 49 ' &&
		says '^munmap-fallback tables=7 +all +2,450 -> 0 +2,450 -> 2,450 +0 -> 0$'
}

# check_csv FORMAT-OF-JSON: rows as wide as their head, and the totals of the JSON.
check_csv()
{
	cat >"$scratch/check.py" <<-'PYTHON'
		import csv, json, sys

		tables, rows = {}, None
		for fields in csv.reader(open(sys.argv[1], newline="")):
		    if not fields:
		        rows = None
		    elif fields[0].startswith("# "):
		        rows = []
		        tables[",".join(fields)[2:]] = rows
		    else:
		        rows.append(fields)
		        assert len(fields) == len(rows[0]), fields
		report = json.load(open(sys.argv[2]))
		for table in report["tables"]:
		    assert len(tables[table["title"]]) == len(table["rows"]) + 1, table["title"]
		head, *body = tables["Exact totals, base -> patched"]
		sums = {name: sum(int(row[i]) for row in body) for i, name in enumerate(head) if i > 1}
		for side in "base", "patched":
		    for name in "sync", "flush":
		        assert sums[f"{name}_{side}"] == report["summary"][name][side], (name, side)
		        assert sums[f"{name}_{side}"] == sum(c[side][name]["total"] for c in report["cases"]
		                                             if c["matched"]), (name, side)
		    assert sum(sums[f"{name}_{side}"] for name in ("sync", "flush", "other")) == \
		        report["summary"]["all"][side], side
	PYTHON
	python3 "$scratch/check.py" "$1" "$2"
}

# The same without Python, for names that need no quotes.
check_csv_plainly()
{
	awk -F, '/^$/ { fields = 0; next } /^#/ { next } !fields { fields = NF }
		NF != fields { print; bad = 1 } END { exit bad }' "$1" || return 1
	awk -F, '/^# Exact totals/ { on = 1; next } on && /^workload/ { next } /^$/ { on = 0 }
		on { for (i = 3; i <= 6; i++) sum[i] += $i }
		END { printf "%d %d %d %d\n", sum[3], sum[4], sum[5], sum[6] }' "$1" >"$scratch/sums"
	tr -d ' \n' <"$2" | sed -E 's/.*"summary":\{"sync":\{"base":([0-9]+),"patched":([0-9]+)\},"flush":\{"base":([0-9]+),"patched":([0-9]+)\}.*/\1 \2 \3 \4\n/' |
		diff "$scratch/sums" -
}

csv()
{
	local folder

	for folder in 7.2-lazy 7.2-n8 7.2-full; do
		sides "$folder"
		prints compare --format csv "${sides[@]}" && cp "$out" "$scratch/report.csv" &&
			prints compare --format json "${sides[@]}" || return 1
		if command -v python3 >/dev/null; then
			check_csv "$scratch/report.csv" "$out" || return 1
		fi
		[ "$folder" = 7.2-full ] || check_csv_plainly "$scratch/report.csv" "$out" || return 1
	done
}

# Names that hold what parts fields and rows stay in their field.
csv_with_hostile_names()
{
	local file

	# shellcheck disable=SC2016 # nothing is to be expanded
	for file in base patched; do
		sed 's/"placement": "all"/"placement": "a,b;\\"c\\" \\n=1"/' \
			"$top/tests/fixtures/records/$file.json" >"$scratch/$file.json"
	done
	prints compare --format csv "$scratch/base.json" --vs "$scratch/patched.json" &&
		says '^collapse-madvise,"a,b;""c"" \?=1",1,1,100,100,' &&
		cp "$out" "$scratch/report.csv" || return 1
	prints compare --format json "$scratch/base.json" --vs "$scratch/patched.json" || return 1
	! command -v python3 >/dev/null || check_csv "$scratch/report.csv" "$out"
}

[ -x "$tlbsync" ] || { echo "no program at $tlbsync: build it, or set TLBSYNC"; exit 1; }

promise 'the headline is the same in all forms, and names what lazy CPUs pay' lazy_is_told
promise 'the headline is the same in all forms for ten boots a side' \
	one_headline 7.2-n8 'No case got worse.'
promise 'the headline is the same in all forms for the whole catalogue' \
	one_headline 7.2-full '20 of 516 cases got worse: '
sides 7.2-full
promise 'the widest run fits 80, 100 and 160 columns, its figures whole' \
	fits show "$reference/7.2-full/base.json"
promise 'the widest comparison fits 80, 100 and 160 columns, its figures whole' \
	fits compare "${sides[@]}"
promise 'a run with times fits 80, 100 and 160 columns, its figures whole' fits show "$two_cpus"
promise 'a mail of ten boots a side is short, and tells the unchanged cases in one line' short_mail
promise 'records of older versions show the same figures' old_records_show
promise 'records of older versions compare to the same figures' old_records_compare
promise 'blocks of older versions compare to the same figures' old_blocks_compare
promise 'CSV has rows as wide as their heads, and the totals of the JSON' csv
promise 'names stay in their field of CSV' csv_with_hostile_names

conclude
