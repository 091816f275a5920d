// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * munmap of touched anonymous memory. The region is alone in its gigabyte, so
 * the unmap frees its page tables: the flush must reach lazy CPUs too. It never
 * syncs: tables are freed by RCU (mm/mmu_gather.c, tlb_remove_table_free()).
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

struct munmap_state {
	struct window window;
	uint64_t seed;
	uint64_t canary[512];
};

static int prepare(struct workload_ctx *ctx)
{
	struct munmap_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	error = window_reserve(&state->window);
	if (error)
		return workload_fail(ctx, error, "cannot reserve 3 GiB of address space");
	if (munmap(state->window.base, SIZE_1G))	/* no neighbour within the gigabyte */
		return workload_fail(ctx, -errno, "emptying the window");
	return 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct munmap_state *state = ctx->priv;
	void *at = mmap(state->window.base, ctx->param[0], PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of %llu bytes",
				     (unsigned long long)ctx->param[0]);
	if (ctx->param[0] >= SIZE_2M && madvise(at, ctx->param[0], MADV_NOHUGEPAGE) &&
	    errno != EINVAL)	/* EINVAL: a kernel without huge pages */
		return workload_fail(ctx, -errno, "madvise(MADV_NOHUGEPAGE)");
	state->seed++;
	pattern_write(at, ctx->param[0], state->seed);
	pattern_write(state->canary, sizeof(state->canary), state->seed);
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct munmap_state *state = ctx->priv;

	return munmap(state->window.base, ctx->param[0]) ? -errno : 0;
}

/* The range is gone, and memory beside it still holds what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct munmap_state *state = ctx->priv;
	unsigned char resident;

	if (!mincore(state->window.base, SIZE_4K, &resident) || errno != ENOMEM)
		return workload_fail(ctx, -EBADMSG, "the unmapped range is still there");
	if (pattern_check(state->canary, sizeof(state->canary), state->seed))
		return workload_fail(ctx, -EBADMSG, "memory beside the range changed");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct munmap_state *state = ctx->priv;

	if (state)
		window_release(&state->window);
	free(state);
}

/*
 * unmap_region() -> tlb_finish_mmu() -> one flush with freed_tables set, as long
 * as pages and tables fit one gather (mm/mmu_gather.c: MAX_GATHER_BATCH_COUNT).
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	predicted->sync = 0;
	predicted->flush = scene->l + scene->z;
	if (ctx->param[0] > 32 * (SIZE_1G >> 10))
		predicted->flush_unknown =
			"over 32 MiB the gather may fill up and flush more than once";
}

const struct workload munmap_workload = {
	.name = "munmap",
	.summary = "unmap touched anonymous memory, freeing its page tables",
	.core = true,
	.params = {
		{ .name = "size", .summary = "bytes to unmap",
		  .min = SIZE_4K, .max = SIZE_1G, .multiple = SIZE_4K,
		  STANDARD(64ul << 10, SIZE_4K, SIZE_2M) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = expect,
};
