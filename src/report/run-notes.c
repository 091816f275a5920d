// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a case's line does not tell. A reason that holds for several cases is told once;
 * what differs from case to case is summed up, and told in full where details are wanted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"
#include "report/run-parts.h"
#include "report/words.h"

/* Sums over the cases, of what has a line a case in the details. */
struct sums {
	uint64_t other, foreign, between, repeated;
	int with_other, with_foreign, with_between, with_repeated;
};

static void note_status(struct report *report, const struct case_result *c, const char *name)
{
	const char *reason = *c->reason ? c->reason : "no reason is given";

	if (c->status == CASE_FAIL)
		report_note(report, NOTE_WARNING, name, "FAILED: %s", reason);
	else if (c->status == CASE_SKIP)
		report_note(report, NOTE_REASON, name, "skipped: %s", reason);
	else if (c->as_expected == VERDICT_FALSE)
		report_note(report, NOTE_WARNING, name, "NOT as predicted: %s", reason);
	else if (c->as_expected == VERDICT_NULL)
		report_note(report, NOTE_REASON, name, "no verdict: %s", reason);
	if (c->status == CASE_OK && *c->expect.why && strcmp(c->expect.why, c->reason))
		report_note(report, NOTE_REASON, name, "no prediction: %s", c->expect.why);
	for (int i = 0; i < c->nr_counters; i++)
		if (*c->counter[i].why)
			report_note(report, NOTE_REASON, name, "%s of the %s is not counted: %s",
				    c->counter[i].event, role_name(c->counter[i].role),
				    c->counter[i].why);
	if (c->ipi.lost)
		report_note(report, NOTE_WARNING, name, "%" PRIu64 " trace records were lost; "
			    "the counts are too low", c->ipi.lost);
}

/* "smp_call 3, rcu_barrier 1" of @foreign requests or the op's own. */
static void list_causes(const struct ipi_result *ipi, bool foreign, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = 0; i < ipi->nr_causes && len < size; i++) {
		uint64_t nr = foreign ? ipi->cause[i].foreign : ipi->cause[i].requested;

		if (nr)
			len += (size_t)snprintf(buf + len, size - len, "%s%s %" PRIu64,
						len ? ", " : " (", ipi->cause[i].func, nr);
	}
	if (len && len < size)
		snprintf(buf + len, size - len, ")");
}

static uint64_t count(uint64_t nr, uint64_t *sum, int *cases)
{
	*sum += nr;
	*cases += nr > 0;
	return nr;
}

static void note_requests(struct report *report, const struct case_result *c,
			  const char *name, struct sums *sums)
{
	const struct ipi_count *sync = &c->ipi.count[IPI_SYNC];
	const struct ipi_count *flush = &c->ipi.count[IPI_FLUSH];
	const struct ipi_count *other = &c->ipi.count[IPI_OTHER];
	char causes[MAX_CAUSES * 90];

	list_causes(&c->ipi, false, causes, sizeof(causes));
	if (count(other->requested, &sums->other, &sums->with_other))
		report_note(report, NOTE_DETAIL, name, "%" PRIu64 " requests inside ops were "
			    "neither sync nor flush%s", other->requested, causes);
	list_causes(&c->ipi, true, causes, sizeof(causes));
	if (count(sync->foreign + flush->foreign + other->foreign, &sums->foreign,
		  &sums->with_foreign))
		report_note(report, NOTE_DETAIL, name, "other tasks asked meanwhile for: sync %"
			    PRIu64 ", flush %" PRIu64 ", other %" PRIu64 "%s", sync->foreign,
			    flush->foreign, other->foreign, causes);
	if (count(sync->between_ops + flush->between_ops + other->between_ops, &sums->between,
		  &sums->with_between))
		report_note(report, NOTE_DETAIL, name, "between ops the tool itself asked for: "
			    "sync %" PRIu64 ", flush %" PRIu64 ", other %" PRIu64,
			    sync->between_ops, flush->between_ops, other->between_ops);
	if (count(c->repeated_ops, &sums->repeated, &sums->with_repeated))
		report_note(report, NOTE_DETAIL, name, "%" PRIu64 " ops were repeated: the "
			    "kernel refused them for the moment", c->repeated_ops);
}

static void sum_up(struct report *report, uint64_t nr, int cases, const char *what)
{
	char text[WORDS_SIZE];

	if (nr)
		report_note(report, NOTE_REASON, NULL, "not in the table: %s %s in %d case%s",
			    words_count(text, nr), what, cases, plural(cases));
}

/* Adds the notes on all cases of @rec. */
void run_notes(struct report *report, const struct record *rec)
{
	struct sums sums = { 0 };

	for (int i = 0; i < rec->nr_cases; i++) {
		const struct case_result *c = &rec->cases[i];
		char *name = report_case(report, &c->id);

		note_status(report, c, name);
		if (c->status != CASE_SKIP && c->ipi.source != IPI_NONE)
			note_requests(report, c, name, &sums);
		free(name);
	}
	sum_up(report, sums.other, sums.with_other, "requests inside ops, neither sync nor flush,");
	sum_up(report, sums.foreign, sums.with_foreign, "requests of other tasks");
	sum_up(report, sums.between, sums.with_between, "requests of the tool itself between ops");
	sum_up(report, sums.repeated, sums.with_repeated, "repeated ops");
}
