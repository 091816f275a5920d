// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A record gives its figures and is forgotten, so memory grows with the number of figures,
 * 16 bytes each, not with the size of the records.
 */
#include "stats/history.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats/history-parts.h"

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
	*day = (int)(seconds / HISTORY_DAY_SECONDS);
	return 0;
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

	if (result->status != CASE_OK || !result->ops || result->block)
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
