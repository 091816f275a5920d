// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The number of ways to each value of a statistic is a coefficient of a product of
 * short polynomials. Mann-Whitney's U: the Gaussian binomial, product over i = 1..m of
 * (1 - q^(n+i)) / (1 - q^i). Wilcoxon's V: product over i = 1..n of (1 + q^i). All
 * coefficients of the result fit 128 bits below 50 values a side. Arithmetic modulo
 * 2^128 is exact for them, even if a step between overflows.
 */
#include "stats/rank-null.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/normal.h"

__extension__ typedef unsigned __int128 ways_t;

/* Multiply by (1 - q^@power), up to q^@top. */
static void times_one_minus(ways_t *ways, int top, int power)
{
	for (int i = top; i >= power; i--)
		ways[i] -= ways[i - power];
}

/* Divide by (1 - q^@power). */
static void over_one_minus(ways_t *ways, int top, int power)
{
	for (int i = power; i <= top; i++)
		ways[i] += ways[i - power];
}

/* Multiply by (1 + q^@power). */
static void times_one_plus(ways_t *ways, int top, int power)
{
	for (int i = top; i >= power; i--)
		ways[i] += ways[i - power];
}

/* Turn ways into the probability of a value up to each; frees @ways. */
static double *accumulate(ways_t *ways, int top, double all)
{
	double *cdf = calloc((size_t)top + 1, sizeof(*cdf));
	ways_t sum = 0;

	for (int i = 0; cdf && i <= top; i++) {
		sum += ways[i];
		cdf[i] = (double)sum / all;
	}
	free(ways);
	return cdf;
}

/*
 * P(U <= u) for u = 0 to n*m/2, the lower half; the upper mirrors it. @n and @m from
 * 1 to RANK_EXACT_BELOW - 1. The caller frees it; NULL without memory.
 */
double *rank_null_two(int n, int m)
{
	int top = n * m / 2;
	ways_t *ways = calloc((size_t)top + 1, sizeof(*ways));
	double all = 1;

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (int i = 1; i <= m; i++) {
		times_one_minus(ways, top, n + i);
		over_one_minus(ways, top, i);
		all = all * (n + i) / i;
	}
	return accumulate(ways, top, all);
}

/* P(V <= v) for v = 0 to n*(n+1)/4; otherwise as rank_null_two(). */
double *rank_null_paired(int n)
{
	int top = n * (n + 1) / 4;
	ways_t *ways = calloc((size_t)top + 1, sizeof(*ways));
	double all = 1;

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (int i = 1; i <= n; i++) {
		times_one_plus(ways, top, i);
		all *= 2;
	}
	return accumulate(ways, top, all);
}

/*
 * The standard deviation of U, or of V if @m is 0. @ties: the sum of t^3 - t over all
 * groups of t equal values.
 */
double rank_deviation(double n, double m, double ties)
{
	if (m == 0)
		return sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
	return sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
}

/* The bound that a standard normal value exceeds, on either side, with probability @alpha. */
double rank_critical(double alpha)
{
	return -normal_quantile(alpha / 2);
}

/* The interval that errs in a share of at most @alpha; @cdf is of rank_null_...(). */
struct rank_cut rank_cut_exact(const double *cdf, double alpha)
{
	struct rank_cut cut = { .level = 1 - alpha };

	while (cdf[cut.order] < alpha / 2 - 10 * DBL_EPSILON)
		cut.order++;
	if (!cut.order)
		cut.level = fmax(0, 1 - 2 * cdf[0]);
	return cut;
}

/* The same from |U - pairs/2| - 1/2, the half for continuity, over its deviation. */
struct rank_cut rank_cut_normal(long pairs, double sigma, double alpha)
{
	double outermost = 0.5 * (double)pairs - 0.5;
	struct rank_cut cut = { .level = 1 - alpha };

	cut.order = (long)ceil(outermost - rank_critical(alpha) * sigma);
	if (cut.order < 1)
		cut.level = 1 - 2 * normal_cdf(-outermost / sigma);
	return cut;
}
