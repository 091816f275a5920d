/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of one night held against the nights before it, of the same machine, kernel
 * series and state of the static key: which cases failed or differ from the prediction,
 * which count grew, which time became longer for good. No I/O; the order of the records
 * does not matter.
 */
#ifndef TLBSYNC_STATS_JUDGE_H
#define TLBSYNC_STATS_JUDGE_H

#include "stats/history.h"

#define JUDGE_NIGHTS	14	/* compared with by default */

enum judge_kind {
	JUDGE_FAILED,
	JUDGE_UNEXPECTED,	/* not as the kernel source predicts */
	JUDGE_COUNT,		/* more requests per op than in the nights before */
	JUDGE_TIME,		/* a change point to a longer time */
};

/* One thing that is wrong. */
struct judge_finding {
	enum judge_kind kind;
	const char *reason;	/* of what failed or was not expected; the record's */
	struct metric metric;	/* of a count or time */
	double before, after;	/* a count: the median of nights, and the mean of this one */
	uint64_t requested, ops;	/* a count: exactly */
	int nights;		/* a count: those of the median */
};

/* All that is wrong with one case in one night: it is mostly of one cause. */
struct judge_regression {
	const struct case_id *id;
	const struct history_change *change;	/* of the first time; NULL: it is of the record */
	struct judge_finding finding[CASE_MAX_METRICS];
	int nr;
};

/* The costliest op of a night's record. */
struct judge_sample {
	enum ipi_class cls;
	int day;
	double most;
};

struct judge_case {
	struct case_id id;
	bool ran;		/* in the record that is judged; it may have failed */
	int last_day;		/* when it was measured before; -1: never */
	struct judge_sample *samples;
	int nr_samples, room;
};

struct judge {
	const struct record *record;	/* which is judged */
	int day;		/* its night, since 1970, UTC */
	struct history history;	/* of its line only, up to it */
	struct judge_case *cases;	/* those of the record first, in its order */
	int nr_cases, room;
	int *days;		/* after judge_finish(): the nights compared with, rising */
	int nr_days, days_room;
	struct history_change *changes;
	int nr_changes;
	/* after judge_finish() */
	struct judge_regression *regressions;	/* those of the record first */
	int nr_regressions, regressions_room;
	const struct case_id **missing;	/* measured the night before, but not in the record */
	int nr_missing;
	int measured;		/* cases of the record */
};

int judge_begin(struct judge *judge, const struct record *rec, char *why, size_t size);
int judge_add(struct judge *judge, const struct record *rec, char *why, size_t size);
int judge_finish(struct judge *judge, int nights);
void judge_free(struct judge *judge);

#endif
