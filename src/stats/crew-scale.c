// SPDX-License-Identifier: GPL-2.0-or-later
/* Series of cases over K, the number of initiators. */
#include "stats/crew-scale.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* As processes and as threads are two series; one initiator belongs to both. */
static bool belongs(const struct case_id *series, const struct case_id *id)
{
	struct case_id one = *id;

	one.initiators = series->initiators;
	one.as = series->as;
	return (case_id_initiators(id) == 1 || id->as == series->as) && case_id_same(series, &one);
}

/* The mean over the boots of a metric that is known in all of them; NAN. */
static double mean_of(const struct compare_case *c, const struct compare_side *side,
		      enum metric_id metric)
{
	double sum = 0;
	int at = 0;

	while (at < c->nr_metrics && c->metric[at].id != metric)
		at++;
	if (at == c->nr_metrics || !side->boots)
		return NAN;
	for (int i = 0; i < side->boots; i++)
		sum += side->figures[i].value[at];
	return sum / side->boots;
}

static struct crew_point point_of(const struct compare_case *c)
{
	struct crew_point point = { .initiators = case_id_initiators(&c->id) };

	for (int i = 0; i < NR_SIDES; i++) {
		const struct compare_side *side = &c->side[i];

		point.sync[i] = point.initiators * (double)side->total[IPI_SYNC] / (double)side->ops;
		point.rate[i] = side->rated == side->boots ? side->rate_sum / side->rated : NAN;
		point.sync_rate[i] = case_id_is_mix(&c->id) ? NAN :	/* ops of unlike length */
				     point.sync[i] * mean_of(c, side, METRIC_RATE);
	}
	return point;
}

static int add_point(struct crew_series *series, const struct compare_case *c)
{
	struct crew_point *more = realloc(series->point, (size_t)(series->nr + 1) * sizeof(*more));
	int at = series->nr;

	if (!more)
		return -ENOMEM;
	series->point = more;
	while (at > 0 && more[at - 1].initiators > case_id_initiators(&c->id)) {
		more[at] = more[at - 1];
		at--;
	}
	more[at] = point_of(c);
	series->nr++;
	return 0;
}

static bool is_told(const struct compare_case *c)
{
	return compare_matched(c) && compare_counts_told(c);
}

/* The series of @c, which has several initiators; NULL: there is none yet. */
static struct crew_series *find(struct crew_series *series, int nr, const struct case_id *id)
{
	for (int i = 0; i < nr; i++)
		if (series[i].id.as == id->as && belongs(&series[i].id, id))
			return &series[i];
	return NULL;
}

static int add_series(struct crew_series **series, int *nr, const struct case_id *id)
{
	struct crew_series *more = realloc(*series, (size_t)(*nr + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	*series = more;
	more[(*nr)++] = (struct crew_series){ .id = *id };
	return 0;
}

/* Those with one number only are no series. */
static int drop_short(struct crew_series *series, int nr)
{
	int left = 0;

	for (int i = 0; i < nr; i++)
		if (series[i].nr > 1)
			series[left++] = series[i];
		else
			free(series[i].point);
	return left;
}

/*
 * The series of @cmp with two numbers of initiators or more, counted exactly on both
 * sides. Returns how many, with *@series, the caller's to crew_scale_free(); or -ENOMEM.
 */
int crew_scale(const struct comparison *cmp, struct crew_series **series)
{
	int nr = 0, error = 0;

	*series = NULL;
	for (int i = 0; !error && i < cmp->nr_cases; i++) {
		const struct compare_case *c = &cmp->cases[i];

		if (is_told(c) && case_id_initiators(&c->id) > 1 && !find(*series, nr, &c->id))
			error = add_series(series, &nr, &c->id);
	}
	for (int i = 0; i < cmp->nr_cases; i++)
		for (int j = 0; !error && j < nr; j++)
			if (is_told(&cmp->cases[i]) && belongs(&(*series)[j].id, &cmp->cases[i].id))
				error = add_point(&(*series)[j], &cmp->cases[i]);
	if (!error)
		return drop_short(*series, nr);
	crew_scale_free(*series, nr);
	*series = NULL;
	return error;
}

/* Frees the @nr series; fewer than none are none. */
void crew_scale_free(struct crew_series *series, int nr)
{
	for (int i = 0; i < nr; i++)
		free(series[i].point);
	free(series);
}
