// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two processes share a PMD table; one unmaps, and the table becomes exclusive
 * to the other. The op is that munmap.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int prepare(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = calloc(1, sizeof(*share));

	if (!share)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = share;
	return hugetlb_share_prepare(ctx, share);
}

static int arm(struct workload_ctx *ctx)
{
	return hugetlb_share_attach(ctx, ctx->priv);
}

static int op(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;

	return munmap(share->window.base, SIZE_1G) ? -errno : 0;
}

/* What the sharer wrote is still there, seen through a mapping that was kept. */
static int verify(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;

	if (pattern_check(share->view, SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "the sharer's memory changed");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	if (ctx->priv)
		hugetlb_share_cleanup(ctx->priv);
	free(ctx->priv);
}

/*
 * tlb_flush_unshared_tables() (include/asm-generic/tlb.h): a flush, then
 * tlb_remove_table_sync_one() because nobody shares the table any more. The
 * patched kernel wakes lazy CPUs in that flush, the base kernel does not.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	(void)ctx;
	predicted->sync = scene->skips_sync ? 0 : scene->n - 1;
	predicted->flush = scene->skips_sync ? scene->l + scene->z : scene->l;
}

const struct workload hugetlb_unshare_munmap_workload = {
	.name = "hugetlb-unshare-munmap",
	.summary = "unmap a hugetlb gigabyte whose PMD table one other process shares",
	.needs = NEEDS_HUGETLB,
	.core = true,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = expect,
};
