# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every script here shares: one way to fail, one way to talk, one cache.
# Source it; it changes nothing by itself.

# die MESSAGE [HINT]: one line of what failed, one of what to do; exit 1.
die()
{
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

# note MESSAGE: progress for people, on standard error.
note()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# need PROGRAM PACKAGE: stop with the package's name when PROGRAM is missing.
need()
{
	command -v "$1" >/dev/null 2>&1 ||
		die "$1 is missing" "install the Debian package $2, or run ./bootstrap --lab"
}

# cache_dir: prints the absolute cache folder, making it when it is not there.
cache_dir()
{
	local dir=${TLBSYNC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tlbsync}

	mkdir -p -- "$dir" || die "cannot make the cache folder $dir" "set TLBSYNC_CACHE to a folder you may write"
	(cd -- "$dir" && pwd -P)
}

# lock_cache: waits, saying so, until no other lab command uses the cache.
# The lock is held by file descriptor 9 until the calling script ends; children
# that outlive the script must close it (9>&-).
lock_cache()
{
	local file

	file=$(cache_dir)/lock || exit 1
	exec 9>"$file" || die "cannot open the lock $file"
	if ! flock -n 9; then
		note "another lab command is using $(cache_dir); waiting for it"
		flock 9
	fi
}

# at_exit FUNCTION: calls it when the script ends, however it ends. A signal ends
# what run or capture has running first.
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
	if [ -n "$running" ]; then
		kill "$running" 2>/dev/null || true
		wait "$running" || true
	fi
	exit $((128 + $1))
}

# run COMMAND...: runs a program so that a signal to this script ends both at once,
# where bash would first wait for the program. It does not outlive even a kill -9,
# and what it may leave behind does not hold the cache's lock.
run()
{
	setpriv --pdeathsig TERM -- "$@" <&0 9>&- &
	await $!
}

# capture NAME COMMAND...: run, with the first line of its output in variable NAME.
capture()
{
	local name=$1 status=0
	shift

	exec 3< <(exec setpriv --pdeathsig TERM -- "$@" 9>&-)
	await $! || status=$?
	read -r "${name?}" <&3 || true
	exec 3<&-
	return "$status"
}

await()
{
	local status=0

	running=$1
	wait "$running" || status=$?
	running=
	return "$status"
}
