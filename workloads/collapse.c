// SPDX-License-Identifier: GPL-2.0-or-later
/* The regions that the collapse workloads collapse. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "machine/sysfs.h"
#include "workloads/collapse.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

/*
 * Map the range, whose size and file are set. Faults in it must give 4 KiB pages: with
 * THP "always" they would not, and with "never" khugepaged does not run. So the setting
 * becomes "madvise" for the run. 0 or -errno.
 */
int collapse_range_prepare(struct workload_ctx *ctx, struct collapse_range *range)
{
	char thp[16];
	int error = sysfs_read_choice(SYSFS_THP "enabled", thp, sizeof(thp));

	if (error)
		return workload_fail(ctx, error, "reading " SYSFS_THP "enabled");
	if (strcmp(thp, "madvise")) {
		error = settings_write(ctx->settings, SYSFS_THP "enabled", "madvise");
		if (error && strcmp(thp, "never"))
			return workload_fail(ctx, error, "writing " SYSFS_THP "enabled");
	}
	error = window_reserve(&range->window);
	if (error)
		return workload_fail(ctx, error, "cannot reserve 3 GiB of address space");
	if (mmap(range->window.base, range->size, PROT_READ | PROT_WRITE, MAP_FIXED |
		 (range->fd ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS),
		 range->fd ? range->fd : -1, 0) == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of %llu MiB",
				     (unsigned long long)range->size >> 20);
	return 0;
}

/* The op of workloads that ask for the collapse themselves: ctx->priv is the range. 0 or -errno. */
int collapse_range_madvise(struct workload_ctx *ctx)
{
	struct collapse_range *range = ctx->priv;

	return madvise(range->window.base, range->size, MADV_COLLAPSE) ? -errno : 0;
}

/* Drop the huge pages of the previous op and fill the range with 4 KiB pages. */
int collapse_range_arm(struct workload_ctx *ctx, struct collapse_range *range)
{
	if (madvise(range->window.base, range->size,
		    range->fd ? MADV_REMOVE : MADV_DONTNEED))
		return workload_fail(ctx, -errno, "dropping the huge pages");
	pattern_write(range->window.base, range->size, ++range->seed);
	return 0;
}

/* The memory still holds what was written. */
int collapse_range_verify(struct workload_ctx *ctx, struct collapse_range *range)
{
	if (pattern_check(range->window.base, range->size, range->seed))
		return workload_fail(ctx, -EBADMSG, "the collapsed memory changed");
	return 0;
}

static int prove_bytes(struct workload_ctx *ctx, struct collapse_range *range,
		       uint64_t want, const char *when)
{
	uint64_t bytes;
	int error = huge_bytes(range->window.base, &bytes);

	if (error)
		return workload_fail(ctx, error, "reading /proc/self/smaps");
	if (bytes != want)
		return workload_fail(ctx, -EBADMSG, "%llu bytes in huge pages %s, wanted %llu",
				     (unsigned long long)bytes, when, (unsigned long long)want);
	return 0;
}

static int prove_once(struct workload_ctx *ctx, struct collapse_range *range,
		      int (*op)(struct workload_ctx *ctx))
{
	int error = collapse_range_arm(ctx, range);

	if (!error)
		error = prove_bytes(ctx, range, 0, "before the collapse");
	if (!error) {
		error = op(ctx);
		if (error && !ctx->reason[0])
			workload_fail(ctx, error, "the first collapse");
	}
	if (!error)
		error = prove_bytes(ctx, range, range->size, "after the collapse");
	if (!error)
		error = collapse_range_verify(ctx, range);
	return error;
}

/*
 * One op on trial: before it the range has no huge page, after it only huge pages. So
 * the ops that follow are known to measure a collapse. 0 or -errno. If another task
 * holds a page for the moment (-EAGAIN), the trial is repeated.
 */
int collapse_range_prove(struct workload_ctx *ctx, struct collapse_range *range,
			 int (*op)(struct workload_ctx *ctx))
{
	int error = prove_once(ctx, range, op);

	for (int tries = 0; error == -EAGAIN && tries < 100; tries++) {
		ctx->reason[0] = '\0';
		error = prove_once(ctx, range, op);
	}
	return error;
}

/* .bytes: a region's old pages are freed when its huge page has their content. */
uint64_t collapse_bytes(const uint64_t *param)
{
	return (param[0] + 2) * SIZE_2M;
}

/*
 * collapse_huge_page() (mm/khugepaged.c), once a region: pmdp_collapse_flush()
 * flushes every CPU in mm_cpumask, lazy ones too, then tlb_remove_table_sync_one().
 */
void collapse_expect(const struct workload_ctx *ctx, const struct scene *scene,
		     struct prediction *predicted)
{
	predicted->sync = scene->skips_sync ? 0 : (double)ctx->param[0] * (scene->n - 1);
	predicted->flush = waking_flushes(ctx, scene, ctx->param[0]);
}
