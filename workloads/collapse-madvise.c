// SPDX-License-Identifier: GPL-2.0-or-later
/* Collapse of 4 KiB pages into a huge page, asked for by the process itself. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workloads/collapse.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static int op(struct workload_ctx *ctx)
{
	struct collapse_range *range = ctx->priv;

	return madvise(range->window.base, SIZE_2M, MADV_COLLAPSE) ? -errno : 0;
}

static int prepare(struct workload_ctx *ctx)
{
	struct collapse_range *range = calloc(1, sizeof(*range));
	int error;

	if (!range)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = range;
	error = collapse_range_prepare(ctx, range);
	if (!error)
		error = collapse_range_prove(ctx, range, op);
	if (error == -EINVAL)
		return workload_fail(ctx, -EOPNOTSUPP,
			"this kernel has no MADV_COLLAPSE (since Linux 6.1)");
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
	.summary = "collapse 2 MiB of 4 KiB pages with madvise(MADV_COLLAPSE)",
	.needs = NEEDS_THP,
	.core = true,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = collapse_expect,
};
