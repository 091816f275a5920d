// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mprotect: a process with other permissions may not share the table. It is the
 * door with two flushes: hugetlb_change_protection() (mm/hugetlb.c) gathers
 * inside the gather of do_mprotect_pkey() (mm/mprotect.c), so tlb_finish_mmu()
 * takes that for another thread's and flushes as if it had freed tables.
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
 * The flush of the unshare, then tlb_finish_mmu()'s (mm/mmu_gather.c), which goes
 * to all of mm_cpumask: to lazy CPUs too, unless the first flush woke them and
 * waking one, in flush_tlb_func() (arch/x86/mm/tlb.c), took it out of the mask.
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
	.summary = "write-protect a hugetlb gigabyte with a shared PMD table",
	.hugepages = one_hugepage,
	.prepare = hugetlb_unshare_prepare, .arm = hugetlb_share_attach, .op = op,
	.verify = hugetlb_share_verify_window, .cleanup = hugetlb_share_cleanup,
	.expect = expect,
};
