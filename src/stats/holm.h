/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many tests in one table: p values that hold for the table as a whole. */
#ifndef TLBSYNC_STATS_HOLM_H
#define TLBSYNC_STATS_HOLM_H

int holm_correct(const double *p, int n, double *corrected);

#endif
