#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/nightly promises, with a stand-in for the program: its runs are fixture
# records, changed as a test wants them. All names have spaces. And what of it
# `make install` puts where.
# shellcheck disable=SC2317 # called by promise
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
command -v jq >/dev/null || cannot_run "nightly takes jq"
unset MAKEFLAGS MFLAGS MAKELEVEL

TLBSYNC=$(realpath -- "${TLBSYNC:-./tlbsync}")
build=${top_builddir:-$top}
export TLBSYNC SCRATCH=$scratch FIXTURE=$top/tests/fixtures/records/base.json
dir="$scratch/some nights"
program="$scratch/the program"
told=$scratch/told
day=0

# $CHANGE is a jq filter for the record, $RUN what the run does instead of ending well.
cat >"$program" <<'END'
#!/bin/bash
case $1 in
run)
	printf '%s\n' "${@:2}" >"$SCRATCH/flags"
	case ${RUN-} in
	dies) echo "tlbsync run: cannot count IPIs: no \"luck\"" >&2; exit 77 ;;
	waits) echo $$ >"$SCRATCH/hanging"; exec sleep 600 ;;
	obeys)
		trap 'trap "" TERM; kill -KILL $!' TERM
		sleep 600 & echo $! >"$SCRATCH/hanging"
		wait
		CHANGE='.incomplete = {signal: "SIGTERM", cases_planned: 9}'; EXIT=143 ;;
	hangs) trap '' TERM; sleep 600 & echo $! >"$SCRATCH/hanging"; wait; wait ;;
	rubbish) echo '{}' >"${@: -1}"; exit 0 ;;
	stopped) CHANGE='.incomplete = {signal: "SIGTERM", cases_planned: 9}'; EXIT=143 ;;
	late) CHANGE='.incomplete = {signal: "SIGTERM", cases_planned: 9}'; sleep 1.1; EXIT=124 ;;
	esac
	jq "${CHANGE:-.}"' |
		.id = ("\(env.NIGHT)T030000Z-\(.host)-\(.kernel.release)" | gsub("[ /]"; "_")) |
		.started = "\(env.NIGHT[:4])-\(env.NIGHT[4:6])-\(env.NIGHT[6:])T03:00:00Z"' \
		"$FIXTURE" >"${@: -1}"
	exit ${EXIT:-0} ;;
history)
	case "$2 ${HISTORY-}" in
	"--judge old") echo "tlbsync history: unknown option --judge" >&2; exit 2 ;;
	"--html broken") echo "tlbsync history: no memory for plots" >&2; exit 1 ;;
	--judge*|"--html real") exec "$TLBSYNC" "$@" ;;
	esac
	echo page >"$3" ;;
*) exec "$TLBSYNC" "$@" ;;
esac
END
chmod +x "$program"

next_date()
{
	day=$((day + 1))
	date=$(date -u -d "2025-01-01 + $day days" +%Y%m%d)
}

# night STATUS [VARIABLE=VALUE]... [-- OPTION...]: another night, which ends with STATUS.
night()
{
	local want=$1 status=0 variables=()
	shift

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	next_date
	env NIGHT="$date" "${variables[@]}" "$top/scripts/nightly" --tlbsync "$program" --dir "$dir" "${@:2}" \
		>"$told" 2>&1 </dev/null || status=$?
	cat "$told"
	[ "$status" -eq "$want" ] || { echo "exit status $status, not $want"; return 1; }
}

says() { grep -qF -- "$1" "$told"; }
compared() { grep -qE "^compared with $1 nights? of this machine, kernel 7.2, key absent in " "$told"; }
never_says() { ! says "$1"; }
records() { find "$dir" -maxdepth 1 -name '*.json' ! -name '*.failed.json' | wc -l; }
notes() { find "$dir" -name '*.failed.json' | wc -l; }

# The note of the failed night passes the jq filter; then the note is removed.
note_says()
{
	[ "$(notes)" -eq 1 ] && jq -e '.schema == "tlbsync.night/1" and (.started | test("^20.*Z$")) and
		(.host | length > 0) and (.kernel | length > 0) and '"$1" "$dir"/*.failed.json || return
	[ -s "$dir/$(jq -r .log "$dir"/*.failed.json)" ] && rm "$dir"/*.failed.json
}

first_night()
{
	night 0 -- -- --ops 20 -p "alone,all" && says "no earlier night" && says "0 regressions" &&
		[ "$(records)" -eq 1 ] && [ -f "$dir/${date}T030000Z-lab-7.2.0.json" ] &&
		[ "$(notes)" -eq 0 ] && grep -q '^0 regressions$' "$dir"/log/*.log &&
		[ "$(head -n 4 "$scratch/flags" | paste -sd' ')" = "--ops 20 -p alone,all" ]
}

alike()
{
	night 0 && compared 1 && night 0 CHANGE='.kernel.release = "7.2.9-rt"' &&
		compared 2 && [ "$(records)" -eq 3 ]
}

config()
{
	printf 'DIR=/nowhere\nNIGHTS=2\nRUN_FLAGS="--profile quick"\nTLBSYNC="%s"\n' "$program" >"$scratch/a config"
	next_date
	NIGHT=$date "$top/scripts/nightly" --config "$scratch/a config" --dir "$dir" >"$told" &&
		compared 2 && [ "$(head -n 2 "$scratch/flags" | paste -sd' ')" = "--profile quick" ]
}

more_syncs()
{
	night 1 CHANGE='.cases[1].ipi.sync |= (.requested = 701 | .max_per_op = 8)' &&
		says "regression: collapse-madvise, all: sync/op 7.01, up from 7" && grep -qx "1 regression" "$told" &&
		[ "$(records)" -eq 5 ]
}

more_flushes()
{
	night 1 CHANGE='.cases[2].ipi.flush |= (.requested = 100 | .max_per_op = 1)' &&
		says "regression: munmap, alone: flush/op 1, up from 0" && grep -qx "1 regression" "$told"
}

varies()
{
	dir="$scratch/varies"
	night 0 CHANGE='.cases[1].ipi.flush |= (.requested = 300 | .min_per_op = 0)' &&
		night 0 CHANGE='.cases[1].ipi.flush |= (.requested = 310 | .min_per_op = 0)'
}

fewer() { night 0 CHANGE='.cases[0].ipi.sync |= (.requested = 0 | .min_per_op = 0 | .max_per_op = 0)'; }

others_do_not_count()
{
	dir="$scratch/others"
	local zero='.cases[].ipi |= (if . then .sync |= (.requested = 0 | .min_per_op = 0 | .max_per_op = 0) else . end)' other

	for other in '.host = "x-lab"' '.machine.cpu = "other"' '.machine.cpus_online = 9' \
		'.machine.hypervisor = "kvm"' '.kernel.release = "7.20.1"' '.kernel.release = "6.12.1"' \
		'.kernel.static_key = "on"'; do
		night 0 CHANGE="$other | $zero" || return
	done
	night 0 && says "no earlier night"
}

odd_names()
{
	# shellcheck disable=SC2016 # no shell expands it
	local odd='.host = "a \"b\" [c]* $(false) <script>/" | .kernel.release = "7.2.0 [x]"'

	dir="$scratch/odd names"
	night 0 CHANGE="$odd" && night 0 CHANGE="$odd" && compared 1 &&
		night 1 CHANGE="$odd | .host += \"\\n\"" && says "is no file name" && rm "$dir"/*.failed.json
}

failed_case()
{
	night 1 EXIT=1 CHANGE='.cases[0] |= (.status = "fail" | .as_expected = null | .reason = "killed\nby signal 9")' &&
		says "regression: collapse-madvise, alone: failed: killed?by signal 9" && never_says "note: collapse"
}

unexpected()
{
	night 1 EXIT=1 CHANGE='.cases[0] |= (.as_expected = false | .reason = "2 ops had 8")' &&
		says "regression: collapse-madvise, alone: not as the kernel source predicts: 2 ops had 8"
}

vanished()
{
	night 0 && night 0 CHANGE='del(.cases[2])' && says "note: munmap, alone: measured the night before"
}

nothing_runs()
{
	night 77 EXIT=77 CHANGE='.cases |= map(select(.status == "skip"))'
}

# kvm FILTER: a change that makes a night's record one of a machine whose times are real.
kvm() { echo ".machine.hypervisor = \"kvm\" | ${1:-.}"; }

# From 128 ns on, twice a bucket's lower bound is the lower bound of another bucket.
twice='.cases[].latency_ns |= (if . then with_entries(if .key == "histogram"
	then .value[][0] *= 2 else .value *= 2 end) else . end)'

# past NIGHTS FILTER: so many nights before, each with a record of its own
past()
{
	local i

	mkdir -p "$dir"
	for ((i = 0; i < $1; i++)); do
		next_date
		NIGHT=$date CHANGE=$2 "$program" run -o "$scratch/past.json" &&
			mv "$scratch/past.json" "$dir/$(jq -r .id "$scratch/past.json").json" || return
	done
}

slower()
{
	local first

	dir="$scratch/slower"
	past 10 "$(kvm)" && past 1 "$(kvm "$twice | .kernel.release = \"7.2.1\"")" && first=$date &&
		past 8 "$(kvm "$twice")" && night 1 HISTORY=real CHANGE="$(kvm "$twice")" &&
		grep -qE "^regression: collapse-madvise, all: p50 50.0 us to 100 us, .* on $(date -d "$first" +%F), kernel 7.2.0 to 7.2.1, p=0.000" "$told" &&
		[ "$(grep -c '^regression: collapse-madvise, all: ' "$told")" -eq 1 ] &&
		grep -q '</svg>' "$dir/history.html"
}

# The same change, on another machine or long ago; and to shorter times.
other_changes()
{
	cp -r "$scratch/slower" "$scratch/elsewhere" && dir="$scratch/elsewhere" &&
		night 0 HISTORY=real CHANGE="$(kvm '.machine.cpu = "other"')" &&
		dir="$scratch/slower" && night 0 HISTORY=real CHANGE="$(kvm "$twice")" -- --nights 5 &&
		dir="$scratch/faster" && past 10 "$(kvm "$twice")" && past 9 "$(kvm)" &&
		night 0 HISTORY=real CHANGE="$(kvm)" && grep -qE 'class="[^"]*good">better' "$dir/history.html"
}

# There is no report on the night itself and on those after it.
outlier()
{
	dir="$scratch/outlier"
	past 12 "$(kvm)" && night 0 HISTORY=real CHANGE="$(kvm "$twice | $twice")" &&
		past 6 "$(kvm)" && night 0 HISTORY=real CHANGE="$(kvm)" && says "0 regressions"
}

first_nights_page()
{
	local words

	dir="$scratch/first nights"
	for words in 'Only one night' 'too few nights' 'too few nights'; do
		night 0 HISTORY=real && grep -qF "$words" "$dir/history.html" || return
	done
}

# The other files that a night leaves are no records, and disturb nothing.
failed_night_between()
{
	dir="$scratch/between"
	past 2 . && night 77 RUN=dies HISTORY=real && [ "$(notes)" -eq 1 ] && touch "$dir/.night-lab.lock" &&
		night 0 HISTORY=real && compared 2 && grep -q '3 records' "$dir/history.html" &&
		never_says "passed over"
}

history_fails()
{
	night 1 HISTORY=broken && says "no memory for plots" && says "no page: " && says "0 regressions"
}

no_judge()
{
	night 1 HISTORY=old && says "unknown option --judge" && says "no verdict: " && [ "$(notes)" -eq 0 ]
}

broken_record()
{
	dir="$scratch/broken"
	night 0 && cp "$dir"/*.json "$scratch/good.json" && head -c 500 "$scratch/good.json" >"$(echo "$dir"/*.json)" &&
		echo '{}' >"$dir/foreign.json" && night 0 && says "passed over: " && says "no earlier night"
}

failing_run()
{
	night 77 RUN=dies && says "the night failed: " &&
		note_says '.status == 77 and (.reason | endswith("cannot count IPIs: no \"luck\""))'
}

rubbish() { night 1 RUN=rubbish && note_says '.status == 1 and (.reason | contains("no sound record"))'; }

# The incomplete record is no night of the series.
stopped_run()
{
	local before

	before=$(records)
	night 1 RUN=stopped && [ "$(records)" -eq "$before" ] &&
		note_says '.status == 143 and (.reason | startswith("tlbsync run was stopped by a signal; ") and
			endswith("kept out of the series"))' &&
		night 1 RUN=late -- --timeout 1 && [ "$(records)" -eq "$before" ] &&
		note_says '.status == 124 and (.reason | startswith("tlbsync run was not done after 1 seconds"))'
}

# kept_incomplete: the note names the record, which has its cases, and which no history reads.
# The note and the record are removed.
kept_incomplete()
{
	local kept

	kept=$dir/$(jq -r .incomplete "$dir"/*.failed.json) || return
	"$TLBSYNC" show "$kept" | grep -q '^The run is incomplete: SIGTERM' &&
		[ "$(find "$dir" -name '*.json' -newer "$scratch/began" ! -name '*.failed.json' | wc -l)" -eq 0 ] &&
		"$TLBSYNC" history --json "$dir" >"$scratch/nights" 2>&1 &&
		! grep -qF "$(jq -r .id "$kept")" "$scratch/nights" && rm -- "$kept" "$dir"/*.failed.json
}

# Stopped by a signal to the run, by the limit, and with the nightly itself.
incomplete_is_kept()
{
	dir="$scratch/incomplete"
	past 2 . && touch "$scratch/began" && night 1 RUN=stopped && says "the cases that were done: $dir/log/" &&
		kept_incomplete && night 1 RUN=obeys -- --timeout 1 && says "not done after 1 seconds" && kept_incomplete &&
		start obeys || return
	kill "$nightly"
	wait "$nightly"
	[ $? -eq 143 ] && jq -e '.reason == "stopped by a signal"' "$dir"/*.failed.json && kept_incomplete
}

never_overwritten()
{
	local before

	night 0 && before=$(sha256sum "$dir"/*.json) && day=$((day - 1)) && night 1 CHANGE='.profile = "other"' &&
		note_says '(.reason | contains("is there already"))' &&
		[ "$before" = "$(sha256sum "$dir"/*.json)" ]
}

hanging_run()
{
	night 1 RUN=hangs -- --timeout 1 && gone "$(<"$scratch/hanging")" &&
		note_says '.reason == "tlbsync run was not done after 1 seconds, and was ended"'
}

# start RUN: a night that takes long, its process in $nightly
start()
{
	rm -f "$scratch/hanging"
	NIGHT=20260101 RUN=$1 "$top/scripts/nightly" --tlbsync "$program" --dir "$dir" >"$scratch/long" 2>&1 &
	nightly=$!
	eventually test -s "$scratch/hanging"
}

# Then a signal stops the nightly that came first.
two_at_once()
{
	start waits || return
	night 1 && says "another nightly is at work in $dir" && [ "$(notes)" -eq 0 ] || return
	kill "$nightly"
	wait "$nightly"
	[ $? -eq 143 ] && gone "$(<"$scratch/hanging")" && note_says '.reason == "stopped by a signal"'
}

unwritable()
{
	local as=() status=0

	mkdir "$scratch/theirs"
	cp "$top"/scripts/{nightly,common.sh} "$scratch/theirs"
	chmod 755 "$scratch" "$scratch/theirs"
	if [ "$(id -u)" -eq 0 ]; then
		as=(setpriv --reuid 65534 --clear-groups --)
	else
		mkdir -m 555 "$scratch/read only"
	fi
	"${as[@]}" bash "$scratch/theirs/nightly" --tlbsync /bin/true --dir "$scratch/read only/nights" \
		>"$told" 2>&1 || status=$?
	cat "$told"
	[ "$status" -eq 1 ] && says "cannot write to the folder $scratch/read only/nights"
}

full_disk()
{
	# shellcheck disable=SC2016 # for the inner shell
	fails 1 'No space left on device' unshare -m sh -c 'mkdir "$1" && mount -t tmpfs -o size=4k none "$1" &&
		mkdir "$1/log" && { cat /dev/zero >"$1/zero" 2>/dev/null; "$2" --tlbsync /bin/true --dir "$1"; }' \
		sh "$scratch/full" "$top/scripts/nightly"
}

nothing_left_over() { ! compgen -G "$scratch/*/.night-*/*"; }

# installed PATTERN: the one file that make install put there
installed() { find "$scratch/root" -path "*/$1" | grep .; }

# From the unit on, every path leads to a file that is there.
install_to_destdir()
{
	local command config

	make -C "$build" -s install DESTDIR="$scratch/root" || return
	command=$(sed -n 's/^ExecStart=//p' "$(installed systemd/system/tlbsync-nightly.service)")
	config=$scratch/root${command#* --config }
	cat "$config" && grep -qF " $command" "$(installed cron.d/tlbsync-nightly)" &&
		[ -x "$scratch/root$(sed -n 's/^TLBSYNC=//p' "$config")" ] &&
		installed systemd/system/tlbsync-nightly.timer && installed man8/tlbsync-nightly.8 &&
		! grep -rE '@[a-z]+@' "$scratch/root" --include='tlbsync-nightly*' || return
	next_date
	NIGHT=$date "$scratch/root${command%% *}" --config "$config" --tlbsync "$program" \
		--dir "$scratch/installed nights"
}

edited_config_is_kept()
{
	local config

	config=$(installed default/tlbsync-nightly)
	echo 'NIGHTS=30' >>"$config"
	make -C "$build" -s install DESTDIR="$scratch/root" && grep -qx NIGHTS=30 "$config" && sed -i '$d' "$config"
}

uninstall_leaves_nothing()
{
	make -C "$build" -s uninstall DESTDIR="$scratch/root" && [ -z "$(find "$scratch/root" ! -type d | tee /dev/stderr)" ]
}

[ -x "$TLBSYNC" ] || { echo "no program at $TLBSYNC: build it, or set TLBSYNC"; exit 1; }
promise 'the first night: a record, a log, nothing to compare with' first_night
promise 'a night like the others' alike
promise 'settings come from a configuration' config
promise 'one sync IPI more is a regression, and names the case' more_syncs
promise 'so are flush IPIs' more_flushes
promise 'fewer are none' fewer
promise 'without a verdict the night fails, and says so' no_judge
promise 'a count that varies by itself is no regression' varies
promise 'other machines, kernel series and states of the key do not count' others_do_not_count
promise 'odd characters in host and kernel do no harm' odd_names
promise 'a case that failed is a regression' failed_case
promise 'a case that is not as expected is a regression' unexpected
promise 'a case that is no longer measured is noted' vanished
promise 'a night in which nothing could run: exit status 77' nothing_runs
if command -v gnuplot >/dev/null; then
	promise 'a change point to a longer time is a regression, as tlbsync history tells it' slower
	promise 'one of another machine, of long ago or to a shorter time is none' other_changes
	promise 'nor is one night far off, in that night or later' outlier
	promise 'one night, two or three have a page' first_nights_page
	promise 'a night that failed is passed over' failed_night_between
else
	echo "skipped, there is no gnuplot: what tlbsync history tells nightly"
fi
promise 'a page that fails fails the night, with its reason, after the verdict' history_fails
promise 'a broken record is named and passed over' broken_record
dir="$scratch/failing nights"
promise 'a run that fails leaves a note with its last words' failing_run
promise 'so does a run that leaves rubbish' rubbish
promise 'a run that was stopped half-way is a failed night, and not in the series' stopped_run
promise 'what it had measured is kept where no history reads it, and its note says where' incomplete_is_kept
promise 'a record is never overwritten' never_overwritten
promise 'a run that hangs is ended, and leaves a note' hanging_run
promise 'a second nightly at once says so; one that is stopped leaves a note' two_at_once
promise 'a folder that cannot be written is named' unwritable
if unshare -m true 2>/dev/null; then
	promise 'a full disk is named' full_disk
fi
promise 'a program that is missing is named' \
	fails 1 "no program $scratch/none" "$top/scripts/nightly" --dir "$dir" --tlbsync "$scratch/none"
promise 'no folder is wrong usage' fails 2 '--dir is needed' "$top/scripts/nightly"
promise 'a number that is none is wrong usage' fails 2 '--nights is no number' \
	"$top/scripts/nightly" --dir "$dir" --nights many
promise 'no temporary file is left' nothing_left_over
promise 'make install puts what belongs to it where it finds it, DESTDIR honoured' install_to_destdir
promise 'an edited configuration survives the next install' edited_config_is_kept
promise 'make uninstall leaves nothing' uninstall_leaves_nothing
conclude
