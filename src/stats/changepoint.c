// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * E-divisive with means (Matteson and James, "A Nonparametric Approach for Multiple
 * Change Point Analysis of Multivariate Data", JASA 109, 2014), as Apache Otava uses
 * it for benchmarks (Fleming et al., "Hunter: Using Change Point Detection to Hunt
 * for Performance Regressions", ICPE 2023), with another significance test.
 *
 * Bisect: take two runs of nights next to each other, where the first run begins with the
 * segment. Of all ways to do so, the one with the largest energy statistic is proposed.
 * This statistic is the weighted difference between the distances |x - y| across the two
 * runs and those within each. The second run may end early; otherwise the two edges of a
 * hump would hide each other. If the test agrees, both sides are bisected.
 *
 * Test: Matteson and James permute the nights, which is slow and differs from seed to
 * seed. Otava takes Student's t-test, which is fast and always the same. But one night far
 * off, or a heavy tail, blows up its variance. Also, the night was chosen among hundreds
 * for looking like a change, which the t-test ignores, so its p is far too small.
 * Here it is the rank sum test of Wilcoxon, Mann and Whitney, to which an outlier is just
 * one high rank, with the p of the *largest* of such statistics over all nights: Miller and
 * Siegmund, "Maximally Selected Chi Square Statistics", Biometrics 38, 1982; for ranks:
 * Lausen and Schumacher, "Maximally Selected Rank Statistics", Biometrics 48, 1992.
 * The energy statistic may choose another night than the one with the largest rank
 * statistic. Then p is too large, which can miss a change but invents none.
 *
 * Merge: a change found early was tested against neighbours that have been split since.
 * As in Hunter, each is tested again between its present neighbours, and the weakest is
 * dropped, until all hold. Changes that are not significant go first, then those that are
 * small beside the scatter of the nights. The second rule matters for a slow drift: each
 * part of it differs significantly from the next, and it would be cut into many steps.
 */
#include "stats/changepoint.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_P		0.001	/* Otava's default too */
#define MIN_EFFECT	1.25	/* sigma */
#define SIGMA_PER_MAD	1.4826	/* of a normal distribution */

struct search {
	double *value;	/* measured nights only; their number is the last border */
	double *sorted, *total, *reach;	/* scratch, one more than there are nights */
	int *border;	/* rising: 0, the change points, the end */
	int nr_borders;
};

/* Sorts @values; the mean of the middle two if their number is even. */
static double median(double *values, int nr)
{
	qsort(values, (size_t)nr, sizeof(*values), double_ascending);
	return values[(nr - 1) / 2] / 2 + values[nr / 2] / 2;
}

/* The median of nights [@from, @to). */
static double level(struct search *s, int from, int to)
{
	memcpy(s->sorted, s->value + from, (size_t)(to - from) * sizeof(*s->sorted));
	return median(s->sorted, to - from);
}

/* How many of @sorted are below @x; with @or_equal, those equal to @x too. */
static int count_below(const double *sorted, int nr, double x, bool or_equal)
{
	int low = 0, high = nr;

	while (low < high) {
		int mid = low + (high - low) / 2;

		if (sorted[mid] < x || (or_equal && sorted[mid] == x))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The sum of t^3 - t over groups of t equal values. */
static double tie_term(const double *sorted, int nr)
{
	double sum = 0;

	for (int i = 0, next; i < nr; i = next) {
		double t;

		next = count_below(sorted, nr, sorted[i], true);
		t = next - i;
		sum += t * t * t - t;
	}
	return sum;
}

/*
 * The standardised rank sum of [@from, @at) among [@from, @to): normal approximation
 * with the correction for continuity and ties. 0 if all values are equal.
 */
static double rank_statistic(struct search *s, int from, int at, int to)
{
	double m = at - from, n = to - at, all = m + n, sum = 0, variance, off;
	int nr = to - from;

	level(s, from, to);	/* sorts */
	for (int i = from; i < at; i++)
		sum += (count_below(s->sorted, nr, s->value[i], false) +
			count_below(s->sorted, nr, s->value[i], true) + 1) / 2.0;
	variance = m * n / 12 * (all + 1 - tie_term(s->sorted, nr) / (all * (all - 1)));
	off = fabs(sum - m * (all + 1) / 2) - 0.5;
	return off > 0 && variance > 0 ? off / sqrt(variance) : 0;
}

/*
 * The probability that among @nr nights of one level a rank statistic reaches @b at
 * any night that leaves CHANGE_MIN_NIGHTS on both sides (Miller and Siegmund, 1982;
 * both directions). It approximates the tail; where it cannot, the result is 1.
 */
static double largest_p(double b, int nr)
{
	double share = (double)CHANGE_MIN_NIGHTS / nr;
	double density = exp(-b * b / 2) / sqrt(2 * M_PI);
	double p;

	if (b < 1)
		return 1;
	p = density * ((b - 1 / b) * 2 * log((1 - share) / share) + 4 / b);
	return fmin(p, 1);
}

static double split_p(struct search *s, int from, int at, int to)
{
	return largest_p(rank_statistic(s, from, at, to), to - from);
}

/* s->total[k]: the sum of the distances between all pairs of the first k of @x. */
static void add_distances(struct search *s, const double *x, int nr)
{
	s->total[0] = 0;
	for (int k = 0; k < nr; k++) {
		double sum = 0;

		for (int i = 0; i < k; i++)
			sum += fabs(x[i] - x[k]);
		s->total[k + 1] = s->total[k] + sum;
	}
}

/*
 * The night of [@from, @to) at which a second run begins that ends before @until, so
 * that the energy statistic of the two runs is largest; of equal ones, the last night.
 * -1: there is none, the segment is too short or all values are equal.
 *
 * For runs of m and n nights the statistic is, with sums over pairs (a night with
 * itself is no pair),
 *	mn / (m + n) * (2 / mn * across - 2 / m(m-1) * within 1st - 2 / n(n-1) * within 2nd)
 * Half of it is computed. Distances within the second run grow by s->reach[k], those
 * of night k to the run's nights before it, so that all runs take O(nr^2) together.
 */
static int best_split(struct search *s, int from, int to, int *until)
{
	const double *x = s->value + from;
	int nr = to - from, best = -1;
	double largest = 0;

	if (nr < 2 * CHANGE_MIN_NIGHTS)
		return -1;
	add_distances(s, x, nr);
	memset(s->reach, 0, (size_t)nr * sizeof(*s->reach));
	for (int m = nr - 1; m >= CHANGE_MIN_NIGHTS; m--) {
		double first = s->total[m], second = 0;

		for (int k = m + 1; k < nr; k++) {
			int n = k + 1 - m;
			double across, half;

			s->reach[k] += fabs(x[m] - x[k]);
			second += s->reach[k];
			if (n < CHANGE_MIN_NIGHTS)
				continue;
			across = s->total[k + 1] - first - second;
			half = (across - first * n / (m - 1) - second * m / (n - 1)) / (m + n);
			if (half > largest) {
				largest = half;
				best = from + m;
				*until = from + k + 1;
			}
		}
	}
	return best;
}

static void bisect(struct search *s, int from, int to)
{
	int until, at = best_split(s, from, to, &until);

	if (at < 0 || split_p(s, from, at, until) > MAX_P)
		return;
	bisect(s, from, at);
	s->border[s->nr_borders++] = at;
	bisect(s, at, to);
}

/* Fill in all about border @i except its nights. */
static struct change_point describe(struct search *s, int i)
{
	int from = s->border[i - 1], at = s->border[i], to = s->border[i + 1];
	struct change_point c = {
		.before = level(s, from, at), .after = level(s, at, to),
		.p = split_p(s, from, at, to),
	};

	c.size = c.after - c.before;
	c.relative = c.size / fabs(c.before);
	if (c.size == 0)
		return c;
	for (int j = from; j < to; j++)
		s->sorted[j - from] = fabs(s->value[j] - (j < at ? c.before : c.after));
	c.effect = fabs(c.size) / (SIGMA_PER_MAD * median(s->sorted, to - from));
	return c;
}

/* The border to drop next; 0 if all hold. */
static int weakest(struct search *s)
{
	double p = MAX_P, effect = MIN_EFFECT;
	int insignificant = 0, small = 0;

	for (int i = 1; i < s->nr_borders - 1; i++) {
		struct change_point c = describe(s, i);

		if (c.p > p) {
			p = c.p;
			insignificant = i;
		}
		if (c.effect < effect) {
			effect = c.effect;
			small = i;
		}
	}
	return insignificant ? insignificant : small;
}

static void merge(struct search *s)
{
	int i;

	while ((i = weakest(s))) {
		s->nr_borders--;
		memmove(s->border + i, s->border + i + 1,
			(size_t)(s->nr_borders - i) * sizeof(*s->border));
	}
}

static int search_all(struct search *s, int nr, const int *night, struct change_point **found)
{
	s->border[s->nr_borders++] = 0;
	bisect(s, 0, nr);
	s->border[s->nr_borders++] = nr;
	merge(s);
	if (s->nr_borders == 2)
		return 0;
	*found = calloc((size_t)s->nr_borders - 2, sizeof(**found));
	if (!*found)
		return -ENOMEM;
	for (int i = 1; i < s->nr_borders - 1; i++) {
		struct change_point *c = *found + i - 1;

		*c = describe(s, i);
		c->last = night[s->border[i] - 1];
		c->night = night[s->border[i]];
	}
	return s->nr_borders - 2;
}

/*
 * @nights: one value a night, in order. Values that are NaN (no measurement) or infinite
 * are passed over. Stores the change points, in order, in *@found, which the caller
 * frees, and returns their number. Without any: NULL and 0. -ENOMEM without memory. The
 * same nights give the same answer, in any unit. Takes O(@nr^2) time for each level
 * found, O(@nr) memory.
 */
int change_points_find(const double *nights, int nr, struct change_point **found)
{
	size_t size = nr > 0 ? (size_t)nr + 1 : 1;
	double *values = calloc(4 * size, sizeof(*values));
	int *places = calloc(2 * size + 1, sizeof(*places)), *night = places;
	struct search s = {
		.value = values, .sorted = values + size, .total = values + 2 * size,
		.reach = values + 3 * size, .border = places + size,
	};
	int measured = 0, result = -ENOMEM;

	*found = NULL;
	if (values && places) {
		for (int i = 0; i < nr; i++) {
			if (!isfinite(nights[i]))
				continue;
			night[measured] = i;
			values[measured++] = nights[i];
		}
		result = search_all(&s, measured, night, found);
	}
	free(values);
	free(places);
	return result;
}
