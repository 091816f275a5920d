// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A boot multiplies all its ops by one random factor, which is what makes its ops one
 * opinion and not hundreds.
 */
#include "simulate.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bootstrap.h"
#include "stats/holm.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/rank.h"

#define MEDIAN_NS	2000.0
#define ALPHA		0.05

/* One side: all ops of all boots, and the figure of each boot, its p50. */
struct side_sample {
	double *ops;	/* boots * NR_OPS, rising within a boot */
	double *p50;
};

static double op(struct random *random)
{
	double ns = exp(OP_SPREAD * random_normal(random));

	if (random_uniform(random) < OP_OUTLIERS)
		ns *= 1 + 10 * random_uniform(random);
	return ns;
}

static void draw_side(struct side_sample *side, int boots, double median,
		      struct random *random)
{
	for (int boot = 0; boot < boots; boot++) {
		double *ops = side->ops + (size_t)boot * NR_OPS;
		double level = median * exp(BOOT_SPREAD * random_normal(random));

		for (int i = 0; i < NR_OPS; i++)
			ops[i] = level * op(random);
		sort_values(ops, ops, NR_OPS);
		side->p50[boot] = quantile_sorted(ops, NR_OPS, 0.5);
	}
}

static bool holds(double lo, double hi, double truth)
{
	return lo <= truth && truth <= hi;
}

/* One experiment: draw both sides, and ask all three. */
static int experiment(struct side_sample *base, struct side_sample *patched, int boots,
		      double change, int resamples, struct random *random,
		      struct coverage *coverage)
{
	int nr_ops = boots * NR_OPS, err;
	double truth = MEDIAN_NS * change, lo, hi;
	struct rank_test by_boot, by_op;

	draw_side(base, boots, MEDIAN_NS, random);
	draw_side(patched, boots, MEDIAN_NS + truth, random);
	err = rank_test_two(patched->p50, boots, base->p50, boots, &by_boot);
	if (!err)
		err = bootstrap_interval(patched->p50, boots, base->p50, boots, resamples,
					 random, &lo, &hi);
	if (!err)
		err = rank_test_two(patched->ops, nr_ops, base->ops, nr_ops, &by_op);
	if (err)
		return err;
	coverage->experiments++;
	coverage->rank += holds(by_boot.lo, by_boot.hi, truth);
	coverage->bootstrap += holds(lo, hi, truth);
	coverage->pooled += holds(by_op.lo, by_op.hi, truth);
	coverage->found += by_boot.p < ALPHA;
	return 0;
}

/*
 * How often intervals of @boots a side hold a true change of the median by a share
 * @change, in all of @experiments. 0 or -ENOMEM.
 */
int simulate_coverage(int boots, double change, int experiments, int resamples,
		      uint64_t seed, struct coverage *coverage)
{
	size_t side = (size_t)boots * (NR_OPS + 1);
	double *memory = calloc(2 * side, sizeof(*memory));
	struct side_sample base = { memory, memory + (size_t)boots * NR_OPS };
	struct side_sample patched = { base.ops + side, base.p50 + side };
	struct random random;
	int err = 0;

	if (!memory)
		return -ENOMEM;
	*coverage = (struct coverage){ 0 };
	random_seed(&random, seed);
	for (int i = 0; i < experiments && !err; i++)
		err = experiment(&base, &patched, boots, change, resamples, &random, coverage);
	free(memory);
	return err;
}

enum { TABLE_TESTS = TABLE_CASES * TABLE_METRICS };

/* The p values of a table of @boots a side that differ by chance. */
static int table(int boots, struct random *random, double *figures, double *p)
{
	double *common = figures + 2 * boots;
	int err = 0;

	for (int i = 0; i < 2 * boots; i++)
		common[i] = sqrt(1 / 3.0) * random_normal(random);
	for (int test = 0; test < TABLE_TESTS && !err; test++) {
		struct rank_test rank;

		for (int i = 0; i < 2 * boots; i++)
			figures[i] = common[i] + sqrt(2 / 3.0) * random_normal(random);
		for (int i = 0; i < 2 * boots; i++)
			figures[i] = MEDIAN_NS * exp(BOOT_SPREAD * figures[i]);
		err = rank_test_two(figures, boots, figures + boots, boots, &rank);
		p[test] = rank.p;
	}
	return err;
}

/*
 * In how many of @tables any test at all shows a change, after Holm's correction and
 * without it, though there is none. 0 or -ENOMEM.
 */
int simulate_tables(int boots, int tables, uint64_t seed, int *changed, int *uncorrected)
{
	double p[TABLE_TESTS], corrected[TABLE_TESTS];
	double *figures = calloc(4 * (size_t)boots, sizeof(*figures));
	struct random random;
	int err = 0;

	if (!figures)
		return -ENOMEM;
	*changed = *uncorrected = 0;
	random_seed(&random, seed);
	for (int i = 0; i < tables && !err; i++) {
		bool any = false, any_uncorrected = false;

		err = table(boots, &random, figures, p);
		if (!err)
			err = holm_correct(p, TABLE_TESTS, corrected);
		for (int test = 0; test < TABLE_TESTS && !err; test++) {
			any |= corrected[test] < ALPHA;
			any_uncorrected |= p[test] < ALPHA;
		}
		*changed += any;
		*uncorrected += any_uncorrected;
	}
	free(figures);
	return err;
}
