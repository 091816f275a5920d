/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all ways to collapse share: aligned 2 MiB regions side by side. Before each op
 * they are filled with 4 KiB pages; after it they must be huge pages with the same
 * content.
 */
#ifndef TLBSYNC_WORKLOADS_COLLAPSE_H
#define TLBSYNC_WORKLOADS_COLLAPSE_H

#include "workloads/memory.h"
#include "workloads/workload.h"

#define COLLAPSE_MAX_REGIONS	64

/* The parameter of the workloads that collapse several regions: param[0]. */
#define COLLAPSE_REGIONS	{ .name = "regions", .summary = "2 MiB regions an op collapses", \
	.min = 1, .max = COLLAPSE_MAX_REGIONS, .multiple = 1, STANDARD(1, 8) }

struct collapse_range {
	struct window window;
	uint64_t size;		/* bytes, of all regions */
	int fd;			/* shmem to map there; 0: anonymous memory */
	uint64_t seed;
};

int collapse_range_prepare(struct workload_ctx *ctx, struct collapse_range *range);
int collapse_range_madvise(struct workload_ctx *ctx);
int collapse_range_arm(struct workload_ctx *ctx, struct collapse_range *range);
int collapse_range_verify(struct workload_ctx *ctx, struct collapse_range *range);
int collapse_range_prove(struct workload_ctx *ctx, struct collapse_range *range,
			 int (*op)(struct workload_ctx *ctx));
uint64_t collapse_bytes(const uint64_t *param);
void collapse_expect(const struct workload_ctx *ctx, const struct scene *scene,
		     struct prediction *predicted);

#endif
