/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page allocations that fail on demand, for this task only: the kernel's fault
 * injection (mm/fail_page_alloc.c). Only allocations that may not wait fail, which
 * their callers must expect. All others succeed.
 */
#ifndef TLBSYNC_WORKLOADS_FAIL_ALLOC_H
#define TLBSYNC_WORKLOADS_FAIL_ALLOC_H

#include "workloads/workload.h"

struct fail_alloc {
	int self_fd;		/* /proc/self/make-it-fail */
	uint64_t times_left;	/* at fail_alloc_start() */
};

int fail_alloc_prepare(struct workload_ctx *ctx, struct fail_alloc *fail);
int fail_alloc_start(struct workload_ctx *ctx, struct fail_alloc *fail);
int fail_alloc_stop(struct workload_ctx *ctx, struct fail_alloc *fail, uint64_t *failed);
void fail_alloc_cleanup(struct fail_alloc *fail);

#endif
