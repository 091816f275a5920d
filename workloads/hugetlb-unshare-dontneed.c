// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MADV_DONTNEED drops the gigabyte's pages and with them its share of the PMD table:
 * zapping one process's pages in a shared table means unsharing the table
 * (mm/hugetlb.c, __unmap_hugepage_range()). The pages stay in the file.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return madvise(share->window.base, SIZE_1G, MADV_DONTNEED) ? -errno : 0;
}

const struct workload hugetlb_unshare_dontneed_workload = {
	.name = "hugetlb-unshare-dontneed",
	.family = "hugetlb unshare",
	.summary = "MADV_DONTNEED on a hugetlb gigabyte with a shared PMD table",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = hugetlb_share_attach, .op = op,
	.verify = hugetlb_share_verify_window, .cleanup = hugetlb_share_cleanup,
	.expect = hugetlb_unshare_expect,
};
