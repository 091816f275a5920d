#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the lab's patches (kernel-patches/lab) promise, on the kernel that they make:
# the files in debugfs, the boot parameters, and an assertion that can fail.
# usage: lab-kernel.sh [VERSION]...; needs two minutes, and half an hour with an empty cache.
# shellcheck disable=SC2317 # called by promise
set -u
# shellcheck source=tests/vm/lab.sh
. "${top_srcdir:?run this with: make check-vm}/tests/vm/lab.sh"

# guest NAME KERNEL PARAMETERS: runs the script on standard input in the folder
# $here/NAME. Its shell has `write FILE VALUE`, which prints "done" or the error, and
# `value FILE`.
guest()
{
	mkdir -p "$here/$1"
	cat - >"$here/$1/script" <<'END'
cd /sys/kernel/debug/tlbsync
write() { { echo "$2" >"$1"; } 2>&1 && echo "done"; }
value() { tr '\n' ' ' <"$1"; echo; }
measure() { (cd /out && tlbsync run -w collapse-madvise,hugetlb-unshare-munmap -p all --ops 20 -o "$1" >"$1.log" 2>&1); }
END
	cat >>"$here/$1/script"
	"$top/scripts/vm-run" --kver "$version" --kernel "$2" --cpus 8 --append "$3" --tlbsync "$tlbsync" \
		--timeout 120 --out "$here/$1" -- sh -c '. ./script >answers'
}

boots()
{
	guest lab lab "tlbsync_window_pte_us=70 tlbsync_window_pmd_us=20001" <<'END'
for file in key window window_pmd_us window_pte_us assert_flush; do echo "$file at boot: $(value $file)"; done
echo "over the bound: $(write window_pmd_us 20001)"
echo "at the bound: $(write window_pmd_us 20000)"
echo "then: $(value window_pmd_us)"
write window_pmd_us 0
write window 1
read -r own <window
echo "own window: $own, the child's: $(cat window)"
write window 0
echo "no switch: $(write key 2)"
measure on.json
echo "counted: $(value assert_flush)"
echo "off: $(write key 0)"
echo "key: $(value key)"
measure off.json
echo "on: $(write key 1)"
echo "key again: $(value key)"
echo "no reset: $(write assert_flush 1)"
echo "reset: $(write assert_flush 0)"
echo "after it: $(value assert_flush)"
END
}

boots_fake()
{
	guest fake lab tlbsync_fake_backend=1 <<'END'
echo "key at boot: $(value key)"
echo "on: $(write key 1)"
echo "off: $(write key 0)"
END
}

# says GUEST LINE: its script printed this line; spaces at the end do not count.
says()
{
	sed 's/ *$//' "$here/$1/answers" | grep -qxF -- "$2" || { cat "$here/$1/answers"; return 1; }
}

early_error()
{
	grep "Malformed early option 'tlbsync_window_pmd_us'" "$here/lab/dmesg" && says lab "window_pmd_us at boot: 0"
}

# syncs RECORD PER_OP: exactly so many sync IPIs in every case, as the tool expects.
syncs()
{
	jq -e --argjson per_op "$2" '.cases | length == 2 and all(.[]; .status == "ok" and .as_expected
		and .ops >= 20 and .ipi.sync.requested == .ops * $per_op)' "$here/lab/$1" || { cat "$here/lab/$1.log"; return 1; }
}

# all_proved GUEST: every skip was proved, says the line of counts that its script printed.
all_proved()
{
	local seen proved unproved

	read -r seen proved unproved < <(sed -n 's/^counted: seen \([0-9]*\) proved \([0-9]*\) unproved \([0-9]*\).*/\1 \2 \3/p' \
		"$here/$1/answers")
	echo "seen $seen, proved $proved, unproved $unproved"
	[ "$seen" -ge 40 ] && [ "$proved" -eq "$seen" ] && [ "$unproved" -eq 0 ]
}

trip() { guest mutant mutant:sync-before-flush "" <<<'measure on.json; value assert_flush'; }

tripped()
{
	fails 1 "WARNING:" trip || return 1
	grep 'tlbsync: a sync was skipped with no flush since the tables were unlinked' "$here/mutant/dmesg" &&
		[ "$(grep -c 'tlbsync: a sync was skipped' "$here/mutant/dmesg")" -eq 1 ] &&
		grep -E 'unproved [1-9]' "$here/mutant/answers"
}

# Tables that find no batch: each one has its own flush and sync (6.12 only).
boots_batches()
{
	guest batches lab tlbsync_table_batches=1 <<'END'
(cd /out && tlbsync run --flip-key -w munmap-fallback:tables=2,munmap-fallback:tables=7 -p alone,all --ops 4 -o flip.json >flip.log 2>&1)
echo "counted: $(value assert_flush)"
END
}

# fallback KEY PER_TABLE: so many syncs a table in every block with this state of the key;
# each case has 10 such blocks or more.
fallback()
{
	jq -e --arg key "$1" --argjson per_table "$2" '
		[.cases[] | select(.block.static_key == $key)] | length >= 40 and all(.[]; .as_expected == true
			and .ipi.sync.requested == .ops * .params.tables * $per_table)' "$here/batches/flip.json" >/dev/null ||
		{ tail -n 20 "$here/batches/flip.log"; return 1; }
}

lab_of()
{
	here=$scratch/$version
	promise "$version: a lab kernel boots, and its log is clean" boots
	promise "$version: the key is on at boot" says lab "key at boot: 1"
	promise "$version: a window at boot is what the command line says" says lab "window_pte_us at boot: 70"
	promise "$version: one beyond the bound is refused, at boot" early_error
	promise "$version: and later" says lab "over the bound: sh: write error: Invalid argument"
	promise "$version: one at the bound is not" says lab "then: 20000"
	promise "$version: a thread asks for the window for itself, not for its children" says lab "own window: 1, the child's: 0"
	promise "$version: the key is on or off and nothing else" says lab "no switch: sh: write error: Invalid argument"
	promise "$version: it can be switched off and on again" says lab "key: 0"
	promise "$version: it is then on" says lab "key again: 1"
	promise "$version: with the key on an op has no sync IPI" syncs on.json 0
	promise "$version: with the key off, in the same boot, it has 7 on 8 CPUs" syncs off.json 7
	promise "$version: every sync that was skipped is proved" all_proved lab
	promise "$version: the counters are reset by 0" says lab "after it: seen 0 proved 0 unproved 0"
	promise "$version: and by nothing else" says lab "no reset: sh: write error: Invalid argument"
	promise "$version: a kernel boots with a flush that is not native" boots_fake
	promise "$version: its key is off" says fake "key at boot: 0"
	promise "$version: which nobody can switch on" says fake "on: sh: write error: Operation not supported"
	promise "$version: but off again" says fake "off: done"
	promise "$version: a sync before its flush is seen, with one warning" tripped
}

batches_of()
{
	promise "$version: a kernel boots that frees page tables in batches" boots_batches
	promise "$version: munmap without memory for them: 7 sync IPIs a table with the key off" fallback off 7
	promise "$version: none with it on" fallback on 0
	promise "$version: and every sync that was skipped is proved" all_proved batches
}

[ $# -gt 0 ] || set -- "$default_base" 6.12
for version in "$@"; do
	lab_of
	[ "$version" != 6.12 ] || batches_of
done
conclude
