/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that block and wake on every CPU. When one blocks, its CPU goes idle with this
 * process's page tables still loaded. Some IPIs must reach that CPU, others need not.
 */
#ifndef TLBSYNC_STRESS_STORM_H
#define TLBSYNC_STRESS_STORM_H

#include <pthread.h>

#include "stress/stress.h"

#define STORM_MAX	64

struct storm {
	struct stress_ctx *ctx;
	atomic_bool stop;
	atomic_int named;
	int nr;
	pthread_t thread[STORM_MAX];
};

int storm_start(struct storm *storm, struct stress_ctx *ctx);
void storm_stop(struct storm *storm);

#endif
