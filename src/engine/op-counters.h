/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting events of the task that performs an op, inside the op: read just before it and just
 * after, with what the reading itself counts taken off.
 */
#ifndef TLBSYNC_ENGINE_OP_COUNTERS_H
#define TLBSYNC_ENGINE_OP_COUNTERS_H

#include "engine/clock.h"
#include "probe/counters.h"

/* What one initiator counted, in memory that processes share. */
struct op_counts {
	uint64_t ops;
	struct counter_value sum[MAX_COUNTERS];
	double bias[MAX_COUNTERS];	/* per op: what reading counts by itself */
	char why[MAX_COUNTERS][COUNTER_WHY];	/* why one is not counted */
	bool rdpmc[MAX_COUNTERS];
};

struct op_counters;

int op_counters_open(const struct counter_list *list, pid_t tid, struct op_counts *counts,
		     struct op_counters **counters);
void op_counters_start(struct op_counters *counters, const struct clock *clock);
void op_counters_before(struct op_counters *counters);
void op_counters_after(struct op_counters *counters);
void op_counters_keep(struct op_counters *counters);
void op_counters_stop(struct op_counters *counters);
void op_counters_close(struct op_counters *counters);

#endif
