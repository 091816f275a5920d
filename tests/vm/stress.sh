#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stress in the lab, in two minutes once the kernels are built: the real series is clean
# with the windows open, a mutant of it is caught, and the key flips within one boot.
# usage: stress.sh; see check-vm.sh
# shellcheck disable=SC2317,SC2016 # called by promise; jq has variables of its own
set -u
# shellcheck source=tests/vm/lab.sh
. "${top_srcdir:?run this with: make check-vm}/tests/vm/lab.sh"

mutant=no-flush-unshared

builds()
{
	"$top/scripts/kernel-build" "$default_base" lab &&
		"$top/scripts/kernel-build" "$default_base" "mutant:$mutant"
}

mutants()
{
	"$top/scripts/mutants" --tlbsync "$tlbsync" --time 4s --only "$mutant" --out "$scratch/mutants" \
		>"$scratch/table"
}

# tells FOLDER FILTER: jq's FILTER is true of the stress record in FOLDER.
tells()
{
	jq -e "$2" "$scratch/mutants/$1/record.json" >/dev/null ||
		{ jq -c '.tests[] | {name, status, reason, assert_flush}' "$scratch/mutants/$1/record.json"; return 1; }
}

# caught_by WORD: the mutant's row names it.
caught_by()
{
	grep -q "^$mutant .*$1" "$scratch/table"
}

flips()
{
	"$top/scripts/vm-run" --quiet --kernel lab --cpus 8 --nodes 4 --tlbsync "$tlbsync" --out "$scratch/flip" -- \
		sh -c 'tlbsync run --flip-key -w collapse-madvise:regions=1,hugetlb-unshare-munmap -p alone -o /out/record.json &&
			cat /sys/kernel/debug/tlbsync/key >/out/key'
}

# In each of 20 blocks of each case, and in every op of it.
flipped()
{
	jq -e '[.cases[] | {key: .block.static_key, off: (.ipi.sync.requested == 7 * .ops),
			on: (.ipi.sync.requested == 0), yes: (.as_expected == true)}]
		| length == 40 and all(.[]; .yes and (if .key == "on" then .on else .off end))
		and ([.[] | select(.key == "on")] | length) == 20' "$scratch/flip/record.json" >/dev/null
}

# The kernel that refuses to switch the key on says so, and nothing is recorded.
refuses_to_flip()
{
	"$top/scripts/vm-run" --quiet --kernel lab --cpus 2 --nodes 1 --append tlbsync_fake_backend=1 \
		--tlbsync "$tlbsync" --out "$scratch/refuses" -- \
		sh -c 'tlbsync run --flip-key -w munmap:size=64K -p alone -o /out/record.json; echo $? >/out/code' 2>&1
	grep -q 'flush backend is not the native one' "$scratch/refuses/stderr" &&
		[ ! -e "$scratch/refuses/record.json" ] && [ "$(cat "$scratch/refuses/code")" = 77 ]
}

# Tests that need the lab's patches say which patch is missing; the others run.
without_the_patches()
{
	"$top/scripts/vm-run" --quiet --kernel patched --cpus 4 --nodes 2 --thread multi --tlbsync "$tlbsync" \
		--out "$scratch/bare" -- sh -c 'tlbsync stress --tests race-munmap --windows pmd=100,pte=0 --time 2s
			tlbsync stress --tests race-munmap --time 2s' >"$scratch/bare.log" 2>&1
	cat "$scratch/bare.log"
	grep -q "SKIP .*lacks the lab patch 'delays inside of GUP-fast'" "$scratch/bare/stdout" &&
		grep -q '^ok 1 race-munmap$' "$scratch/bare/stdout"
}

promise 'the lab kernel and a mutant are built' builds
promise 'the real series is clean and the mutant is caught' mutants
sed 's/^/    /' "$scratch/table"
promise "the guest's seconds are this machine's" jq -e '.guest_clock > 0.9 and .guest_clock < 1.1' "$scratch/mutants/series/vm.json"
promise 'the real series: all tests ok' tells series 'all(.tests[]; .status == "ok")'
promise 'the real series: syncs were skipped, and each was proved' tells series \
	'[.tests[].assert_flush.after] | map(.seen) | max > 10'
promise 'the real series: none was not proved' tells series 'all(.tests[].assert_flush.after; .unproved == 0)'
promise 'with a flush that does not wait the key is off, and all is well' \
	tells series-fake-backend '.kernel.static_key == "off" and all(.tests[]; .status == "ok")'
promise "the mutant is caught by the race" caught_by race-unshare
promise "the mutant is caught by assert-flush" caught_by assert-flush
promise "the mutant is caught by its counts" caught_by counts
promise 'the key is flipped 20 times in one boot' flips
promise 'exactly 7 sync IPIs per op with the key off, 0 with it on' flipped
promise 'the key has its old state afterwards' grep -qx 1 "$scratch/flip/key"
promise 'a key that may not be on is not flipped' refuses_to_flip
promise 'without the lab patches tests are skipped and say which' without_the_patches
conclude
