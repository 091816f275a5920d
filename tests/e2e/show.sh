#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tlbsync show promises: the table of a record, and of every file that is
# none a message, exit status 1, and never a crash.
# shellcheck disable=SC2317 # called by promise
set -u

top=${top_srcdir:-$(cd -- "$(dirname -- "$0")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=${TLBSYNC:-./tlbsync}
record=$top/tests/fixtures/records/base.json
out=$scratch/out
err=$scratch/err

# exits STATUS ARGUMENT...: tlbsync ends with STATUS and, if that is not 0, prints
# nothing on standard output and one line on standard error.
exits()
{
	local wanted=$1 status=0

	shift
	"$tlbsync" "$@" >"$out" 2>"$err" || status=$?
	[ "$status" -eq "$wanted" ] || { echo "exit status $status"; cat "$out" "$err"; return 1; }
	[ "$wanted" -eq 0 ] || { [ ! -s "$out" ] && [ "$(wc -l <"$err")" -eq 1 ]; }
}

# refuses FILE MESSAGE
refuses()
{
	exits 3 show "$1" && grep -qF -- "tlbsync show: cannot read '$1': $2" "$err"
}

the_table()
{
	exits 0 show "$record" && [ ! -s "$err" ] &&
		grep -q '^collapse-madvise  *all  *100 .* us  *7  *7  *7 / 7  yes$' "$out" &&
		grep -q '^munmap  *alone  *100 .* 0  *0  *0 / 0  yes$' "$out" &&
		grep -q '^hugetlb-unshare-munmap, alone: skipped: the hugepage pool' "$out" &&
		grep -q '^not in the table: 3 requests inside ops, neither sync nor flush, in 1 case$' "$out" &&
		head -1 "$out" | grep -q '^Syncs and flushes per op: THP collapse 7 and 0 to 7; ' &&
		grep -q '^All 3 cases have the IPIs that the kernel source predicts, in every op\.$' "$out"
}

fits_columns()
{
	exits 0 show "$record" && ! grep -q '^.\{101\}' "$out" &&
		COLUMNS=80 exits 0 show "$record" && ! grep -q '^.\{81\}' "$out"
}

the_same_json_again()
{
	exits 0 show --json "$record" && cp "$out" "$scratch/again.json" &&
		exits 0 show --json "$scratch/again.json" && cmp "$out" "$scratch/again.json"
}

help_says_usage()
{
	exits 0 show --help && grep -q '^usage: tlbsync show ' "$out"
}

full_disk()
{
	local status=0

	"$tlbsync" show "$record" >/dev/full 2>"$err" || status=$?
	[ "$status" -eq 3 ] && grep -q 'No space left' "$err"
}

truncated()
{
	local size

	for size in 1 10 100 1000 3000; do
		head -c "$size" "$record" >"$scratch/cut.json"
		refuses "$scratch/cut.json" 'not JSON, line ' || return 1
	done
}

# Root can read every file, so root becomes nobody for this test.
unreadable()
{
	local status=0

	cp "$record" "$scratch/secret.json"
	chmod 000 "$scratch/secret.json"
	if [ "$(id -u)" -ne 0 ]; then
		refuses "$scratch/secret.json" 'Permission denied'
		return
	fi
	chmod 755 "$scratch"
	cp -- "$tlbsync" "$scratch/tlbsync" 2>"$err" &&
		setpriv --reuid 65534 --clear-groups -- \
			"$scratch/tlbsync" show "$scratch/secret.json" >"$out" 2>"$err" ||
		status=$?
	[ "$status" -eq 3 ] && grep -q 'Permission denied' "$err"
}

# change SED-EXPRESSION: the record with one thing different
change()
{
	sed "$1" "$record" >"$scratch/changed.json"
	! cmp -s "$record" "$scratch/changed.json"
}

[ -x "$tlbsync" ] || { echo "no program at $tlbsync: build it, or set TLBSYNC"; exit 1; }
: >"$scratch/empty.json"
{ printf '\377'; head -c 65535 /dev/urandom; } >"$scratch/binary.json"	# no blank line first
truncate -s 100M "$scratch/large.json"
mkfifo "$scratch/fifo.json"

promise 'show prints the table of a record' the_table
promise 'the table fits 100 columns, or 80 where these are all' fits_columns
promise 'show --json prints the record, and that is a record' the_same_json_again
promise 'show --help says how it is used' help_says_usage
# shows_load OTHER STEAL: the record as of a run with that load
shows_load()
{
	jq --argjson other "$1" --argjson steal "$2" '.load = {
		before: {loadavg: 1, busy_share: 0.5, steal_share: 0},
		during: {cpu_s: 20, own_s: 10, other_share: $other, steal_share: $steal}}' \
		"$record" >"$scratch/load.json" && exits 0 show "$scratch/load.json"
}

busy_is_told()
{
	shows_load 0.12 0 && sed '/^$/q' "$out" >"$scratch/busy" &&
		grep -qx 'The machine was busy: another job took 12 % of the measured CPUs; times may be off, counts are not.' "$scratch/busy" &&
		shows_load 0.02 0.04 && tr -s '\n ' ' ' <"$out" |
		grep -q 'busy: another job took 2 % of the measured CPUs and the hypervisor 4 %; '
}

idle_is_not()
{
	shows_load 0.05 0 && ! grep -q 'was busy' "$out" && shows_load null null && ! grep -q 'was busy' "$out"
}

if command -v jq >/dev/null; then
	promise 'a busy machine is told in the headline' busy_is_told
	promise 'five percent and what is unknown are not' idle_is_not
else
	echo '# skipped: a record with another load takes jq'
fi
promise 'no file is wrong usage' exits 2 show
promise 'two files are wrong usage' exits 2 show "$record" "$record"
promise 'an unknown option is wrong usage' exits 2 show --colour "$record"
promise 'a file that is not there is refused' refuses "$scratch/none" 'there is no such file'
promise 'a directory is refused' refuses "$scratch" 'it is a directory'
promise 'a device is refused' refuses /dev/null 'it is not a regular file'
promise 'a pipe is refused and not waited for' refuses "$scratch/fifo.json" 'it is not a regular file'
promise 'an empty file is refused' refuses "$scratch/empty.json" 'it is empty'
promise 'a binary file is refused' refuses "$scratch/binary.json" 'not JSON, line 1'
promise 'a file of 100 MiB is refused' refuses "$scratch/large.json" 'it is too large for a record'
promise 'a truncated record is refused' truncated
promise 'an unreadable file is refused' unreadable
change 's|tlbsync.run/1|tlbsync.run/2|'
promise 'a record of a later version is refused' \
	refuses "$scratch/changed.json" "its schema is 'tlbsync.run/2', this version reads tlbsync.run/1"
change 's|tlbsync.run/1|fio.run/1|'
promise 'a file of another program is refused' \
	refuses "$scratch/changed.json" "it is no record of a run: its schema is 'fio.run/1'"
change 's|"sync": {"requested": 700, |"sync": {|'
promise 'a missing field is named with its path' \
	refuses "$scratch/changed.json" 'cases[0].ipi.sync.requested is missing'
change 's|"ops": 100|"ops": -100|'
promise 'a negative number is refused' \
	refuses "$scratch/changed.json" 'cases[0].ops is negative: -100'
change 's|"ops": 100|"ops": NaN|'
promise 'NaN is refused' refuses "$scratch/changed.json" 'not JSON, line 15'
while read -r file; do
	promise "the reference record ${file#"$top/results/reference/"} can be read" exits 0 show "$file"
done < <(find "$top/results/reference" -name '*.json' ! -name '*vm.json' ! -name '*stress.json' | sort)
promise 'a full disk under the output is an error' full_disk

conclude
