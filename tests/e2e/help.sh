#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tlbsync's help promises: --help, the man page and bash's completion tell every
# option of every command, lines fit the terminal, and wrong usage names what is right.
# shellcheck disable=SC2317,SC2329 # called by promise
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "$0")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=${TLBSYNC:-./tlbsync}
page=${top_builddir:-.}/doc/tlbsync.1
built_completion=${top_builddir:-.}/etc/bash-completion/tlbsync
out=$scratch/out
err=$scratch/err
commands='run list topology doctor show compare history stress help'
unset COLUMNS

# Options that there are, whatever the program's own list of them says.
pinned='run -w --workload
run -p --placement
run --ops
run --profile
run --flip-key
run --counter
run -o --output
run --results-dir
run --json
run -h --help
list --json
topology -p --placement
topology --json
doctor --json
show --json
compare --vs
compare --aa
compare --flipped
compare --scale
compare --format
compare -o --output
compare --test
compare --expect-keys
compare --force
compare --json
history --html
history --json
history --metric
history --nights
stress --time
stress --tests
stress --readers
stress --seed
stress --windows
stress --keep-going
stress --list
stress -o --output
help --completion'

# exits STATUS ARGUMENT...
exits()
{
	local wanted=$1 status=0

	shift
	"$tlbsync" "$@" >"$out" 2>"$err" </dev/null || status=$?
	[ "$status" -eq "$wanted" ] || { echo "exit status $status"; cat "$out" "$err"; return 1; }
}

# refuses MESSAGE ARGUMENT...: wrong usage, told in one line.
refuses()
{
	local message=$1

	shift
	exits 2 "$@" && [ ! -s "$out" ] || return 1
	[ "$(cat "$err")" = "$message" ] || { cat "$err"; return 1; }
}

# every_option COMMAND CHECK: CHECK COMMAND LETTER NAME holds for each of its options;
# LETTER is empty, or has its dash. There is one at least.
every_option()
{
	local command letter name found=0

	while read -r command letter name; do
		[ "$command" = "$1" ] || continue
		[ -n "$name" ] || { name=$letter; letter=; }
		found=1
		"$2" "$command" "$letter" "$name" || { echo "$command: no $letter $name"; return 1; }
	done <"$scratch/options"
	[ "$found" = 1 ]
}

# ---- help -------------------------------------------------------------------

pinned_are_listed()
{
	local line

	while read -r line; do
		grep -qxF -- "$line" "$scratch/options" || { echo "not listed: $line"; return 1; }
	done <<<"$pinned"
}

all_commands_are_listed()
{
	local command

	exits 0 help && cmp "$out" <("$tlbsync" --help) || return 1
	for command in $commands; do
		grep -q "^  $command  *[a-z]" "$out" || { echo "no $command"; return 1; }
	done
	[ "$(grep -c '^  [a-z]' "$out")" = "$(wc -w <<<"$commands")" ]
}

in_help()
{
	local letter='   '

	[ -z "$2" ] || letter=$2,
	grep -qE -- "^  $letter $3([ =[]|\$)" "$out"
}

help_tells_options()
{
	exits 0 "$1" --help && [ ! -s "$err" ] && grep -q "^usage: tlbsync $1\( \|\$\)" "$out" &&
		grep -q '^exit status:$' "$out" && grep -q '^  2   wrong usage' "$out" &&
		every_option "$1" in_help
}

same_help()
{
	exits 0 "$1" --help && cp "$out" "$scratch/long" && exits 0 help "$1" &&
		cmp "$out" "$scratch/long" && exits 0 "$1" -h && cmp "$out" "$scratch/long"
}

# fits COLUMNS COMMAND
fits()
{
	exits 0 "$2" --help && ! grep -E "^.{$(($1 + 1))}" "$out"
}

list_fits()
{
	exits 0 help && ! grep -E '^.{81}' "$out"
}

wide_terminal()
{
	COLUMNS=100 exits 0 run --help && grep -qE '^.{81}' "$out" && ! grep -E '^.{101}' "$out" &&
		cp "$out" "$scratch/wide" && COLUMNS=300 exits 0 run --help && cmp "$out" "$scratch/wide"
}

narrow_terminal()
{
	exits 0 run --help && cp "$out" "$scratch/plain" && COLUMNS=20 exits 0 run --help &&
		cmp "$out" "$scratch/plain"
}

version()
{
	exits 0 -V && grep -qE '^tlbsync [0-9]+\.[0-9]' "$out" && cp "$out" "$scratch/version" &&
		exits 0 --version && cmp "$out" "$scratch/version"
}

# full_disk ARGUMENT...
full_disk()
{
	local status=0

	"$tlbsync" "$@" >/dev/full 2>"$err" || status=$?
	[ "$status" -eq 3 ] && [ "$(wc -l <"$err")" -eq 1 ] && grep -q 'cannot print' "$err"
}

# The Makefile's targets for users are those that are no files.
make_help()
{
	local target targets

	make -s -C "${top_builddir:-.}" help >"$out" 2>"$err" && ! grep -E '^.{81}' "$out" || return 1
	mapfile -t targets < <(sed -n '/^\.PHONY:/,/[^\\]$/p' "$top/Makefile.am" |
		grep -oE '[a-z][a-z-]+')
	[ "${#targets[@]}" -gt 10 ] || return 1
	for target in check "${targets[@]}"; do
		[ "$target" = help ] || grep -qE "^  make $target +[a-z]" "$out" ||
			{ echo "no $target"; return 1; }
	done
}

# ---- the man page -------------------------------------------------------------

# The part of the page that is of one command.
man_part()
{
	awk -v begin=".It Cm $1" -v commands=" $commands " '
		/^\.Sh / { inside = 0 }
		/^\.It Cm / && index(commands, " " $3 " ") { inside = 0 }
		$0 == begin && !seen { inside = seen = 1 }
		inside' "$page"
}

in_man()
{
	[ "$3" = --help ] || grep -qE -- "^\.It Fl ${2:+${2#-} , }-${3#--}( |\$)" "$scratch/part"
}

man_tells_options()
{
	man_part "$1" >"$scratch/part" && [ -s "$scratch/part" ] && every_option "$1" in_man
}

man_synopsis()
{
	local command

	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$page" >"$scratch/synopsis"
	for command in $commands; do
		grep -qxF ".Cm $command" "$scratch/synopsis" || { echo "no $command"; return 1; }
	done
	grep -qxF '.Op Fl -results-dir Ar dir' "$scratch/synopsis" && ! grep '^@' "$page"
}

# What the page says beyond --help stays there.
man_details()
{
	grep -qF 'Sizes may end in K, M or G.' "$page" &&
		grep -qF 'All say the same headline.' "$page"
}

man_is_sound()
{
	man --warnings -l "$page" >"$out" 2>"$err" && [ ! -s "$err" ] && grep -q -- '--flip-key' "$out" &&
		! grep -F '\&' "$out"
}

# ---- completion ------------------------------------------------------------------

# completes WORDS ANSWER...: what bash offers for the last of these words, parted as
# bash parts them, has each ANSWER.
completes()
{
	local answer words=$1

	shift
	offers "$words" >"$out"
	for answer; do
		grep -qxF -- "$answer" "$out" || { echo "'$words': no $answer in"; cat "$out"; return 1; }
	done
}

# offers WORDS: an underscore stands for the empty word.
offers()
(
	# shellcheck disable=SC1091
	. "$scratch/completion" || exit
	read -ra COMP_WORDS <<<"$1"
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMP_WORDS[COMP_CWORD]=${COMP_WORDS[COMP_CWORD]#_}
	"$(complete -p tlbsync | sed -n 's/.* -F \([a-z_]*\) tlbsync$/\1/p')"
	[ "${#COMPREPLY[@]}" = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
)

# offers_only WORDS ANSWER...: these answers and no other.
offers_only()
{
	local words=$1

	shift
	[ "$(offers "$words" | sort)" = "$(printf '%s\n' "$@" | sort)" ] ||
		{ offers "$words"; return 1; }
}

offers_nothing()
{
	[ -z "$(offers "$1")" ] || { offers "$1"; return 1; }
}

in_completion()
{
	grep -qxF -- "$3" "$out" && { [ -z "$2" ] || grep -qxF -- "$2" "$out"; }
}

completion_tells_options()
{
	offers "tlbsync $1 -" >"$out" && every_option "$1" in_completion
}

completes_files()
{
	mkdir -p "$scratch/files/folder" && : >"$scratch/files/fine.json" || return 1
	completes "tlbsync show $scratch/files/f" "$scratch/files/fine.json" "$scratch/files/folder" &&
		completes "tlbsync compare a --vs $scratch/files/f" "$scratch/files/fine.json" &&
		completes "tlbsync run -o $scratch/files/fi" "$scratch/files/fine.json" &&
		offers_only "tlbsync history $scratch/files/f" "$scratch/files/folder" &&
		offers_only "tlbsync run --results-dir = $scratch/files/f" "$scratch/files/folder"
}

completes_values()
{
	completes 'tlbsync run -w _' collapse-madvise munmap hugetlb-unshare-munmap &&
		completes 'tlbsync run --workload munm' munmap &&
		completes 'tlbsync topology -p _' alone all smt cross-node &&
		offers_only 'tlbsync run --profile _' quick default full &&
		offers_only 'tlbsync run --counter _' auto csd interrupts none &&
		offers_only 'tlbsync compare --format _' text mail markdown html svg csv json &&
		completes 'tlbsync stress --tests race-' race-unshare race-munmap &&
		completes 'tlbsync history --metric _' sync p99 stolen &&
		completes 'tlbsync compare --test _' p50 own all && completes 'tlbsync help _' run compare
}

completes_lists()
{
	completes 'tlbsync run -w munmap,collapse-m' munmap,collapse-madvise &&
		offers_only 'tlbsync compare --expect-keys absent,o' absent,on absent,off &&
		offers_nothing 'tlbsync run --profile quick,f'
}

# bash makes three words of --format=ma, and munmap : size = 4K,col of a parameter.
completes_parted_words()
{
	offers_only 'tlbsync compare --format = ma' mail markdown &&
		completes 'tlbsync compare --format =' mail markdown html &&
		offers_only 'tlbsync run -w munmap : size = 4K,collapse-mad' 4K,collapse-madvise &&
		offers_only 'tlbsync run --workload = munmap : size = 4K,collapse-mad' 4K,collapse-madvise
}

leaves_optional_values()
{
	offers_nothing 'tlbsync run --flip-key _' && completes 'tlbsync run --flip-key --prof' --profile
}

completion_is_sound()
{
	bash -n "$scratch/completion" || return 1
	! command -v shellcheck >/dev/null || shellcheck "$scratch/completion"
}

[ -x "$tlbsync" ] || { echo "no program at $tlbsync: build it, or set TLBSYNC"; exit 1; }
"$tlbsync" help --list-options >"$scratch/options" || exit 1
"$tlbsync" help --completion >"$scratch/completion" || exit 1

promise 'the list of options has those that are known' pinned_are_listed
promise 'tlbsync help lists all commands, as --help does' all_commands_are_listed
for command in $commands; do
	promise "$command --help tells every option" help_tells_options "$command"
	promise "$command --help fits 80 columns" fits 80 "$command"
	promise "help $command and $command -h say the same" same_help "$command"
	promise "the man page tells every option of $command" man_tells_options "$command"
	promise "completion offers every option of $command" completion_tells_options "$command"
done
promise 'a wider terminal is used, up to 100 columns' wide_terminal
promise 'a narrower one changes nothing' narrow_terminal
promise 'the list of commands fits 80 columns' list_fits
promise '-V is --version' version
promise 'make help tells every target, in 80 columns' make_help
promise 'a full disk under the completion is an error' full_disk help --completion
promise 'a full disk under the list of commands is an error' full_disk help
promise 'a full disk under the help is an error' full_disk help run
promise 'a full disk under --help is an error' full_disk stress --help
promise 'the man page has every command in its synopsis' man_synopsis
promise 'the man page explains more than --help' man_details
if man --help 2>/dev/null | grep -q -- --warnings; then
	promise 'the man page has no fault' man_is_sound
else
	echo "# skipped: the man page's faults take man-db's man"
fi

promise 'completion is valid bash' completion_is_sound
promise 'the built completion is what the program prints' cmp "$scratch/completion" "$built_completion"
promise 'completion offers commands' completes 'tlbsync _' run compare history stress help
promise 'completion offers the one command that a word begins' offers_only 'tlbsync top' topology
promise 'completion offers files and folders' completes_files
promise 'completion offers the values that an option takes' completes_values
promise 'completion goes on with a list' completes_lists
promise 'completion understands words that bash has parted' completes_parted_words
promise 'completion takes no word for an optional value' leaves_optional_values
promise 'completion offers nothing where nothing is taken' offers_nothing 'tlbsync doctor _'
promise 'hidden options are offered nowhere' eval \
	'! offers "tlbsync help --" | grep -e --man -e --list-options'

promise 'an unknown command is wrong usage, with the nearest one named' \
	refuses "tlbsync: unknown command 'comprae'; did you mean 'compare'?" comprae
promise 'so is help of one' \
	refuses "tlbsync: unknown command 'comprae'; did you mean 'compare'?" help comprae
promise 'where none is near, it says where to look' \
	refuses "tlbsync: unknown command 'xyzzy' (see tlbsync --help)" help xyzzy
promise 'help of two commands is wrong usage' \
	refuses "tlbsync help: takes one COMMAND; what is 'list'? (see tlbsync help --help)" help run list
for command in $commands; do
	promise "$command: an unknown option is wrong usage" refuses \
		"tlbsync $command: unknown option '--frobnicate' (see tlbsync $command --help)" \
		"$command" --frobnicate
	promise "$command: the nearest option is named" refuses \
		"tlbsync $command: unknown option '--hlep'; did you mean '--help'?" "$command" --hlep
	promise "$command: a value where none is taken is wrong usage" refuses \
		"tlbsync $command: option '--help' takes no value (see tlbsync $command --help)" \
		"$command" --help=yes
done
for command in run list topology doctor stress; do
	promise "$command: a word too many is wrong usage" refuses \
		"tlbsync $command: what is 'word'? (see tlbsync $command --help)" "$command" word
done
promise 'show: no file is wrong usage' \
	refuses 'tlbsync show: FILE is missing (see tlbsync show --help)' show
promise 'history: no folder is wrong usage' \
	refuses 'tlbsync history: DIR is missing (see tlbsync history --help)' history
promise 'compare: a value is missing' \
	refuses "tlbsync compare: a value is missing after '--format' (see tlbsync compare --help)" \
	compare --format
promise 'a shortened name that is not clear is wrong usage' refuses \
	"tlbsync compare: '--f' is not clear: --flipped or --format? (see tlbsync compare --help)" compare --f

conclude
