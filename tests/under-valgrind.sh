#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every unit test under valgrind: no wrong access, no definite leak, no use of
# unset memory. Only the unit tests: valgrind runs threads one by one, so under it no
# measurement means anything. Unit tests measure nothing, so they may run side by side.
set -eu

if [ -n "${TLBSYNC_CHECKED_ONCE-}" ]; then
	echo "skipped: it was done in another build (TLBSYNC_CHECKED_ONCE)"
	exit 77
fi
cd -- "${top_builddir:?run this with: make check-valgrind}"
command -v valgrind >/dev/null || { echo "skipped: valgrind is missing; run ./bootstrap"; exit 77; }

# under_valgrind UNIT: what it says, in one piece, then PASS, SKIP or FAIL.
under_valgrind()
{
	local status=0 said

	said=$(valgrind -q --error-exitcode=99 --leak-check=full \
		--suppressions="${top_srcdir:?}/tests/valgrind.supp" \
		--errors-for-leak-kinds=definite,indirect "./$1" 2>&1) || status=$?
	case $status in
	0) said+=$'\n'"PASS: $1 under valgrind" ;;
	77) said+=$'\n'"SKIP: $1 under valgrind"; status=0 ;;
	*) said+=$'\n'"FAIL: $1 under valgrind, exit $status"; status=1 ;;
	esac
	printf '%s\n' "$said"
	return "$status"
}
export -f under_valgrind
export UNDER_VALGRIND=1	# for a test that checks which memory is mapped

# shellcheck disable=SC2016 # the inner shell expands it
for unit in ${unit_tests:?}; do
	printf '%s\n' "$unit"
done | xargs -n 1 -P "$(nproc)" bash -c 'under_valgrind "$0"'
