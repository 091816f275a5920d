// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mremap that moves touched anonymous memory to the other half of the window; the next
 * op moves it back. Reserved neighbours keep every table that is left behind.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/range.h"

#define HALF	(SIZE_1G / 2)

static int prepare(struct workload_ctx *ctx)
{
	int error = range_prepare(ctx, ctx->param[0]);

	return error ? error : range_map(ctx);
}

/* Room for the first move is made when all have prepared: no mapping may come to lie there. */
static int arm(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (!range->alone && munmap(range->at + HALF, range->size))
		return workload_fail(ctx, -errno, "making room in the window");
	range->alone = true;
	return range_fill(ctx);
}

static char *other_half(const struct range *range)
{
	return range->at == range->window.base ? range->at + HALF : range->window.base;
}

static int op(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	void *to = mremap(range->at, range->size, range->size,
			  MREMAP_MAYMOVE | MREMAP_FIXED, other_half(range));

	if (to == MAP_FAILED)
		return -errno;
	range->at = to;
	return 0;
}

/* Nothing is left at the old place; the new one holds what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	unsigned char resident;

	if (!mincore(other_half(range), SIZE_4K, &resident) || errno != ENOMEM)
		return workload_fail(ctx, -EBADMSG, "the range has not moved");
	return range_check(ctx);
}

/*
 * move_page_tables() (mm/mremap.c) goes in steps of 2 MiB. A whole step is moved with
 * its table (move_normal_pmd()), a smaller one page by page (move_ptes()). Both end in
 * flush_tlb_range(), which wakes lazy CPUs. Then the emptied place is unmapped. It has
 * neighbours in the same 2 MiB and gigabyte, so this frees no table and flushes nothing.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	predicted->sync = 0;
	predicted->flush = waking_flushes(ctx, scene,
					  (ctx->param[0] + SIZE_2M - 1) / SIZE_2M);
}

const struct workload mremap_workload = {
	.name = "mremap",
	.family = "unmap and protect",
	.summary = "move touched anonymous memory with mremap(MREMAP_FIXED)",
	.params = {
		{ .name = "size", .summary = "bytes to move",
		  .min = SIZE_4K, .max = HALF / 2, .multiple = SIZE_4K,
		  STANDARD(64ul << 10, SIZE_2M, 32ul << 20) },
	},
	.bytes = range_bytes,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = range_cleanup, .expect = expect,
};
