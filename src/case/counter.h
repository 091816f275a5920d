/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hardware and the kernel counted beside the time: instructions, TLB misses, page faults. */
#ifndef TLBSYNC_CASE_COUNTER_H
#define TLBSYNC_CASE_COUNTER_H

#include <stdbool.h>

#include "case/roles.h"

#define MAX_COUNTERS	12	/* events at once */
#define COUNTER_NAME	48
#define COUNTER_WHY	160

/*
 * One event, of one role: of the initiators' tasks, inside their timed ops; of the other
 * roles' CPUs, over the whole timing pass, of each CPU.
 */
struct case_counter {
	char event[COUNTER_NAME];
	enum role role;
	double per_op;
	double counted_share;	/* of the time; below 1 it was multiplexed, and per_op is scaled up */
	bool rdpmc;		/* read without a system call */
	char why[COUNTER_WHY];	/* it could not be counted; "" if it was */
};

#endif
