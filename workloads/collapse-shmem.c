// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collapse of shmem: the negative control, which never syncs. The page table is
 * emptied and freed by RCU, so lockless walkers do no harm and need no wait:
 * pmdp_get_lockless_sync() is empty on x86-64 (include/linux/pgtable.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/sysfs.h"
#include "workloads/collapse.h"

#define ENABLED	SYSFS_THP "shmem_enabled"

/* Faults must give 4 KiB pages and MADV_COLLAPSE must be allowed. */
static int allow_collapse(struct workload_ctx *ctx)
{
	const char *now = ctx->machine->shmem_thp;
	int error;

	if (!strcmp(now, "never") || !strcmp(now, "advise"))
		return 0;
	error = settings_write(ctx->settings, ENABLED, "never");
	return error ? workload_fail(ctx, error, "writing " ENABLED) : 0;
}

static int prepare(struct workload_ctx *ctx)
{
	struct collapse_range *range = calloc(1, sizeof(*range));
	int error;

	if (!range)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = range;
	range->size = SIZE_2M;
	error = allow_collapse(ctx);
	if (error)
		return error;
	range->fd = memfd_create("tlbsync", MFD_CLOEXEC);
	if (range->fd < 0 || ftruncate(range->fd, range->size))
		return workload_fail(ctx, -errno, "a memfd of 2 MiB");
	error = collapse_range_prepare(ctx, range);
	if (!error)
		error = collapse_range_prove(ctx, range, collapse_range_madvise);
	if (error == -EINVAL)
		return workload_fail(ctx, -EOPNOTSUPP,
			"this kernel does not collapse shmem when asked (since Linux 6.1)");
	return error;
}

static int arm(struct workload_ctx *ctx)
{
	return collapse_range_arm(ctx, ctx->priv);
}

static int verify(struct workload_ctx *ctx)
{
	return collapse_range_verify(ctx, ctx->priv);
}

static void cleanup(struct workload_ctx *ctx)
{
	struct collapse_range *range = ctx->priv;

	if (!range)
		return;
	window_release(&range->window);
	if (range->fd > 0)
		close(range->fd);
	free(range);
}

/*
 * mm/khugepaged.c: collapse_file() unmaps all pages and flushes once for them
 * (try_to_unmap_flush(), which leaves lazy CPUs alone). Then retract_page_tables()
 * takes the emptied table away with pmdp_collapse_flush(), which wakes lazy CPUs.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	predicted->sync = 0;
	predicted->flush = scene->l + waking_flushes(ctx, scene, 1);
}

const struct workload collapse_shmem_workload = {
	.name = "collapse-shmem",
	.family = "shmem collapse",
	.summary = "collapse 2 MiB of shmem with madvise(MADV_COLLAPSE): never a sync",
	.needs = NEEDS_THP | NEEDS_MADV_COLLAPSE | NEEDS_SHMEM_THP,
	.prepare = prepare, .arm = arm, .op = collapse_range_madvise, .verify = verify,
	.cleanup = cleanup, .expect = expect,
};
