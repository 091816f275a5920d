// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The change points of a history that is finished, and which of them is worse.
 */
#include "stats/history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats/history-parts.h"

/* The number of series of all lines and cases together. */
int history_nr_series(const struct history *h)
{
	int nr = 0;

	for (int i = 0; i < h->nr_lines; i++)
		for (int j = 0; j < h->lines[i].nr_cases; j++)
			nr += h->lines[i].cases[j].nr_series;
	return nr;
}

/*
 * Finds the change points of series @index of them all: it touches no other, so several
 * threads may each take some. 0 or -ENOMEM.
 */
int history_find(struct history *h, int index)
{
	struct history_line *line = h->lines;
	struct history_case *c;
	struct history_series *s;
	int found = 0;

	for (c = line->cases; ; c++) {
		while (c == line->cases + line->nr_cases)
			c = (++line)->cases;
		if (index < c->nr_series)
			break;
		index -= c->nr_series;
	}
	s = &c->series[index];
	if (s->measured && s->least < s->most)	/* a search takes the square of the nights */
		found = change_points_find(s->night, line->nr_nights, &s->points);
	s->nr_points = found < 0 ? 0 : found;
	return found < 0 ? found : 0;
}

/* 1: the change is for the worse, -1: for the better, 0: nobody can say. */
int history_direction(const struct history_series *series, const struct change_point *point)
{
	return metric_direction(&series->metric, point->size);
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
	order = history_by_line(x->line, y->line);
	if (!order)
		order = history_by_case(x->c, y->c);
	if (!order)
		order = history_by_metric(x->series, y->series);
	return order ? order : x->point->night - y->point->night;
}

/* The changes of a case to @changes, where that is not NULL. Returns their number. */
static int changes_of(const struct history_line *line, const struct history_case *c,
		      struct history_change *changes)
{
	int nr = 0;

	for (int i = 0; i < c->nr_series; i++) {
		const struct history_series *s = &c->series[i];

		for (int j = 0; j < s->nr_points; j++, nr++)
			if (changes)
				changes[nr] = (struct history_change){ line, c, s, &s->points[j] };
	}
	return nr;
}

static int all_changes(const struct history *h, struct history_change *changes)
{
	int nr = 0;

	for (int i = 0; i < h->nr_lines; i++) {
		const struct history_line *line = &h->lines[i];

		for (int j = 0; j < line->nr_cases; j++)
			nr += changes_of(line, &line->cases[j], changes ? changes + nr : NULL);
	}
	return nr;
}

/*
 * All change points, those for the worse first, then what nobody can judge, then those
 * for the better; within these the largest factor first. Stores them in *@changes, which
 * the caller frees and is NULL for none, and returns their number, or -ENOMEM.
 */
int history_changes(const struct history *h, struct history_change **changes)
{
	int nr = all_changes(h, NULL);

	*changes = nr ? calloc((size_t)nr, sizeof(**changes)) : NULL;
	if (!*changes)
		return nr ? -ENOMEM : 0;
	all_changes(h, *changes);
	qsort(*changes, (size_t)nr, sizeof(**changes), worst_first);
	return nr;
}
