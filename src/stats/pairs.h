/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both rank tests and their intervals are made of: the differences of all pairs
 * of two samples, or the means of all pairs of one sample (Walsh averages).
 */
#ifndef TLBSYNC_STATS_PAIRS_H
#define TLBSYNC_STATS_PAIRS_H

struct pairs {
	const double *x;	/* rising */
	const double *y;	/* rising; NULL: pairs within @x, each value with itself too */
	int n, m;		/* how many of each; @m counts only with @y */
};

long pairs_count(const struct pairs *pairs);
long pairs_up_to(const struct pairs *pairs, double limit);
double pairs_at(const struct pairs *pairs, long rank);
double pairs_median(const struct pairs *pairs);

#endif
