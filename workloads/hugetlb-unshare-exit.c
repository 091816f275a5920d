// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One of two processes that share a PMD table exits, and the table becomes
 * exclusive to the other. The lazy CPUs hold the mm of the process that leaves:
 * before it exits it runs on each of them for a moment. So these visits are part of
 * the op.
 */
#include <errno.h>

#include "workloads/hugetlb.h"

static int arm(struct workload_ctx *ctx)
{
	return hugetlb_share_invite(ctx, 1, VISIT_LAST);
}

static int op(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;

	return sharers_leave(&share->leavers);
}

/*
 * exit_mmap() (mm/mmap.c) flushes twice. The first flush, tlb_flush_unshared_tables(),
 * wakes the lazy CPUs on the patched kernel only. The second one, tlb_finish_mmu() for
 * the tables that were freed, always goes to all of mm_cpumask. A CPU that the first
 * flush woke is out of the mask before the second one if switch_mm_irqs_off()
 * (arch/x86/mm/tlb.c) clears its bit. Responders run another mm, so L does not count.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	hugetlb_unshare_expect(ctx, scene, predicted);
	predicted->flush = ctx->nr_lazy;
	if (scene->wakes_lazy && !kernel_clears_mm_cpumask(&ctx->machine->kernel))
		predicted->flush += ctx->nr_lazy;
}

const struct workload hugetlb_unshare_exit_workload = {
	.name = "hugetlb-unshare-exit",
	.family = "hugetlb unshare",
	.summary = "exit of a process that shares a PMD table with one other",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = arm, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.forks = true, .actors = hugetlb_share_left, .expect = expect,
};
