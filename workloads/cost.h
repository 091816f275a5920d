/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stretch of an op costs: wall time, and time in the kernel. */
#ifndef TLBSYNC_WORKLOADS_COST_H
#define TLBSYNC_WORKLOADS_COST_H

#include <stdint.h>

struct cost {
	uint64_t wall_ns;
	uint64_t system_ns;	/* of this thread and of children that were waited for */
};

struct cost cost_now(void);

#endif
