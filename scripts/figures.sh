# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What builds take in time and disk: told before they start, and the disk checked.
# The figures come from earlier builds in the cache ($cache), else from scripts/lab-figures.
# Source it after common.sh; the caller sets cache.
# shellcheck disable=SC2154 # cache is the caller's

figures_file=$(dirname -- "${BASH_SOURCE[0]}")/lab-figures

# figures WHAT VERSION CONFIG: prints "OBJECTS SECONDS CPUS KEPT WORK": objects compiled,
# seconds on so many CPUs, MiB that stay in the cache and MiB while it is at work. For a
# version that was not measured, those of another one; for such a mutant, those of mutants.
# 0 objects or seconds: not measured.
figures()
{
	local own=$cache/figures/$2-$3-${1/:/-}

	if [ -s "$own" ]; then
		cat "$own"
		return
	fi
	awk -v what="$1" -v kind="${1%%:*}" -v version="$2" -v config="$3" '
		($1 == what || $1 == kind) && $3 == config {
			fit = 1 + ($2 == version) + 2 * ($1 == what)
			if (fit > best) {
				best = fit
				found = $4 " " $5 " " $6 " " $7 " " $8
			}
		}
		END { print best ? found : "0 0 1 0 0" }' "$figures_file"
}

# keep_figures WHAT VERSION CONFIG OBJECTS SECONDS KEPT WORK: for the next time.
keep_figures()
{
	local own=$cache/figures/$2-$3-${1/:/-}

	mkdir -p "$cache/figures"
	echo "$4 $5 $(nproc) $6 $7" >"$own.new" && mv "$own.new" "$own"
}

# need_nothing: sets what is needed to nothing: seconds (need_unknown: and more that was
# not measured), and MiB that stay and that are there for a while.
need_nothing()
{
	need_unknown=
	need_seconds=0
	need_kept=0
	need_work=0
}

# need_more WHAT VERSION CONFIG: adds what one build needs.
need_more()
{
	local _ seconds cpus kept work

	read -r _ seconds cpus kept work < <(figures "$@")
	need_time "$seconds" "$cpus"
	[ $((need_kept + work)) -le "$need_work" ] || need_work=$((need_kept + work))
	need_kept=$((need_kept + kept))
}

# need_time SECONDS CPUS: adds what takes SECONDS on CPUS to what this machine needs.
need_time()
{
	[ "$1" -gt 0 ] || need_unknown=yes
	need_seconds=$((need_seconds + ($1 * $2 + $(nproc) - 1) / $(nproc)))
}

# need_space WHAT: dies when the cache's disk has no room for WHAT. The most that is there
# at one time counts, and a fifth more.
need_space()
{
	local free needed=$(((need_work > need_kept ? need_work : need_kept) * 6 / 5))

	free=$(free_space)
	[ "$free" -ge "$needed" ] ||
		die "no room $1 in $cache: $(mib "$free") free, $(mib "$needed") needed" \
		    "free some space, or set TLBSYNC_CACHE to a folder on a larger disk"
}

free_space()
{
	echo $(($(df --output=avail -k -- "$cache" | tail -n 1) / 1024))
}

# mib N: prints N MiB, as GiB where that is more readable.
mib()
{
	if [ "$1" -lt 1024 ]; then
		echo "$1 MiB"
	else
		echo "$(($1 / 1024)).$(($1 % 1024 * 10 / 1024)) GiB"
	fi
}

# tell_needs WHAT: says what is about to be done, and what it will take.
tell_needs()
{
	local time="about"

	[ -z "$need_unknown" ] || time="more than"
	time+=" $(duration "$need_seconds") on $(nproc) CPUs"
	[ "$need_seconds" -gt 0 ] || time="a time that was not measured yet"
	note "$1:"
	note "  $time, $(mib "$need_kept") in $cache"
	note "  ($(mib "$(free_space)") are free there)"
}
