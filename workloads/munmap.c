// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * munmap of touched anonymous memory. The range is alone in its gigabyte, so the
 * unmap frees all its PTE tables and their PMD table: the flush must reach lazy
 * CPUs too. munmap never syncs: tables that have a batch of their own are freed by
 * RCU (mm/mmu_gather.c, tlb_remove_table_free()).
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/gather.h"
#include "workloads/range.h"

static int prepare(struct workload_ctx *ctx)
{
	return range_prepare(ctx, ctx->param[0]);
}

static int arm(struct workload_ctx *ctx)
{
	int error = range_alone(ctx);

	if (!error)
		error = range_map(ctx);
	return error ? error : range_fill(ctx);
}

static int op(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	return munmap(range->at, range->size) ? -errno : 0;
}

/*
 * unmap_region() (mm/vma.c) takes the pages first: one flush each time the gather is
 * full, and no table is in it yet. Then come the tables, whose flushes wake lazy CPUs.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	struct gather gather = {
		.pages = ctx->param[0] / SIZE_4K,
		.tables = (ctx->param[0] + SIZE_2M - 1) / SIZE_2M + 1,
		.table_batch = gather_has_table_batch(&ctx->machine->kernel),
	};

	gather_flushes(&gather);
	predicted->sync = 0;
	predicted->flush = (double)gather.page_flushes * scene->l +
			   waking_flushes(ctx, scene, gather.table_flushes);
	if (scene->z && gather.page_flushes)
		predicted->flush_unknown =
			"an unmap of over 37 MiB is so long that others get to run on lazy CPUs";
}

const struct workload munmap_workload = {
	.name = "munmap",
	.family = "unmap and protect",
	.summary = "unmap touched anonymous memory, freeing its page tables",
	.core = true,
	.params = {
		{ .name = "size", .summary = "bytes to unmap",
		  .min = SIZE_4K, .max = SIZE_1G, .multiple = SIZE_4K,
		  STANDARD(64ul << 10, SIZE_4K, SIZE_2M, 32ul << 20, SIZE_1G) },
	},
	.bytes = range_bytes,
	.prepare = prepare, .arm = arm, .op = op, .verify = range_check_gone,
	.cleanup = range_cleanup, .expect = expect,
};
