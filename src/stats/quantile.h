/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order statistics of a few values. */
#ifndef TLBSYNC_STATS_QUANTILE_H
#define TLBSYNC_STATS_QUANTILE_H

/* One side in numbers: where its boots lie and how far apart. */
struct summary {
	double min, quarter, median, three_quarters, max;
};

int double_ascending(const void *a, const void *b);
int sort_values(double *to, const double *from, int n);
double quantile_sorted(const double *sorted, int n, double q);
int summarize(const double *values, int n, struct summary *summary);

#endif
