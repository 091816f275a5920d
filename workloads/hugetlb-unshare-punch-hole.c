// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hole punched into the file takes the pages out of every mapping of it. This
 * process's mapping comes first: it unshares the table, which is then exclusive to the
 * other process. The pages of that process are then zapped one by one.
 */
#include <errno.h>
#include <fcntl.h>

#include "workloads/hugetlb.h"

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return fallocate(share->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE_1G) ?
		-errno : 0;
}

const struct workload hugetlb_unshare_punch_hole_workload = {
	.name = "hugetlb-unshare-punch-hole",
	.family = "hugetlb unshare",
	.summary = "punch a hole into a hugetlb file with a shared PMD table",
	.hugepages = one_hugepage,
	.prepare = hugetlb_zap_prepare, .arm = hugetlb_zap_arm, .op = op,
	.verify = hugetlb_zap_verify, .cleanup = hugetlb_share_cleanup,
	.expect = hugetlb_unshare_expect,
};
