// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three processes share a PMD table; one exits, which syncs with nobody, then
 * the second unmaps, and the table is exclusive to the third. The base kernel's
 * one broadcast at the end also waits for walkers on the CPUs of the first; the
 * patched kernel relies on the first having flushed those itself.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int arm(struct workload_ctx *ctx)
{
	int error = hugetlb_share_attach(ctx);

	return error ? error : hugetlb_share_invite(ctx, 1, VISIT_NEVER);
}

static int op(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;
	int error = sharers_leave(&share->leavers);

	if (!error && munmap(share->window.base, SIZE_1G))
		error = -errno;
	return error;
}

static bool is_actor(const struct workload_ctx *ctx, pid_t tid)
{
	return tid == ctx->actor || hugetlb_share_left(ctx, tid);
}

/*
 * The first has run on the initiator's CPU only and flushes nobody else; the
 * second does what hugetlb-unshare-munmap does.
 */
const struct workload hugetlb_third_sharer_workload = {
	.name = "hugetlb-third-sharer",
	.summary = "two of three sharers of a PMD table leave, one after the other",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = arm, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.is_actor = is_actor, .expect = hugetlb_unshare_expect,
};
