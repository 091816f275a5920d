// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all that deal with a history need: its days, its order, its end.
 */
#include "stats/history.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats/history-parts.h"

/* @day as "2026-11-22". */
void history_date(int day, char date[11])
{
	time_t seconds = (time_t)day * HISTORY_DAY_SECONDS;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, 11, "%Y-%m-%d", &tm);
}

/* Times mean nothing there: the line has none. */
bool history_emulated(const struct history_line *line)
{
	return machine_id_emulated(&line->id);
}

/* So that the order of the records does not matter. */
int history_by_case(const void *a, const void *b)
{
	const struct history_case *x = a, *y = b;

	return case_id_order(&x->id, &y->id);
}

/* In the order of the columns of a table, then the workloads' own by name. */
int history_by_metric(const void *a, const void *b)
{
	const struct history_series *x = a, *y = b;

	return x->metric.id != y->metric.id ? (int)x->metric.id - (int)y->metric.id :
	       strcmp(x->metric.name, y->metric.name);
}

/* By machine, kernel series and key; two lines of a history are never equal. */
int history_by_line(const void *a, const void *b)
{
	const struct history_line *x = a, *y = b;

	int order = machine_id_order(&x->id, &y->id);

	if (!order)
		order = strverscmp(x->series, y->series);
	return order ? order : (int)x->key - (int)y->key;
}

/* What a night or a series holds, not the struct. */
void history_free_night(struct history_night *night)
{
	free(night->started);
	free(night->kernel);
}

void history_free_series(struct history_series *s)
{
	free(s->samples);
	free(s->night);
	free(s->points);
}

static void free_line(struct history_line *line)
{
	for (int i = 0; i < line->nr_cases; i++) {
		for (int j = 0; j < line->cases[i].nr_series; j++)
			history_free_series(&line->cases[i].series[j]);
		free(line->cases[i].series);
	}
	free(line->cases);
	for (int i = 0; i < line->nr_nights; i++)
		history_free_night(&line->nights[i]);
	free(line->nights);
	free((char *)line->id.host);
	free((char *)line->id.cpu);
	free((char *)line->id.hypervisor);
	free(line->series);
}

/* Frees all that a history holds, not the struct. */
void history_free(struct history *h)
{
	for (int i = 0; i < h->nr_lines; i++)
		free_line(&h->lines[i]);
	free(h->lines);
	tdestroy(h->ids, free);
	memset(h, 0, sizeof(*h));
}
