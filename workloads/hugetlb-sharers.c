// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * K processes share a PMD table and exit all at once. Only the process that leaves
 * the table to a single other one syncs, but each of them flushes. All have visited
 * the lazy CPUs before, so each mm's mask holds these CPUs. These many flushes could
 * cost more on a kernel that wakes lazy CPUs for an unshare.
 */
#include <errno.h>

#include "workloads/hugetlb.h"

static int arm(struct workload_ctx *ctx)
{
	return hugetlb_share_invite(ctx, (int)ctx->param[0], VISIT_FIRST);
}

/* A trial: if so many processes may not run, the case says so before any op. */
static int prepare(struct workload_ctx *ctx)
{
	int error = hugetlb_share_open(ctx);
	struct hugetlb_share *share = ctx->priv;

	if (!error)
		error = arm(ctx);
	if (!error && sharers_leave(&share->leavers))
		error = workload_fail(ctx, -ECHILD, "the sharers' exit");
	return error;
}

static int op(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;

	return sharers_leave(&share->leavers);
}

/*
 * Each of the K processes has visited a lazy CPU, which then runs the initiator's mm
 * when the roles settle. If switch_mm_irqs_off() (arch/x86/mm/tlb.c) clears the
 * previous mm's bit, nothing is left in the masks of the K processes. If it does not,
 * each exit_mmap() sends one IPI there, which clears the bit (flush_tlb_func(): not the
 * mm that is loaded). On the base kernel that IPI comes from tlb_finish_mmu(), because
 * should_flush_tlb() spares idle CPUs in an unshare's flush. On the patched kernel it
 * comes from the unshare's flush, and tlb_finish_mmu() finds the mask empty.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	hugetlb_unshare_expect(ctx, scene, predicted);
	predicted->flush = kernel_clears_mm_cpumask(&ctx->machine->kernel) ?
		0 : ctx->param[0] * ctx->nr_lazy;
}

const struct workload hugetlb_sharers_workload = {
	.name = "hugetlb-sharers",
	.family = "hugetlb unshare",
	.summary = "all sharers of a hugetlb PMD table exit at once",
	.hugepages = one_hugepage,
	.params = {
		{ .name = "sharers", .summary = "processes that share the table",
		  .min = 2, .max = SHARERS_MAX, .multiple = 1, STANDARD(2, 16) },
	},
	.prepare = prepare, .arm = arm, .op = op,
	.verify = hugetlb_share_verify, .cleanup = hugetlb_share_cleanup,
	.forks = true, .actors = hugetlb_share_left, .expect = expect,
};
