// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pure VMA split: one half of the gigabyte gets a flag of its own. Then neither
 * half covers an aligned gigabyte, so neither may share a table (mm/hugetlb.c,
 * hugetlb_split()).
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return madvise(share->window.base + SIZE_1G / 2, SIZE_1G / 2, MADV_DONTFORK) ?
		-errno : 0;
}

const struct workload hugetlb_unshare_split_workload = {
	.name = "hugetlb-unshare-split",
	.family = "hugetlb unshare",
	.summary = "split the mapping of a hugetlb gigabyte with a shared PMD table",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = hugetlb_share_attach, .op = op,
	.verify = hugetlb_share_verify_window, .cleanup = hugetlb_share_cleanup,
	.expect = hugetlb_unshare_expect,
};
