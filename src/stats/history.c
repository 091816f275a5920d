// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Folding. A record gives its figures and is forgotten, so memory grows with the number
 * of figures, 16 bytes each, not with the size of the records.
 */
#include "stats/history.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS_A_DAY	86400

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* One more element in an array that doubles; -ENOMEM leaves it as it was. */
static int make_room(void **array, int nr, int *room, size_t size)
{
	int more = *room ? 2 * *room : 8;
	void *larger;

	if (nr < *room)
		return 0;
	larger = realloc(*array, (size_t)more * size);
	if (!larger)
		return -ENOMEM;
	*array = larger;
	*room = more;
	return 0;
}

/* One more element, zeroed, in an array that is small. */
static void *append(void **array, int *nr, size_t size)
{
	char *larger = realloc(*array, (size_t)(*nr + 1) * size);

	if (!larger)
		return NULL;
	*array = larger;
	return memset(larger + (size_t)(*nr)++ * size, 0, size);
}

/* The UTC day of "2026-11-22T16:14:57Z"; -EINVAL if that is no such time. */
static int parse_day(const char *started, int *day)
{
	struct tm tm = { 0 }, again;
	char *end = strptime(started, "%Y-%m-%dT%H:%M:%SZ", &tm);
	time_t seconds;

	if (!end || *end)
		return -EINVAL;
	again = tm;
	seconds = timegm(&again);
	if (seconds < 0 || again.tm_mday != tm.tm_mday || again.tm_year > 8000)
		return -EINVAL;
	*day = (int)(seconds / SECONDS_A_DAY);
	return 0;
}

/* @day as "2026-11-22". */
void history_date(int day, char date[11])
{
	time_t seconds = (time_t)day * SECONDS_A_DAY;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, 11, "%Y-%m-%d", &tm);
}

/* Times mean nothing there: the machine has no times in its history. */
bool history_emulated(const struct history_machine *machine)
{
	return !strcmp(machine->hypervisor, "tcg");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* 0 for a record that is new; -EEXIST. Two records of one id and boot are one. */
static int remember(struct history *h, const struct record *rec)
{
	char *id, **found;

	if (asprintf(&id, "%s %s", or_empty(rec->id), or_empty(rec->kernel.boot_id)) < 0)
		return -ENOMEM;
	found = tsearch(id, &h->ids, by_text);
	if (found && *found == id)
		return 0;
	free(id);
	return found ? -EEXIST : -ENOMEM;
}

static bool is_machine(const struct history_machine *m, const struct record *rec)
{
	return m->cpus_online == rec->machine.cpus_online &&
	       !strcmp(m->host, or_empty(rec->host)) &&
	       !strcmp(m->cpu, or_empty(rec->machine.cpu)) &&
	       !strcmp(m->hypervisor, or_empty(rec->machine.hypervisor));
}

static struct history_machine *machine_of(struct history *h, const struct record *rec)
{
	struct history_machine *m;

	for (int i = 0; i < h->nr_machines; i++)
		if (is_machine(&h->machines[i], rec))
			return &h->machines[i];
	m = append((void **)&h->machines, &h->nr_machines, sizeof(*m));
	if (!m)
		return NULL;
	m->cpus_online = rec->machine.cpus_online;
	m->host = strdup(or_empty(rec->host));
	m->cpu = strdup(or_empty(rec->machine.cpu));
	m->hypervisor = strdup(or_empty(rec->machine.hypervisor));
	return m->host && m->cpu && m->hypervisor ? m : NULL;
}

/* A night of one record; history_finish() puts those of one day together. */
static int add_night(struct history_machine *m, const struct record *rec, int day)
{
	struct history_night *night;
	bool on = rec->kernel.static_key == KEY_ON;

	if (make_room((void **)&m->nights, m->nr_nights, &m->room, sizeof(*m->nights)))
		return -ENOMEM;
	night = &m->nights[m->nr_nights];
	*night = (struct history_night){ .day = day, .records = 1 };
	night->started = strdup(rec->started);
	if (!night->started || asprintf(&night->kernel, "%s%s", or_empty(rec->kernel.release),
					on ? " key on" : "") < 0) {
		free(night->started);
		return -ENOMEM;
	}
	m->nr_nights++;
	return 0;
}

static bool is_case(const struct history_case *c, const struct case_result *result)
{
	if (strcmp(c->workload, result->workload) || strcmp(c->placement, result->placement) ||
	    c->nr_params != result->nr_params)
		return false;
	for (int i = 0; i < c->nr_params; i++)
		if (strcmp(c->params[i].name, result->params[i].name) ||
		    c->params[i].value != result->params[i].value)
			return false;
	return true;
}

/* Records list their cases in the same order, so the next one is looked at first. */
static struct history_case *case_of(struct history_machine *m, const struct case_result *result)
{
	struct history_case *c;

	for (int i = 0; i < m->nr_cases; i++) {
		int at = (m->last_case + 1 + i) % m->nr_cases;

		if (is_case(&m->cases[at], result)) {
			m->last_case = at;
			return &m->cases[at];
		}
	}
	c = append((void **)&m->cases, &m->nr_cases, sizeof(*c));
	if (!c)
		return NULL;
	strcpy(c->workload, result->workload);
	strcpy(c->placement, result->placement);
	memcpy(c->params, result->params, sizeof(c->params));
	c->nr_params = result->nr_params;
	m->last_case = m->nr_cases - 1;
	return c;
}

static int add_value(struct history_case *c, const char *metric, enum history_unit unit,
		     int day, double value)
{
	struct history_series *s = NULL;

	for (int i = 0; i < c->nr_series && !s; i++)
		if (c->series[i].unit == unit && !strcmp(c->series[i].metric, metric))
			s = &c->series[i];
	if (!s) {
		s = append((void **)&c->series, &c->nr_series, sizeof(*s));
		if (!s)
			return -ENOMEM;
		snprintf(s->metric, sizeof(s->metric), "%s", metric);
		s->unit = unit;
	}
	if (make_room((void **)&s->samples, s->nr_samples, &s->room, sizeof(*s->samples)))
		return -ENOMEM;
	s->samples[s->nr_samples++] = (struct history_sample){ day, value };
	return 0;
}

/* Exact requests per op; nothing where the counter cannot tell or lost some. */
static int add_counts(struct history_case *c, const struct case_result *result, int day)
{
	int err = 0;

	for (int cls = 0; cls < NR_IPI_CLASSES && !err && !result->ipi.lost; cls++) {
		const struct ipi_count *count = &result->ipi.count[cls];

		if (result->ipi.source != IPI_NONE && count->has_requested)
			err = add_value(c, ipi_class_name((enum ipi_class)cls), UNIT_COUNT, day,
					(double)count->requested / (double)result->ops);
	}
	return err;
}

static int add_times(struct history_case *c, const struct case_result *result, int day)
{
	static const struct { const char *metric; double q; } quantiles[] = {
		{ "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 },
	};
	const struct histogram *latency = result->latency;
	double mean, stolen = 0;
	int err = 0;

	if (!latency || !latency->total)
		return 0;
	for (int i = 0; i < 3 && !err; i++)
		err = add_value(c, quantiles[i].metric, UNIT_NS, day,
				(double)hist_quantile(latency, quantiles[i].q));
	mean = hist_mean(latency);
	if (!err && mean > 0)
		err = add_value(c, "ops/s", UNIT_RATE, day, 1e9 / mean);
	if (err || !result->nr_bystanders)
		return err;
	for (int i = 0; i < result->nr_bystanders; i++)
		stolen += (double)result->bystander[i].stolen_ns;
	return add_value(c, "stolen", UNIT_NS, day,
			 stolen / (double)latency->total / result->nr_bystanders);
}

static int add_case(struct history_machine *m, const struct case_result *result, int day)
{
	struct history_case *c;
	int err;

	if (result->status != CASE_OK || !result->ops)
		return 0;
	c = case_of(m, result);
	if (!c)
		return -ENOMEM;
	err = add_counts(c, result, day);
	if (!err && !history_emulated(m))
		err = add_times(c, result, day);
	for (int i = 0; i < result->nr_metrics && !err; i++)
		err = add_value(c, result->metric[i].name, UNIT_OWN, day,
				result->metric[i].per_op);
	return err;
}

/*
 * Takes the figures of @rec, which stays the caller's. 0; -EINVAL, -EEXIST with @why
 * filled: the record cannot be placed, or was there before; -ENOMEM.
 */
int history_add(struct history *h, const struct record *rec, char *why, size_t size)
{
	struct history_machine *m;
	int day, err;

	if (parse_day(or_empty(rec->started), &day)) {
		snprintf(why, size, "its 'started' is no time like 2026-11-22T16:14:57Z");
		return -EINVAL;
	}
	err = remember(h, rec);
	if (err == -EEXIST)
		snprintf(why, size, "it is a copy of a record that was read before");
	if (err)
		return err;
	m = machine_of(h, rec);
	err = m ? add_night(m, rec, day) : -ENOMEM;
	for (int i = 0; i < rec->nr_cases && !err; i++)
		err = add_case(m, &rec->cases[i], day);
	h->nr_records++;
	return err;
}

static int by_start(const void *a, const void *b)
{
	const struct history_night *x = a, *y = b;
	int order = (x->day > y->day) - (x->day < y->day);

	if (!order)
		order = strcmp(x->started, y->started);
	return order ? order : strcmp(x->kernel, y->kernel);
}

static void free_night(struct history_night *night)
{
	free(night->started);
	free(night->kernel);
}

/* The records of one day become one night, which has the last one's kernel. */
static void fold_nights(struct history_machine *m, int max_nights)
{
	int nr = 0;

	qsort(m->nights, (size_t)m->nr_nights, sizeof(*m->nights), by_start);
	for (int i = 0; i < m->nr_nights; i++) {
		struct history_night *last = nr ? &m->nights[nr - 1] : NULL;

		if (!last || last->day != m->nights[i].day) {
			m->nights[nr++] = m->nights[i];
			continue;
		}
		m->nights[i].records += last->records;
		m->nights[i].mixed = last->mixed || strcmp(last->kernel, m->nights[i].kernel);
		free_night(last);
		*last = m->nights[i];
	}
	m->nr_nights = nr;
	if (!max_nights || nr <= max_nights)
		return;
	m->older_nights = nr - max_nights;
	for (int i = 0; i < m->older_nights; i++)
		free_night(&m->nights[i]);
	memmove(m->nights, m->nights + m->older_nights, (size_t)max_nights * sizeof(*m->nights));
	m->nr_nights = max_nights;
}

static int by_day_and_value(const void *a, const void *b)
{
	const struct history_sample *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median, least and most of the nights that were measured. */
static int summarise(struct history_series *s, int nr_nights)
{
	double *sorted = calloc((size_t)nr_nights + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	s->measured = 0;
	for (int i = 0; i < nr_nights; i++)
		if (!isnan(s->night[i]))
			sorted[s->measured++] = s->night[i];
	qsort(sorted, (size_t)s->measured, sizeof(*sorted), ascending);
	if (s->measured) {
		s->median = sorted[(s->measured - 1) / 2] / 2 + sorted[s->measured / 2] / 2;
		s->least = sorted[0];
		s->most = sorted[s->measured - 1];
	}
	free(sorted);
	return 0;
}

/* The median of each night's samples; those of nights that were left out are passed over. */
static int fold_series(const struct history_machine *m, struct history_series *s)
{
	int at = 0;

	s->night = calloc((size_t)m->nr_nights + 1, sizeof(*s->night));
	if (!s->night)
		return -ENOMEM;
	qsort(s->samples, (size_t)s->nr_samples, sizeof(*s->samples), by_day_and_value);
	for (int i = 0; i < m->nr_nights; i++) {
		int from, nr;

		while (at < s->nr_samples && s->samples[at].day < m->nights[i].day)
			at++;
		from = at;
		while (at < s->nr_samples && s->samples[at].day == m->nights[i].day)
			at++;
		nr = at - from;
		s->night[i] = nr ? s->samples[from + (nr - 1) / 2].value / 2 +
				   s->samples[from + nr / 2].value / 2 : NAN;
	}
	free(s->samples);
	s->samples = NULL;
	return summarise(s, m->nr_nights);
}

static void free_series(struct history_series *s)
{
	free(s->samples);
	free(s->night);
	free(s->points);
}

static bool is_wanted(const char *metric, const char *const *metrics)
{
	if (!metrics)
		return true;
	while (*metrics && strcmp(*metrics, metric))
		metrics++;
	return *metrics;
}

static void keep_wanted(struct history_case *c, const char *const *metrics)
{
	int nr = 0;

	for (int i = 0; i < c->nr_series; i++) {
		if (is_wanted(c->series[i].metric, metrics))
			c->series[nr++] = c->series[i];
		else
			free_series(&c->series[i]);
	}
	c->nr_series = nr;
}

static int by_case(const void *a, const void *b)
{
	const struct history_case *x = a, *y = b;
	int order = strcmp(x->workload, y->workload);

	if (!order)
		order = strcmp(x->placement, y->placement);
	if (!order)
		order = x->nr_params - y->nr_params;
	for (int i = 0; !order && i < x->nr_params; i++) {
		order = strcmp(x->params[i].name, y->params[i].name);
		if (!order)
			order = (x->params[i].value > y->params[i].value) -
				(x->params[i].value < y->params[i].value);
	}
	return order;
}

static int by_metric(const void *a, const void *b)
{
	static const char *const order[] = {
		"sync", "flush", "other", "p50", "p99", "p99.9", "ops/s", "stolen",
	};
	const struct history_series *x = a, *y = b;
	size_t nr = sizeof(order) / sizeof(order[0]), i, j;

	for (i = 0; i < nr && (x->unit == UNIT_OWN || strcmp(order[i], x->metric)); i++)
		;
	for (j = 0; j < nr && (y->unit == UNIT_OWN || strcmp(order[j], y->metric)); j++)
		;
	return i != j ? (i < j ? -1 : 1) : strcmp(x->metric, y->metric);
}

static int by_machine(const void *a, const void *b)
{
	const struct history_machine *x = a, *y = b;
	int order = strcmp(x->host, y->host);

	if (!order)
		order = strcmp(x->cpu, y->cpu);
	if (!order)
		order = x->cpus_online - y->cpus_online;
	return order ? order : strcmp(x->hypervisor, y->hypervisor);
}

static int finish_machine(struct history_machine *m, int max_nights,
			  const char *const *metrics)
{
	int err = 0;

	fold_nights(m, max_nights);
	if (m->nr_cases)
		qsort(m->cases, (size_t)m->nr_cases, sizeof(*m->cases), by_case);
	for (int i = 0; i < m->nr_cases; i++) {
		struct history_case *c = &m->cases[i];

		keep_wanted(c, metrics);
		if (c->nr_series)
			qsort(c->series, (size_t)c->nr_series, sizeof(*c->series), by_metric);
		for (int j = 0; j < c->nr_series && !err; j++)
			err = fold_series(m, &c->series[j]);
	}
	return err;
}

/*
 * Call once, after the last record. Of each machine the last @max_nights nights are kept,
 * 0: all; and of the metrics those in the NULL-terminated @metrics, NULL: all. 0 or
 * -ENOMEM, after which only history_free() may be called.
 */
int history_finish(struct history *h, int max_nights, const char *const *metrics)
{
	int err = 0;

	if (h->nr_machines)
		qsort(h->machines, (size_t)h->nr_machines, sizeof(*h->machines), by_machine);
	for (int i = 0; i < h->nr_machines && !err; i++)
		err = finish_machine(&h->machines[i], max_nights, metrics);
	return err;
}

/* The number of series of all machines and cases together. */
int history_nr_series(const struct history *h)
{
	int nr = 0;

	for (int i = 0; i < h->nr_machines; i++)
		for (int j = 0; j < h->machines[i].nr_cases; j++)
			nr += h->machines[i].cases[j].nr_series;
	return nr;
}

/*
 * Finds the change points of series @index of them all: it touches no other, so several
 * threads may each take some. 0 or -ENOMEM.
 */
int history_find(struct history *h, int index)
{
	struct history_machine *m = h->machines;
	struct history_case *c;
	struct history_series *s;
	int found = 0;

	for (c = m->cases; ; c++) {
		while (c == m->cases + m->nr_cases)
			c = (++m)->cases;
		if (index < c->nr_series)
			break;
		index -= c->nr_series;
	}
	s = &c->series[index];
	if (s->measured && s->least < s->most)	/* a search takes the square of the nights */
		found = change_points_find(s->night, m->nr_nights, &s->points);
	s->nr_points = found < 0 ? 0 : found;
	return found < 0 ? found : 0;
}

/* 1: the change is for the worse, -1: for the better, 0: nobody can say. */
int history_direction(const struct history_series *series, const struct change_point *point)
{
	int more = point->size > 0 ? 1 : -1;

	switch (series->unit) {
	case UNIT_OWN:
		return 0;
	case UNIT_RATE:
		return -more;
	default:
		return more;
	}
}

/* How far apart the levels are as a factor, either way; infinite if one is 0. */
static double factor(const struct change_point *point)
{
	return fabs(log(fabs(point->after) / fabs(point->before)));
}

static int worst_first(const void *a, const void *b)
{
	const struct history_change *x = a, *y = b;
	int order = history_direction(y->series, y->point) - history_direction(x->series, x->point);
	double f = factor(x->point), g = factor(y->point);

	if (order)
		return order;
	if (f != g)
		return f > g ? -1 : 1;
	if (fabs(x->point->size) != fabs(y->point->size))
		return fabs(x->point->size) > fabs(y->point->size) ? -1 : 1;
	order = by_machine(x->machine, y->machine);
	if (!order)
		order = by_case(x->c, y->c);
	if (!order)
		order = by_metric(x->series, y->series);
	return order ? order : x->point->night - y->point->night;
}

static int add_changes(struct history_change **changes, int *nr, int *room,
		       const struct history_machine *m, const struct history_case *c)
{
	for (int i = 0; i < c->nr_series; i++) {
		const struct history_series *s = &c->series[i];

		for (int j = 0; j < s->nr_points; j++) {
			if (make_room((void **)changes, *nr, room, sizeof(**changes)))
				return -ENOMEM;
			(*changes)[(*nr)++] = (struct history_change){ m, c, s, &s->points[j] };
		}
	}
	return 0;
}

/*
 * All change points, those for the worse first, then what nobody can judge, then those
 * for the better; within these the largest factor first. Stores them in *@changes, which
 * the caller frees, and returns their number, or -ENOMEM.
 */
int history_changes(const struct history *h, struct history_change **changes)
{
	int nr = 0, room = 0;

	*changes = NULL;
	for (int i = 0; i < h->nr_machines; i++) {
		const struct history_machine *m = &h->machines[i];

		for (int j = 0; j < m->nr_cases; j++) {
			if (add_changes(changes, &nr, &room, m, &m->cases[j])) {
				free(*changes);
				*changes = NULL;
				return -ENOMEM;
			}
		}
	}
	if (nr)
		qsort(*changes, (size_t)nr, sizeof(**changes), worst_first);
	return nr;
}

static void free_machine(struct history_machine *m)
{
	for (int i = 0; i < m->nr_cases; i++) {
		for (int j = 0; j < m->cases[i].nr_series; j++)
			free_series(&m->cases[i].series[j]);
		free(m->cases[i].series);
	}
	free(m->cases);
	for (int i = 0; i < m->nr_nights; i++)
		free_night(&m->nights[i]);
	free(m->nights);
	free(m->host);
	free(m->cpu);
	free(m->hypervisor);
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
