// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison in a few sentences: what the kernels cost in all, which cases got worse,
 * which counts are not the predicted ones. A case without a verdict is no failure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare-parts.h"
#include "report/parts.h"
#include "report/words.h"

/* Sums over the cases that were measured and counted on both sides. */
struct sums {
	uint64_t total[NR_SIDES][NR_IPI_CLASSES];
	double per_op[NR_SIDES][NR_IPI_CLASSES];	/* the mean of the cases */
	bool equal_ops, estimate;
	int cases;
};

static struct sums sums_of(const struct comparison *cmp)
{
	struct sums sums = { .equal_ops = true };

	for (int i = 0; i < cmp->nr_cases; i++) {
		const struct compare_side *sides = cmp->cases[i].side;

		if (!compare_matched(&cmp->cases[i]) || sides[0].uncounted || sides[1].uncounted)
			continue;
		sums.cases++;
		sums.equal_ops &= sides[0].ops == sides[1].ops;
		sums.estimate |= sides[0].estimate || sides[1].estimate;
		for (int side = 0; side < NR_SIDES; side++)
			for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
				sums.total[side][cls] += sides[side].total[cls];
				sums.per_op[side][cls] += (double)sides[side].total[cls] /
							  (double)sides[side].ops;
			}
	}
	return sums;
}

/* "sync 7,000 -> 0" of one class, or of all where @cls is NR_IPI_CLASSES. */
static char *sum_text(struct report *report, const struct sums *sums, int cls, const char *name)
{
	char text[NR_SIDES][WORDS_SIZE];

	for (int side = 0; side < NR_SIDES; side++) {
		uint64_t total = 0;
		double per_op = 0;

		for (int i = 0; i < NR_IPI_CLASSES; i++)
			if (cls == NR_IPI_CLASSES || cls == i) {
				total += sums->total[side][i];
				per_op += sums->per_op[side][i] / sums->cases;
			}
		if (sums->equal_ops)
			words_count(text[side], total);
		else
			words_mean(text[side], per_op);
	}
	return report_text(report, "%s %s%s -> %s%s", name, sums->estimate ? "~" : "", text[0],
			   sums->estimate ? "~" : "", text[1]);
}

static void say_sums(struct report *report, const struct comparison *cmp)
{
	struct sums sums = sums_of(cmp);
	char *sync, *flush, *all;

	if (!sums.cases) {
		report_say(report, "IPIs were not counted on both sides.");
		return;
	}
	sync = sum_text(report, &sums, IPI_SYNC, "sync");
	flush = sum_text(report, &sums, IPI_FLUSH, "flush");
	all = sum_text(report, &sums, NR_IPI_CLASSES, "all");
	report_say(report, "%s: %s, %s, %s.", sums.equal_ops ? "IPIs, base -> patched" :
		   "IPIs per op, base -> patched, mean of the cases", sync ? sync : "",
		   flush ? flush : "", all ? all : "");
	if (sums.estimate)
		report_say(report, "Counts marked ~ are estimates: other IPIs are in them.");
	free(sync);
	free(flush);
	free(all);
}

/* ---- what got worse ----------------------------------------------------------- */

static void put_reason(FILE *out, int *nr, const char *text)
{
	fprintf(out, "%s%s", (*nr)++ ? ", " : " (", text);
}

static void put_worse_counts(FILE *out, int *nr, const struct compare_case *c)
{
	char base[WORDS_SIZE], patched[WORDS_SIZE], text[3 * WORDS_SIZE];

	for (int cls = IPI_SYNC; cls <= IPI_FLUSH; cls++) {
		const struct compare_side *b = &c->side[SIDE_BASE], *p = &c->side[SIDE_PATCHED];

		if (!compare_grew(c, (enum ipi_class)cls))
			continue;
		snprintf(text, sizeof(text), "%s %s -> %s per op", ipi_class_name(cls),
			 words_per_op(base, b->total[cls], b->ops),
			 words_per_op(patched, p->total[cls], p->ops));
		put_reason(out, nr, text);
	}
}

static void put_worse_times(FILE *out, int *nr, const struct shifts *shifts, int at_case)
{
	char percent[WORDS_SIZE], text[3 * WORDS_SIZE];

	for (int i = 0; i < shifts->nr; i++) {
		const struct shift *shift = &shifts->shift[i];

		if (shift->at_case != at_case || !shift->changed || shift_direction(shift) <= 0)
			continue;
		snprintf(text, sizeof(text), "%s %s", shift->metric->name,
			 words_percent(percent, shift_relative(shift, shift->test.shift), true));
		put_reason(out, nr, text);
	}
}

/* "munmap, all (flush 0 -> 7 per op)" on the heap; NULL if nothing is worse. */
static char *worse_text(struct report *report, const struct compare_view *view, int at_case)
{
	const struct compare_case *c = &view->cmp->cases[at_case];
	char *title = report_case(report, &c->id), *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int nr = 0;

	if (out) {
		fputs(title ? title : c->id.workload, out);
		put_worse_counts(out, &nr, c);
		put_worse_times(out, &nr, view->shifts, at_case);
		fputs(nr ? ")" : "", out);
	}
	if (!out || fclose(out))
		report->err = -ENOMEM;
	free(title);
	if (nr)
		return text;
	free(text);
	return NULL;
}

/* What a reader must look at, by name. */
struct outcome {
	int cases, matched, judged;
	int comparable;		/* of which it can be told whether they got worse */
	struct names worse, differ, none;
	struct names failed;	/* on a side, in some boot */
	int one_sided;		/* measured on one side only, without having failed */
};

/* A case that failed is told, whatever else is known of it. */
static void add_failed(struct report *report, const struct compare_case *c, struct outcome *all)
{
	bool base = c->side[SIDE_BASE].failed, patched = c->side[SIDE_PATCHED].failed;
	char *title = report_case(report, &c->id);

	all->cases++;
	if (base || patched)
		names_add(report, &all->failed, report_text(report, "%s (%s)", title ? title : "",
			  base && patched ? "both sides" : base ? "base" : "patched"));
	else
		all->one_sided += !c->side[SIDE_BASE].boots != !c->side[SIDE_PATCHED].boots;
	free(title);
}

static bool has_tested_times(const struct shifts *shifts, int at_case)
{
	for (int i = 0; i < shifts->nr; i++)
		if (shifts->shift[i].at_case == at_case && shifts->shift[i].tested)
			return true;
	return false;
}

static void add_case(struct report *report, const struct compare_view *view, int at_case,
		     struct outcome *all)
{
	const struct compare_case *c = &view->cmp->cases[at_case];
	bool base = c->side[SIDE_BASE].as_expected == VERDICT_FALSE;
	bool patched = c->side[SIDE_PATCHED].as_expected == VERDICT_FALSE;
	char *title = report_case(report, &c->id);
	char *worse = worse_text(report, view, at_case);

	all->matched++;
	all->comparable += compare_counts_told(c) || has_tested_times(view->shifts, at_case);
	if (worse)
		names_add(report, &all->worse, worse);
	if (compare_verdict(c) == VERDICT_NULL) {
		names_add(report, &all->none, title);
		return;
	}
	all->judged++;
	if (base || patched)
		names_add(report, &all->differ, report_text(report, "%s (%s)", title ? title : "",
			  base && patched ? "both sides" : base ? "base" : "patched"));
	free(title);
}

/* @one is the verb for one case, @several for any other number. */
static void say_names(struct report *report, const struct names *names, int of,
		      const char *one, const char *several, const char *what)
{
	char *text = names_text(report, names);

	report_say(report, "%d of %d case%s %s %s: %s.", names->nr, of, plural(of),
		   names->nr == 1 ? one : several, what, text ? text : "");
	free(text);
}

static void say_agree(struct report *report, const struct outcome *all)
{
	static const char what[] = "the IPIs that the kernel source predicts, on both sides, in "
				   "every op.";

	if (all->judged == 1)
		report_say(report, "The case %shas %s", all->none.nr ? "with a verdict " : "", what);
	else if (all->none.nr)
		report_say(report, "All %d cases with a verdict have %s", all->judged, what);
	else
		report_say(report, "All cases have %s", what);
}

static void say_outcome(struct report *report, const struct outcome *all)
{
	if (all->worse.nr)
		say_names(report, &all->worse, all->matched, "got", "got", "worse");
	else if (all->comparable == all->matched && all->matched)
		report_say(report, "No case got worse.");
	if (all->comparable < all->matched)
		report_say(report, "Whether %d of %d case%s got worse cannot be told.",
			   all->matched - all->comparable, all->matched, plural(all->matched));
	if (all->failed.nr)
		say_names(report, &all->failed, all->cases, "failed", "failed", "in some boot");
	if (all->one_sided)
		report_say(report, "%d of %d case%s %s measured on one side only.", all->one_sided,
			   all->cases, plural(all->cases), all->one_sided == 1 ? "was" : "were");
	if (all->differ.nr)
		say_names(report, &all->differ, all->judged, "differs", "differ",
			  "from what the kernel source predicts");
	else if (all->judged)
		say_agree(report, all);
	if (all->none.nr)
		say_names(report, &all->none, all->matched, "has", "have", "no verdict");
}

static int changed(const struct shifts *shifts, int direction)
{
	int nr = 0;

	for (int i = 0; i < shifts->nr; i++)
		nr += shifts->shift[i].changed && shift_direction(&shifts->shift[i]) == direction;
	return nr;
}

static void say_times(struct report *report, const struct shifts *shifts)
{
	if (*shifts->none)
		report_say(report, "Times are not compared: %s.", shifts->none);
	else if (shifts->halves)
		report_say(report, "%d figures of boots of one kernel: how far they differ is the "
			   "noise floor.", shifts->nr);
	else
		report_say(report, "Of %d tested times %d got better and %d worse; of the others "
			   "nothing can be told.", shifts->nr_tests, changed(shifts, -1),
			   changed(shifts, 1));
}

/* Boots during which another job took CPU time: their times are not to be trusted. */
static void say_busy(struct report *report, const struct comparison *cmp)
{
	int busy = 0, boots = cmp->nr_boots[SIDE_BASE] + cmp->nr_boots[SIDE_PATCHED];

	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < cmp->nr_boots[side]; i++)
			busy += record_busy(&cmp->boots[side][i].rec);
	if (busy)
		report_say(report, "The machine was busy with another job in %d of %d %ss: times "
			   "may be off.", busy, boots, compare_unit(cmp));
}

/* The exact totals of one class, or of all; with @mean the mean of the cases per op. */
static json_t *sum_json(const struct sums *sums, int cls, bool mean)
{
	double sum[NR_SIDES] = { 0 };

	if (!sums->cases)
		return json_null();
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < NR_IPI_CLASSES; i++)
			if (cls == NR_IPI_CLASSES || cls == i)
				sum[side] += mean ? sums->per_op[side][i] / sums->cases :
					     (double)sums->total[side][i];
	return mean ? json_pack("{s:f, s:f}", "base", sum[0], "patched", sum[1]) :
	       json_pack("{s:I, s:I}", "base", (json_int_t)sum[0], "patched", (json_int_t)sum[1]);
}

static json_t *means_json(const struct sums *sums)
{
	return json_pack("{s:o, s:o, s:o}", "sync", sum_json(sums, IPI_SYNC, true),
			 "flush", sum_json(sums, IPI_FLUSH, true),
			 "all", sum_json(sums, NR_IPI_CLASSES, true));
}

static json_t *summary_json(const struct compare_view *view, const struct outcome *all)
{
	struct sums sums = sums_of(view->cmp);

	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:i, s:o, s:o, s:o, s:o}",
			 "sync", sum_json(&sums, IPI_SYNC, false),
			 "flush", sum_json(&sums, IPI_FLUSH, false),
			 "all", sum_json(&sums, NR_IPI_CLASSES, false),
			 "per_op", means_json(&sums), "estimate", sums.estimate,
			 "equal_ops", sums.equal_ops, "cases", all->matched,
			 "worse", names_json(&all->worse), "disagree", names_json(&all->differ),
			 "no_verdict", names_json(&all->none), "failed", names_json(&all->failed));
}

/* Builds the headline of @view, and the same for programs. */
void compare_headline(struct report *report, const struct compare_view *view)
{
	struct outcome all = { 0 };

	if (view->shifts->halves) {
		say_times(report, view->shifts);
		return;
	}
	for (int i = 0; i < view->cmp->nr_cases; i++) {
		add_failed(report, &view->cmp->cases[i], &all);
		if (compare_matched(&view->cmp->cases[i]))
			add_case(report, view, i, &all);
	}
	say_sums(report, view->cmp);
	say_outcome(report, &all);
	say_times(report, view->shifts);
	say_busy(report, view->cmp);
	report->summary = summary_json(view, &all);
	names_free(&all.worse);
	names_free(&all.differ);
	names_free(&all.none);
	names_free(&all.failed);
}
