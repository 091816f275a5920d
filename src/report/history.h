/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a history: where levels moved, worst first. */
#ifndef TLBSYNC_REPORT_HISTORY_H
#define TLBSYNC_REPORT_HISTORY_H

#include "report/report.h"
#include "stats/history.h"

/* A finished history, and where its records are. */
struct history_view {
	const char *folder;
	const struct history *history;
	const struct history_change *changes;	/* all of them, by history_changes() */
	int nr_changes;
	int passed_over;	/* files that are foreign or broken */
	int known_others;	/* files of the suite that are no records of runs */
};

int report_history(struct report *report, const struct history_view *view);

#endif
