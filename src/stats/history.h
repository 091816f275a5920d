/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records folded into nightly series: for each machine, kernel series and state of the
 * static key, which are a line of history, and for each case and metric one value a night,
 * and the change points in it. A night is a UTC date; what several records of one night
 * say becomes their median. No I/O; the order of records does not matter.
 */
#ifndef TLBSYNC_STATS_HISTORY_H
#define TLBSYNC_STATS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "case/metric.h"
#include "record/record.h"
#include "stats/changepoint.h"

#define HISTORY_NIGHTS	400	/* searched by default: a year and the season before it */

/* What one record measured. */
struct history_sample {
	int day;	/* since 1970, UTC */
	double value;
};

struct history_series {
	struct metric metric;
	struct history_sample *samples;	/* until history_finish() */
	int nr_samples, room;
	double *night;		/* one a night of the line; NaN: not measured */
	int measured;		/* nights that are not NaN */
	double median, least, most;	/* of these */
	struct change_point *points;
	int nr_points;
};

struct history_case {
	struct case_id id;
	struct history_series *series;
	int nr_series;
};

struct history_night {
	int day;
	int records;
	char *started;	/* of the latest record */
	char *kernel;	/* of the same: its release, and whether the static key is on */
	bool mixed;	/* other records of this night have another release */
};

/*
 * Records of one machine, kernel series and state of the key: what may be told in one
 * series. Its strings are its own.
 */
struct history_line {
	struct machine_id id;
	char *series;		/* of kernels: "7.2", or a whole release that has none */
	enum key_state key;
	struct history_night *nights;	/* by rising day after history_finish() */
	int nr_nights, room;
	int older_nights;	/* left out */
	struct history_case *cases;
	int nr_cases, last_case;
};

struct history {
	struct history_line *lines;	/* in order after history_finish() */
	int nr_lines;
	int nr_records;
	void *ids;	/* of the records that are in, a tree */
};

/* A change point and where it is. */
struct history_change {
	const struct history_line *line;
	const struct history_case *c;
	const struct history_series *series;
	const struct change_point *point;
};

int history_day(const struct record *rec, int *day, char *why, size_t size);
bool history_is_of(const struct history_line *line, const struct record *rec);
int history_add(struct history *h, const struct record *rec, char *why, size_t size);
int history_finish(struct history *h, int max_nights, const char *const *metrics);
int history_nr_series(const struct history *h);
int history_find(struct history *h, int series);
int history_changes(const struct history *h, struct history_change **changes);
int history_direction(const struct history_series *series, const struct change_point *point);
bool history_emulated(const struct history_line *line);
void history_date(int day, char date[11]);
void history_free(struct history *h);

#endif
