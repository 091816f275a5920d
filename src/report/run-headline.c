// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run in a few sentences: what an op of each family costs, and whether that is what the
 * kernel source predicts. Nothing without a verdict is called a failure.
 */
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"
#include "report/run-parts.h"
#include "report/words.h"
#include "workloads/workload.h"

#define MAX_FAMILIES	32

/* Per op, over the cases of a family: the least and the most. */
struct family {
	const char *name;
	double least[2], most[2];	/* syncs, flushes */
};

struct families {
	struct family family[MAX_FAMILIES];
	int nr;
	bool estimate;
};

/* A workload that this version does not know is a family of its own. */
static const char *family_name(const char *workload)
{
	const struct workload *known = workload_find(workload);

	return known && known->family ? known->family : workload;
}

static struct family *family_of(struct families *all, const char *name)
{
	for (int i = 0; i < all->nr; i++)
		if (!strcmp(all->family[i].name, name))
			return &all->family[i];
	if (all->nr == MAX_FAMILIES)
		return NULL;
	all->family[all->nr] = (struct family){
		.name = name, .least = { 1e300, 1e300 }, .most = { -1, -1 },
	};
	return &all->family[all->nr++];
}

static void add_to_family(struct families *all, const struct case_result *c)
{
	struct family *family;

	if (c->status != CASE_OK || c->ipi.source == IPI_NONE || !c->ops)
		return;
	family = family_of(all, family_name(c->id.workload));
	for (int cls = IPI_SYNC; family && cls <= IPI_FLUSH; cls++) {
		const struct ipi_count *count = &c->ipi.count[cls];
		uint64_t nr = count->has_requested ? count->requested : count->handled;
		double per_op = (double)nr / (double)c->ops;

		all->estimate |= !count->has_requested;
		if (per_op < family->least[cls])
			family->least[cls] = per_op;
		if (per_op > family->most[cls])
			family->most[cls] = per_op;
	}
}

static void put_mean(FILE *out, double value, const char *mark)
{
	char buf[WORDS_SIZE];

	fprintf(out, "%s%s", mark, words_mean(buf, value));
}

static void put_range(FILE *out, const struct family *family, int cls, const char *mark)
{
	put_mean(out, family->least[cls], mark);
	if (family->most[cls] > family->least[cls]) {
		fputs(" to ", out);
		put_mean(out, family->most[cls], mark);
	}
}

/* "Syncs and flushes per op: THP collapse 7 and 0 to 7; unmap 0 and 0 to 7." */
static void say_families(struct report *report, const struct record *rec)
{
	struct families all = { .nr = 0 };
	char *text = NULL;
	const char *mark;
	size_t size;
	FILE *out;

	for (int i = 0; i < rec->nr_cases; i++)
		add_to_family(&all, &rec->cases[i]);
	if (!all.nr)
		return;
	mark = all.estimate ? "~" : "";
	out = open_memstream(&text, &size);
	for (int i = 0; out && i < all.nr; i++) {
		fprintf(out, "%s%s ", i ? "; " : "", all.family[i].name);
		put_range(out, &all.family[i], IPI_SYNC, mark);
		fputs(" and ", out);
		put_range(out, &all.family[i], IPI_FLUSH, mark);
	}
	if (out && !fclose(out))
		report_say(report, "Syncs and flushes per op: %s.", text);
	free(text);
}

/* What became of the cases, and the names of those that a reader must look at. */
struct outcome {
	int agree, none, skipped;
	struct names differ, failed;
};

static struct outcome outcome_of(struct report *report, const struct record *rec)
{
	struct outcome all = { 0 };

	for (int i = 0; i < rec->nr_cases; i++) {
		const struct case_result *c = &rec->cases[i];

		if (c->status == CASE_FAIL)
			names_add(report, &all.failed, report_case(report, &c->id));
		else if (c->status == CASE_SKIP)
			all.skipped++;
		else if (c->as_expected == VERDICT_FALSE)
			names_add(report, &all.differ, report_case(report, &c->id));
		else
			(*(c->as_expected == VERDICT_TRUE ? &all.agree : &all.none))++;
	}
	return all;
}

static void say_names(struct report *report, int of, const char *what, const struct names *names)
{
	char *text = names_text(report, names);

	report_say(report, "%d of %d case%s %s: %s.", names->nr, of, plural(of), what,
		   text ? text : "");
	free(text);
}

static void say_outcome(struct report *report, const struct outcome *all)
{
	int judged = all->agree + all->differ.nr;
	const char *verdict = all->none ? "with a verdict " : "";

	if (all->differ.nr)
		say_names(report, judged, all->differ.nr == 1 ?
			  "differs from what the kernel source predicts" :
			  "differ from what the kernel source predicts", &all->differ);
	else if (judged == 1)
		report_say(report, "The case %shas the IPIs that the kernel source predicts, in "
			   "every op.", verdict);
	else if (judged)
		report_say(report, "All %d cases %shave the IPIs that the kernel source predicts, in "
			   "every op.", judged, verdict);
	if (all->none)
		report_say(report, "%d case%s no verdict.", all->none,
			   all->none == 1 ? " has" : "s have");
	if (all->failed.nr)
		say_names(report, judged + all->none + all->failed.nr, "failed", &all->failed);
	if (all->skipped)
		report_say(report, "%d case%s skipped.", all->skipped,
			   all->skipped == 1 ? " was" : "s were");
}

/* What took CPU time from the run; nothing if that was little, or is unknown. */
static void say_busy(struct report *report, const struct record *rec)
{
	const struct busy_during *during = &rec->load.during;
	char steal[60] = "";

	if (!record_busy(rec))
		return;
	if (during->steal_share >= 0.005)
		snprintf(steal, sizeof(steal), " and the hypervisor %.0f %%",
			 during->steal_share * 100);
	report_say(report, "The machine was busy: another job took %.0f %% of the measured CPUs%s; "
		   "%s.", during->other_share * 100, steal, strcmp(rec->counter, "csd") ?
		   "times and counts may be off" : "times may be off, counts are not");
}

/* A run that was stopped. */
static void say_incomplete(struct report *report, const struct record *rec)
{
	if (rec->incomplete.signal[0])
		report_say(report, "The run is incomplete: %s ended it after %d of %d cases.",
			   rec->incomplete.signal, rec->nr_cases, rec->incomplete.cases_planned);
}

/* Builds the headline of @rec, and the same for programs. */
void run_headline(struct report *report, const struct record *rec)
{
	struct outcome all = outcome_of(report, rec);

	say_families(report, rec);
	say_outcome(report, &all);
	say_incomplete(report, rec);
	say_busy(report, rec);
	if (record_emulated(rec))
		report_say(report, "Emulated machine: counts are exact; times mean nothing.");
	report->summary = json_pack("{s:i, s:i, s:i, s:i, s:o, s:o}", "cases", rec->nr_cases,
				    "agree", all.agree, "no_verdict", all.none,
				    "skipped", all.skipped, "disagree", names_json(&all.differ),
				    "failed", names_json(&all.failed));
	names_free(&all.differ);
	names_free(&all.failed);
}
