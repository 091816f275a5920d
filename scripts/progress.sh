# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# How far a lab command is, with the time left. A terminal that can move its cursor gets
# one line, drawn anew each second; pipes, files and TERM=dumb get plain lines.
# Source it after common.sh.

plain_every=30		# seconds from one plain line to the next

can_draw()
{
	[ -t 2 ] || return 1
	case ${TERM:-dumb} in
	dumb|unknown) return 1 ;;
	esac
}

# start_drawing FUNCTION: shows the one line that FUNCTION prints, until stop_drawing or
# until this script ends. Where it cannot draw, it prints a plain line now and then.
start_drawing()
{
	if can_draw; then
		export TLBSYNC_DRAWING=yes
		draw "$1" 9>&- &
	else
		tell "$1" 9>&- &
	fi
	# shellcheck disable=SC2034 # for stop_drawing
	drawer=$!
}

# tick: waits for a second without a child, which would outlive this process.
tick()
{
	read -rt 1 -u "$never" || true
}

draw()
{
	local never columns line

	exec {never}<> <(:)
	columns=$(stty size <&2 2>/dev/null) || columns=
	columns=${columns#* }
	[[ $columns =~ ^[1-9][0-9]+$ ]] || columns=80
	while kill -0 $$ 2>/dev/null; do
		line=$("$1")
		printf '\r\033[K%s' "${line:0:columns - 1}" >&2
		tick
	done
}

tell()
{
	local never began=$SECONDS

	exec {never}<> <(:)
	while tick; kill -0 $$ 2>/dev/null; do
		if [ $((SECONDS - began)) -ge "$plain_every" ]; then
			began=$SECONDS
			note "$("$1")"
		fi
	done
}

# left SECONDS: prints ", 2 min left", or that it will not be long.
left()
{
	if [ "$1" -gt 0 ]; then
		echo ", about $(duration "$1") left"
	else
		echo ", almost done"
	fi
}

# A series of steps, such as boots. Each step has a weight, which is what it takes beside
# the others: the time left is that of the weights to come at the rate so far.

# series WORD COUNT [WEIGHT]: COUNT steps follow, each called WORD; WEIGHT is that of all.
series()
{
	series_word=$1
	series_count=$2
	series_weight=${3:-$2}
	series_step=0
	series_done=0
	series_now=0
	series_began=$SECONDS
}

# step NAME [WEIGHT]: the next step begins.
step()
{
	stop_drawing
	series_done=$((series_done + series_now))
	series_now=${2:-1}
	series_step=$((series_step + 1))
	series_name=$1
	series_rate=$((series_done > 0 ? 1000 * (SECONDS - series_began) / series_done : 0))
	step_began=$SECONDS
	if can_draw; then
		start_drawing series_line
	else
		note "$(series_line)"
	fi
}

# series_line: "boot 2 of 4: patched, about 40 s left".
series_line()
{
	local line="$series_word $series_step of $series_count: $series_name"
	local seconds=$((series_rate * (series_weight - series_done) / 1000 - (SECONDS - step_began)))

	[ "$SECONDS" -eq "$step_began" ] || line+=", $(duration $((SECONDS - step_began)))"
	[ "$series_done" -eq 0 ] || line+=$(left "$seconds")
	echo "$line"
}
