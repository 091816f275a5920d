// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three processes share a PMD table and one unmaps. The table stays shared, so
 * there is nothing to sync, but the unmapper's own CPUs are flushed. Only the patched
 * kernel wakes its lazy CPUs: this is what the patch may cost.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int prepare(struct workload_ctx *ctx)
{
	int error = hugetlb_share_open(ctx);

	return error ? error : hugetlb_share_keep(ctx, 2);
}

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return munmap(share->window.base, SIZE_1G) ? -errno : 0;
}

/* tlb_unshare_pmd_ptdesc() (include/asm-generic/tlb.h): unshared, not fully. */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	hugetlb_unshare_expect(ctx, scene, predicted);
	predicted->sync = 0;
}

const struct workload hugetlb_unshare_shared_workload = {
	.name = "hugetlb-unshare-shared",
	.family = "hugetlb still shared",
	.summary = "unmap a hugetlb gigabyte whose PMD table two others go on sharing",
	.hugepages = one_hugepage,
	.prepare = prepare, .arm = hugetlb_share_attach, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.expect = expect,
};
