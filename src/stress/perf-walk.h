/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other lockless walker: perf reports the size of the page that a sampled address
 * lies in. To find it, perf walks the tables with interrupts off (kernel/events/core.c,
 * perf_get_page_size()), and from an NMI if the CPU's counters sample addresses.
 */
#ifndef TLBSYNC_STRESS_PERF_WALK_H
#define TLBSYNC_STRESS_PERF_WALK_H

#include "stress/stress.h"

#define PERF_WALK_EVENTS	2

struct target;

/* One thread's events; all 0: none are open. */
struct perf_walk {
	int nr;
	int fd[PERF_WALK_EVENTS];
	void *ring[PERF_WALK_EVENTS];
};

int perf_walk_prepare(bool *by_nmi, char *why, size_t size);
void perf_walk_open(struct perf_walk *walk, struct stress_ctx *ctx);
void perf_walk_drain(struct perf_walk *walk, struct stress_ctx *ctx,
		     const struct target *target);
bool perf_walk_judge(struct stress_ctx *ctx, const struct target *target,
		     uint64_t address, uint64_t page_size);
void perf_walk_close(struct perf_walk *walk);

#endif
