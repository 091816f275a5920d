// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Negative control: a private 2 MiB hugetlb page shares its PMD table with
 * nobody, so unmapping it never syncs. It is alone in its gigabyte, so the unmap
 * frees that table, and the flush must reach lazy CPUs too.
 */
#include <errno.h>
#include <linux/mman.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workloads/hugetlb-pool.h"
#include "workloads/memory.h"

struct private_state {
	struct window window;
	uint64_t seed;
	uint64_t canary[512];
	bool emptied;		/* of its reservation */
};

static int prepare(struct workload_ctx *ctx)
{
	struct private_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	error = hugetlb_pool_prepare(ctx, 1);
	if (error)
		return error;
	error = window_reserve(&state->window);
	return error ? workload_fail(ctx, error, "cannot reserve 3 GiB of address space") : 0;
}

/* No neighbour within the gigabyte; once all have prepared, or one might come to lie there. */
static int empty_window(struct workload_ctx *ctx)
{
	struct private_state *state = ctx->priv;

	if (!state->emptied && munmap(state->window.base, SIZE_1G))
		return workload_fail(ctx, -errno, "emptying the window");
	state->emptied = true;
	return 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct private_state *state = ctx->priv;
	void *at;

	if (empty_window(ctx))
		return -ENOMEM;
	at = mmap(state->window.base, SIZE_2M, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB |
			MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of a 2 MiB hugetlb page");
	state->seed++;
	pattern_write(at, SIZE_2M, state->seed);
	pattern_write(state->canary, sizeof(state->canary), state->seed);
	return pattern_check(at, SIZE_2M, state->seed) ?
		workload_fail(ctx, -EBADMSG, "the page does not hold what was written") : 0;
}

static int op(struct workload_ctx *ctx)
{
	struct private_state *state = ctx->priv;

	return munmap(state->window.base, SIZE_2M) ? -errno : 0;
}

/* The page is gone, and memory beside it still holds what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct private_state *state = ctx->priv;
	unsigned char resident;

	if (!mincore(state->window.base, SIZE_4K, &resident) || errno != ENOMEM)
		return workload_fail(ctx, -EBADMSG, "the unmapped page is still there");
	if (pattern_check(state->canary, sizeof(state->canary), state->seed))
		return workload_fail(ctx, -EBADMSG, "memory beside the page changed");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct private_state *state = ctx->priv;

	if (state)
		window_release(&state->window);
	free(state);
}

/* unmap_region() (mm/vma.c) -> tlb_finish_mmu(): one flush for page and tables. */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	(void)ctx;
	predicted->sync = 0;
	predicted->flush = scene->l + scene->z;
}

const struct workload hugetlb_private_workload = {
	.name = "hugetlb-private",
	.family = "private hugetlb",
	.summary = "unmap a private 2 MiB hugetlb page, whose PMD table is nobody else's",
	.hugepages = one_hugepage,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = expect,
};
