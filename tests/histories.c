// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a history of 365 nights is drawn. All is in sigma: 1.4826 times the median
 * absolute deviation of the noise, which is its standard deviation if it is normal, and
 * the scatter of most nights if it is not. (Student's t below has a standard deviation
 * of 1.53 sigma, the lognormal one of 1.76: a step in units of that would be easier.)
 *
 *	steps		0 to 3, of 1 to 5 sigma each, up or down; every level lasts 14
 *			nights and more, the first and the last too. In all families.
 *	gaps		each night is missing with probability 0.03, and in every second
 *			history another 2 to 14 in a row are. In all families.
 *	drift		one straight line of 1 to 5 sigma over 60 to 300 nights
 *	outliers	3 to 10 single nights, 5 to 50 sigma off, three in four upward
 *	heavy tails	noise of Student's t with 3 degrees of freedom, or lognormal with
 *			0.8 for the standard deviation of its logarithm, in equal parts;
 *			normal elsewhere
 *	all of these	drift in every second history, outliers and heavy tails in all
 *	correlated	each night's noise has 0.3 of the last night's in it
 *
 * Sizes, places and numbers are uniform.
 *
 * A step is found if a change point lies within NEAR_ENOUGH nights and has its direction;
 * of two such the nearer one is it. Every other change point is a false alarm, also one
 * that lies a little too far from a step, which then counts as missed and as false alarm.
 * One kind is excepted: it lies on a drift, and between the two levels that it is said to
 * part the drift alone, without steps and noise, has moved the mean by 1 sigma or more in
 * the direction that it is said to have. A drift of 5 sigma is no level, and to say so
 * is no mistake.
 */
#include "tests/histories.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stats/changepoint.h"

#define TRUE_DRIFT	1.0	/* sigma */
#define SHORTEST_LEVEL	14	/* nights */
#define BASE_LEVEL	100.0	/* sigma */

const char *family_name(enum family family)
{
	static const char *const names[NR_DRAWN_FAMILIES] = {
		[FAMILY_STEPS] = "steps", [FAMILY_DRIFT] = "drift",
		[FAMILY_OUTLIERS] = "outliers", [FAMILY_TAILS] = "heavy tails",
		[FAMILY_ALL] = "all of these", [FAMILY_CORRELATED] = "correlated",
	};

	return names[family];
}

/* xorshift64*: the same numbers on every machine. */
static double uniform(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (double)((*seed * 0x2545f4914f6cdd1dull) >> 11) * 0x1p-53;
}

static double between(uint64_t *seed, double low, double high)
{
	return low + (high - low) * uniform(seed);
}

/* @low to @high, both included. */
static int whole(uint64_t *seed, int low, int high)
{
	return low + (int)(uniform(seed) * (high - low + 1));
}

/* Box and Muller. */
static double normal(uint64_t *seed)
{
	double radius = sqrt(-2 * log(1 - uniform(seed)));

	return radius * cos(2 * M_PI * uniform(seed));
}

/* Student's t with 3 degrees of freedom; its upper quartile is 0.7649. */
static double student(uint64_t *seed)
{
	double x = normal(seed), a = normal(seed), b = normal(seed), c = normal(seed);

	return x / sqrt((a * a + b * b + c * c) / 3) / (1.4826 * 0.7649);
}

/* exp(0.8 normal) - 1: its median absolute deviation is 0.4992. */
static double lognormal(uint64_t *seed)
{
	return (exp(0.8 * normal(seed)) - 1) / (1.4826 * 0.4992);
}

/* Draws again until every level is long enough, so that all places are alike. */
static void draw_steps(struct history *h, uint64_t *seed)
{
	bool apart;

	h->nr_steps = whole(seed, 0, MAX_STEPS);
	do {
		int last = 0;

		apart = true;
		for (int i = 0; i < h->nr_steps; i++) {
			h->step[i].night = whole(seed, SHORTEST_LEVEL, NR_NIGHTS - SHORTEST_LEVEL);
			apart &= h->step[i].night - last >= SHORTEST_LEVEL;
			last = h->step[i].night;
		}
	} while (!apart);
	for (int i = 0; i < h->nr_steps; i++)
		h->step[i].size = between(seed, 1, 5) * (uniform(seed) < 0.5 ? -1 : 1);
}

static void draw_drift(struct history *h, uint64_t *seed, double *drift)
{
	int nights = whole(seed, 60, 300);

	h->drift_from = whole(seed, 0, NR_NIGHTS - nights);
	h->drift_to = h->drift_from + nights;
	*drift = between(seed, 1, 5) * (uniform(seed) < 0.5 ? -1 : 1);
}

static void draw_outliers(struct history *h, uint64_t *seed)
{
	int nr = whole(seed, 3, 10);

	for (int i = 0; i < nr; i++)
		h->night[whole(seed, 0, NR_NIGHTS - 1)] +=
			between(seed, 5, 50) * (uniform(seed) < 0.25 ? -1 : 1);
}

static void draw_gaps(struct history *h, uint64_t *seed)
{
	int outage = uniform(seed) < 0.5 ? whole(seed, 2, 14) : 0;
	int from = whole(seed, 0, NR_NIGHTS - outage);

	for (int i = 0; i < NR_NIGHTS; i++)
		if (uniform(seed) < 0.03 || (i >= from && i < from + outage))
			h->night[i] = NAN;
}

static double step_level(const struct history *h, int night)
{
	double level = BASE_LEVEL;

	for (int i = 0; i < h->nr_steps; i++)
		if (night >= h->step[i].night)
			level += h->step[i].size;
	return level;
}

static double drift_level(const struct history *h, int night, double drift)
{
	if (night >= h->drift_to)
		return drift;
	if (night <= h->drift_from)
		return 0;
	return drift * (night - h->drift_from) / (h->drift_to - h->drift_from);
}

/* History @number of a family. */
void history_draw(struct history *h, enum family family, uint64_t number)
{
	uint64_t seed = (number * NR_DRAWN_FAMILIES + family + 1) * 0x9e3779b97f4a7c15ull;
	double (*noise)(uint64_t *seed) = normal;
	double drift = 0, last = 0;

	*h = (struct history){ .nr_steps = 0 };
	draw_steps(h, &seed);
	if (family == FAMILY_DRIFT || (family == FAMILY_ALL && uniform(&seed) < 0.5))
		draw_drift(h, &seed, &drift);
	if (family == FAMILY_TAILS || family == FAMILY_ALL)
		noise = uniform(&seed) < 0.5 ? student : lognormal;
	for (int i = 0; i < NR_NIGHTS; i++) {
		last = noise(&seed) + (family == FAMILY_CORRELATED ? 0.3 * last : 0);
		h->drift[i] = drift_level(h, i, drift);
		h->night[i] = step_level(h, i) + h->drift[i] + last;
	}
	if (family == FAMILY_OUTLIERS || family == FAMILY_ALL)
		draw_outliers(h, &seed);
	draw_gaps(h, &seed);
}

static double mean_drift(const struct history *h, int from, int to)
{
	double sum = 0;

	for (int i = from; i < to; i++)
		sum += h->drift[i];
	return sum / (to - from);
}

/* Does point @i lie on a drift that moved the truth between the levels it parts? */
static bool on_drift(const struct history *h, const struct change_point *points, int nr, int i)
{
	int from = i ? points[i - 1].night : 0, at = points[i].night;
	int to = i + 1 < nr ? points[i + 1].night : NR_NIGHTS;
	double moved = mean_drift(h, at, to) - mean_drift(h, from, at);

	return at > h->drift_from && at < h->drift_to &&
	       fabs(moved) >= TRUE_DRIFT && (moved > 0) == (points[i].size > 0);
}

/* The change point that is @step; -1 if none is. */
static int find_step(const struct step *step, const struct change_point *points, int nr)
{
	int nearest = -1;

	for (int i = 0; i < nr; i++) {
		int off = abs(points[i].night - step->night);

		if (off <= NEAR_ENOUGH && (points[i].size > 0) == (step->size > 0) &&
		    (nearest < 0 || off < abs(points[nearest].night - step->night)))
			nearest = i;
	}
	return nearest;
}

/* Searches @h and adds to @score; returns the number of change points or -errno. */
int history_score(const struct history *h, struct score *score)
{
	struct change_point *points;
	int nr = change_points_find(h->night, NR_NIGHTS, &points);
	bool is_step[NR_NIGHTS] = { false };

	if (nr < 0)
		return nr;
	for (int i = 0; i < h->nr_steps; i++) {
		int at = find_step(&h->step[i], points, nr);
		int size = (int)fmin(fabs(h->step[i].size), 4);

		score->steps[size]++;
		score->found[size] += at >= 0;
		if (at >= 0)
			is_step[at] = true;
	}
	for (int i = 0; i < nr; i++)
		if (!is_step[i] && on_drift(h, points, nr, i))
			score->drift_alarms++;
		else if (!is_step[i])
			score->false_alarms++;
	score->histories++;
	score->drifts += h->drift_to > h->drift_from;
	if (nr > score->most)
		score->most = nr;
	free(points);
	return nr;
}

/* The share found of all steps of @from to @to sigma, which are whole numbers of 1 to 5. */
double score_recall(const struct score *score, int from, int to)
{
	int steps = 0, found = 0;

	for (int size = from; size < to; size++) {
		steps += score->steps[size];
		found += score->found[size];
	}
	return (double)found / steps;
}

/* False alarms in ten histories. */
double score_false(const struct score *score)
{
	return 10.0 * score->false_alarms / score->histories;
}
