// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pages are written through mappings of 2 MiB, which share no table. So the large
 * mapping has no page table at all after prepare: the first process that touches a
 * gigabyte of it makes the table there.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/hugetlb-large.h"
#include "workloads/hugetlb-pool.h"
#include "workloads/hugetlb.h"

static int write_page(const struct hugetlb_large *large, size_t gigabyte)
{
	char *page = mmap(NULL, SIZE_2M, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
			  large->fd, (off_t)(gigabyte * SIZE_1G));

	if (page == MAP_FAILED)
		return -errno;
	pattern_write(page, SIZE_4K, gigabyte);
	munmap(page, SIZE_2M);
	return 0;
}

/*
 * Map @nr gigabytes, none of them faulted in. 0 or -errno with ctx->reason;
 * hugetlb_large_release() gives back what was mapped, also after an error.
 */
int hugetlb_large_prepare(struct workload_ctx *ctx, struct hugetlb_large *large, size_t nr)
{
	int error = hugetlb_pool_prepare(ctx, nr);

	large->nr = nr;
	large->fd = -1;
	if (error)
		return error;
	large->fd = memfd_create("tlbsync", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
	if (large->fd < 0 || ftruncate(large->fd, (off_t)(nr * SIZE_1G)))
		return workload_fail(ctx, -errno, "a hugetlb memfd of %zu GiB", nr);
	for (size_t i = 0; !error && i < nr; i++)
		error = write_page(large, i);
	if (error)
		return workload_fail(ctx, error, "mmap of one huge page");
	large->reserved = mmap(NULL, (nr + 1) * SIZE_1G, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (large->reserved == MAP_FAILED) {
		large->reserved = NULL;
		return workload_fail(ctx, -errno, "cannot reserve %zu GiB of address space",
				     nr + 1);
	}
	large->base = (char *)(((uintptr_t)large->reserved + SIZE_1G - 1) & -SIZE_1G);
	if (mmap(large->base, nr * SIZE_1G, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_NORESERVE | MAP_FIXED, large->fd, 0) == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of %zu GiB of hugetlb", nr);
	return 0;
}

/* Touch a gigabyte: 0 if its page holds what was written, -EBADMSG if not. */
int hugetlb_large_check(const struct hugetlb_large *large, size_t gigabyte)
{
	return pattern_check(large->base + gigabyte * SIZE_1G, SIZE_4K, gigabyte);
}

/* Unmap and close. Safe also after a prepare that failed half way. */
void hugetlb_large_release(struct hugetlb_large *large)
{
	if (large->reserved)
		munmap(large->reserved, (large->nr + 1) * SIZE_1G);
	if (large->fd >= 0)
		close(large->fd);
}
