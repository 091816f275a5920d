/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of the timed driver: the TSC where it is invariant, otherwise
 * CLOCK_MONOTONIC_RAW. Its own cost is measured and recorded, not subtracted.
 */
#ifndef TLBSYNC_ENGINE_CLOCK_H
#define TLBSYNC_ENGINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <x86intrin.h>

struct clock {
	bool tsc;
	double hz;		/* ticks a second */
	double cost_ns;		/* of one read, median */
	uint64_t mult;		/* ns = ticks * mult / 2^32 */
};

int clock_init(struct clock *clock, bool invariant_tsc);
const char *clock_name(const struct clock *clock);
uint64_t clock_monotonic_ns(void);

/*
 * Ticks now. lfence on both sides keeps the read from moving across what is
 * timed (Intel SDM vol. 2, RDTSC).
 */
static inline uint64_t clock_read(const struct clock *clock)
{
	struct timespec now;
	uint64_t ticks;

	if (clock->tsc) {
		_mm_lfence();
		ticks = __rdtsc();
		_mm_lfence();
		return ticks;
	}
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_ns(const struct clock *clock, uint64_t ticks)
{
	return (uint64_t)(((unsigned __int128)ticks * clock->mult) >> 32);
}

#endif
