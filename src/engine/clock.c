// SPDX-License-Identifier: GPL-2.0-or-later
/* Calibration: what a tick lasts, and what reading the clock costs. */
#include <errno.h>
#include <stdlib.h>

#include "engine/clock.h"

#define CALIBRATE_NS	20000000u
#define COST_SAMPLES	101
#define COST_READS	100

static uint64_t raw_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Nanoseconds of CLOCK_MONOTONIC, for limits and for how long a case took. */
uint64_t clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* TSC ticks a second against CLOCK_MONOTONIC_RAW, over 20 ms. */
static double measure_hz(void)
{
	uint64_t ns0 = raw_ns(), t0 = __rdtsc(), ns1, t1;

	do {
		ns1 = raw_ns();
		t1 = __rdtsc();
	} while (ns1 - ns0 < CALIBRATE_NS);
	return (double)(t1 - t0) * 1e9 / (double)(ns1 - ns0);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median, over samples of 100 reads in a row, of what one read costs. */
static double measure_cost_ns(const struct clock *clock)
{
	double cost[COST_SAMPLES];

	for (int sample = 0; sample < COST_SAMPLES; sample++) {
		uint64_t start = clock_read(clock), end = start;

		for (int i = 0; i < COST_READS; i++)
			end = clock_read(clock);
		cost[sample] = (double)clock_ns(clock, end - start) / COST_READS;
	}
	qsort(cost, COST_SAMPLES, sizeof(cost[0]), ascending);
	return cost[COST_SAMPLES / 2];
}

/* Choose and calibrate the clock; takes some 20 ms. 0, or -EIO if time stands still. */
int clock_init(struct clock *clock, bool invariant_tsc)
{
	clock->tsc = invariant_tsc;
	clock->hz = invariant_tsc ? measure_hz() : 1e9;
	if (!(clock->hz > 1e6))
		return -EIO;
	clock->mult = (uint64_t)(1e9 / clock->hz * 4294967296.0 + 0.5);
	clock->cost_ns = measure_cost_ns(clock);
	return 0;
}

/* "tsc" or "monotonic_raw", as records name it. */
const char *clock_name(const struct clock *clock)
{
	return clock->tsc ? "tsc" : "monotonic_raw";
}
