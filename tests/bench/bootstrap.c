// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cluster bootstrap: boots are drawn with replacement, each with its one figure,
 * and the 95 % interval of the difference of medians is that between percentiles
 * (B. Efron and R. J. Tibshirani, "An introduction to the bootstrap", 13).
 */
#include "bootstrap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"

#define MAX_BOOTS	100

/* The median of @n draws from @sorted: how often each is drawn tells where it lies. */
static double resampled_median(const double *sorted, int n, struct random *random)
{
	unsigned char drawn[MAX_BOOTS] = { 0 };
	int at = -1, seen = 0;
	double low;

	for (int i = 0; i < n; i++)
		drawn[random_below(random, (uint32_t)n)]++;
	while (seen < (n + 1) / 2)
		seen += drawn[++at];
	low = sorted[at];
	while (seen < n / 2 + 1)
		seen += drawn[++at];
	return (low + sorted[at]) / 2;
}

/* The interval of median of @x minus median of @y, of up to 100 boots a side. */
int bootstrap_interval(const double *x, int n, const double *y, int m, int resamples,
		       struct random *random, double *lo, double *hi)
{
	double sorted_x[MAX_BOOTS], sorted_y[MAX_BOOTS], *shifts;
	int err;

	if (n > MAX_BOOTS || m > MAX_BOOTS)
		return -EINVAL;
	err = sort_values(sorted_x, x, n);
	if (!err)
		err = sort_values(sorted_y, y, m);
	shifts = err ? NULL : calloc((size_t)resamples, sizeof(*shifts));
	if (!shifts)
		return err ? err : -ENOMEM;
	for (int i = 0; i < resamples; i++)
		shifts[i] = resampled_median(sorted_x, n, random) -
			    resampled_median(sorted_y, m, random);
	sort_values(shifts, shifts, resamples);
	*lo = quantile_sorted(shifts, resamples, 0.025);
	*hi = quantile_sorted(shifts, resamples, 0.975);
	free(shifts);
	return 0;
}
