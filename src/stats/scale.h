/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same two kernels on machines of several sizes: how many sync IPIs an op asks for
 * against how many CPUs are online. Counts only, which are the same on any machine.
 */
#ifndef TLBSYNC_STATS_SCALE_H
#define TLBSYNC_STATS_SCALE_H

#include "stats/compare.h"

/* A comparison for each number of CPUs, by rising number. */
struct scale {
	struct comparison *at;
	int nr;
};

/* Cases of one size with the same two counts. */
struct scale_point {
	int cpus;		/* online: N */
	double sync_per_op[NR_SIDES];
	int cases;
};

int scale_add(struct scale *scale, const char *label, struct record *rec);
int scale_cpus(const struct comparison *cmp);
bool scale_is_broadcast(const struct compare_case *c, int cpus);
int scale_points(const struct scale *scale, const struct comparison *cmp,
		 struct scale_point **points);
void scale_free(struct scale *scale);

#endif
