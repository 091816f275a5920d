// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two processes share a PMD table; one unmaps, and the table becomes exclusive
 * to the other. The op is that munmap. The window's neighbours stay, so the munmap
 * frees no table of its own and flushes once.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return munmap(share->window.base, SIZE_1G) ? -errno : 0;
}

const struct workload hugetlb_unshare_munmap_workload = {
	.name = "hugetlb-unshare-munmap",
	.family = "hugetlb unshare",
	.summary = "unmap a hugetlb gigabyte whose PMD table one other process shares",
	.hugepages = one_hugepage,
	.core = true,
	.prepare = hugetlb_unshare_prepare, .arm = hugetlb_share_attach, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.expect = hugetlb_unshare_expect,
};
