/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A range of anonymous memory in 4 KiB pages, alone in a window: what most
 * workloads work on. It lives behind ctx->priv, and a canary page lies right
 * before it, in tables of its own.
 */
#ifndef TLBSYNC_WORKLOADS_RANGE_H
#define TLBSYNC_WORKLOADS_RANGE_H

#include <stdbool.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

struct range {
	struct window window;
	char *at;		/* where the range is now: prepare puts it at window.base */
	uint64_t size;		/* bytes */
	uint64_t seed;		/* of what was written last */
	bool alone;		/* its neighbours within the gigabyte are gone */
	void *more;		/* the workload's own, free()d with the range */
};

int range_prepare(struct workload_ctx *ctx, uint64_t size);
int range_alone(struct workload_ctx *ctx);
int range_map(struct workload_ctx *ctx);
int range_fill(struct workload_ctx *ctx);
int range_check(struct workload_ctx *ctx);
int range_check_gone(struct workload_ctx *ctx);
int range_check_canary(struct workload_ctx *ctx);
void range_cleanup(struct workload_ctx *ctx);
uint64_t range_bytes(const uint64_t *param);

#endif
