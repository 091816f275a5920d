/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The standard normal distribution. */
#ifndef TLBSYNC_STATS_NORMAL_H
#define TLBSYNC_STATS_NORMAL_H

double normal_cdf(double z);
double normal_quantile(double p);

#endif
