// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A count has grown when its mean is above what even the costliest op of a night took, in
 * the median of nights: for a count that is the same in every op that is any growth, for
 * one that varies by itself no chance fluctuation. A time has when the history has a change
 * point to a longer one in these nights.
 */
#include "stats/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats/history-parts.h"
#include "stats/quantile.h"

static struct judge_case *case_of(struct judge *judge, const struct case_id *id)
{
	struct judge_case *c;

	for (int i = 0; i < judge->nr_cases; i++)
		if (case_id_same(&judge->cases[i].id, id))
			return &judge->cases[i];
	if (history_make_room((void **)&judge->cases, judge->nr_cases, &judge->room, sizeof(*c)))
		return NULL;
	c = &judge->cases[judge->nr_cases++];
	*c = (struct judge_case){ .id = *id, .last_day = -1 };
	return c;
}

/*
 * Begins to judge @rec, which stays the caller's and must outlive @judge. 0; -EINVAL with
 * @why filled if its night is not known; -ENOMEM. judge_free() whatever is returned.
 */
int judge_begin(struct judge *judge, const struct record *rec, char *why, size_t size)
{
	int err;

	*judge = (struct judge){ .record = rec };
	err = history_day(rec, &judge->day, why, size);
	if (!err)
		err = history_add(&judge->history, rec, why, size);
	for (int i = 0; i < rec->nr_cases && !err; i++) {
		const struct case_result *result = &rec->cases[i];
		struct judge_case *c = case_of(judge, &result->id);

		if (!c)
			return -ENOMEM;
		c->ran |= result->status != CASE_SKIP;
		judge->measured += result->status == CASE_OK;
	}
	return err;
}

/* Is the count exact and that of one kernel? In a block of a run the key may be flipped. */
static bool is_exact(const struct case_result *c, enum ipi_class cls)
{
	return c->status == CASE_OK && c->ops && !c->block && c->ipi.source == IPI_CSD &&
	       !c->ipi.lost && c->ipi.count[cls].has_requested;
}

static int add_sample(struct judge_case *c, int day, const struct case_result *result,
		      enum ipi_class cls)
{
	if (!is_exact(result, cls))
		return 0;
	if (history_make_room((void **)&c->samples, c->nr_samples, &c->room, sizeof(*c->samples)))
		return -ENOMEM;
	c->samples[c->nr_samples++] = (struct judge_sample){
		cls, day, result->ipi.count[cls].max_per_op,
	};
	return 0;
}

static int add_case(struct judge *judge, int day, const struct case_result *result)
{
	struct judge_case *c = case_of(judge, &result->id);
	int err;

	if (!c)
		return -ENOMEM;
	if (result->status == CASE_OK && day > c->last_day)
		c->last_day = day;
	err = add_sample(c, day, result, IPI_SYNC);
	return err ? err : add_sample(c, day, result, IPI_FLUSH);
}

static bool is_before(const struct record *a, const struct record *b)
{
	int order = strcmp(or_empty(a->started), or_empty(b->started));

	return order ? order < 0 : strcmp(or_empty(a->id), or_empty(b->id)) < 0;
}

/*
 * Takes the figures of @rec, which stays the caller's, if it is of an earlier time and the
 * same line of history as the one that is judged. Otherwise as history_add().
 */
int judge_add(struct judge *judge, const struct record *rec, char *why, size_t size)
{
	int day, err = history_day(rec, &day, why, size);

	if (err || !history_is_of(&judge->history.lines[0], rec) || !is_before(rec, judge->record))
		return err;
	err = history_add(&judge->history, rec, why, size);
	if (err)
		return err;
	if (history_make_room((void **)&judge->days, judge->nr_days, &judge->days_room,
			      sizeof(*judge->days)))
		return -ENOMEM;
	judge->days[judge->nr_days++] = day;
	for (int i = 0; i < rec->nr_cases && !err; i++)
		err = add_case(judge, day, &rec->cases[i]);
	return err;
}

static int rising(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Each day once, and the last @nights of them. */
static void fold_days(struct judge *judge, int nights)
{
	int nr = 0;

	if (judge->nr_days)
		qsort(judge->days, (size_t)judge->nr_days, sizeof(*judge->days), rising);
	for (int i = 0; i < judge->nr_days; i++)
		if (!nr || judge->days[i] != judge->days[nr - 1])
			judge->days[nr++] = judge->days[i];
	if (nights && nr > nights) {
		memmove(judge->days, judge->days + nr - nights,
			(size_t)nights * sizeof(*judge->days));
		nr = nights;
	}
	judge->nr_days = nr;
}

static bool is_in(const struct judge *judge, int day)
{
	return judge->nr_days && day >= judge->days[0];
}

/* ---- the record ------------------------------------------------------------ */

static int by_class_day_and_value(const void *a, const void *b)
{
	const struct judge_sample *x = a, *y = b;

	if (x->cls != y->cls)
		return (int)x->cls - (int)y->cls;
	if (x->day != y->day)
		return x->day - y->day;
	return (x->most > y->most) - (x->most < y->most);
}

/* Each night's median to @night. Returns the number of nights. */
static int fold_samples(const struct judge *judge, struct judge_case *c, enum ipi_class cls,
			double *night)
{
	const struct judge_sample *s = c->samples;
	int nr = 0;

	qsort(c->samples, (size_t)c->nr_samples, sizeof(*c->samples), by_class_day_and_value);
	for (int i = 0, end; i < c->nr_samples; i = end) {
		for (end = i; end < c->nr_samples && s[end].cls == s[i].cls &&
		     s[end].day == s[i].day; end++)
			;
		if (s[i].cls == cls && is_in(judge, s[i].day))
			night[nr++] = (s[(i + end - 1) / 2].most + s[(i + end) / 2].most) / 2;
	}
	qsort(night, (size_t)nr, sizeof(*night), double_ascending);
	return nr;
}

static bool has(const struct judge_regression *r, const struct judge_finding *finding)
{
	for (int i = 0; i < r->nr; i++)
		if (r->finding[i].kind == finding->kind &&
		    !strcmp(r->finding[i].metric.name, finding->metric.name))
			return true;
	return false;
}

static void add_finding(struct judge_regression *r, const struct judge_finding *finding)
{
	if (r->nr < CASE_MAX_METRICS && !has(r, finding))
		r->finding[r->nr++] = *finding;
}

/* Has the count of class @cls grown? Adds that to @r. */
static int judge_count(const struct judge *judge, struct judge_case *c,
		       const struct case_result *result, enum ipi_class cls,
		       struct judge_regression *r)
{
	struct judge_finding finding = {
		.kind = JUDGE_COUNT, .metric = *metric_builtin(METRIC_SYNC + cls),
		.requested = result->ipi.count[cls].requested, .ops = result->ops,
	};
	double *night;

	if (!is_exact(result, cls) || !c->nr_samples)
		return 0;
	night = calloc((size_t)c->nr_samples, sizeof(*night));
	if (!night)
		return -ENOMEM;
	finding.nights = fold_samples(judge, c, cls, night);
	if (finding.nights) {
		finding.before = quantile_sorted(night, finding.nights, 0.5);
		finding.after = (double)finding.requested / (double)finding.ops;
		if (finding.after > finding.before)
			add_finding(r, &finding);
	}
	free(night);
	return 0;
}

static int judge_result(const struct judge *judge, struct judge_case *c,
			const struct case_result *result, struct judge_regression *r)
{
	struct judge_finding finding = { .kind = JUDGE_FAILED, .reason = result->reason };
	int err;

	if (result->status != CASE_FAIL)
		finding.kind = JUDGE_UNEXPECTED;
	if (result->status == CASE_FAIL || result->as_expected == VERDICT_FALSE)
		add_finding(r, &finding);
	err = judge_count(judge, c, result, IPI_SYNC, r);
	return err ? err : judge_count(judge, c, result, IPI_FLUSH, r);
}

static int add_regression(struct judge *judge, const struct judge_regression *r)
{
	if (history_make_room((void **)&judge->regressions, judge->nr_regressions,
			      &judge->regressions_room, sizeof(*judge->regressions)))
		return -ENOMEM;
	judge->regressions[judge->nr_regressions++] = *r;
	return 0;
}

/* What is wrong in the record itself, a regression a case. */
static int judge_record(struct judge *judge)
{
	const struct record *rec = judge->record;
	int err = 0;

	for (int i = 0; i < judge->nr_cases && !err; i++) {
		struct judge_case *c = &judge->cases[i];
		struct judge_regression r = { .id = &c->id };

		for (int j = 0; j < rec->nr_cases && !err; j++)
			if (case_id_same(&rec->cases[j].id, &c->id))
				err = judge_result(judge, c, &rec->cases[j], &r);
		if (r.nr && !err)
			err = add_regression(judge, &r);
	}
	return err;
}

/* ---- times in the nights before it ----------------------------------------- */

static int find_changes(struct judge *judge)
{
	const struct history_line *line = &judge->history.lines[0];
	int err = 0, index = 0;

	for (int i = 0; i < line->nr_cases; i++)
		for (int j = 0; j < line->cases[i].nr_series && !err; j++, index++)
			if (line->cases[i].series[j].metric.unit == UNIT_NS)
				err = history_find(&judge->history, index);
	if (err)
		return err;
	judge->nr_changes = history_changes(&judge->history, &judge->changes);
	return judge->nr_changes < 0 ? judge->nr_changes : 0;
}

/* Adds @change to the regression of its case and night. */
static int add_change(struct judge *judge, const struct history_change *change)
{
	const struct judge_finding finding = {
		.kind = JUDGE_TIME, .metric = change->series->metric,
		.before = change->point->before, .after = change->point->after,
	};
	struct judge_regression r = { .id = &change->c->id, .change = change };

	for (int i = 0; i < judge->nr_regressions; i++) {
		struct judge_regression *told = &judge->regressions[i];

		if (told->change && told->change->c == change->c &&
		    told->change->point->night == change->point->night) {
			add_finding(told, &finding);
			return 0;
		}
	}
	add_finding(&r, &finding);
	return add_regression(judge, &r);
}

static int judge_times(struct judge *judge)
{
	const struct history_line *line = &judge->history.lines[0];
	int err = find_changes(judge);

	for (int i = 0; i < judge->nr_changes && !err; i++) {
		const struct history_change *change = &judge->changes[i];

		if (history_direction(change->series, change->point) > 0 &&
		    is_in(judge, line->nights[change->point->night].day))
			err = add_change(judge, change);
	}
	return err;
}

/* ---- the end --------------------------------------------------------------- */

static int find_missing(struct judge *judge)
{
	judge->missing = calloc((size_t)judge->nr_cases + 1, sizeof(const struct case_id *));
	if (!judge->missing)
		return -ENOMEM;
	for (int i = 0; i < judge->nr_cases; i++) {
		const struct judge_case *c = &judge->cases[i];

		if (!c->ran && judge->nr_days && c->last_day == judge->days[judge->nr_days - 1])
			judge->missing[judge->nr_missing++] = &c->id;
	}
	return 0;
}

/*
 * Call once, after the last record. The record is compared with the last @nights nights
 * before it, 0: all of them. 0 or -ENOMEM.
 */
int judge_finish(struct judge *judge, int nights)
{
	int searched = !nights || nights > HISTORY_NIGHTS ? 0 : HISTORY_NIGHTS;
	int err;

	fold_days(judge, nights);
	err = history_finish(&judge->history, searched, NULL);
	if (!err)
		err = judge_record(judge);
	if (!err)
		err = judge_times(judge);
	return err ? err : find_missing(judge);
}

/* Frees all that it holds, not the struct. */
void judge_free(struct judge *judge)
{
	for (int i = 0; i < judge->nr_cases; i++)
		free(judge->cases[i].samples);
	free(judge->cases);
	free(judge->days);
	free(judge->changes);
	free(judge->regressions);
	free(judge->missing);
	history_free(&judge->history);
	memset(judge, 0, sizeof(*judge));
}
