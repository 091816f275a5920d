// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process stops sharing a page table while its threads walk it, in every possible way,
 * and the last owner reuses the table. If the owner acts after the call has returned, it
 * catches a missing wait. If it acts during the call, it catches a wait that is too late.
 */
#include <errno.h>

#include "stress/sharing.h"

static int run(struct stress_ctx *ctx)
{
	struct sharing sharing;
	int error = sharing_open(&sharing, ctx, 1);

	while (!error && !stress_over(ctx)) {
		enum leave_way way = random_below(&ctx->random, NR_LEAVE_WAYS);

		error = sharing_round(&sharing, &way, random_below(&ctx->random, 2));
	}
	error = sharing_close(&sharing, error);
	if (!error && !stress_counted(ctx->tally, "shared"))
		return workload_fail(&ctx->work, -EPROTO,
				     "proved nothing: no page table was ever shared");
	return error;
}

const struct stress_test race_unshare_test = {
	.name = "race-unshare",
	.summary = "one of two sharers of a hugetlb PMD table leaves, the other reuses it",
	.hugepages = SHARING_HUGEPAGES,
	.run = run,
};
