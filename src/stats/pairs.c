// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pairs are never listed. With both samples sorted, the pairs up to a limit lie
 * below a staircase; a walk along its edge counts them in n + m steps. To find the pair
 * of some rank, its double is searched bit by bit: exact, in at most 64 counts.
 */
#include "stats/pairs.h"

#include <stdint.h>
#include <string.h>

/* How many pairs there are. */
long pairs_count(const struct pairs *pairs)
{
	return pairs->y ? (long)pairs->n * pairs->m : (long)pairs->n * (pairs->n + 1) / 2;
}

/* How many differences or means are at most @limit. */
long pairs_up_to(const struct pairs *pairs, double limit)
{
	const double *x = pairs->x, *y = pairs->y;
	long count = 0;
	int edge;

	if (y) {
		edge = 0;	/* the first y for which x - y is small enough */
		for (int i = 0; i < pairs->n; i++) {
			while (edge < pairs->m && x[i] - y[edge] > limit)
				edge++;
			count += pairs->m - edge;
		}
		return count;
	}
	edge = pairs->n;	/* the first partner with which the mean is too large */
	for (int i = 0; i < edge; i++) {
		while (edge > i && (x[i] + x[edge - 1]) / 2 > limit)
			edge--;
		count += edge - i;
	}
	return count;
}

#define SIGN	(1ull << 63)

/* Doubles as integers of the same order, and back. */
static uint64_t to_ordered(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits & SIGN ? ~bits : bits | SIGN;
}

static double from_ordered(uint64_t ordered)
{
	uint64_t bits = ordered & SIGN ? ordered & ~SIGN : ~ordered;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* The difference or mean of @rank, 1 the smallest. */
double pairs_at(const struct pairs *pairs, long rank)
{
	const double *x = pairs->x, *y = pairs->y;
	int n = pairs->n;
	uint64_t low = to_ordered(y ? x[0] - y[pairs->m - 1] : x[0]);
	uint64_t high = to_ordered(y ? x[n - 1] - y[0] : x[n - 1]);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (pairs_up_to(pairs, from_ordered(middle)) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return from_ordered(low) + 0.0;	/* no minus zero */
}

/* The middle one, or the mean of both that are in the middle. */
double pairs_median(const struct pairs *pairs)
{
	long count = pairs_count(pairs);
	double below = pairs_at(pairs, (count + 1) / 2);

	return count % 2 ? below : (below + pairs_at(pairs, count / 2 + 1)) / 2;
}
