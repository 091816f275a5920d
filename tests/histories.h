/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Synthetic nightly histories whose change points are known, and the score of the
 * search on them. How they are drawn, what counts as found and what as false is
 * defined in histories.c; a family and a number always give the same history.
 */
#ifndef TLBSYNC_TESTS_HISTORIES_H
#define TLBSYNC_TESTS_HISTORIES_H

#include <stdint.h>

#define NR_NIGHTS	365
#define MAX_STEPS	3
#define NEAR_ENOUGH	5	/* nights between a step and what is found of it */

enum family {
	FAMILY_STEPS, FAMILY_DRIFT, FAMILY_OUTLIERS, FAMILY_TAILS, FAMILY_ALL,
	NR_FAMILIES,	/* that the targets are for */
	FAMILY_CORRELATED = NR_FAMILIES, NR_DRAWN_FAMILIES,
};

struct step {
	int night;	/* the first of the new level */
	double size;	/* sigma, negative if downward */
};

struct history {
	double night[NR_NIGHTS];	/* what the search sees; NaN: missing */
	double drift[NR_NIGHTS];	/* how much of it is drift, sigma */
	struct step step[MAX_STEPS];
	int nr_steps;
	int drift_from, drift_to;	/* nights; equal if there is none */
};

/* Of a number of histories. */
struct score {
	int histories;
	int steps[5], found[5];	/* by size: [1, 2) sigma is 1, ..., [4, 5] is 4 */
	int false_alarms;
	int drifts, drift_alarms;	/* the latter are neither found steps nor false */
	int most;	/* change points in one history, of all kinds */
};

const char *family_name(enum family family);
void history_draw(struct history *h, enum family family, uint64_t number);
int history_score(const struct history *h, struct score *score);
double score_recall(const struct score *score, int from, int to);
double score_false(const struct score *score);

#endif
