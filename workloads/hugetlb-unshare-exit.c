// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One of two processes that share a PMD table exits, and the table becomes
 * exclusive to the other. Lazy CPUs are the leaver's: told to go, it first runs
 * on each of them for a moment, so the op holds these visits, too.
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
 * exit_mmap() (mm/mmap.c) flushes twice: tlb_flush_unshared_tables(), which on the
 * patched kernel wakes the lazy CPUs, then tlb_finish_mmu() for the tables it has
 * freed, which always goes to all of mm_cpumask. A CPU that was woken for the
 * first is out of the mask before the second where switch_mm_irqs_off()
 * (arch/x86/mm/tlb.c) clears it. Responders run another mm: L is nothing here.
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
	.summary = "exit of a process that shares a PMD table with one other",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = arm, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.is_actor = hugetlb_share_left, .expect = expect,
};
