/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an op costs a CPU that has nothing to do with it: a bystander reads the
 * clock without pause for breath, and whenever two reads lie further apart than
 * its own loop explains while an op is under way, somebody took its CPU away.
 */
#ifndef TLBSYNC_ENGINE_BYSTANDER_H
#define TLBSYNC_ENGINE_BYSTANDER_H

#include <stdatomic.h>

#include "engine/clock.h"
#include "case/histogram.h"
#include "case/result.h"

/*
 * Raised by the initiator before and after each timed op: odd while one is under
 * way. It has a cache line of its own, which bystanders only read.
 */
struct op_window {
	_Alignas(64) atomic_uint seq;
	char rest[60];
};

/* One bystander's own observations, in memory shared with the initiator. */
struct bystander {
	struct bystander_count count;
	struct histogram gaps;		/* beyond the bias, in ns; only those inside ops */
};

/* Between two looks of a bystander at the clock. */
struct bystander_look {
	uint64_t ticks;
	unsigned int seq;
};

void bystander_calibrate(struct bystander *bystander, const struct clock *clock);
struct bystander_look bystander_look(struct bystander *bystander, const struct clock *clock,
				     const struct op_window *window,
				     struct bystander_look last);

#endif
