/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the passes of a case share: the state of the measuring process. */
#ifndef TLBSYNC_ENGINE_MEASUREMENT_H
#define TLBSYNC_ENGINE_MEASUREMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "case/result.h"
#include "engine/bench.h"
#include "engine/crew.h"

struct measurement {
	const struct bench *bench;
	const struct case_plan *plan;
	struct case_result *result;
	struct crew *crew;
	struct op_log *log;		/* of each initiator */
	unsigned int *in_a_row;		/* displaced ops of each */
	uint64_t *ipi_ops;		/* of each in the ipi pass */
	uint64_t wanted;		/* ops of each initiator; UINT64_MAX: the time says */
	bool lost_life;			/* somebody died or hangs: there is nobody to order */
};

/* A pass whose ops are traced: some of them, then a look at the trace, and again. */
struct windows {
	uint64_t wanted;	/* ops of each initiator; UINT64_MAX: the time says */
	bool collects;		/* there is a trace to look at */
	uint64_t (*done)(const struct measurement *m, int i);	/* ops of initiator @i so far */
	/* look at what the ops of the last window left; *@fill: of the fullest ring, of 1 */
	int (*look)(struct measurement *m, void *arg, double *fill);
	/* forget what the trace holds from before the first op */
	int (*forget)(struct measurement *m, void *arg);
	void *arg;
};

int measurement_order(struct measurement *m, enum order order);
int windows_run(struct measurement *m, const struct windows *windows);
uint64_t windows_p50(struct measurement *m);

int count_pass(struct measurement *m);
int time_pass(struct measurement *m);
int ipi_pass(struct measurement *m);

#endif
