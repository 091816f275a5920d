/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a comparison, or of how far boots of one kernel differ. */
#ifndef TLBSYNC_REPORT_COMPARE_H
#define TLBSYNC_REPORT_COMPARE_H

#include "report/report.h"
#include "stats/compare.h"
#include "stats/scale.h"
#include "stats/shifts.h"

/*
 * All that is known of a comparison. With shifts->halves it is none: boots of one kernel,
 * all on the base side, whose noise floor is told.
 */
struct compare_view {
	const struct comparison *cmp;
	const struct shifts *shifts;
	const struct comparison *noise;	/* what the floor is from, or NULL */
	const struct scale *scale;	/* the same kernels on other machines, or NULL */
	char **words;			/* the command's arguments, for who repeats it */
	int nr_words;
};

int report_compare(struct report *report, const struct compare_view *view);

#endif
