/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers that are the same on every machine for one seed: the same records must
 * always give the same report.
 */
#ifndef TLBSYNC_STATS_RANDOM_H
#define TLBSYNC_STATS_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
uint32_t random_below(struct random *random, uint32_t bound);
double random_uniform(struct random *random);
double random_normal(struct random *random);

#endif
