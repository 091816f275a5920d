// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PMD tables are shared (mm/hugetlb.c, huge_pmd_share()) when two mappings of
 * one file cover a whole aligned gigabyte at a matching offset and one of them
 * has the table already. The sharer is a process of its own because only
 * another mm can share; it dies with its parent.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/sysfs.h"
#include "workloads/hugetlb.h"

#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB	(21u << 26)
#endif

#define PAGES_WANTED	4	/* one is touched; the rest is room for others */

/* Free pages that nobody has reserved. */
static int spare_pages(uint64_t *spare)
{
	uint64_t reserved;

	if (sysfs_read_u64(SYSFS_HUGETLB_2M "free_hugepages", spare) ||
	    sysfs_read_u64(SYSFS_HUGETLB_2M "resv_hugepages", &reserved))
		return -ENOENT;
	*spare = *spare > reserved ? *spare - reserved : 0;
	return 0;
}

/* See to it that the pool has free pages, growing it for the run if need be. */
static int pool_prepare(struct workload_ctx *ctx)
{
	uint64_t total, spare;
	char text[24];
	int error;

	if (sysfs_read_u64(SYSFS_HUGETLB_2M "nr_hugepages", &total) || spare_pages(&spare))
		return workload_fail(ctx, -EOPNOTSUPP, "this kernel has no 2 MiB hugetlb pool");
	if (spare >= PAGES_WANTED)
		return 0;
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)(total + PAGES_WANTED - spare));
	error = settings_write(ctx->settings, SYSFS_HUGETLB_2M "nr_hugepages", text);
	if (spare_pages(&spare) || !spare)
		return workload_fail(ctx, -EOPNOTSUPP,
			"the hugepage pool cannot grow (%s); free memory, or write 8 to "
			SYSFS_HUGETLB_2M "nr_hugepages", error ? strerror(-error) : "memory is short");
	return 0;
}

static char *map_gigabyte(struct hugetlb_share *share)
{
	return mmap(share->window.base, SIZE_1G, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_NORESERVE | MAP_FIXED, share->fd, 0);
}

/* The sharer's life: fault the gigabyte in, say so, sleep until killed. */
static void sharer(struct hugetlb_share *share, pid_t parent, int ready_fd)
{
	char *memory;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-sharer");
	if (getppid() != parent)
		_exit(1);
	memory = map_gigabyte(share);
	if (memory == MAP_FAILED)
		_exit(1);
	pattern_write(memory, SIZE_4K, 0);
	if (write(ready_fd, "r", 1) != 1)
		_exit(1);
	close(ready_fd);
	for (;;)
		pause();
}

static int start_sharer(struct workload_ctx *ctx, struct hugetlb_share *share)
{
	pid_t parent = getpid();
	int ready[2];
	char byte;
	ssize_t got;

	if (pipe(ready))
		return workload_fail(ctx, -errno, "pipe");
	share->sharer = fork();
	if (!share->sharer) {
		close(ready[0]);
		sharer(share, parent, ready[1]);
	}
	close(ready[1]);
	if (share->sharer < 0) {
		close(ready[0]);
		return workload_fail(ctx, -errno, "fork of the sharer");
	}
	got = read(ready[0], &byte, 1);
	close(ready[0]);
	if (got != 1)
		return workload_fail(ctx, -EIO, "the sharer could not fault its mapping in");
	return 0;
}

/*
 * Make the file, start the sharer, map the view. 0 or -errno with ctx->reason;
 * -EOPNOTSUPP where the pool is too small. hugetlb_share_cleanup() undoes it,
 * also after an error.
 */
int hugetlb_share_prepare(struct workload_ctx *ctx, struct hugetlb_share *share)
{
	int error = pool_prepare(ctx);

	if (error)
		return error;
	error = window_reserve(&share->window);
	if (error)
		return workload_fail(ctx, error, "cannot reserve 3 GiB of address space");
	share->fd = memfd_create("tlbsync", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
	if (share->fd < 0 || ftruncate(share->fd, SIZE_1G))
		return workload_fail(ctx, -errno, "a hugetlb memfd of 1 GiB");
	error = start_sharer(ctx, share);
	if (error)
		return error;
	share->view = mmap(NULL, SIZE_2M, PROT_READ, MAP_SHARED | MAP_NORESERVE,
			   share->fd, 0);
	if (share->view == MAP_FAILED) {
		share->view = NULL;
		return workload_fail(ctx, -errno, "mmap of one huge page");
	}
	return 0;
}

/* Map the gigabyte and touch it: this process now shares the PMD table. */
int hugetlb_share_attach(struct workload_ctx *ctx, struct hugetlb_share *share)
{
	char *memory = map_gigabyte(share);

	if (memory == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of 1 GiB of hugetlb");
	if (pattern_check(memory, SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "the shared page changed");
	return 0;
}

/* End the sharer, give the memory back. Safe on what prepare left half done. */
void hugetlb_share_cleanup(struct hugetlb_share *share)
{
	if (share->sharer > 0) {
		kill(share->sharer, SIGKILL);
		waitpid(share->sharer, NULL, 0);
	}
	if (share->view)
		munmap(share->view, SIZE_2M);
	window_release(&share->window);
	if (share->fd > 0)
		close(share->fd);
}
