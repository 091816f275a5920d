/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interval that was not chosen: see doc/METHOD.md, "Statistics". */
#ifndef TLBSYNC_BENCH_BOOTSTRAP_H
#define TLBSYNC_BENCH_BOOTSTRAP_H

#include "stats/random.h"

int bootstrap_interval(const double *x, int n, const double *y, int m, int resamples,
		       struct random *random, double *lo, double *hi);

#endif
