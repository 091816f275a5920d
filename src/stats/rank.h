/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is there a shift between two sets of values, how large, and how sure is that: the
 * rank tests of Wilcoxon, Mann and Whitney and what follows from inverting them. One
 * value a boot: values of one boot are not independent, and no test can see that.
 * The figures are those of R's wilcox.test(conf.int = TRUE).
 */
#ifndef TLBSYNC_STATS_RANK_H
#define TLBSYNC_STATS_RANK_H

#include <stdbool.h>

#define RANK_LEVEL	0.95

struct rank_test {
	double p;		/* two-sided */
	double shift;		/* Hodges-Lehmann: by how much x lies above y */
	double lo, hi;		/* its interval: of @level */
	double level;		/* RANK_LEVEL, or less if so few values allow no more */
	bool exact;		/* else the normal approximation: 50 values, ties, zeros */
};

int rank_test_two(const double *x, int n, const double *y, int m, struct rank_test *test);
int rank_test_paired(const double *x, const double *y, int n, struct rank_test *test);

#endif
