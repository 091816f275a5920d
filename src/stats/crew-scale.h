/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cases of a comparison that differ in nothing but their number of initiators. */
#ifndef TLBSYNC_STATS_CREW_SCALE_H
#define TLBSYNC_STATS_CREW_SCALE_H

#include "stats/compare.h"

/* NAN: not known. Base and patched. */
struct crew_point {
	int initiators;			/* K */
	double sync[NR_SIDES];		/* requests for one op of each initiator */
	double rate[NR_SIDES];		/* ops a second of all */
	double sync_rate[NR_SIDES];	/* requests a second of op time, of all */
};

struct crew_series {
	struct case_id id;		/* of the first */
	struct crew_point *point;	/* by rising K */
	int nr;
};

int crew_scale(const struct comparison *cmp, struct crew_series **series);
void crew_scale_free(struct crew_series *series, int nr);

#endif
