# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the lab share: a line for each promise, and the exit status.
# Source it; it makes a scratch folder, $scratch, and ends with `conclude`.

scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
broken=0
unset COLUMNS	# what is printed is as wide as in a pipe, wherever the tests are started

# promise TEXT COMMAND...: one promise, kept if COMMAND succeeds. If it fails, its output
# is shown.
promise()
{
	local text=$1
	shift

	if "$@" >"$scratch/promise.log" 2>&1; then
		echo "ok - $text"
	else
		echo "not ok - $text"
		sed 's/^/    /' "$scratch/promise.log"
		broken=$((broken + 1))
	fi
}

# fails STATUS WORDS COMMAND...: COMMAND exits with STATUS, and says WORDS.
fails()
{
	local want=$1 words=$2 status=0
	shift 2

	"$@" >"$scratch/fails.log" 2>&1 </dev/null || status=$?
	cat "$scratch/fails.log"
	[ "$status" -eq "$want" ] || { echo "exit status $status, not $want"; return 1; }
	grep -qF -- "$words" "$scratch/fails.log" || { echo "it does not say: $words"; return 1; }
}

# eventually COMMAND...: COMMAND succeeds within 20 seconds.
eventually()
{
	local try

	for ((try = 0; try < 200; try++)); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

# on_terminal TERM COMMAND...: what COMMAND writes to a terminal of that kind; succeeds
# when COMMAND does.
on_terminal()
{
	TERM=$1 script -qefc "${*:2}" /dev/null </dev/null
}

# draws FILE: lines in it were drawn over; plain FILE: no line was. (A terminal has its own
# carriage return before each newline.)
draws() { grep -q $'\r\033\\[K' "$1"; }
plain() { ! sed 's/\r$//' "$1" | grep -q $'[\r\033]'; }

# narrow FILE COLUMNS: no line is longer, but for those with a path in them.
narrow()
{
	! grep -v / "$1" | grep -E "^.{$(($2 + 1))}"
}

# whole_words: a page without the marks that tell a browser where its words may break.
whole_words() { sed -E 's,<span class="(t|long)">([^<]*)</span>,\2,g; s/<wbr>//g'; }

# gone PID: no such process any more (a zombie is none).
gone()
{
	! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

# cannot_run WHY: the test cannot run here.
cannot_run()
{
	echo "skipped: $1"
	exit 77
}

conclude()
{
	[ "$broken" -eq 0 ] || exit 1
	exit 0
}
