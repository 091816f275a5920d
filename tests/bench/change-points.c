// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How well change points are found: the figures of doc/METHOD.md. Histories are drawn
 * as tests/histories.c says: 500 of the numbers that the thresholds were chosen on, as
 * many of numbers that were not, and ten times as many of these for the third digit.
 * Then how soon a step is found, how often there is an alarm where nothing happens, in
 * hindsight and if a whole year is searched night by night, and the time that a search
 * takes. Exit status 1 if a target is missed.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stats/changepoint.h"
#include "tests/histories.h"

#define RECALL_AT_LEAST	0.9	/* of steps of 2 sigma and more */
#define FALSE_AT_MOST	1.0	/* in ten histories */
#define FRESH		10001	/* the thresholds were chosen on numbers below */

#define STEP_NIGHT	182
#define NR_DELAYS	99
#define NR_QUIET	2000
#define NR_WATCHED	50
#define TIMED		200

static const char *judged(bool good)
{
	return good ? "met" : "MISSED";
}

static void add(struct score *sum, const struct score *score)
{
	for (int size = 0; size < 5; size++) {
		sum->steps[size] += score->steps[size];
		sum->found[size] += score->found[size];
	}
	sum->histories += score->histories;
	sum->false_alarms += score->false_alarms;
	sum->drifts += score->drifts;
	sum->drift_alarms += score->drift_alarms;
	sum->most = sum->most > score->most ? sum->most : score->most;
}

static void print_score(const char *name, const struct score *score)
{
	printf("%-14s%10d", name, score->histories);
	for (int size = 1; size < 4; size++)
		printf("%8.3f", score_recall(score, size, size + 1));
	printf("%8.3f%8.3f%8.2f", score_recall(score, 4, 5), score_recall(score, 2, 5),
	       score_false(score));
	if (score->drifts)
		printf("%8.2f", (double)score->drift_alarms / score->drifts);
	else
		printf("%8s", "-");
	printf("%6d\n", score->most);
}

static int score_family(struct score *score, enum family family, uint64_t first, int nr)
{
	struct history h;
	int error = 0;

	for (int i = 0; i < nr && error >= 0; i++) {
		history_draw(&h, family, first + (uint64_t)i);
		error = history_score(&h, score);
	}
	return error;
}

/* @nr histories of each family, from number @first. Returns whether targets are met. */
static bool bench_families(const char *title, uint64_t first, int nr)
{
	struct score sum = { 0 };
	bool met;

	printf("%s: numbers %d to %d\n%-14s%10s%8s%8s%8s%8s%8s%8s%8s%6s\n", title,
	       (int)first, (int)first + nr - 1, "family", "histories", "[1,2)", "[2,3)",
	       "[3,4)", "[4,5]", "[2,5]", "false", "drift", "most");
	for (int family = 0; family < NR_DRAWN_FAMILIES; family++) {
		struct score score = { 0 };

		if (score_family(&score, family, first, nr) < 0)
			return false;
		if (family < NR_FAMILIES)
			add(&sum, &score);
		else
			print_score("the first five", &sum);
		print_score(family_name(family), &score);
	}
	met = score_recall(&sum, 2, 5) >= RECALL_AT_LEAST && score_false(&sum) <= FALSE_AT_MOST;
	printf("at least %.1f of steps in [2,5], at most %.0f false in ten histories: %s\n\n",
	       RECALL_AT_LEAST, FALSE_AT_MOST, judged(met));
	return met;
}

/* The next history of @family, from @number on, in which nothing happens. */
static void draw_quiet(struct history *h, enum family family, uint64_t *number)
{
	do
		history_draw(h, family, (*number)++);
	while (h->nr_steps);
}

/* Is there a change point among the first @nr nights, anywhere or @near a night? */
static bool sees(const struct history *h, int nr, int near)
{
	struct change_point *points;
	bool seen = false;
	int found = change_points_find(h->night, nr, &points);

	for (int i = 0; i < found; i++)
		seen |= near < 0 || abs(points[i].night - near) <= NEAR_ENOUGH;
	free(points);
	return seen;
}

static int ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Nights of the new level, gaps among them, until a step is found. */
static void bench_delay(double size)
{
	int delay[NR_DELAYS];
	uint64_t number = FRESH;

	for (int i = 0; i < NR_DELAYS; i++) {
		struct history h;

		draw_quiet(&h, FAMILY_STEPS, &number);
		for (int night = STEP_NIGHT; night < NR_NIGHTS; night++)
			h.night[night] += size;
		delay[i] = 1;
		while (STEP_NIGHT + delay[i] < NR_NIGHTS &&
		       !sees(&h, STEP_NIGHT + delay[i], STEP_NIGHT))
			delay[i]++;
	}
	qsort(delay, NR_DELAYS, sizeof(delay[0]), ascending);
	printf("a step of %.0f sigma after half a year is found after %d nights "
	       "(9 in 10: after %d)\n", size, delay[NR_DELAYS / 2], delay[NR_DELAYS * 9 / 10]);
}

/* Noise alone, and the gaps in it. */
static void bench_quiet(enum family family)
{
	uint64_t number = FRESH;
	int alarmed = 0;

	for (int i = 0; i < NR_QUIET; i++) {
		struct history h;

		draw_quiet(&h, family, &number);
		alarmed += sees(&h, NR_NIGHTS, -1);
	}
	printf("%s without steps: an alarm in %d of %d years\n", family_name(family),
	       alarmed, NR_QUIET);
}

/* A year of nights, and a search in each of them: is there ever an alarm? */
static void bench_watch(enum family family)
{
	uint64_t number = FRESH;
	int alarmed = 0;

	for (int i = 0; i < NR_WATCHED; i++) {
		struct history h;
		bool alarm = false;

		draw_quiet(&h, family, &number);
		for (int nr = 1; nr <= NR_NIGHTS && !alarm; nr++)
			alarm = sees(&h, nr, -1);
		alarmed += alarm;
	}
	printf("%s without steps, searched night by night: an alarm in %d of %d years\n",
	       family_name(family), alarmed, NR_WATCHED);
}

static void bench_time(void)
{
	struct score score = { 0 };
	clock_t start = clock();

	score_family(&score, FAMILY_ALL, FRESH, TIMED);
	printf("a search of %d nights takes %.2f ms\n", NR_NIGHTS,
	       (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC / TIMED);
}

int main(void)
{
	bool met = bench_families("chosen on", 1, 100);

	met &= bench_families("fresh", FRESH, 100);
	met &= bench_families("fresh", FRESH, 1000);
	for (int size = 2; size <= 5; size++)
		bench_delay(size);
	for (enum family family = FAMILY_OUTLIERS; family <= FAMILY_TAILS; family++) {
		bench_quiet(family);
		bench_watch(family);
	}
	bench_time();
	return !met;
}
