/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an op costs a CPU that has nothing to do with it: a bystander reads the
 * clock without pause for breath, and whenever two reads lie further apart than
 * its own loop explains while an op is under way, somebody took its CPU away.
 */
#ifndef TLBSYNC_ENGINE_BYSTANDER_H
#define TLBSYNC_ENGINE_BYSTANDER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/clock.h"
#include "case/histogram.h"
#include "case/result.h"
#include "probe/gaps.h"

/*
 * Which ops are under way, told by the initiators and only read by bystanders, in a cache
 * line of its own: how many there are, how many have begun, and how many of those that
 * ended the kernel had refused.
 */
struct op_window {
	_Alignas(64) atomic_uint_least64_t word;
	char rest[56];
};

#define OP_UNDER_WAY	1ull
#define OP_BEGUN	(1ull << 16)
#define OP_REFUSED	(1ull << 48)

static inline void op_window_begin(struct op_window *window)
{
	atomic_fetch_add(&window->word, OP_BEGUN + OP_UNDER_WAY);
}

static inline void op_window_end(struct op_window *window, bool refused)
{
	atomic_fetch_add(&window->word, (refused ? OP_REFUSED : 0) - OP_UNDER_WAY);
}

#define MAX_PENDING	32
#define MAX_GAPS	4096

/* The gaps of one look at the trace, for whoever explains them. */
struct gap_log {
	atomic_bool on;			/* they are wanted */
	atomic_uint nr;			/* who reads them sets it to 0, while no op runs */
	atomic_uint left_off;		/* there was no room for them */
	struct gap gap[MAX_GAPS];
};

/* One bystander's own observations, in memory shared with the initiators. */
struct bystander {
	struct bystander_count count;
	struct histogram gaps;		/* beyond the bias, in ns; only those inside ops */
	struct gap pending[MAX_PENDING];	/* of an op that may yet be refused */
	int nr_pending;
	uint64_t pending_word;		/* the window's, while that op is under way */
	struct gap_log log;
};

/* Between two looks of a bystander at the clock. */
struct bystander_look {
	uint64_t ticks;
	uint64_t word;		/* of the window */
};

void bystander_calibrate(struct bystander *bystander, const struct clock *clock);
struct bystander_look bystander_look(struct bystander *bystander, const struct clock *clock,
				     const struct op_window *window,
				     struct bystander_look last);

#endif
