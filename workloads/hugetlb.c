// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PMD tables are shared (mm/hugetlb.c, huge_pmd_share()) when two mappings of
 * one file cover a whole aligned gigabyte at a matching offset and one of them
 * has the table already. Only the first 2 MiB of the gigabyte are ever touched.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/hugetlb-pool.h"
#include "workloads/hugetlb.h"

/*
 * Make the file, with pattern 0 in its first page, and find room for the
 * gigabyte. 0 or -errno with ctx->reason; -EOPNOTSUPP if the pool is too
 * small. hugetlb_share_cleanup() undoes this, also after an error.
 */
int hugetlb_share_open(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = calloc(1, sizeof(*share));
	int error;

	if (!share)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = share;
	share->fd = -1;
	error = hugetlb_pool_prepare(ctx, 1);
	if (error)
		return error;
	error = window_reserve(&share->window);
	if (error)
		return workload_fail(ctx, error, "cannot reserve 3 GiB of address space");
	share->fd = memfd_create("tlbsync", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
	if (share->fd < 0 || ftruncate(share->fd, SIZE_1G))
		return workload_fail(ctx, -errno, "a hugetlb memfd of 1 GiB");
	share->view = mmap(NULL, SIZE_2M, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_NORESERVE, share->fd, 0);
	if (share->view == MAP_FAILED) {
		share->view = NULL;
		return workload_fail(ctx, -errno, "mmap of one huge page");
	}
	pattern_write(share->view, SIZE_4K, 0);
	return 0;
}

/* Start @nr processes that share the gigabyte until cleanup. 0 or -errno. */
int hugetlb_share_keep(struct workload_ctx *ctx, int nr)
{
	struct hugetlb_share *share = ctx->priv;

	return sharers_start(ctx, &share->keepers, nr, share->fd, share->window.base,
			     VISIT_NEVER);
}

/* What most workloads need: the file, and one process to share with. 0 or -errno. */
int hugetlb_unshare_prepare(struct workload_ctx *ctx)
{
	int error = hugetlb_share_open(ctx);

	return error ? error : hugetlb_share_keep(ctx, 1);
}

/* Map the gigabyte anew and touch it: this process now shares the PMD table. */
int hugetlb_share_attach(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;
	char *memory = mmap(share->window.base, SIZE_1G, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_NORESERVE | MAP_FIXED, share->fd, 0);

	if (memory == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of 1 GiB of hugetlb");
	if (pattern_check(memory, SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "the shared page changed");
	return 0;
}

/* Start @nr processes that share the gigabyte until the op ends them. 0 or -errno. */
int hugetlb_share_invite(struct workload_ctx *ctx, int nr, enum sharers_visit visit)
{
	struct hugetlb_share *share = ctx->priv;

	return sharers_start(ctx, &share->leavers, nr, share->fd, share->window.base,
			     visit);
}

/* The file still holds what was written, seen through a mapping that was kept. */
int hugetlb_share_verify(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	if (pattern_check(share->view, SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "the shared memory changed");
	return 0;
}

/* After an op that keeps the gigabyte mapped: faulted in again, it holds what was written. */
int hugetlb_share_verify_window(struct workload_ctx *ctx)
{
	const struct hugetlb_share *share = ctx->priv;

	if (pattern_check(share->window.base, SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "the gigabyte lost its page");
	return hugetlb_share_verify(ctx);
}

/* End the processes, give the memory back. Safe also after a prepare that failed half way. */
void hugetlb_share_cleanup(struct workload_ctx *ctx)
{
	struct hugetlb_share *share = ctx->priv;

	if (!share)
		return;
	sharers_kill(&share->leavers);
	sharers_kill(&share->keepers);
	if (share->view)
		munmap(share->view, SIZE_2M);
	window_release(&share->window);
	window_release(&share->target);
	if (share->fd >= 0)
		close(share->fd);
	free(share);
}

/* Those that left in the op just done. */
int hugetlb_share_left(const struct workload_ctx *ctx, pid_t *tid, int room)
{
	const struct hugetlb_share *share = ctx->priv;

	return sharers_list(&share->leavers, tid, room);
}

/*
 * tlb_flush_unshared_tables() (include/asm-generic/tlb.h): a flush, then
 * tlb_remove_table_sync_one(), because the table is not shared any more. The
 * patched kernel wakes lazy CPUs in that flush (arch/x86/include/asm/tlb.h,
 * tlb_flush()); the base kernel does not. While another thread of the mm has a gather open,
 * the end of this one flushes all once more (mm/mmu_gather.c, tlb_finish_mmu()).
 */
void hugetlb_unshare_expect(const struct workload_ctx *ctx, const struct scene *scene,
			    struct prediction *predicted)
{
	(void)ctx;
	predicted->sync = scene->skips_sync ? 0 : scene->n - 1;
	predicted->flush = scene->wakes_lazy ? scene->l + scene->z : scene->l;
	if (scene->shared)
		predicted->flush += scene->l;
}
