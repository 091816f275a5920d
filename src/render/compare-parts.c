// SPDX-License-Identifier: GPL-2.0-or-later
/* The header, the notes, and what is said of counts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/compare-parts.h"
#include "render/header.h"

#define ORDER_SHOWN	40	/* boots */

/* Each boot's side, in fours: "bppb bppb". */
static void order_line(FILE *out, const struct boot_order *order)
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
		text_line(out, "%-9s%s (by start; b base, p patched)", "order", letters);
	else
		text_line(out, "%-9sunknown: not every record tells a start of its own", "order");
}

/* Which test, on what. */
static void times_line(FILE *out, const struct shifts *shifts, const struct comparison *cmp)
{
	char pairs[80] = "";

	if (*shifts->none) {
		text_line(out, "%-9sno verdict: %s", "times", shifts->none);
		return;
	}
	if (shifts->nr_pairs && !shifts->paired && shifts->nr_tests)
		snprintf(pairs, sizeof(pairs), "; not as the %d pairs they are, too few for that",
			 shifts->nr_pairs);
	if (shifts->halves)
		text_line(out, "%-9sthe earlier %d boots against the later %d", "times",
			  shifts->order.nr / 2, shifts->order.nr - shifts->order.nr / 2);
	else if (shifts->paired)
		text_line(out, "%-9sWilcoxon's signed rank test on %d pairs of %ss", "times",
			  shifts->nr_pairs, compare_unit(cmp));
	else
		text_line(out, "%-9sMann-Whitney test on %d and %d %ss%s", "times",
			  cmp->nr_boots[SIDE_BASE], cmp->nr_boots[SIDE_PATCHED],
			  compare_unit(cmp), pairs);
}

/* Kernels, machine, counter, boots, order and test, a line each: "label    facts". */
void compare_header(FILE *out, const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;
	const struct record *base = &cmp->boots[SIDE_BASE][0].rec;

	header_kernel(out, view->shifts->halves ? "kernel" : "base", base);
	if (!view->shifts->halves)
		header_kernel(out, "patched", &cmp->boots[SIDE_PATCHED][0].rec);
	header_machine(out, base);
	header_counter(out, base);
	if (view->shifts->halves) {
		text_line(out, "%-9s%d of one kernel; %s", "boots", cmp->nr_boots[SIDE_BASE],
			  text_or_unknown(base->tool));
	} else {
		text_line(out, cmp->blocks ? "%-9s%d with the key off, %d with it on, in one boot; %s" :
			  "%-9s%d base, %d patched; %s", cmp->blocks ? "blocks" : "boots",
			  cmp->nr_boots[SIDE_BASE], cmp->nr_boots[SIDE_PATCHED],
			  text_or_unknown(base->tool));
		order_line(out, &view->shifts->order);
	}
	times_line(out, view->shifts, cmp);
	if (view->noise)
		text_line(out, "%-9sfrom %d boots of %s, the earlier half against the later",
			  "floor", view->noise->nr_boots[SIDE_BASE],
			  text_or_unknown(view->noise->boots[SIDE_BASE][0].rec.kernel.release));
}

/* What @print prints of @view, as a string on the heap; NULL without memory. */
char *compare_lines(const struct compare_view *view,
		    void (*print)(FILE *out, const struct compare_view *view))
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return NULL;
	print(memory, view);
	if (fclose(memory)) {
		free(text);
		return NULL;
	}
	return text;
}

/* "munmap size=64K, all" on the heap, cleaned; NULL without memory. */
char *compare_title(const struct compare_case *c)
{
	char *name = text_case(c->id.workload, c->id.params, c->id.nr_params), *title = NULL;

	if (name && asprintf(&title, "%s, %s", name, c->id.placement) < 0)
		title = NULL;
	free(name);
	if (title)
		text_clean(title);
	return title;
}

/* Whether counts are as expected: "yes", "NO: patched", "-". */
const char *compare_agree(const struct compare_case *c)
{
	bool base = c->side[SIDE_BASE].as_expected == VERDICT_FALSE;
	bool patched = c->side[SIDE_PATCHED].as_expected == VERDICT_FALSE;

	if (base || patched)
		return base && patched ? "NO: both" : base ? "NO: base" : "NO: patched";
	return compare_verdict(c) == VERDICT_TRUE ? "yes" : "-";
}

/* Syncs are always told; of the others, those that there were. */
bool count_shown(const struct compare_case *c, enum ipi_class cls)
{
	return cls == IPI_SYNC || c->side[SIDE_BASE].total[cls] ||
	       c->side[SIDE_PATCHED].total[cls];
}

/* The ratio of two rates in words; @buf says "same" only where they are equal. */
void count_change(const struct compare_case *c, enum ipi_class cls, char buf[TEXT_SIZE])
{
	const struct compare_side *b = &c->side[SIDE_BASE], *p = &c->side[SIDE_PATCHED];
	unsigned __int128 base = (unsigned __int128)b->total[cls] * p->ops;
	unsigned __int128 patched = (unsigned __int128)p->total[cls] * b->ops;
	double fewer, more, percent;

	if (b->uncounted || p->uncounted)
		snprintf(buf, TEXT_SIZE, "-");
	else if (base == patched)
		snprintf(buf, TEXT_SIZE, "same");
	else if (!patched)
		snprintf(buf, TEXT_SIZE, "all gone");
	else if (!base)
		snprintf(buf, TEXT_SIZE, "new");
	if (b->uncounted || p->uncounted || base == patched || !patched || !base)
		return;
	fewer = (double)base / (double)patched;
	more = 1 / fewer;
	percent = (more - 1) * 100;
	if (fewer >= 2)
		snprintf(buf, TEXT_SIZE, fewer < 9.95 ? "x%.1f fewer" :
			 fewer < 1e6 ? "x%.0f fewer" : "x%.1e fewer", fewer);
	else if (fewer <= 0.5)
		snprintf(buf, TEXT_SIZE, fewer > 0.1005 ? "x%.1f more" :
			 fewer > 1e-6 ? "x%.0f more" : "x%.1e more", more);
	else if (percent < 0.05 && percent > -0.05)
		snprintf(buf, TEXT_SIZE, percent < 0 ? "below -0.1%%" : "below +0.1%%");
	else
		snprintf(buf, TEXT_SIZE, "%+.1f%%", percent);
}

/* One side's count, or its rate: exact as long as it can be read. */
static void count_text(const struct compare_side *side, enum ipi_class cls, bool per_op,
		       char buf[TEXT_SIZE])
{
	buf[0] = '~';
	if (side->uncounted)
		strcpy(buf, "-");
	else if (per_op)
		text_per_op(buf + side->estimate, side->total[cls], side->ops);
	else
		text_count(buf + side->estimate, side->total[cls]);
	if (!side->uncounted && strlen(buf) > (per_op ? 9 : 16))
		snprintf(buf, TEXT_SIZE, "%s%.3g", side->estimate ? "~" : "",
			 (double)side->total[cls] / (per_op ? (double)side->ops : 1));
}

/* What is expected of syncs or flushes, per op. */
static void expected_text(const struct compare_side *side, enum ipi_class cls,
			  char buf[TEXT_SIZE])
{
	bool known = cls == IPI_SYNC ? side->expect.has_sync : side->expect.has_flush;
	double value = cls == IPI_SYNC ? side->expect.sync_per_op : side->expect.flush_per_op;

	snprintf(buf, TEXT_SIZE, side->expect_varies ? "varies" : known ? "%.4g" : "?", value);
}

/*
 * The row of one class: "sync", "646,316 -> 785", "7 -> 0.009", "7 -> 0", "x823 fewer".
 * The others are anybody's: nothing is expected of them, and no change is told.
 */
void count_cells(const struct compare_case *c, enum ipi_class cls,
		 char cell[NR_COUNT_CELLS][CELL_SIZE])
{
	const struct compare_side *b = &c->side[SIDE_BASE], *p = &c->side[SIDE_PATCHED];
	char base[TEXT_SIZE], patched[TEXT_SIZE];

	strcpy(cell[COUNT_CLASS], ipi_class_name(cls));
	for (int per_op = 0; per_op < 2; per_op++) {
		count_text(b, cls, per_op, base);
		count_text(p, cls, per_op, patched);
		snprintf(cell[per_op ? COUNT_PER_OP : COUNT_TOTAL], CELL_SIZE, "%s -> %s", base,
			 patched);
	}
	cell[COUNT_EXPECTED][0] = cell[COUNT_CHANGE][0] = '\0';
	if (cls == IPI_OTHER)
		return;
	expected_text(b, cls, base);
	expected_text(p, cls, patched);
	snprintf(cell[COUNT_EXPECTED], CELL_SIZE, "%s -> %s", base, patched);
	count_change(c, cls, cell[COUNT_CHANGE]);
}

/* Why a side has no figure for a case, or fewer than its boots. */
static void note_side(FILE *out, const struct compare_case *c, const char *title,
		      enum side side, const char *name, const char *unit)
{
	const struct compare_side *s = &c->side[side];

	if (!s->boots && !s->skipped && !s->failed)
		text_line(out, "%s: not in any%s record", title, name);
	if (s->skipped || s->failed)
		text_line(out, "%s: %s in %d%s %s%s: %s", title,
			  s->failed ? "FAILED or skipped" : "skipped", s->skipped + s->failed,
			  name, unit, s->skipped + s->failed == 1 ? "" : "s",
			  *s->reason ? s->reason : "no reason is given");
	if (s->lost)
		text_line(out, "%s: %" PRIu64 " trace records lost in%s %ss; its counts are too low",
			  title, s->lost, name, unit);
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

static void note_case(FILE *out, const struct compare_view *view, int at_case)
{
	const struct compare_case *c = &view->cmp->cases[at_case];
	char *title = compare_title(c);
	const char *name = title ? title : c->id.workload;

	if (view->shifts->halves)
		note_side(out, c, name, SIDE_BASE, "", "boot");
	for (int side = 0; side < NR_SIDES && !view->shifts->halves; side++)
		note_side(out, c, name, (enum side)side, side == SIDE_BASE ? " base" : " patched",
			  compare_unit(view->cmp));
	if (lacks_times(view, at_case))
		text_line(out, "%s: fewer than %d %ss of a side have its times; they are not compared",
			  name, SHIFTS_MIN_BOOTS, compare_unit(view->cmp));
	free(title);
}

static void note_findings(FILE *out, const struct comparison *cmp)
{
	for (int i = 0; i < cmp->nr_findings; i++)
		text_line(out, "warning: %s", cmp->findings[i].text);
}

/* What a reader must know beyond the figures, a line each; "" if nothing. */
void compare_notes(FILE *out, const struct compare_view *view)
{
	for (int i = 0; i < view->cmp->nr_cases; i++)
		note_case(out, view, i);
	note_findings(out, view->cmp);
	if (view->noise)
		note_findings(out, view->noise);
	if (view->cmp->blocks && !compare_emulated(view->cmp))
		text_line(out, "All blocks are of one boot: what is told of times holds for that boot.");
	if (compare_emulated(view->cmp))
		text_line(out, "Emulated machine: IPI counts are exact; times mean nothing and are not shown.");
}
