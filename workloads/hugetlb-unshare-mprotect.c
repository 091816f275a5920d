// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mprotect: a process with other permissions may not share the table. This way to
 * unshare flushes twice: hugetlb_change_protection() (mm/hugetlb.c) gathers inside
 * the gather of do_mprotect_pkey() (mm/mprotect.c). tlb_finish_mmu() mistakes the
 * inner gather for one of another thread and flushes as if it had freed tables.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workloads/hugetlb.h"

static int op(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	return mprotect(share->window.base, SIZE_1G, PROT_READ) ? -errno : 0;
}

/*
 * First the flush of the unshare, then that of tlb_finish_mmu() (mm/mmu_gather.c),
 * which goes to all of mm_cpumask. Lazy CPUs are in it too, unless the first flush woke
 * them and flush_tlb_func() (arch/x86/mm/tlb.c) thereby took them out of the mask.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	bool woken = scene->wakes_lazy;

	hugetlb_unshare_expect(ctx, scene, predicted);
	predicted->flush += scene->l;
	if (!woken || !kernel_clears_mm_cpumask(&ctx->machine->kernel))
		predicted->flush += scene->z;
}

const struct workload hugetlb_unshare_mprotect_workload = {
	.name = "hugetlb-unshare-mprotect",
	.family = "hugetlb unshare",
	.summary = "write-protect a hugetlb gigabyte with a shared PMD table",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = hugetlb_share_attach, .op = op,
	.verify = hugetlb_share_verify_window, .cleanup = hugetlb_share_cleanup,
	.expect = expect,
};
