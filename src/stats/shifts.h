/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The times of two sets of boots: for each case and metric both sides' figures, the
 * shift between them, and whether it is a change. doc/METHOD.md, "Comparing", says what
 * is promised.
 */
#ifndef TLBSYNC_STATS_SHIFTS_H
#define TLBSYNC_STATS_SHIFTS_H

#include "stats/compare.h"
#include "stats/order.h"
#include "stats/quantile.h"
#include "stats/rank.h"

#define SHIFTS_MIN_BOOTS	4	/* a side; with fewer, times are not compared */
#define SHIFTS_ALPHA		0.05	/* of the whole table */
#define SHIFTS_POWER		0.8	/* with which the smallest effect would be found */

/* One case, one metric. Values are in the metric's unit. */
struct shift {
	int at_case;
	int at_metric;		/* of the case's */
	const struct metric *metric;	/* the same, as the case holds it */
	int n[NR_SIDES];	/* boots that have the figure; pairs that have both */
	struct summary side[NR_SIDES];
	struct rank_test test;	/* .shift > 0: the patched side is larger; .p by itself */
	bool tested;		/* is one of the table's tests */
	double p;		/* corrected for all tests of the table; 1 if not tested */
	double sds;		/* the smallest shift that so many boots could have shown */
	double smallest;	/* the same in the metric's unit; INFINITY: none */
	double floor;		/* of the noise; INFINITY: not known; 0 without --aa */
	bool changed;
};

struct shifts {
	char none[REASON_SIZE];	/* why times are not compared; "" if they are */
	bool halves;		/* of one kernel: the earlier boots against the later */
	struct boot_order order;
	int nr_pairs;		/* if all boots pair up */
	bool paired;		/* and the tests are those of pairs */
	int nr_tests;
	int *place[NR_SIDES];	/* of each boot: its pair; for halves: its half */
	struct shift *shift;	/* by case, then metric: its times, and its own figures */
	int nr;
};

struct shifts_how {
	unsigned int tested;	/* 1 << metric_id of those that enter the table of tests */
	bool halves;
	const struct comparison *noise;	/* of boots of one kernel, or NULL */
	const struct shifts *floor;	/* its halves */
};

int shifts_find(struct shifts *shifts, const struct comparison *cmp,
		const struct shifts_how *how);
double shift_reach(const struct shift *shift);
double shift_relative(const struct shift *shift, double value);
int shift_direction(const struct shift *shift);
void shifts_free(struct shifts *shifts);

#endif
