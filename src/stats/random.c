// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xoshiro256**, its state filled by splitmix64: D. Blackman and S. Vigna, "Scrambled
 * linear pseudorandom number generators", ACM Trans. Math. Softw. 47 (2021), and
 * prng.di.unimi.it.
 */
#include "stats/random.h"

#include "stats/normal.h"

static uint64_t rotate(uint64_t value, int by)
{
	return value << by | value >> (64 - by);
}

/* Start @random anew: one seed, one sequence. */
void random_seed(struct random *random, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t mixed = seed += 0x9e3779b97f4a7c15ull;

		mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9ull;
		mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebull;
		random->state[i] = mixed ^ mixed >> 31;
	}
}

/* 64 random bits. */
uint64_t random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return result;
}

/* A number from 0 to @bound - 1; some are more likely than others by bound / 2^32. */
uint32_t random_below(struct random *random, uint32_t bound)
{
	return (uint32_t)((random_next(random) >> 32) * bound >> 32);
}

/* Between 0 and 1, never either of them. */
double random_uniform(struct random *random)
{
	return ((double)(random_next(random) >> 12) + 0.5) * 0x1p-52;
}

/* Of the standard normal distribution. */
double random_normal(struct random *random)
{
	return normal_quantile(random_uniform(random));
}
