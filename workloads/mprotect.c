// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mprotect of touched anonymous memory from writable to read-only, as a garbage
 * collector does it. No table is freed, so the flush may skip lazy CPUs.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/range.h"

static int prepare(struct workload_ctx *ctx)
{
	int error = range_prepare(ctx, ctx->param[0]);

	return error ? error : range_map(ctx);
}

/* Writable again, and written: only pages that were accessed and written need a flush. */
static int arm(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (mprotect(range->at, range->size, PROT_READ | PROT_WRITE))
		return workload_fail(ctx, -errno, "mprotect to writable");
	return range_fill(ctx);
}

static int op(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	return mprotect(range->at, range->size, PROT_READ) ? -errno : 0;
}

/* The kernel cannot write into it either, and all of it is still there. */
static int verify(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (!mincore(range->at, SIZE_4K, (unsigned char *)range->at) || errno != EFAULT)
		return workload_fail(ctx, -EBADMSG, "the range is still writable");
	return range_check(ctx);
}

/*
 * change_pte_range() (mm/mprotect.c) puts each page for which pte_needs_flush() is true
 * into the gather. mprotect's tlb_finish_mmu() flushes once.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	(void)ctx;
	predicted->sync = 0;
	predicted->flush = scene->l;
}

const struct workload mprotect_workload = {
	.name = "mprotect",
	.family = "unmap and protect",
	.summary = "make touched anonymous memory read-only",
	.params = {
		{ .name = "size", .summary = "bytes to protect",
		  .min = SIZE_4K, .max = SIZE_1G, .multiple = SIZE_4K,
		  STANDARD(64ul << 10, SIZE_2M) },
	},
	.bytes = range_bytes,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = range_cleanup, .expect = expect,
};
