// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps that workloads on a range have in common. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workloads/range.h"

static char *canary(const struct range *range)
{
	return range->window.base - SIZE_4K;
}

/*
 * Make the range of @size bytes, at most SIZE_1G: its window and the canary, with
 * nothing mapped yet. 0 or -errno with ctx->reason; range_cleanup() undoes this,
 * also after an error.
 */
int range_prepare(struct workload_ctx *ctx, uint64_t size)
{
	struct range *range = calloc(1, sizeof(*range));
	int error;

	if (!range)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = range;
	error = window_reserve(&range->window);
	if (error)
		return workload_fail(ctx, error, "cannot reserve 3 GiB of address space");
	range->at = range->window.base;
	range->size = size;
	if (mprotect(canary(range), SIZE_4K, PROT_READ | PROT_WRITE))
		return workload_fail(ctx, -errno, "mprotect of the canary");
	pattern_write(canary(range), SIZE_4K, 0);
	return 0;
}

/*
 * Remove all neighbours within the gigabyte. Then an unmap frees every table. For the first
 * arm(): until all have prepared, others' mappings may not come to lie there.
 */
int range_alone(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (range->alone)
		return 0;
	if (munmap(range->window.base, SIZE_1G))
		return workload_fail(ctx, -errno, "emptying the window");
	range->alone = true;
	return 0;
}

/* Map the range, so that faults give 4 KiB pages. 0 or -errno with ctx->reason. */
int range_map(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (mmap(range->at, range->size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return workload_fail(ctx, -errno, "mmap of %llu bytes",
				     (unsigned long long)range->size);
	if (range->size >= SIZE_2M && madvise(range->at, range->size, MADV_NOHUGEPAGE) &&
	    errno != EINVAL)	/* EINVAL: a kernel without huge pages */
		return workload_fail(ctx, -errno, "madvise(MADV_NOHUGEPAGE)");
	return 0;
}

/* Touch every page and leave something new in it. Returns 0. */
int range_fill(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	pattern_write(range->at, range->size, ++range->seed);
	return 0;
}

/* The canary still holds what was written: 0 or -EBADMSG with ctx->reason. */
int range_check_canary(struct workload_ctx *ctx)
{
	if (pattern_check(canary(ctx->priv), SIZE_4K, 0))
		return workload_fail(ctx, -EBADMSG, "memory beside the range changed");
	return 0;
}

/* The range and the canary still hold what was written: 0 or -EBADMSG with ctx->reason. */
int range_check(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (pattern_check(range->at, range->size, range->seed))
		return workload_fail(ctx, -EBADMSG, "the memory of the range changed");
	return range_check_canary(ctx);
}

static bool is_mapped(const char *page)
{
	unsigned char resident;

	return !mincore((void *)page, SIZE_4K, &resident) || errno != ENOMEM;
}

/* Nothing is mapped where the range began, ended, or had a table; the canary is whole. */
int range_check_gone(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	bool mapped = is_mapped(range->at + range->size - SIZE_4K);

	for (uint64_t at = 0; at < range->size; at += SIZE_2M)
		mapped |= is_mapped(range->at + at);
	if (mapped)
		return workload_fail(ctx, -EBADMSG, "the unmapped range is still there");
	return range_check_canary(ctx);
}

/* Give it all back. Safe also after a range_prepare() that failed half way. */
void range_cleanup(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (!range)
		return;
	window_release(&range->window);
	free(range->more);
	free(range);
}

/* .bytes of workloads whose first parameter is the size: pages, their tables, the gather. */
uint64_t range_bytes(const uint64_t *param)
{
	return param[0] + param[0] / 512 + 32 * SIZE_4K;
}
