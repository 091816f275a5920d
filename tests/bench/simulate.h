/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Experiments whose truth is known, to see how often what is told of them is true:
 * shared by tests/bench/coverage (the figures in doc/METHOD.md) and the unit test that
 * guards them with fewer.
 */
#ifndef TLBSYNC_BENCH_SIMULATE_H
#define TLBSYNC_BENCH_SIMULATE_H

#include <stdint.h>

#define NR_OPS		300	/* a boot */
#define BOOT_SPREAD	0.03	/* from boot to boot, lognormal */
#define OP_SPREAD	0.08	/* from op to op within a boot, lognormal, but for... */
#define OP_OUTLIERS	0.01	/* ... this share of ops, which take up to 11 times longer */

/* Of how many @experiments each interval held the true shift. */
struct coverage {
	int experiments;
	int rank, bootstrap, pooled;
	int found;	/* rank test, alone, p < 0.05 */
};

/*
 * A table of cases and metrics without any true change: a boot shifts all of them
 * together by a third of the variance, each by itself by two thirds.
 */
#define TABLE_CASES	60
#define TABLE_METRICS	8

int simulate_coverage(int boots, double change, int experiments, int resamples,
		      uint64_t seed, struct coverage *coverage);
int simulate_tables(int boots, int tables, uint64_t seed, int *changed, int *uncorrected);

#endif
