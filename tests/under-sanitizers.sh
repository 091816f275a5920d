#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds everything with AddressSanitizer and UBSan, in variants/asan, and runs
# all tests once in that build. A sanitizer that finds something ends the program, so
# the test fails.
set -eu

if [ -n "${TLBSYNC_CHECKED_ONCE-}" ]; then
	echo "skipped: it was done in another build (TLBSYNC_CHECKED_ONCE)"
	exit 77
fi
cd -- "${top_builddir:?run this with: make check-asan}"
if ! echo 'int main(void) { return 0; }' |
	${CC:-cc} -fsanitize=address,undefined -x c -o /dev/null - 2>/dev/null; then
	echo "skipped: ${CC:-cc} has no sanitizers here; install its libasan and libubsan"
	exit 77
fi
"${top_srcdir:?}/scripts/variant" asan --enable-sanitizers

# The search for leaks needs ptrace, which some containers forbid.
export ASAN_OPTIONS=detect_leaks=1
export LSAN_OPTIONS="suppressions=$top_srcdir/tests/lsan.supp:print_suppressions=0"
if variants/asan/tlbsync --version 2>&1 | grep -q 'LeakSanitizer has encountered'; then
	echo "note: leaks cannot be looked for here; ptrace is forbidden"
	ASAN_OPTIONS=detect_leaks=0
fi
unset MAKEFLAGS MFLAGS MAKELEVEL
make -C variants/asan check VERBOSE=1
