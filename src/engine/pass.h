/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one loop: arm, settle the roles, op, verify, again. What is noted around the op and
 * kept of it is the pass's own: counting and timing are apart, because a tracepoint that
 * fires in an op makes it longer.
 */
#ifndef TLBSYNC_ENGINE_PASS_H
#define TLBSYNC_ENGINE_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/crew.h"

/* An initiator at work, in memory of its own. */
struct hand {
	struct crew *crew;
	struct initiator *me;
	const struct workload *workload;
	const struct clock *clock;
	struct cast *cast;		/* responders and lazy CPUs of its mm; NULL: none */
	struct workload_ctx ctx;
	struct workload_metric kept[WORKLOAD_MAX_METRICS];	/* of the ops that were kept */
	struct op_counters *counters;	/* NULL: nothing is counted */
	uint64_t done;			/* ops of this pass */
	_Alignas(32) uint64_t began;	/* the last op, in ticks of @clock: both in one page */
	uint64_t ended;
	uint64_t start;			/* of the pass */
	bool counted;			/* as one of crew->done */
};

int pass_warm_up(struct hand *hand);
int pass_trace(struct hand *hand);
int pass_time(struct hand *hand);

#endif
