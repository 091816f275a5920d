// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First the rows are laid out, because the number of tests decides whether pairs can
 * show anything. Then each row is tested. Then all are corrected and judged together.
 */
#include "stats/shifts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/detectable.h"
#include "stats/holm.h"

/* The figures of a row: room for all boots on either side. */
struct samples {
	double *value[NR_SIDES];
	int n[NR_SIDES];
	int room;
};

static int samples_init(struct samples *samples, int room)
{
	samples->room = room;
	samples->value[0] = calloc(2 * (size_t)room + 1, sizeof(double));
	samples->value[1] = samples->value[0] + room;
	return samples->value[0] ? 0 : -ENOMEM;
}

static void gather_side(const struct shifts *s, const struct compare_case *c, enum side side,
			int metric, struct samples *samples)
{
	const struct compare_side *from = &c->side[side];

	for (int i = 0; i < from->boots; i++) {
		double value = from->figures[i].value[metric];
		int place = s->place[side][from->figures[i].boot];
		int to = s->halves ? place : (int)side;

		if (!isnan(value))
			samples->value[to][samples->n[to]++] = value;
	}
}

/* The pairs that have the figure on both sides, in order. */
static void gather_pairs(const struct shifts *s, const struct compare_case *c,
			 int metric, struct samples *samples)
{
	int kept = 0;

	for (int side = 0; side < NR_SIDES; side++) {
		const struct compare_side *from = &c->side[side];

		for (int i = 0; i < s->nr_pairs; i++)
			samples->value[side][i] = NAN;
		for (int i = 0; i < from->boots; i++)
			samples->value[side][s->place[side][from->figures[i].boot]] =
				from->figures[i].value[metric];
	}
	for (int i = 0; i < s->nr_pairs; i++) {
		if (isnan(samples->value[0][i]) || isnan(samples->value[1][i]))
			continue;
		for (int side = 0; side < NR_SIDES; side++)
			samples->value[side][kept] = samples->value[side][i];
		kept++;
	}
	samples->n[0] = samples->n[1] = kept;
}

static void gather(const struct shifts *s, const struct compare_case *c, int metric,
		   struct samples *samples)
{
	samples->n[0] = samples->n[1] = 0;
	if (s->paired)
		gather_pairs(s, c, metric, samples);
	else
		for (int side = 0; side < NR_SIDES; side++)
			gather_side(s, c, (enum side)side, metric, samples);
}

/* A row for each case and metric with enough boots; counts the tests. */
static void lay_out(struct shifts *s, const struct comparison *cmp,
		    const struct shifts_how *how, struct samples *samples)
{
	s->nr = s->nr_tests = 0;
	for (int i = 0; i < cmp->nr_cases; i++)
		for (int metric = METRIC_P50; metric < cmp->cases[i].nr_metrics; metric++) {
			const struct metric *what = &cmp->cases[i].metric[metric];
			struct shift *row = &s->shift[s->nr];

			gather(s, &cmp->cases[i], metric, samples);
			if (samples->n[0] < SHIFTS_MIN_BOOTS || samples->n[1] < SHIFTS_MIN_BOOTS)
				continue;
			*row = (struct shift){
				.at_case = i, .at_metric = metric, .metric = what,
				.n = { samples->n[0], samples->n[1] }, .p = 1,
				.tested = how->tested >> what->id & 1,
			};
			s->nr_tests += row->tested;
			s->nr++;
		}
}

/* The smallest shift that can be shown, in standard deviations, of @nr pairs or two sides. */
static int detectable(const struct shifts *s, int n, int m, double *sds)
{
	double alpha = SHIFTS_ALPHA / s->nr_tests;

	return s->paired ? detectable_paired(n, alpha, SHIFTS_POWER, sds) :
	       detectable_two(n, m, alpha, SHIFTS_POWER, sds);
}

/* Pairs are tested as such if there are enough of them to show anything at all. */
static int choose_test(struct shifts *s, const struct comparison *cmp,
		       const struct shifts_how *how, struct samples *samples)
{
	double sds = INFINITY;
	int err = 0;

	lay_out(s, cmp, how, samples);
	if (!s->nr_pairs || !s->nr_tests)
		return 0;
	s->paired = true;
	err = detectable(s, s->nr_pairs, 0, &sds);
	s->paired = isfinite(sds);
	if (s->paired)
		lay_out(s, cmp, how, samples);
	return err;
}

/* As detectable(). Results are kept, because nearly all rows have the same numbers of boots. */
static int smallest_of(const struct shifts *s, struct shift *row)
{
	for (const struct shift *known = s->shift; known < row; known++)
		if (known->tested && !memcmp(known->n, row->n, sizeof(row->n))) {
			row->sds = known->sds;
			return 0;
		}
	return detectable(s, row->n[0], row->n[1], &row->sds);
}

static int test_row(const struct shifts *s, struct shift *row, const struct samples *samples)
{
	const double *base = samples->value[0], *patched = samples->value[1];
	double sd = 0;
	int err = 0;

	for (int side = 0; side < NR_SIDES && !err; side++)
		err = summarize(samples->value[side], row->n[side], &row->side[side]);
	if (!err)
		err = s->paired ? rank_test_paired(patched, base, row->n[0], &row->test) :
		      rank_test_two(patched, row->n[1], base, row->n[0], &row->test);
	if (err || !row->tested)
		return err;
	err = s->paired ? spread_paired(base, patched, row->n[0], &sd) :
	      spread_two(base, row->n[0], patched, row->n[1], &sd);
	if (!err)
		err = smallest_of(s, row);
	row->smallest = isfinite(row->sds) ? row->sds * sd : INFINITY;
	return err;
}

/* How far from zero the shift may be, either way: the farther end of its interval. */
double shift_reach(const struct shift *shift)
{
	return fmax(fabs(shift->test.lo), fabs(shift->test.hi));
}

/* @value in parts of the base side's median; NAN if that is 0. */
double shift_relative(const struct shift *shift, double value)
{
	double median = shift->side[SIDE_BASE].median;

	return median > 0 ? value / median : NAN;
}

/* 1: the shift is for the worse, -1: for the better, 0: nobody can say. */
int shift_direction(const struct shift *shift)
{
	return metric_direction(shift->metric, shift->test.shift);
}

/* The noise of the same case and metric, on the scale of @row; INFINITY: none is known. */
static double floor_of(const struct shift *row, const struct compare_case *c,
		       const struct shifts_how *how)
{
	const struct compare_case *same = compare_case_of(how->noise, &c->id);

	for (int i = 0; same && i < how->floor->nr; i++) {
		const struct shift *noise = &how->floor->shift[i];
		double relative = shift_relative(noise, shift_reach(noise));

		if (strcmp(noise->metric->name, row->metric->name) || how->noise->cases + noise->at_case != same)
			continue;
		return isnan(relative) || !row->side[SIDE_BASE].median ? shift_reach(noise) :
		       relative * row->side[SIDE_BASE].median;
	}
	return INFINITY;
}

/*
 * Holm's correction over the tests, and which shifts are changes then. If so few boots
 * cannot show a change, none is reported: with ties p is approximate, and may be too
 * small.
 */
static int judge(struct shifts *s, const struct comparison *cmp, const struct shifts_how *how)
{
	double *p = calloc(2 * (size_t)s->nr_tests + 1, sizeof(*p)), *corrected = p + s->nr_tests;
	int nr = 0, err;

	if (!p)
		return -ENOMEM;
	for (int i = 0; i < s->nr; i++)
		if (s->shift[i].tested)
			p[nr++] = s->shift[i].test.p;
	err = holm_correct(p, nr, corrected);
	nr = 0;
	for (int i = 0; i < s->nr && !err; i++) {
		struct shift *row = &s->shift[i];

		if (row->tested)
			row->p = corrected[nr++];
		if (s->halves)
			row->floor = shift_reach(row);
		else if (how->floor)
			row->floor = floor_of(row, &cmp->cases[row->at_case], how);
		row->changed = row->tested && row->p < SHIFTS_ALPHA &&
			       isfinite(row->smallest) && fabs(row->test.shift) > row->floor;
	}
	free(p);
	return err;
}

/* Each boot's pair, or its half: the second half has the later boots. */
static int place_boots(struct shifts *s, const struct comparison *cmp)
{
	int nr_base = cmp->nr_boots[SIDE_BASE];

	s->place[0] = calloc((size_t)s->order.nr + 1, sizeof(int));
	if (!s->place[0])
		return -ENOMEM;
	s->place[1] = s->place[0] + nr_base;
	for (int i = 0; i < s->order.nr; i++)
		s->place[s->order.at[i].side][s->order.at[i].boot] =
			s->halves ? i >= s->order.nr / 2 : i / 2;
	s->nr_pairs = s->halves ? 0 : order_pairs(&s->order);
	return 0;
}

static bool any_times(const struct comparison *cmp)
{
	for (int i = 0; i < cmp->nr_cases; i++)
		for (int side = 0; side < NR_SIDES; side++)
			for (int j = 0; j < cmp->cases[i].side[side].boots; j++)
				if (!isnan(cmp->cases[i].side[side].figures[j].value[METRIC_P50]))
					return true;
	return false;
}

/* If times cannot be compared, the reason goes into @s->none. */
static void look_for_obstacles(struct shifts *s, const struct comparison *cmp)
{
	int base = s->halves ? s->order.nr / 2 : cmp->nr_boots[SIDE_BASE];
	int other = s->order.nr - base;

	if (compare_emulated(cmp))
		snprintf(s->none, sizeof(s->none), "emulated, where times mean nothing");
	else if (!any_times(cmp))
		snprintf(s->none, sizeof(s->none), "no record holds any");
	else if (compare_shared_boot(cmp))
		snprintf(s->none, sizeof(s->none),
			 "a boot stands on both sides, so they are not independent");
	else if (base < SHIFTS_MIN_BOOTS || other < SHIFTS_MIN_BOOTS)
		snprintf(s->none, sizeof(s->none), "%s%d and %d boots; with fewer than %d a side "
			 "no change can be told from chance", s->halves ? "halves of " : "",
			 base, other, SHIFTS_MIN_BOOTS);
}

static int test_all(struct shifts *s, const struct comparison *cmp,
		    const struct shifts_how *how)
{
	struct samples samples = { 0 };
	int err = samples_init(&samples, s->order.nr);

	if (!err)
		err = choose_test(s, cmp, how, &samples);
	for (int i = 0; i < s->nr && !err; i++) {
		gather(s, &cmp->cases[s->shift[i].at_case], s->shift[i].at_metric, &samples);
		err = test_row(s, &s->shift[i], &samples);
	}
	free(samples.value[0]);
	return err ? err : judge(s, cmp, how);
}

/*
 * Tests all that can be tested of a finished comparison. With @how->halves all boots
 * stand on the base side, and their earlier half is compared with the later one.
 * Returns 0, and the caller frees @shifts with shifts_free(). Or -ENOMEM, or -EINVAL if
 * figures are too large to be compared, and then there is nothing to free.
 */
int shifts_find(struct shifts *shifts, const struct comparison *cmp,
		const struct shifts_how *how)
{
	int err;

	*shifts = (struct shifts){ .halves = how->halves };
	err = order_find(&shifts->order, cmp);
	if (err)
		return err;
	look_for_obstacles(shifts, cmp);
	shifts->shift = calloc((size_t)cmp->nr_cases * CASE_MAX_METRICS + 1, sizeof(struct shift));
	err = shifts->shift ? place_boots(shifts, cmp) : -ENOMEM;
	if (!err && !*shifts->none)
		err = test_all(shifts, cmp, how);
	if (err)
		shifts_free(shifts);
	return err;
}

/* Frees all that @shifts holds, not the struct. */
void shifts_free(struct shifts *shifts)
{
	order_free(&shifts->order);
	free(shifts->place[0]);
	free(shifts->shift);
	memset(shifts, 0, sizeof(*shifts));
}
