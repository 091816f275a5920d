// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A record gives its figures and is forgotten, so memory grows with the number of figures,
 * 16 bytes each, not with the size of the records.
 */
#include "stats/history.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "case/kernel-series.h"
#include "stats/history-parts.h"

/* One more element in an array that doubles; -ENOMEM leaves it as it was. */
int history_make_room(void **array, int nr, int *room, size_t size)
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

/*
 * Stores the night of @rec in *@day: days since 1970, UTC. 0, or -EINVAL with @why filled
 * if its start is no time.
 */
int history_day(const struct record *rec, int *day, char *why, size_t size)
{
	int err = parse_day(or_empty(rec->started), day);

	if (err)
		snprintf(why, size, "its 'started' is no time like 2026-11-22T16:14:57Z");
	return err;
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

/* Does @rec belong to @line: the same machine, kernel series and state of the key? */
bool history_is_of(const struct history_line *line, const struct record *rec)
{
	const struct machine_id id = record_machine(rec);
	const char *release = or_empty(rec->kernel.release);
	size_t len = kernel_series_length(release);

	return line->key == rec->kernel.static_key && strlen(line->series) == len &&
	       !strncmp(line->series, release, len) && machine_id_same(&line->id, &id);
}

static struct history_line *line_of(struct history *h, const struct record *rec)
{
	const char *release = or_empty(rec->kernel.release);
	struct history_line *line;

	for (int i = 0; i < h->nr_lines; i++)
		if (history_is_of(&h->lines[i], rec))
			return &h->lines[i];
	line = append((void **)&h->lines, &h->nr_lines, sizeof(*line));
	if (!line)
		return NULL;
	line->id = record_machine(rec);
	line->id.host = strdup(line->id.host);
	line->id.cpu = strdup(line->id.cpu);
	line->id.hypervisor = strdup(line->id.hypervisor);
	line->series = strndup(release, kernel_series_length(release));
	line->key = rec->kernel.static_key;
	return line->id.host && line->id.cpu && line->id.hypervisor && line->series ? line : NULL;
}

/* A night of one record; history_finish() puts those of one day together. */
static int add_night(struct history_line *line, const struct record *rec, int day)
{
	struct history_night *night;
	bool on = rec->kernel.static_key == KEY_ON;

	if (history_make_room((void **)&line->nights, line->nr_nights, &line->room,
			      sizeof(*line->nights)))
		return -ENOMEM;
	night = &line->nights[line->nr_nights];
	*night = (struct history_night){ .day = day, .records = 1 };
	night->started = strdup(rec->started);
	if (!night->started || asprintf(&night->kernel, "%s%s", or_empty(rec->kernel.release),
					on ? " key on" : "") < 0) {
		free(night->started);
		return -ENOMEM;
	}
	line->nr_nights++;
	return 0;
}

/*
 * Records list their cases in the same order, so the next one is looked at first. A case
 * that gained a parameter is named with it, whichever record came first.
 */
static struct history_case *case_of(struct history_line *line, const struct case_result *result)
{
	struct history_case *c;

	for (int i = 0; i < line->nr_cases; i++) {
		int at = (line->last_case + 1 + i) % line->nr_cases;

		if (case_id_same(&line->cases[at].id, &result->id)) {
			line->last_case = at;
			if (result->id.nr_params > line->cases[at].id.nr_params)
				line->cases[at].id = result->id;
			return &line->cases[at];
		}
	}
	c = append((void **)&line->cases, &line->nr_cases, sizeof(*c));
	if (!c)
		return NULL;
	c->id = result->id;
	line->last_case = line->nr_cases - 1;
	return c;
}

static struct history_series *series_of(struct history_case *c, const struct metric *metric)
{
	struct history_series *s;

	for (int i = 0; i < c->nr_series; i++)
		if (c->series[i].metric.id == metric->id &&
		    !strcmp(c->series[i].metric.name, metric->name))
			return &c->series[i];
	s = append((void **)&c->series, &c->nr_series, sizeof(*s));
	if (s)
		s->metric = *metric;
	return s;
}

static int add_value(struct history_case *c, const struct metric *metric, int day, double value)
{
	struct history_series *s = series_of(c, metric);

	if (!s || history_make_room((void **)&s->samples, s->nr_samples, &s->room,
				    sizeof(*s->samples)))
		return -ENOMEM;
	s->samples[s->nr_samples++] = (struct history_sample){ day, value };
	return 0;
}

static int add_case(struct history_line *line, const struct case_result *result, int day)
{
	struct case_metrics metrics;
	struct history_case *c;
	int err = 0;

	if (result->status != CASE_OK || !result->ops || result->block)
		return 0;
	c = case_of(line, result);
	if (!c)
		return -ENOMEM;
	case_metrics_of(result, &metrics);
	for (int i = 0; i < metrics.nr && !err; i++) {
		const struct metric *metric = &metrics.metric[i];

		if (!isnan(metrics.value[i]) && !(metric_is_time(metric) && history_emulated(line)))
			err = add_value(c, metric, day, metrics.value[i]);
	}
	return err;
}

/*
 * Takes the figures of @rec, which stays the caller's. 0; -EINVAL, -EEXIST with @why
 * filled: the record cannot be placed, or was there before; -ENOMEM.
 */
int history_add(struct history *h, const struct record *rec, char *why, size_t size)
{
	struct history_line *line;
	int day, err = history_day(rec, &day, why, size);

	if (err)
		return err;
	err = remember(h, rec);
	if (err == -EEXIST)
		snprintf(why, size, "it is a copy of a record that was read before");
	if (err)
		return err;
	line = line_of(h, rec);
	err = line ? add_night(line, rec, day) : -ENOMEM;
	for (int i = 0; i < rec->nr_cases && !err; i++)
		err = add_case(line, &rec->cases[i], day);
	h->nr_records++;
	return err;
}
