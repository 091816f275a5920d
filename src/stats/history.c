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

/* Times mean nothing there: the machine has no times in its history. */
bool history_emulated(const struct history_machine *machine)
{
	return machine_id_emulated(&machine->id);
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

/* Two machines of a history are never equal. */
int history_by_machine(const void *a, const void *b)
{
	const struct history_machine *x = a, *y = b;

	return machine_id_order(&x->id, &y->id);
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

static void free_machine(struct history_machine *m)
{
	for (int i = 0; i < m->nr_cases; i++) {
		for (int j = 0; j < m->cases[i].nr_series; j++)
			history_free_series(&m->cases[i].series[j]);
		free(m->cases[i].series);
	}
	free(m->cases);
	for (int i = 0; i < m->nr_nights; i++)
		history_free_night(&m->nights[i]);
	free(m->nights);
	free((char *)m->id.host);
	free((char *)m->id.cpu);
	free((char *)m->id.hypervisor);
}

/* Frees all that a history holds, not the struct. */
void history_free(struct history *h)
{
	for (int i = 0; i < h->nr_machines; i++)
		free_machine(&h->machines[i]);
	free(h->machines);
	tdestroy(h->ids, free);
	memset(h, 0, sizeof(*h));
}
