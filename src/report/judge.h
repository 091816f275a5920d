/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of one night's record beside the nights before it. */
#ifndef TLBSYNC_REPORT_JUDGE_H
#define TLBSYNC_REPORT_JUDGE_H

#include "report/report.h"
#include "stats/judge.h"

/* A record that was judged, and where it and the others are. */
struct judge_view {
	const char *file, *folder;
	const struct judge *judge;
	int passed_over;	/* files that are foreign or broken */
	int known_others;	/* files of the suite that are no records of runs */
};

int report_judge(struct report *report, const struct judge_view *view);

#endif
