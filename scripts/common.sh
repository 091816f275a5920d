# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every script here shares: one way to fail, one way to talk, one cache.
# Source it; it only remembers how the script was called.

own_command="${0##*/}${*:+ $*}"
drawer=		# the process that draws the progress, if there is one (scripts/progress.sh)

# die MESSAGE [HINT]: one line that says what failed, one that says what to do; exit 1.
die()
{
	stop_drawing
	printf '%s: error: %s\n' "${0##*/}" "$1" >&2
	[ $# -lt 2 ] || printf '%s: hint: %s\n' "${0##*/}" "$2" >&2
	exit 1
}

# usage_error MESSAGE: wrong usage; exit 2.
usage_error()
{
	printf '%s: %s (see %s --help)\n' "${0##*/}" "$1" "${0##*/}" >&2
	exit 2
}

# note MESSAGE: a line for people, on standard error.
note()
{
	erase_line
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# erase_line: removes the progress line, which this script or one that called it draws
# on the terminal. The next second draws it again below.
erase_line()
{
	[ -z "${TLBSYNC_DRAWING:-}" ] || [ ! -t 2 ] || printf '\r\033[K' >&2
}

# stop_drawing: ends the progress line, if this script draws one.
stop_drawing()
{
	[ -n "$drawer" ] || return 0
	kill -KILL "$drawer" 2>/dev/null || true	# no trap of its parent may run in it
	wait "$drawer" 2>/dev/null || true
	drawer=
	erase_line
	unset TLBSYNC_DRAWING
}

# duration SECONDS: prints it as "40 s", "6 min" or "1 h 20 min".
duration()
{
	local minutes=$((($1 + 30) / 60))

	if [ "$1" -lt 100 ]; then
		echo "$1 s"
	elif [ "$minutes" -lt 100 ]; then
		echo "$minutes min"
	else
		echo "$((minutes / 60)) h $((minutes % 60)) min"
	fi
}

# need PROGRAM PACKAGE: stop with the package's name when PROGRAM is missing.
need()
{
	command -v "$1" >/dev/null 2>&1 ||
		die "$1 is missing" "install the Debian package $2, or run ./bootstrap --lab"
}

# cache_dir: prints the absolute path of the cache folder, which it makes when missing.
cache_dir()
{
	local dir=${TLBSYNC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tlbsync}

	mkdir -p -- "$dir" || die "cannot make the cache folder $dir" "set TLBSYNC_CACHE to a folder you may write"
	(cd -- "$dir" && pwd -P)
}

# lock_cache: waits until no other lab command uses the cache, and says who does.
# File descriptor 9 holds the lock until the calling script ends; children that may
# outlive the script must close it (9>&-).
lock_cache()
{
	local file

	file=$(cache_dir)/lock || exit 1
	exec 9>"$file" || die "cannot open the lock $file"
	flock -n 9 || wait_for_lock "$file"
	lock_since=$(date +%s)
	write_holder "$file" "$lock_since"
}

# lock_log LOG: tells those who wait for the cache that this script's log is LOG.
lock_log()
{
	write_holder "$(cache_dir)/lock" "$lock_since" "$1"
}

# write_holder LOCK SINCE [LOG]: writes beside LOCK, which this script holds, who holds it.
# The file is whole or not there at all. Nobody removes it: it counts while LOCK is held.
write_holder()
{
	printf '%s\n' "$$" "$2" "${own_command//$'\n'/ }" "${3-}" >"$1.holder.$$" &&
		mv -f -- "$1.holder.$$" "$1.holder"
}

# read_holder LOCK: prints who holds LOCK, as "PID SINCE COMMAND" and the log on a second
# line. Fails when the holder is not known: what a script that has ended left is stale.
read_holder()
{
	local pid since command log

	{ read -r pid && read -r since && read -r command && read -r log; } 2>/dev/null <"$1.holder" || return 1
	[[ $pid =~ ^[0-9]+$ && $since =~ ^[0-9]+$ ]] && [ -d "/proc/$pid" ] || return 1
	printf '%s %s %s\n%s\n' "$pid" "$since" "$command" "$log"
}

# tell_holder HOLDER: says what read_holder printed.
tell_holder()
{
	local pid since command log

	{ read -r pid since command; read -r log || log=; } <<<"$1"
	note "  pid $pid: $command"
	note "  since $(date -d "@$since" +%T) ($(duration $(($(date +%s) - since))))"
	[ -z "$log" ] || note "  its log: $log"
}

# wait_for_lock LOCK: waits, and says for whom, again when it is somebody else's turn.
wait_for_lock()
{
	local holder told='' began=$SECONDS

	note "another lab command is using ${1%/*}; waiting for it"
	while true; do
		holder=$(read_holder "$1") || holder=$told
		[ "$holder" = "$told" ] || tell_holder "$holder"
		told=$holder
		flock -w 1 9 &
		! await $! || break
	done
	note "going on after $(duration $((SECONDS - began)))"
}

# at_exit FUNCTION: calls FUNCTION when the script ends, also after a signal. The signal
# first ends the program that run or capture has started.
running=
at_exit()
{
	# shellcheck disable=SC2064 # the name is wanted as it is now
	trap "$1" EXIT
	trap 'on_signal 2' INT
	trap 'on_signal 15' TERM
	trap 'on_signal 1' HUP
}

on_signal()
{
	trap '' INT TERM HUP
	stop_drawing
	if [ -n "$running" ]; then
		kill "$running" 2>/dev/null || true
		wait "$running" || true
	fi
	exit $((128 + $1))
}

# run COMMAND...: runs a program so that a signal to this script ends both at once;
# bash alone would first wait for the program. The program ends with the script even
# after kill -9, and no process that it leaves behind holds the cache's lock.
run()
{
	setpriv --pdeathsig TERM -- "$@" <&0 9>&- &
	await $!
}

# capture NAME COMMAND...: like run, with the lines of the output in the array NAME.
capture()
{
	local name=$1 status=0
	shift

	exec 3< <(exec setpriv --pdeathsig TERM -- "$@" 9>&-)
	await $! || status=$?
	mapfile -t "$name" <&3
	exec 3<&-
	return "$status"
}

# await PID: waits for a child that a signal to this script has to end; returns its status.
await()
{
	local status=0

	running=$1
	wait "$running" || status=$?
	running=
	return "$status"
}
