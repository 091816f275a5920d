// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Found by simulation with the very test that is used, because no textbook formula holds
 * for a rank test of few values. A test rejects "no shift" if the pair at which its
 * interval begins lies above zero. Each simulation has values that differ by chance
 * alone; the shift that the test would need is then minus that pair. In the share @power
 * of all simulations the result is enough.
 */
#include "stats/detectable.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats/pairs.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/rank-null.h"

#define NR_SIMULATIONS	1999	/* the result is good to about 2 % */

/* The interval that the test of @n and @m values inverts to; @m 0: paired. */
static int find_cut(int n, int m, double alpha, struct rank_cut *cut)
{
	double *cdf;

	if (n >= RANK_EXACT_BELOW || m >= RANK_EXACT_BELOW) {
		long pairs = m ? (long)n * m : (long)n * (n + 1) / 2;

		*cut = rank_cut_normal(pairs, rank_deviation(n, m, 0), alpha);
		return 0;
	}
	cdf = m ? rank_null_two(n, m) : rank_null_paired(n);
	if (!cdf)
		return -ENOMEM;
	*cut = rank_cut_exact(cdf, alpha);
	free(cdf);
	return 0;
}

/* @nr simulations of @n and @m values; sorts what it fills into @x and @y. */
static void simulate(int n, int m, long order, double *needed, int nr)
{
	double *x = needed + nr, *y = x + n;
	struct pairs pairs = { .x = x, .n = n, .y = m ? y : NULL, .m = m };
	struct random random;

	random_seed(&random, 1);
	for (int i = 0; i < nr; i++) {
		for (int j = 0; j < n + m; j++)
			x[j] = random_normal(&random);
		sort_values(x, x, n);
		if (m)
			sort_values(y, y, m);
		needed[i] = -pairs_at(&pairs, order);
	}
}

static int detectable(int n, int m, double alpha, double power, double *sds)
{
	struct rank_cut cut;
	double *needed;
	int err;

	if (!(alpha > 0 && alpha < 1 && power > 0 && power < 1))
		return -EINVAL;
	err = find_cut(n, m, alpha, &cut);
	if (err)
		return err;
	*sds = INFINITY;
	if (cut.order < 1)
		return 0;
	needed = calloc((size_t)NR_SIMULATIONS + (size_t)n + (size_t)m, sizeof(*needed));
	if (!needed)
		return -ENOMEM;
	simulate(n, m, cut.order, needed, NR_SIMULATIONS);
	sort_values(needed, needed, NR_SIMULATIONS);
	*sds = quantile_sorted(needed, NR_SIMULATIONS, power);
	free(needed);
	return 0;
}

/*
 * The shift, in standard deviations between boots, that rank_test_two() of @n and @m
 * normal values finds at p < @alpha with probability @power. For one row of a table of
 * k tests, @alpha is 0.05 / k: what Holm's correction asks of the first. Infinite if no
 * shift could be found, because the smallest p is too large. The result is the same for
 * all rows, so call this once. -EINVAL, -ENOMEM.
 */
int detectable_two(int n, int m, double alpha, double power, double *sds)
{
	return n < 1 || m < 1 ? -EINVAL : detectable(n, m, alpha, power, sds);
}

/* The same for rank_test_paired(), in standard deviations of the differences. */
int detectable_paired(int n, double alpha, double power, double *sds)
{
	return n < 1 ? -EINVAL : detectable(n, 0, alpha, power, sds);
}

/* The sum of squares about the mean. */
static double squares(const double *values, int n)
{
	double mean = 0, sum = 0;

	for (int i = 0; i < n; i++)
		mean += values[i] / n;
	for (int i = 0; i < n; i++)
		sum += (values[i] - mean) * (values[i] - mean);
	return sum;
}

/*
 * The standard deviation within the sides, of both together. -EINVAL without three
 * values, or if it is not finite.
 */
int spread_two(const double *x, int n, const double *y, int m, double *sd)
{
	if (n < 1 || m < 1 || n + m < 3)
		return -EINVAL;
	*sd = sqrt((squares(x, n) + squares(y, m)) / (n + m - 2));
	return isfinite(*sd) ? 0 : -EINVAL;
}

/* The standard deviation of the @n differences of pairs; -EINVAL with fewer than two. */
int spread_paired(const double *x, const double *y, int n, double *sd)
{
	double *differences;

	if (n < 2)
		return -EINVAL;
	differences = calloc((size_t)n, sizeof(*differences));
	if (!differences)
		return -ENOMEM;
	for (int i = 0; i < n; i++)
		differences[i] = x[i] - y[i];
	*sd = sqrt(squares(differences, n) / (n - 1));
	free(differences);
	return isfinite(*sd) ? 0 : -EINVAL;
}
