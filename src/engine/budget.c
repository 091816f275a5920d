// SPDX-License-Identifier: GPL-2.0-or-later
/* Warming up tells what an op takes; the rest is division. */
#include "engine/budget.h"

#define WARMUP_OPS	5
#define WARMUP_NS	50000000ull	/* at most so long to learn what an op takes */
#define MIN_OPS		20
#define MAX_OPS		1000000

/* Are more ops needed, after so many, before it counts? To @learn takes longer. */
bool budget_warms_up(uint64_t ops, uint64_t spent_ns, bool learn)
{
	return ops < WARMUP_OPS || (learn && spent_ns < WARMUP_NS);
}

/*
 * As many ops as can be made twice in the budget, and once more but then at most @third of
 * them, to two digits so that runs resemble each other.
 */
uint64_t budget_ops(uint64_t budget_ns, uint64_t ns_per_op, uint64_t third)
{
	uint64_t ops = budget_ns / ns_per_op, unit = 1;

	ops = ops >= 3 * third ? (ops - third) / 2 : ops / 3;

	if (ops < MIN_OPS)
		return MIN_OPS;
	if (ops > MAX_OPS)
		return MAX_OPS;
	while (ops / unit >= 100)
		unit *= 10;
	return ops / unit * unit;
}
