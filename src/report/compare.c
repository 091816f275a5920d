// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison: what was compared, and the order in which it is told. */
#include "report/compare.h"

#include <errno.h>
#include <string.h>

#include "report/compare-parts.h"
#include "report/parts.h"
#include "report/words.h"

#define ORDER_SHOWN	40	/* boots */

/* Each boot's side, in fours: "bppb bppb". */
static void fact_order(struct report *report, const struct boot_order *order)
{
	char letters[ORDER_SHOWN + ORDER_SHOWN / 4 + 8] = "", *to = letters;

	for (int i = 0; i < order->nr && i < ORDER_SHOWN; i++) {
		if (i && i % 4 == 0)
			*to++ = ' ';
		*to++ = order->at[i].side == SIDE_BASE ? 'b' : 'p';
	}
	if (order->nr > ORDER_SHOWN)
		strcpy(to, " ...");
	if (order->known)
		report_fact(report, "order", "%s (by start; b base, p patched)", letters);
	else
		report_fact(report, "order",
			    "unknown: not every record tells a start of its own");
}

static void fact_boots(struct report *report, const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;
	const char *tool = words_or_unknown(cmp->boots[SIDE_BASE][0].rec.tool);

	if (view->shifts->halves) {
		report_fact(report, "boots", "%d of one kernel; %s", cmp->nr_boots[SIDE_BASE],
			    tool);
		return;
	}
	report_fact(report, cmp->blocks ? "blocks" : "boots", cmp->blocks ?
		    "%d with the key off, %d with it on, in one boot; %s" :
		    "%d base, %d patched; %s", cmp->nr_boots[SIDE_BASE],
		    cmp->nr_boots[SIDE_PATCHED], tool);
	fact_order(report, &view->shifts->order);
}

/* Which test, on what. */
static void fact_times(struct report *report, const struct compare_view *view)
{
	const struct shifts *shifts = view->shifts;
	const struct comparison *cmp = view->cmp;
	char pairs[80] = "";

	if (*shifts->none) {
		report_fact(report, "times", "no verdict: %s", shifts->none);
		return;
	}
	if (shifts->nr_pairs && !shifts->paired && shifts->nr_tests)
		snprintf(pairs, sizeof(pairs), "; not as the %d pairs they are, too few for that",
			 shifts->nr_pairs);
	if (shifts->halves)
		report_fact(report, "times", "the earlier %d boots against the later %d",
			    shifts->order.nr / 2, shifts->order.nr - shifts->order.nr / 2);
	else if (shifts->paired)
		report_fact(report, "times", "Wilcoxon's signed rank test on %d pairs of %ss",
			    shifts->nr_pairs, compare_unit(cmp));
	else
		report_fact(report, "times", "Mann-Whitney test on %d and %d %ss%s",
			    cmp->nr_boots[SIDE_BASE], cmp->nr_boots[SIDE_PATCHED],
			    compare_unit(cmp), pairs);
}

static void add_facts(struct report *report, const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;
	const struct record *base = &cmp->boots[SIDE_BASE][0].rec;
	const struct record *patched = view->shifts->halves ? NULL :
				       &cmp->boots[SIDE_PATCHED][0].rec;

	fact_kernel(report, view->shifts->halves ? "kernel" : "base", base);
	fact_build(report, base);
	if (patched) {
		fact_kernel(report, "patched", patched);
		fact_build(report, patched);
	}
	fact_booted(report, base, patched);
	fact_machine(report, base);
	fact_counter(report, base);
	fact_boots(report, view);
	fact_times(report, view);
	if (view->noise)
		report_fact(report, "floor", "from %d boots of %s, the earlier half against the later",
			    view->noise->nr_boots[SIDE_BASE],
			    words_or_unknown(view->noise->boots[SIDE_BASE][0].rec.kernel.release));
}

/*
 * Builds the report of @view, which report_free() frees whatever is returned: 0 or -ENOMEM.
 */
int report_compare(struct report *report, const struct compare_view *view)
{
	bool halves = view->shifts->halves;

	report_init(report, halves ? "noise" : "comparison",
		    halves ? "tlbsync noise floor" : "tlbsync comparison");
	report->one_kernel = halves;
	compare_headline(report, view);
	add_facts(report, view);
	if (!halves)
		compare_counts(report, view);
	compare_times(report, view);
	if (!halves)
		compare_latency(report, view);
	if (!halves)
		compare_figures(report, view);
	compare_notes(report, view);
	report_command(report, view->words, view->nr_words);
	report_data(report, compare_data(view));
	return report_finish(report);
}
