// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was added becomes nights: those of one day one night, its samples their median,
 * and everything in an order that does not depend on that of the records.
 */
#include "stats/history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/history-parts.h"
#include "stats/quantile.h"

static int by_start(const void *a, const void *b)
{
	const struct history_night *x = a, *y = b;
	int order = (x->day > y->day) - (x->day < y->day);

	if (!order)
		order = strcmp(x->started, y->started);
	return order ? order : strcmp(x->kernel, y->kernel);
}

/* The records of one day become one night, which has the last one's kernel. */
static void fold_nights(struct history_line *line, int max_nights)
{
	int nr = 0;

	qsort(line->nights, (size_t)line->nr_nights, sizeof(*line->nights), by_start);
	for (int i = 0; i < line->nr_nights; i++) {
		struct history_night *last = nr ? &line->nights[nr - 1] : NULL;

		if (!last || last->day != line->nights[i].day) {
			line->nights[nr++] = line->nights[i];
			continue;
		}
		line->nights[i].records += last->records;
		line->nights[i].mixed = last->mixed || strcmp(last->kernel, line->nights[i].kernel);
		history_free_night(last);
		*last = line->nights[i];
	}
	line->nr_nights = nr;
	if (!max_nights || nr <= max_nights)
		return;
	line->older_nights = nr - max_nights;
	for (int i = 0; i < line->older_nights; i++)
		history_free_night(&line->nights[i]);
	memmove(line->nights, line->nights + line->older_nights,
		(size_t)max_nights * sizeof(*line->nights));
	line->nr_nights = max_nights;
}

static int by_day_and_value(const void *a, const void *b)
{
	const struct history_sample *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
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
	qsort(sorted, (size_t)s->measured, sizeof(*sorted), double_ascending);
	if (s->measured) {
		s->median = sorted[(s->measured - 1) / 2] / 2 + sorted[s->measured / 2] / 2;
		s->least = sorted[0];
		s->most = sorted[s->measured - 1];
	}
	free(sorted);
	return 0;
}

/* The median of each night's samples; those of nights that were left out are passed over. */
static int fold_series(const struct history_line *line, struct history_series *s)
{
	int at = 0;

	s->night = calloc((size_t)line->nr_nights + 1, sizeof(*s->night));
	if (!s->night)
		return -ENOMEM;
	qsort(s->samples, (size_t)s->nr_samples, sizeof(*s->samples), by_day_and_value);
	for (int i = 0; i < line->nr_nights; i++) {
		int from, nr;

		while (at < s->nr_samples && s->samples[at].day < line->nights[i].day)
			at++;
		from = at;
		while (at < s->nr_samples && s->samples[at].day == line->nights[i].day)
			at++;
		nr = at - from;
		s->night[i] = nr ? s->samples[from + (nr - 1) / 2].value / 2 +
				   s->samples[from + nr / 2].value / 2 : NAN;
	}
	free(s->samples);
	s->samples = NULL;
	return summarise(s, line->nr_nights);
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
		if (is_wanted(c->series[i].metric.name, metrics))
			c->series[nr++] = c->series[i];
		else
			history_free_series(&c->series[i]);
	}
	c->nr_series = nr;
}

static int finish_line(struct history_line *line, int max_nights,
			  const char *const *metrics)
{
	int err = 0;

	fold_nights(line, max_nights);
	if (line->nr_cases)
		qsort(line->cases, (size_t)line->nr_cases, sizeof(*line->cases), history_by_case);
	for (int i = 0; i < line->nr_cases; i++) {
		struct history_case *c = &line->cases[i];

		keep_wanted(c, metrics);
		if (c->nr_series)
			qsort(c->series, (size_t)c->nr_series, sizeof(*c->series), history_by_metric);
		for (int j = 0; j < c->nr_series && !err; j++)
			err = fold_series(line, &c->series[j]);
	}
	return err;
}

/*
 * Call once, after the last record. Of each line the last @max_nights nights are kept,
 * 0: all; and of the metrics those in the NULL-terminated @metrics, NULL: all. 0 or
 * -ENOMEM, after which only history_free() may be called.
 */
int history_finish(struct history *h, int max_nights, const char *const *metrics)
{
	int err = 0;

	if (h->nr_lines)
		qsort(h->lines, (size_t)h->nr_lines, sizeof(*h->lines), history_by_line);
	for (int i = 0; i < h->nr_lines && !err; i++)
		err = finish_line(&h->lines[i], max_nights, metrics);
	return err;
}
