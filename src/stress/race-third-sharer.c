// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three processes share a page table. The first one that leaves does not sync, because two
 * still share the table. The second one does. A kernel that relies on the flush skips
 * that sync; then only the first process's own flush has waited for its walkers.
 */
#include <errno.h>

#include "stress/sharing.h"

static int run(struct stress_ctx *ctx)
{
	struct sharing sharing;
	int error = sharing_open(&sharing, ctx, 2);

	while (!error && !stress_over(ctx)) {
		enum leave_way way[] = {
			random_below(&ctx->random, NR_QUIET_LEAVE_WAYS),
			random_below(&ctx->random, NR_QUIET_LEAVE_WAYS),
		};

		error = sharing_round(&sharing, way, random_below(&ctx->random, 2));
	}
	error = sharing_close(&sharing, error);
	if (!error && !stress_counted(ctx->tally, "shared"))
		return workload_fail(&ctx->work, -EPROTO,
				     "proved nothing: no page table was ever shared");
	return error;
}

const struct stress_test race_third_sharer_test = {
	.name = "race-third-sharer",
	.summary = "two of three sharers of a hugetlb PMD table leave, one after the other",
	.hugepages = SHARING_HUGEPAGES,
	.run = run,
};
