// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MADV_DONTNEED on part of a mapping: pages go, page tables stay, so the flush
 * may skip lazy CPUs. Below 2 MiB PT_RECLAIM (mm/memory.c, zap_pte_range())
 * leaves the emptied table alone too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

struct dontneed_state {
	struct window window;	/* 2 MiB mapped: the range, then a page that stays */
	uint64_t seed;
};

static char *neighbour(const struct workload_ctx *ctx)
{
	const struct dontneed_state *state = ctx->priv;

	return state->window.base + ctx->param[0];
}

static int prepare(struct workload_ctx *ctx)
{
	struct dontneed_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	error = window_reserve(&state->window);
	if (error)
		return workload_fail(ctx, error, "cannot reserve 3 GiB of address space");
	if (mmap(state->window.base, SIZE_2M, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of 2 MiB");
	if (madvise(state->window.base, SIZE_2M, MADV_NOHUGEPAGE) && errno != EINVAL)
		return workload_fail(ctx, -errno, "madvise(MADV_NOHUGEPAGE)");
	pattern_write(neighbour(ctx), SIZE_4K, 0);
	return 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct dontneed_state *state = ctx->priv;

	pattern_write(state->window.base, ctx->param[0], ++state->seed);
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct dontneed_state *state = ctx->priv;

	return madvise(state->window.base, ctx->param[0], MADV_DONTNEED) ? -errno : 0;
}

/* The range holds no page any more; its neighbour holds what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct dontneed_state *state = ctx->priv;
	unsigned char resident[512];

	memset(resident, 0xff, sizeof(resident));
	if (mincore(state->window.base, ctx->param[0], resident))
		return workload_fail(ctx, -errno, "mincore");
	for (size_t page = 0; page < ctx->param[0] / SIZE_4K; page++)
		if (resident[page] & 1)
			return workload_fail(ctx, -EBADMSG, "page %zu is still there", page);
	if (pattern_check(neighbour(ctx), SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "memory beside the range changed");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct dontneed_state *state = ctx->priv;

	if (state)
		window_release(&state->window);
	free(state);
}

/* zap_page_range_single() (mm/memory.c): one gather, no table freed. */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	(void)ctx;
	predicted->sync = 0;
	predicted->flush = scene->l;
}

const struct workload madvise_dontneed_workload = {
	.name = "madvise-dontneed",
	.summary = "drop touched pages with madvise(MADV_DONTNEED), freeing no page table",
	.core = true,
	.params = {
		{ .name = "size", .summary = "bytes to drop",
		  .min = SIZE_4K, .max = SIZE_1G >> 10, .multiple = SIZE_4K,
		  STANDARD(64ul << 10) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = expect,
};
