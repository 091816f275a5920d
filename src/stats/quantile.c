// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Quantiles as R's quantile() gives them by default, type 7 of R. J. Hyndman and
 * Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50
 * (1996): the values lie at even steps from 0 to 1, between them a straight line.
 */
#include "stats/quantile.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* For qsort(): doubles that are numbers, rising. */
int double_ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Put @from into @to, rising. -EINVAL if there is no value, or one is NaN or so large
 * (a quarter of the largest double) that differences could overflow.
 */
int sort_values(double *to, const double *from, int n)
{
	if (n < 1)
		return -EINVAL;
	for (int i = 0; i < n; i++)
		if (!(fabs(from[i]) <= DBL_MAX / 4))
			return -EINVAL;
	memmove(to, from, (size_t)n * sizeof(*to));
	qsort(to, (size_t)n, sizeof(*to), double_ascending);
	return 0;
}

/* The quantile at @q, from 0 to 1, of @n > 0 values that rise. */
double quantile_sorted(const double *sorted, int n, double q)
{
	double at = q * (n - 1);
	int below = (int)at;
	double part = at - below;

	if (part == 0)
		return sorted[below];
	return (1 - part) * sorted[below] + part * sorted[below + 1];
}

/* Sum @values up; errors as sort_values(), and -ENOMEM. */
int summarize(const double *values, int n, struct summary *summary)
{
	double *sorted = malloc((size_t)(n > 0 ? n : 1) * sizeof(*sorted));
	int err;

	if (!sorted)
		return -ENOMEM;
	err = sort_values(sorted, values, n);
	if (!err)
		*summary = (struct summary){
			.min = sorted[0],
			.quarter = quantile_sorted(sorted, n, 0.25),
			.median = quantile_sorted(sorted, n, 0.5),
			.three_quarters = quantile_sorted(sorted, n, 0.75),
			.max = sorted[n - 1],
		};
	free(sorted);
	return err;
}
