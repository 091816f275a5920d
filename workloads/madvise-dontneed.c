// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MADV_DONTNEED drops pages and keeps page tables, so the flush may skip lazy CPUs.
 * But a kernel with CONFIG_PT_RECLAIM frees the table of every 2 MiB that the range
 * covers whole (mm/memory.c, zap_pte_range()). Then the flush may not skip them.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/range.h"

#define MAX_SIZE	(32ul << 20)	/* more may not fit one gather: see gather.c */

static int prepare(struct workload_ctx *ctx)
{
	int error = range_prepare(ctx, ctx->param[0]);

	return error ? error : range_map(ctx);
}

static int op(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	return madvise(range->at, range->size, MADV_DONTNEED) ? -errno : 0;
}

/* The range holds no page any more. */
static int verify(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	unsigned char resident[MAX_SIZE / SIZE_4K];	/* mincore() fills what is looked at */

	if (mincore(range->at, range->size, resident))
		return workload_fail(ctx, -errno, "mincore");
	for (size_t page = 0; page < range->size / SIZE_4K; page++)
		if (resident[page] & 1)
			return workload_fail(ctx, -EBADMSG, "page %zu is still there", page);
	return range_check_canary(ctx);
}

/* zap_page_range_single() (mm/memory.c; 7.2: zap_vma_range_batched()): one gather. */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	int pt_reclaim = ctx->machine->kernel.pt_reclaim;

	predicted->sync = 0;
	predicted->flush = scene->l;
	if (ctx->param[0] < SIZE_2M || !pt_reclaim)
		return;
	predicted->flush = waking_flushes(ctx, scene, 1);
	if (pt_reclaim < 0)
		predicted->flush_unknown = "the kernel does not tell whether it frees emptied tables";
}

const struct workload madvise_dontneed_workload = {
	.name = "madvise-dontneed",
	.family = "unmap and protect",
	.summary = "drop touched pages with madvise(MADV_DONTNEED)",
	.core = true,
	.params = {
		{ .name = "size", .summary = "bytes to drop",
		  .min = SIZE_4K, .max = MAX_SIZE, .multiple = SIZE_4K,
		  STANDARD(64ul << 10, SIZE_2M) },
	},
	.bytes = range_bytes,
	.prepare = prepare, .arm = range_fill, .op = op, .verify = verify,
	.cleanup = range_cleanup, .expect = expect,
};
