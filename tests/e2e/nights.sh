# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2317 # some of it is for whoever sources it
# For the tests of tlbsync history: how it ends, what it says, and of what it complains.

top=${top_srcdir:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"

tlbsync=${TLBSYNC:-./tlbsync}
base=$top/tests/fixtures/records/base.json
out=$scratch/out
err=$scratch/err

# exits STATUS ARGUMENT...: tlbsync history ends with STATUS.
exits()
{
	local wanted=$1 status=0

	shift
	"$tlbsync" history "$@" >"$out" 2>"$err" || status=$?
	[ "$status" -eq "$wanted" ] || { echo "exit status $status"; cat "$out" "$err"; return 1; }
}

says()
{
	grep -qE -- "$1" "$out" || { echo "missing: $1"; cat "$out"; return 1; }
}

complains()
{
	grep -qF -- "$1" "$err" || { echo "no complaint: $1"; cat "$err"; return 1; }
}
