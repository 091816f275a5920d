// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The op truncates the file to 0 bytes under two mappings of it that share a table.
 * The file grows again before the next op.
 */
#include <errno.h>
#include <unistd.h>

#include "workloads/hugetlb.h"

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return ftruncate(share->fd, 0) ? -errno : 0;
}

static int verify(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	if (ftruncate(share->fd, SIZE_1G))
		return workload_fail(ctx, -errno, "growing the file again");
	return hugetlb_zap_verify(ctx);
}

const struct workload hugetlb_unshare_truncate_workload = {
	.name = "hugetlb-unshare-truncate",
	.family = "hugetlb unshare",
	.summary = "truncate a hugetlb file with a shared PMD table",
	.hugepages = one_hugepage,
	.prepare = hugetlb_zap_prepare, .arm = hugetlb_zap_arm, .op = op,
	.verify = verify, .cleanup = hugetlb_share_cleanup,
	.expect = hugetlb_unshare_expect,
};
