// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both tests count pairs: differences x - y above zero (U), or means of two of the
 * pairwise differences above zero (V, J. W. Tukey's form). So the place of a shift among
 * the sorted pairs alone decides whether it is rejected, and the interval runs from one
 * pair to another: M. Hollander and D. A. Wolfe, "Nonparametric statistical methods", 3.3
 * and 4.3. The median of all pairs is the estimate: J. L. Hodges and E. L. Lehmann,
 * Annals of Mathematical Statistics 34 (1963).
 */
#include "stats/rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats/normal.h"
#include "stats/pairs.h"
#include "stats/quantile.h"
#include "stats/rank-null.h"

/* The sum of t^3 - t over all groups of @t equal values; @sorted rises. */
static double tie_sum(const double *sorted, int n)
{
	double sum = 0;

	for (int i = 0, t; i < n; i += t) {
		for (t = 1; i + t < n && sorted[i + t] == sorted[i]; t++)
			;
		sum += (double)t * t * t - t;
	}
	return sum;
}

/* What is known of the samples when the pairs can be counted. */
struct ranking {
	struct pairs pairs;
	double ties;		/* among the ranked values, for p */
	double ties_within;	/* within a side: a shift of the other side keeps these */
	double alpha;		/* for the interval */
	bool exact;
};

static double sigma(const struct ranking *r, double ties)
{
	return rank_deviation(r->pairs.n, r->pairs.y ? r->pairs.m : 0, ties);
}

static double p_value(const struct ranking *r, const double *cdf)
{
	long count = pairs_count(&r->pairs);
	double zeros = (double)(pairs_up_to(&r->pairs, 0) -
				pairs_up_to(&r->pairs, nextafter(0, -1)));
	double up_to = (double)pairs_up_to(&r->pairs, 0) - zeros / 2;
	double lower = fmin(up_to, (double)count - up_to), off = 0.5 * (double)count - lower;

	if (cdf)
		return fmin(1, 2 * cdf[(long)lower]);
	return off > 0 ? fmin(1, 2 * normal_cdf(-(off - 0.5) / sigma(r, r->ties))) : 1;
}

static bool all_pairs_equal(const struct pairs *pairs)
{
	return pairs->x[0] == pairs->x[pairs->n - 1] &&
	       (!pairs->y || pairs->y[0] == pairs->y[pairs->m - 1]);
}

/* All of @test, once the samples are sorted and their ties counted. */
static int evaluate(const struct ranking *r, struct rank_test *test)
{
	const struct pairs *pairs = &r->pairs;
	long count = pairs_count(pairs);
	double *cdf = NULL;
	struct rank_cut cut;

	if (r->exact) {
		cdf = pairs->y ? rank_null_two(pairs->n, pairs->m) :
				 rank_null_paired(pairs->n);
		if (!cdf)
			return -ENOMEM;
		cut = rank_cut_exact(cdf, r->alpha);
	} else {
		cut = rank_cut_normal(count, sigma(r, r->ties_within), r->alpha);
	}
	if (cut.order < 1)
		cut.order = 1;
	test->exact = r->exact;
	test->p = p_value(r, cdf);
	test->shift = pairs_median(pairs);
	test->lo = pairs_at(pairs, cut.order);
	test->hi = pairs_at(pairs, count + 1 - cut.order);
	test->level = all_pairs_equal(pairs) ? 0 : cut.level;
	free(cdf);
	return 0;
}

/*
 * Mann-Whitney: @x against @y, independent of each other, as boots are. p is exact
 * with fewer than 50 values on each side and no two equal among all, else the normal
 * approximation, corrected for ties and continuity. If all differences are equal the
 * interval is that point and its level 0: such values do not show how they vary.
 * -EINVAL for an empty side and for values that sort_values() refuses; -ENOMEM.
 */
int rank_test_two(const double *x, int n, const double *y, int m, struct rank_test *test)
{
	struct ranking r = { .alpha = 1 - RANK_LEVEL };
	double *sorted;
	int err;

	if (n < 1 || m < 1)
		return -EINVAL;
	sorted = calloc(2 * ((size_t)n + (size_t)m), sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	err = sort_values(sorted, x, n);
	if (!err)
		err = sort_values(sorted + n, y, m);
	if (!err)
		err = sort_values(sorted + n + m, sorted, n + m);
	if (!err) {
		r.pairs = (struct pairs){ .x = sorted, .n = n, .y = sorted + n, .m = m };
		r.ties = tie_sum(sorted + n + m, n + m);
		r.ties_within = tie_sum(sorted, n) + tie_sum(sorted + n, m);
		r.exact = n < RANK_EXACT_BELOW && m < RANK_EXACT_BELOW && r.ties == 0;
		err = evaluate(&r, test);
	}
	free(sorted);
	return err;
}

/* Are @n values that all lie on one side of zero rejected at @alpha? */
static bool rejected(const double *others, int n, double alpha)
{
	double outermost = 0.25 * n * (n + 1) - 0.5;

	return outermost / rank_deviation(n, 0, tie_sum(others, n)) >= rank_critical(alpha);
}

/*
 * The share of error of the approximate interval. It is doubled until both outermost
 * values can be rejected, each by all values that differ from it. 1 or more if they
 * never can.
 */
static double reachable_alpha(const double *sorted, int n)
{
	double alpha = 1 - RANK_LEVEL;
	int low = 0, high = n;

	while (low < n && sorted[low] == sorted[0])
		low++;
	while (high > 0 && sorted[high - 1] == sorted[n - 1])
		high--;
	while (alpha < 1 && !(rejected(sorted + low, n - low, alpha) &&
			      rejected(sorted, high, alpha)))
		alpha *= 2;
	return alpha;
}

/* The signed-rank test of @n differences other than zero; @zeros: there were zeros too. */
static int signed_rank(double *sorted, int n, bool zeros, struct rank_test *test)
{
	struct ranking r = { .pairs = { .x = sorted, .n = n }, .alpha = 1 - RANK_LEVEL };
	double *sizes = calloc((size_t)n, sizeof(*sizes));
	int err;

	if (!sizes)
		return -ENOMEM;
	for (int i = 0; i < n; i++)
		sizes[i] = fabs(sorted[i]);
	err = sort_values(sizes, sizes, n);
	r.ties = tie_sum(sizes, n);
	r.ties_within = tie_sum(sorted, n);
	r.exact = n < RANK_EXACT_BELOW && r.ties == 0 && !zeros;
	if (!r.exact && sorted[0] < sorted[n - 1])
		r.alpha = reachable_alpha(sorted, n);
	if (!err)
		err = evaluate(&r, test);
	if (!err && r.alpha >= 1) {
		test->lo = test->hi = quantile_sorted(sorted, n, 0.5);
		test->level = 0;
	}
	free(sizes);
	return err;
}

/*
 * Wilcoxon's signed-rank test: @x[i] against @y[i], measured as a pair. It is like
 * rank_test_two() with three differences. Differences of zero are left out. p is exact
 * if no two differences are equally large. An approximate interval's error is doubled
 * until there is one. If all are zero: p 1, shift 0.
 */
int rank_test_paired(const double *x, const double *y, int n, struct rank_test *test)
{
	double *differences;
	int kept = 0, err = 0;

	if (n < 1)
		return -EINVAL;
	differences = calloc((size_t)n, sizeof(*differences));
	if (!differences)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		differences[kept] = x[i] - y[i];
		if (differences[kept] != 0)
			kept++;
	}
	*test = (struct rank_test){ .p = 1 };
	if (kept)
		err = sort_values(differences, differences, kept);
	if (kept && !err)
		err = signed_rank(differences, kept, kept < n, test);
	free(differences);
	return err;
}
