#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the HTML pages promise where they are read, in a browser: on a phone, a tablet and
# a desk's screen, in the light and in the dark. First each of some broken pages has to be found out.
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
graph='<svg class="graph" width="300" height="200"><path d="M0 0L300 200" stroke="#4c8dd6"/></svg>'

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
broken empty-graph '' "${graph/4c8dd6/000}"
broken small-graph '' "${graph/300/90}"
broken wide-graph '' "<div style='overflow: hidden'>${graph/300/1300}</div>"
broken small-letters '' "${graph/<path/<text y="9" font-size="7" fill="currentColor"><tspan>7<\/tspan><\/text><path}"
broken wide '' "$graph<div style='width: 600px'>wide</div>"
broken desk-only '' "$graph<meta name='viewport' content='width=980'>"
broken grey '' "$graph<div style='background: #aaa'><p style='color: #777'>grey</p></div>"
broken grey-in-the-dark '' "$graph<p style='color: #767676'>grey</p>"
broken white '<style>body { background: #fff; color: #111 }</style>' "$graph"
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

x100=$(printf 'x%.0s' {1..100})
hostile="a <b> \"c\" 'd' <script>alert(1)</script>
<img src=x onerror=\"alert(2)\"> \`e\` &lt; \$(f) --> ]]> \\"

nights "$scratch/none" 0 lab 7.2 all
nights "$scratch/one" 1 lab 7.2 all
nights "$scratch/two" 2 lab 7.2 all
nights "$scratch/forty" 40 lab 7.2 all
nights "$scratch/$hostile" 40 "$hostile" "$hostile" "$hostile"
nights "$scratch/long" 40 "$x100$x100" "$x100" "$x100"

pages=${1:-$scratch/pages}
mkdir -p "$pages" || exit 1
[ $# -eq 0 ] || shots=(--shots "$pages")
rm "$scratch/list"
page history-none 0 0 'No night has been recorded yet' history "$scratch/none"
page history-one 0 0 'Only one night has been recorded' history "$scratch/one"
page history-two 0 6 'too few nights' history "$scratch/two"
page history-forty 6 8 '7.2.0 → 7.2.1' history "$scratch/forty"
page history-hostile 6 8 "<img src=x onerror=\"alert(2)\">" history "$scratch/$hostile"
page history-long 6 8 "$x100.0 → $x100.1" history "$scratch/long"
page compare-boots 1 0 collapse-madvise compare "$top"/results/reference/7.2-n8/base-*[0-9].json \
	--vs "$top"/results/reference/7.2-n8/patched-*[0-9].json \
	--scale "$top"/results/reference/7.2-scale/n???-{base,patched}.json
page reference 1 0 '56,000' cat "$top/results/reference/7.2-n8/report.html"
page compare-hostile 4 0 "<img src=x onerror=\"alert(2)\">" \
	compare "$scratch/$hostile"/0[01]?.json --vs "$scratch/$hostile"/0[23]?.json
page compare-long 4 0 "$x100.0" compare "$scratch/long"/0[01]?.json --vs "$scratch/long"/0[23]?.json
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
conclude
