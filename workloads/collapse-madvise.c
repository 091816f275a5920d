// SPDX-License-Identifier: GPL-2.0-or-later
/* Collapse of 4 KiB pages into huge pages, asked for by the process itself. */
#include <errno.h>
#include <stdlib.h>

#include "workloads/collapse.h"

static int prepare(struct workload_ctx *ctx)
{
	struct collapse_range *range = calloc(1, sizeof(*range));
	int error;

	if (!range)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = range;
	range->size = ctx->param[0] * SIZE_2M;
	error = collapse_range_prepare(ctx, range);
	if (!error)
		error = collapse_range_prove(ctx, range, collapse_range_madvise);
	return error;
}

static int arm(struct workload_ctx *ctx)
{
	return collapse_range_arm(ctx, ctx->priv);
}

static int verify(struct workload_ctx *ctx)
{
	return collapse_range_verify(ctx, ctx->priv);
}

static void cleanup(struct workload_ctx *ctx)
{
	struct collapse_range *range = ctx->priv;

	if (range)
		window_release(&range->window);
	free(range);
}

const struct workload collapse_madvise_workload = {
	.name = "collapse-madvise",
	.family = "THP collapse",
	.summary = "collapse 4 KiB pages into huge pages with madvise(MADV_COLLAPSE)",
	.needs = NEEDS_THP | NEEDS_MADV_COLLAPSE,
	.core = true,
	.params = { COLLAPSE_REGIONS },
	.bytes = collapse_bytes,
	.prepare = prepare, .arm = arm, .op = collapse_range_madvise, .verify = verify,
	.cleanup = cleanup, .expect = collapse_expect,
};
