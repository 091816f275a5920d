/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the rank statistics are distributed if there is no difference at all: exactly, and
 * by the normal approximation.
 */
#ifndef TLBSYNC_STATS_RANK_NULL_H
#define TLBSYNC_STATS_RANK_NULL_H

#define RANK_EXACT_BELOW	50	/* values a side: so far counts fit, and R does the same */

/* An interval: from the @order-th smallest pair to the @order-th largest (pairs.h). */
struct rank_cut {
	long order;	/* 0 or less: not even the outermost pairs are far enough out */
	double level;	/* of the interval; if @order is 0 or less, of the one from end to end */
};

double *rank_null_two(int n, int m);
double *rank_null_paired(int n);
double rank_deviation(double n, double m, double ties);
double rank_critical(double alpha);
struct rank_cut rank_cut_exact(const double *cdf, double alpha);
struct rank_cut rank_cut_normal(long pairs, double sigma, double alpha);

#endif
