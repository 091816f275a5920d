/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest shift that so many boots could have shown: what "no change" is worth.
 */
#ifndef TLBSYNC_STATS_DETECTABLE_H
#define TLBSYNC_STATS_DETECTABLE_H

int detectable_two(int n, int m, double alpha, double power, double *sds);
int detectable_paired(int n, double alpha, double power, double *sds);
int spread_two(const double *x, int n, const double *y, int m, double *sd);
int spread_paired(const double *x, const double *y, int n, double *sd);

#endif
