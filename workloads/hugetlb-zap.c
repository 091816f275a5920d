// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is common to ops that take pages out of a hugetlb file, and so out of all its
 * mappings (fs/hugetlbfs/inode.c, hugetlb_vmdelete_list()). Mappings at the same offset
 * are taken in the order in which they were made. This process maps the gigabyte first,
 * and once, so this process unshares the table. The sharer keeps the table, now empty,
 * and it can be shared again. The sharer has run on this CPU only, so zapping its pages
 * flushes without an IPI.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

/* The file, mapped here before a sharer maps it. 0 or -errno with ctx->reason. */
int hugetlb_zap_prepare(struct workload_ctx *ctx)
{
	int error = hugetlb_share_open(ctx);
	struct hugetlb_share *share = ctx->priv;

	if (!error)
		error = hugetlb_share_attach(ctx);
	if (!error)
		error = hugetlb_share_keep(ctx, 1);
	if (!error) {
		munmap(share->view, SIZE_2M);	/* or this mapping would be zapped too */
		share->view = NULL;
	}
	return error;
}

/* Write the page again, through the sharer's table. */
int hugetlb_zap_arm(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	pattern_write(share->window.base, SIZE_4K, 0);
	return 0;
}

/* The page is gone from the file: a new one, all zeroes, takes its place. */
int hugetlb_zap_verify(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	for (size_t at = 0; at < SIZE_4K; at++)
		if (share->window.base[at])
			return workload_fail(ctx, -EBADMSG, "the file still holds its page");
	return 0;
}
