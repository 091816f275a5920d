// SPDX-License-Identifier: GPL-2.0-or-later
/* What a reader must know beyond the figures: what is missing, and what was found. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/compare-parts.h"
#include "report/parts.h"
#include "report/words.h"

/* Why a side has no figure for a case, or fewer than its boots. */
static void note_side(struct report *report, const struct compare_case *c, const char *title,
		      enum side side, const char *name, const char *unit)
{
	const struct compare_side *s = &c->side[side];
	int lacking = s->skipped + s->failed;

	if (!s->boots && !lacking)
		report_note(report, NOTE_REASON, title, "not in any%s record", name);
	if (lacking)
		report_note(report, s->failed ? NOTE_WARNING : NOTE_REASON, title,
			    "%s in %d%s %s%s: %s", s->failed ? "FAILED or skipped" : "skipped",
			    lacking, name, unit, plural(lacking),
			    *s->reason ? s->reason : "no reason is given");
	if (s->lost)
		report_note(report, NOTE_WARNING, title, "%" PRIu64 " trace records lost in%s %ss; "
			    "its counts are too low", s->lost, name, unit);
}

/* A case that was measured on both sides, but whose times have no row. */
static bool lacks_times(const struct compare_view *view, int at_case)
{
	const struct shifts *shifts = view->shifts;
	bool has = *shifts->none || !view->cmp->cases[at_case].side[SIDE_BASE].boots ||
		   !(shifts->halves || compare_matched(&view->cmp->cases[at_case]));

	for (int i = 0; i < shifts->nr && !has; i++)
		has = shifts->shift[i].at_case == at_case;
	return !has;
}

static void note_case(struct report *report, const struct compare_view *view, int at_case)
{
	const struct compare_case *c = &view->cmp->cases[at_case];
	const char *unit = compare_unit(view->cmp);
	char *title = report_case(report, &c->id);

	if (view->shifts->halves)
		note_side(report, c, title, SIDE_BASE, "", "boot");
	for (int side = 0; side < NR_SIDES && !view->shifts->halves; side++)
		note_side(report, c, title, (enum side)side,
			  side == SIDE_BASE ? " base" : " patched", unit);
	if (lacks_times(view, at_case))
		report_note(report, NOTE_REASON, title, "fewer than %d %ss of a side have its times; "
			    "they are not compared", SHIFTS_MIN_BOOTS, unit);
	free(title);
}

static void note_findings(struct report *report, const struct comparison *cmp)
{
	for (int i = 0; i < cmp->nr_findings; i++)
		report_note(report, NOTE_WARNING, NULL, "warning: %s", cmp->findings[i].text);
}

/* Adds the notes on all cases, and on what was found of the records. */
void compare_notes(struct report *report, const struct compare_view *view)
{
	note_findings(report, view->cmp);
	if (view->noise)
		note_findings(report, view->noise);
	for (int i = 0; i < view->cmp->nr_cases; i++)
		note_case(report, view, i);
	if (view->cmp->blocks && !compare_emulated(view->cmp))
		report_note(report, NOTE_REASON, NULL, "All blocks are of one boot: what is told of "
			    "times holds for that boot.");
}
