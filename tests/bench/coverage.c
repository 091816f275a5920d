// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * make coverage: how often intervals and verdicts are right where the truth is known.
 * The figures in doc/METHOD.md, "Statistics"; the same on every machine. Exit status 1
 * if they are not what was promised there.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "simulate.h"
#include "stats/detectable.h"

#define EXPERIMENTS	1000
#define CHANGE		(-0.05)
#define RESAMPLES	10000
#define TABLES		1000

static const int boots[] = { 5, 10, 20 };

#define NR_BOOTS	(sizeof(boots) / sizeof(boots[0]))

static bool missed;

static const char *judge(bool good)
{
	missed |= !good;
	return good ? "" : "  <- not as promised";
}

static double percent(int part, int whole)
{
	return 100.0 * part / whole;
}

static int coverages(void)
{
	printf("%d experiments, true change %g %%: the 95 %% interval holds it in\n",
	       EXPERIMENTS, 100 * CHANGE);
	printf("%12s %10s %10s %10s %14s\n", "boots/side", "rank", "bootstrap", "pooled ops",
	       "found alone");
	for (size_t i = 0; i < NR_BOOTS; i++) {
		struct coverage c;
		double rank;
		int err = simulate_coverage(boots[i], CHANGE, EXPERIMENTS, RESAMPLES,
					    (uint64_t)boots[i], &c);

		if (err)
			return err;
		rank = percent(c.rank, c.experiments);
		printf("%12d %8.1f %% %8.1f %% %8.1f %% %12.1f %%%s\n", boots[i], rank,
		       percent(c.bootstrap, c.experiments), percent(c.pooled, c.experiments),
		       percent(c.found, c.experiments),
		       judge(rank >= 93 && rank <= 98 &&
			     (boots[i] < 10 || percent(c.found, c.experiments) >= 90)));
		fflush(stdout);
	}
	return 0;
}

static int tables(void)
{
	printf("\n%d tables of %d cases x %d metrics without a change: any is shown in\n", TABLES,
	       TABLE_CASES, TABLE_METRICS);
	printf("%12s %10s %14s\n", "boots/side", "Holm", "uncorrected");
	for (size_t i = 0; i < NR_BOOTS; i++) {
		int changed, uncorrected;
		int err = simulate_tables(boots[i], TABLES, (uint64_t)boots[i], &changed,
					  &uncorrected);

		if (err)
			return err;
		printf("%12d %8.1f %% %12.1f %%%s\n", boots[i], percent(changed, TABLES),
		       percent(uncorrected, TABLES), judge(changed <= TABLES / 20));
		fflush(stdout);
	}
	return 0;
}

static int detectables(void)
{
	static const int sides[] = { 4, 5, 6, 8, 9, 10, 15, 20, 40 };
	static const int tests[] = { 1, 10, 60, TABLE_CASES * TABLE_METRICS };

	printf("\nsmallest shift found with probability 0.8, in standard deviations, in a table of\n");
	printf("%12s", "boots/side");
	for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++)
		printf("%6d tests", tests[t]);
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		printf("\n%12d", sides[i]);
		for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++) {
			double sds;
			int err = detectable_two(sides[i], sides[i], 0.05 / tests[t], 0.8, &sds);

			if (err)
				return err;
			printf("%12.2f", sds);
		}
	}
	printf("\n");
	return 0;
}

int main(void)
{
	int err = coverages();

	if (!err)
		err = tables();
	if (!err)
		err = detectables();
	if (err)
		fprintf(stderr, "coverage: %s\n", strerror(-err));
	return err || missed;
}
