#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the HTML pages promise in a browser: as wide as a phone, a tablet and a desktop
# screen, light and dark. First the checks must find the fault of each of some broken pages.
# usage: check-web.sh [FOLDER]; with FOLDER the pages, and pictures of them, are left there.
# shellcheck disable=SC2317 # called by promise
set -u
top=${top_srcdir:?run this with: make check-web}
tlbsync=${TLBSYNC:?run this with: make check-web}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in chromium chromedriver gnuplot jq; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing: run ./bootstrap --web"
done
/usr/bin/python3 -c 'import selenium' 2>/dev/null ||
	cannot_run "python3-selenium is missing: run ./bootstrap --web"

# The browser leaves nothing behind.
mkdir "$scratch/home"
export HOME=$scratch/home TMPDIR=$scratch XDG_CONFIG_HOME='' XDG_CACHE_HOME=''

# ---- what is opened, and what is found -------------------------------------

# listed NAME GRAPHS SPARKS WORDS: the page $pages/NAME.html, which shows so many graphs
# ("2+": or more) and these words.
listed()
{
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$pages/$1.html" "$4" >>"$scratch/list"
}

# page NAME GRAPHS SPARKS WORDS COMMAND...: the one that COMMAND prints.
page()
{
	listed "$1" "$2" "$3" "$4"
	promise "the page $1 is made" made "$1" "${@:5}"
}

made() { "${@:2}" >"$pages/$1.html"; }

# opened: every listed page, in all six views.
opened()
{
	local name

	rm -f "$scratch/found"
	"$top/tests/web/open-pages" "${shots[@]}" <"$scratch/list" >"$scratch/views" || return 1
	while IFS=$'\t' read -r name _; do
		[ "$(grep -c "^$name"$'\topened\t' "$scratch/views")" -eq 6 ] || { echo "not in all views: $name"; return 1; }
	done <"$scratch/list"
	mv "$scratch/views" "$scratch/found"
}

# without FAULT: it was found on no page.
without()
{
	[ -e "$scratch/found" ] && ! grep -F $'\t'"$1"$'\t' "$scratch/found"
}

# found_out NAME FAULT...: the page has these faults and no others.
found_out()
{
	local wanted found

	wanted=$(printf '%s\n' "${@:2}" | sort)
	found=$(awk -F '\t' -v name="$1" '$1 == name && $2 != "opened" { print $2 }' "$scratch/found" | sort -u)
	[ "$found" = "$wanted" ] || { echo "found:" "$found"; grep "^$1"$'\t' "$scratch/found"; return 1; }
}

# ---- broken pages ----------------------------------------------------------

pages=$scratch/broken
shots=()
mkdir "$pages"
legend="<path d='M10 15h20' stroke='#4c8dd6'/>"
legend+="<text x='36' y='19' font-size='12' fill='currentColor'>base</text>"
graph="<svg class='graph' width=\"300\" height='200'><path d='M0 40L300 200' stroke='#4c8dd6'/>$legend</svg>"

# broken NAME HEAD BODY: a page with one good graph and something wrong.
broken()
{
	listed "$1" 1 0 'good words'
	printf '<!DOCTYPE html><html lang="en"><head><title>%s</title>
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">%s</head>
		<body><p>good words</p>%s</body></html>\n' "$1" "$2" "$3" >"$pages/$1.html"
}

policy="<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
outside='<p style="background-image: url(http://127.0.0.1:9/a.png)">far</p>'

broken nothing '' "$graph"
broken console '' "$graph<script>console.error('lost')</script>"
broken fetch '' "$graph$outside"
broken blocked "$policy" "$graph$outside"
broken script "$policy" "$graph<p>host <script>alert(1)</script></p>"
broken handler "$policy" "$graph<p onclick='alert(1)'>host</p>"
broken no-graph '' ''
broken second-graph '' "$graph$graph"
broken empty-graph '' "${graph//4c8dd6/000}"
broken small-graph '' "${graph/300/90}"
broken wide-graph '' "<div style='overflow: hidden'>${graph/300/1300}</div>"
broken small-letters '' "${graph/<path/<text y="9" font-size="7" fill="currentColor"><tspan>7<\/tspan><\/text><path}"
broken no-legend '' "${graph/base/1}"
broken half-a-legend '' "${graph/<\/svg>/<path d=\"M0 200L300 60\" stroke=\"#d98a1f\"\/><\/svg>}"
broken wide '' "$graph<div style='width: 600px'>wide</div>"
broken desk-only '' "$graph<meta name='viewport' content='width=980'>"
broken grey '' "$graph<div style='background: #aaa'><p style='color: #777'>grey</p></div>"
broken grey-in-the-dark '' "$graph<p style='color: #767676'>grey</p>"
broken white '<style>body { background: #fff; color: #111 }</style>' "$graph"
# cells STYLE CLASS TEXT...: a table whose rows are these cells.
cells()
{
	echo "$graph<table style='$1'>"
	printf "<tr><td class='$2'>%s</td></tr>" "${@:3}"
	echo '</table>'
}

list='initiator=0,responder=2-5,lazy=6-7,bystander=8'
narrow='width: 5.5rem; table-layout: fixed; overflow-wrap: anywhere; font: 16px sans-serif'
broken word-in-a-cell '' "$(cells "$narrow" w hugetlb-unshare-punch-hole)"
broken figure-in-a-cell '' "$(cells "$narrow; text-align: right" n 1,234,567,890)"
broken pair-in-a-cell '' "$(cells "$narrow; text-align: right" n '14,000 → 14,000')"
broken list-in-a-cell '' "$(cells "$narrow" w "$list")"
place="</span><wbr><span style='white-space: nowrap'>"
broken list-with-places '' "$(cells "$narrow" w "${place#*<wbr>}${list//,/,$place}</span>")"
broken spaces-in-a-cell '' "$(cells "$narrow" w 'a good word or two 0.01 7,000')"
broken word-in-a-summary '' \
	"$graph<details style='$narrow'><summary>hugetlb-unshare</summary></details>"
broken word-in-a-caption '' \
	"$graph<figure style='margin: 0; $narrow'><figcaption>hugetlb-unshare</figcaption></figure>"
broken word-in-a-tile '' \
	"$graph<p style='$narrow'><i class='cpu' style='display: block; width: 1rem'>127</i></p>"
broken folded-away '' \
	"<details><summary>more</summary>$(cells "$narrow" w hugetlb-unshare)</details>"
broken to-the-left '' "$(cells 'width: 300px' n 7 14,000)"
broken to-the-right '' "$(cells 'width: 300px; text-align: right' n 7 14,000)"
broken figures-as-words '' "$(cells 'text-align: right' w 7 '-' 14,000)"
jump="<h2 id='here'>here</h2><div style='height: 3000px'></div>"
broken contents '<style>h2 { scroll-margin-top: 5rem }</style>' \
	"$graph<nav style='position: sticky; top: 0'><a href='#here'>here</a></nav>$jump"
broken covered '' "$graph<nav style='position: sticky; top: 0'><a href='#here'>here</a></nav>$jump"
broken nowhere '' "$graph<nav><a href='#here'>here</a> <a href='#there'>there</a></nav>$jump"
broken no-id '' "$graph<h2>here</h2>"
broken not-linked '' "$graph$jump"
broken two-ids '' "$graph<nav><a href='#here'>here</a></nav>$jump<p id='here'>again</p>"
broken tall '' "$graph<div style='height: 12000px'></div>"
broken tall-unfolded '' \
	"$graph<details><summary>more</summary><div style='height: 20000px'></div></details>"
broken other-words '' "$graph<style>p { display: none }</style>"
promise 'the broken pages are opened' opened
promise 'a good page is found good' found_out nothing
promise 'an error on the console is found out' found_out console console inert
promise 'a picture from outside is found out' found_out fetch console fetch
promise 'one that the page forbids itself too' found_out blocked console fetch
promise 'a script in a name is found out' found_out script console inert
promise 'a handler in a name is found out' found_out handler console inert
promise 'a page without its graph is found out' found_out no-graph graphs
promise 'a graph too many is found out' found_out second-graph graphs
promise 'a graph in which nothing is drawn is found out' found_out empty-graph graphs
promise 'a small graph is found out' found_out small-graph size
promise 'a graph that sticks out of the page is found out' found_out wide-graph size
promise 'small letters in a graph are found out' found_out small-letters size
promise 'a page wider than a phone is found out' found_out wide sideways
promise 'a page laid out for a desk only is found out' found_out desk-only sideways
promise 'grey on grey is found out' found_out grey contrast
promise 'grey on black too, which does on white' found_out grey-in-the-dark contrast
promise 'a page that is white in the dark is found out' found_out white scheme
promise 'words that are not seen are found out' found_out other-words words
promise 'a graph that does not name its series is found out' found_out no-legend legend
promise 'one that names one of two too' found_out half-a-legend legend
promise 'a word that breaks in a cell is found out' found_out word-in-a-cell broken
promise 'a figure that does too' found_out figure-in-a-cell broken
promise 'a pair of figures on two lines too' found_out pair-in-a-cell broken
promise 'a list that breaks anywhere too' found_out list-in-a-cell broken
promise 'one that breaks behind its commas is found good' found_out list-with-places
promise 'words that break at spaces are found good' found_out spaces-in-a-cell
promise 'a word that breaks in a summary is found out' found_out word-in-a-summary broken
promise 'one that breaks in a caption too' found_out word-in-a-caption broken
promise 'a number that breaks in a tile too' found_out word-in-a-tile broken
promise 'a word that breaks where it is folded away too' found_out folded-away broken
promise 'figures that stand to the left are found out' found_out to-the-left align
promise 'figures that stand to the right are found good' found_out to-the-right
promise 'figures that are not marked as such are found out' found_out figures-as-words align
promise 'good contents are found good' found_out contents
promise 'a heading that the contents cover is found out' found_out covered contents
promise 'a link that leads nowhere is found out' found_out nowhere contents
promise 'a heading without an id is found out' found_out no-id contents
promise 'a heading that the contents leave out is found out' found_out not-linked contents
promise 'an id that is there twice is found out' found_out two-ids contents
promise 'a page that is too tall is found out' found_out tall height
promise 'one that is tall only when it is unfolded is found good' found_out tall-unfolded

# ---- our own ---------------------------------------------------------------

# nights FOLDER NUMBER HOST KERNEL PLACEMENT: records of so many nights.
nights()
{
	mkdir -p "$1"
	jq -c --arg nights "$2" --arg host "$3" --arg kernel "$4" --arg placement "$5" \
		-f "$top/tests/web/nights.jq" "$top/tests/fixtures/records/base.json" |
		split -l 1 -a 3 -d --additional-suffix=.json - "$1/"
}

# history FOLDER: its page.
history()
{
	"$tlbsync" history --html "$scratch/history.html" "$1" && cat "$scratch/history.html"
}

# compare ARGUMENT...: its page.
compare() { "$tlbsync" compare --format html "$@"; }

reference=$top/results/reference

# both FOLDER: the page that compares its two records.
both() { compare "$reference/$1/base.json" --vs "$reference/$1/patched.json"; }

# Pages of the latency of IPIs: of a comparison, and of one run.
latencies()
{
	jq -c -f "$top/tests/web/latency.jq" "$top/tests/fixtures/records/base.json" |
		split -l 1 -a 1 -d --additional-suffix=.json - "$scratch/latency-"
}

# leads CASE METRIC: a row of the case, on a page of forty nights, links to its graph.
leads()
{
	local id

	sed 's/<span class="t">\|<\/span>//g' "$pages/history-forty.html" >"$scratch/plain.html"
	while read -r id; do
		grep -q "<figure id=\"$id\"><figcaption><b>$1: $2," "$scratch/plain.html" && return
	done < <(sed -n "s/.*<td[^>]*><a href=\"#\(moved-[0-9]*\)\">$1<.*/\1/p" "$scratch/plain.html")
	echo "no row of $1 leads to a graph of $2"
	return 1
}

# drawing COMMAND...: the SVG file that it prints, in a page as README shows it.
drawing()
{
	local status

	printf '<!DOCTYPE html><html lang="en"><head><title>drawing</title><meta name="viewport"
		content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
		<link rel="icon" href="data:,"><style>svg { max-width: 100%%; height: auto }</style></head><body>'
	"$@" | sed '1s/<svg /<svg class="graph" /'
	status=${PIPESTATUS[0]}
	printf '</body></html>\n'
	return "$status"
}

n8=("$reference"/7.2-n8/base-*[0-9].json --vs "$reference"/7.2-n8/patched-*[0-9].json)
scale=("${n8[@]}" --scale "$reference"/7.2-scale/n???-{base,patched}.json)
x100=$(printf 'x%.0s' {1..100})
hostile="a <b> \"c\" 'd' <script>alert(1)</script>
<img src=x onerror=\"alert(2)\"> \`e\` &lt; \$(f) --> ]]> \\"

nights "$scratch/none" 0 lab 7.2 all
nights "$scratch/one" 1 lab 7.2 all
nights "$scratch/two" 2 lab 7.2 all
nights "$scratch/forty" 40 lab 7.2 all
nights "$scratch/$hostile" 40 "$hostile" "7.2-$hostile" "$hostile"
nights "$scratch/long" 40 "$x100$x100" "7.2-$x100" "$x100"

latencies

pages=${1:-$scratch/pages}
mkdir -p "$pages" || exit 1
[ $# -eq 0 ] || shots=(--shots "$pages")
rm "$scratch/list"
page history-none 0 0 'No night has been recorded yet' history "$scratch/none"
page history-one 0 0 'Only one night has been recorded' history "$scratch/one"
page history-two 0 6 'too few nights' history "$scratch/two"
page history-forty 6 8 '7.2.0 -> 7.2.1' history "$scratch/forty"
page history-hostile 6 8 "<img src=x onerror=\"alert(2)\">" history "$scratch/$hostile"
page history-long 6 8 "7.2-$x100.0 -> 7.2-$x100.1" history "$scratch/long"
page compare-full 1 0 hugetlb-unshare-punch-hole both 7.2-full
page compare-lazy 1 0 'IPIs per op' both 7.2-lazy
page compare-storm 9 0 'initiators (K)' both 7.2-storm
page drawing-storm 1 0 'initiators (K)' drawing "$tlbsync" compare --format svg \
	"$reference"/7.2-storm/base.json --vs "$reference"/7.2-storm/patched.json
page compare-boots 1 0 collapse-madvise compare "${scale[@]}"
page compare-times 4 0 'Latencies' \
	compare "$scratch"/forty/0[01]?.json --vs "$scratch"/forty/0[23]?.json
page compare-latency 6 0 'From CPU to CPU' compare "$scratch"/latency-[01].json --vs "$scratch"/latency-[23].json
page run-latency 0 0 'From CPU to CPU' "$tlbsync" show --format html "$scratch/latency-0.json"
page drawing-scale 1 0 'CPUs online (N)' drawing "$tlbsync" compare --format svg "${scale[@]}"
page drawing-bars 1 0 'sync IPIs per op' drawing "$tlbsync" compare --format svg "${n8[@]}"
page reference 1 0 '56,000' cat "$reference/7.2-n8/report.html"
page reference-drawing 1 0 'CPUs online (N)' drawing cat "$reference/7.2-n8/sync-ipis.svg"
page compare-hostile 4 0 "<img src=x onerror=\"alert(2)\">" \
	compare "$scratch/$hostile"/0[01]?.json --vs "$scratch/$hostile"/0[23]?.json
page compare-long 4 0 "$x100.0" compare "$scratch/long"/0[01]?.json --vs "$scratch/long"/0[23]?.json
promise 'a change of the history leads to its graph' leads 'collapse-madvise, alone' sync
promise 'and so does a better one' leads 'collapse-madvise, all' sync
promise 'the pages are opened 390, 820 and 1280 px wide, light and dark' opened
promise 'the browser has nothing to say on the console' without console
promise 'nothing is asked for but the page itself' without fetch
promise 'nothing in a page could run or fetch' without inert
promise 'what a page has to tell is seen on it' without words
promise 'every graph is there, and something drawn in it' without graphs
promise 'graphs are large enough, and so are their letters' without size
promise 'no page scrolls sideways' without sideways
promise 'text stands out from its background, at least 4.5 to 1' without contrast
promise 'pages are light in the light and dark in the dark' without scheme
promise 'no word and no number is broken' without broken
promise 'figures stand to the right in every table' without align
promise 'every graph names what it draws' without legend
promise 'contents lead to every heading, which they do not cover' without contents
promise 'no page is taller than 12,000 px at 1280 px before it is unfolded' without height
conclude
