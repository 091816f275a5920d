/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both ways to collapse share: one aligned 2 MiB range, filled with 4 KiB
 * pages before each op, that must be one huge page with the same content after.
 */
#ifndef TLBSYNC_WORKLOADS_COLLAPSE_H
#define TLBSYNC_WORKLOADS_COLLAPSE_H

#include "workloads/memory.h"
#include "workloads/workload.h"

struct collapse_range {
	struct window window;
	uint64_t seed;
};

int collapse_range_prepare(struct workload_ctx *ctx, struct collapse_range *range);
int collapse_range_arm(struct workload_ctx *ctx, struct collapse_range *range);
int collapse_range_verify(struct workload_ctx *ctx, struct collapse_range *range);
int collapse_range_prove(struct workload_ctx *ctx, struct collapse_range *range,
			 int (*op)(struct workload_ctx *ctx));
void collapse_expect(const struct workload_ctx *ctx, const struct scene *scene,
		     struct prediction *predicted);

#endif
