// SPDX-License-Identifier: GPL-2.0-or-later
/* Both reasons are passing ones; what does not pass after many attempts is the result. */
#include "engine/retry.h"

#include <errno.h>

#define MAX_REPEATS	100	/* of one op */

/*
 * The kernel may refuse an op for a passing reason (-EAGAIN: a page that just
 * then is isolated or locked by somebody else). Then it is armed and tried
 * again. True if it may be; @in_a_row counts how often it was.
 */
bool retry_refused(struct workload_ctx *ctx, int error, unsigned int *in_a_row)
{
	if (error != -EAGAIN || ++*in_a_row > MAX_REPEATS)
		return false;
	ctx->reason[0] = '\0';
	return true;
}

/*
 * An op during which a responder was scheduled out: a kernel thread that runs there
 * borrows the mm, so that CPU is spared as a lazy one. Such an op, if its flushes are too
 * few, is counted again; one whose syncs differ never is. Nor is any, once as many were
 * repeated as are @wanted: that is no passing reason.
 */
bool retry_displaced(const struct initiator_result *row, const struct probe_op *counts,
		     uint64_t wanted, unsigned int *in_a_row)
{
	const struct expectation *expect = &row->expect;

	if (!counts->displaced || !expect->has_flush ||
	    counts->requested[IPI_FLUSH] >= expect->flush_least ||
	    (expect->has_sync && counts->requested[IPI_SYNC] != expect->sync_per_op) ||
	    row->repeated_ops >= wanted || ++*in_a_row > MAX_REPEATS)
		return false;
	return true;
}
