// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mremap moves no shared table: the old place unshares the table, and the new place
 * faults it in again (mm/hugetlb.c, move_hugetlb_page_tables()).
 *
 * The mapping goes 2 MiB beside a gigabyte, where no table can be shared. A move to
 * another gigabyte would hang for ever once the table is exclusive, for example after the
 * other process was killed: move_hugetlb_page_tables() holds i_mmap_rwsem for writing
 * and calls huge_pte_alloc(), whose huge_pmd_share() takes the same lock for reading
 * (6.12 to 7.2).
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static char *elsewhere(const struct hugetlb_share *share)
{
	return share->target.base + SIZE_2M;
}

static int prepare(struct workload_ctx *ctx)
{
	int error = hugetlb_unshare_prepare(ctx);
	struct hugetlb_share *share = ctx->priv;

	if (error)
		return error;
	error = window_reserve(&share->target);
	return error ? workload_fail(ctx, error, "cannot reserve 3 GiB of address space") : 0;
}

static int arm(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	if (mmap(elsewhere(share), SIZE_1G, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
		return workload_fail(ctx, -errno, "emptying where it goes");
	return hugetlb_share_attach(ctx);
}

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return mremap(share->window.base, SIZE_1G, SIZE_1G, MREMAP_MAYMOVE | MREMAP_FIXED,
		      elsewhere(share)) == MAP_FAILED ? -errno : 0;
}

/* The content of the old window is in the new one. */
static int verify(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	if (pattern_check(elsewhere(share), SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "the page did not move along");
	return hugetlb_share_verify(ctx);
}

const struct workload hugetlb_unshare_mremap_workload = {
	.name = "hugetlb-unshare-mremap",
	.family = "hugetlb unshare",
	.summary = "move a hugetlb gigabyte with a shared PMD table elsewhere",
	.hugepages = one_hugepage,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = hugetlb_share_cleanup, .expect = hugetlb_unshare_expect,
};
