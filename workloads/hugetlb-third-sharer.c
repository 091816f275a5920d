// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three processes share a PMD table. The first one exits, which needs no sync. Then
 * the second one unmaps, and the table is exclusive to the third. The base kernel's
 * one broadcast at the end also waits for walkers on the CPUs of the first process.
 * The patched kernel relies on the first process: it has flushed its CPUs itself.
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

static int actors(const struct workload_ctx *ctx, pid_t *tid, int room)
{
	tid[0] = ctx->actor;
	return 1 + hugetlb_share_left(ctx, tid + 1, room - 1);
}

/*
 * The first process has run on the initiator's CPU only, so it flushes no other CPU.
 * The second one does what hugetlb-unshare-munmap does.
 */
const struct workload hugetlb_third_sharer_workload = {
	.name = "hugetlb-third-sharer",
	.family = "hugetlb unshare",
	.summary = "two of three sharers of a PMD table leave, one after the other",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = arm, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.forks = true, .actors = actors, .expect = hugetlb_unshare_expect,
};
