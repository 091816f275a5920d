#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every unit test under valgrind: no wrong access, no definite leak, no use
# of what was never set. The units only: valgrind runs threads one by one, which
# makes nonsense of anything that measures. The simulations are left to the
# sanitizers: they take valgrind long, and their code is the same arithmetic throughout.
set -eu

cd -- "${top_builddir:?run this with: make check-valgrind}"
command -v valgrind >/dev/null || { echo "skipped: valgrind is missing; run ./bootstrap"; exit 77; }

failed=0
for unit in ${unit_tests:?}; do
	case $unit in
	*/test-coverage|*/test-changepoint) continue ;;
	esac
	status=0
	valgrind -q --error-exitcode=99 --leak-check=full \
		--suppressions="${top_srcdir:?}/tests/valgrind.supp" \
		--errors-for-leak-kinds=definite,indirect "./$unit" || status=$?
	case $status in
	0) echo "PASS: $unit under valgrind" ;;
	77) echo "SKIP: $unit under valgrind" ;;
	*) echo "FAIL: $unit under valgrind, exit $status"; failed=1 ;;
	esac
done
exit $failed
