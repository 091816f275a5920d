// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Base beside patched: IPIs per op and what changed, then the exact totals that
 * they come from. Counts get words for their change; times get none, and are not
 * shown at all where they come from emulation.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/header.h"
#include "render/render.h"
#include "render/table.h"
#include "render/text.h"

static const struct column rate_columns[] = {
	{ "workload", ALIGN_LEFT }, { "placement", ALIGN_LEFT }, { "boots", ALIGN_RIGHT },
	{ "ops", ALIGN_RIGHT }, { "sync/op", ALIGN_RIGHT }, { "flush/op", ALIGN_RIGHT },
	{ "expected", ALIGN_RIGHT }, { "change", ALIGN_LEFT }, { "agree", ALIGN_LEFT },
};

static const struct column total_columns[] = {
	{ "workload", ALIGN_LEFT }, { "placement", ALIGN_LEFT }, { "sync", ALIGN_RIGHT },
	{ "flush", ALIGN_RIGHT }, { "other", ALIGN_RIGHT }, { "p50", ALIGN_RIGHT },
};

#define COUNT(array)	((int)(sizeof(array) / sizeof((array)[0])))

static const struct compare_side *base_of(const struct compare_case *c)
{
	return &c->side[SIDE_BASE];
}

static const struct compare_side *patched_of(const struct compare_case *c)
{
	return &c->side[SIDE_PATCHED];
}

static void name_cells(struct table *table, const struct compare_case *c)
{
	char *name = text_case(c->workload, c->params, c->nr_params);

	table_cell(table, TINT_NONE, "%s", name ? name : c->workload);
	table_cell(table, TINT_NONE, "%s", c->placement);
	free(name);
}

/* The ratio of two rates in words; @buf says "same" only where they are equal. */
static void change_of(const struct compare_case *c, enum ipi_class cls, char buf[TEXT_SIZE])
{
	const struct compare_side *b = base_of(c), *p = patched_of(c);
	unsigned __int128 base = (unsigned __int128)b->total[cls] * p->ops;
	unsigned __int128 patched = (unsigned __int128)p->total[cls] * b->ops;
	double fewer, percent;

	if (base == patched)
		snprintf(buf, TEXT_SIZE, "same");
	else if (!patched)
		snprintf(buf, TEXT_SIZE, "all gone");
	else if (!base)
		snprintf(buf, TEXT_SIZE, "new");
	if (base == patched || !patched || !base)
		return;
	fewer = (double)base / (double)patched;
	percent = (1 / fewer - 1) * 100;
	if (fewer >= 2)
		snprintf(buf, TEXT_SIZE, fewer < 9.95 ? "x%.1f fewer" : "x%.0f fewer", fewer);
	else if (fewer <= 0.5)
		snprintf(buf, TEXT_SIZE, fewer > 0.1005 ? "x%.1f more" : "x%.0f more", 1 / fewer);
	else if (percent < 0.05 && percent > -0.05)
		snprintf(buf, TEXT_SIZE, percent < 0 ? "below -0.1%%" : "below +0.1%%");
	else
		snprintf(buf, TEXT_SIZE, "%+.1f%%", percent);
}

static void rate_cell(struct table *table, const struct compare_case *c, enum ipi_class cls)
{
	const struct compare_side *b = base_of(c), *p = patched_of(c);
	char base[TEXT_SIZE], patched[TEXT_SIZE];

	table_cell(table, TINT_NONE, "%s%s -> %s%s", b->estimate ? "~" : "",
		   b->uncounted ? "-" : text_per_op(base, b->total[cls], b->ops),
		   p->estimate ? "~" : "",
		   p->uncounted ? "-" : text_per_op(patched, p->total[cls], p->ops));
}

static void expected_cell(struct table *table, const struct compare_case *c)
{
	char base[TEXT_SIZE], patched[TEXT_SIZE];

	table_cell(table, TINT_NONE, "%s -> %s",
		   base_of(c)->expect_varies ? "varies" : text_expected(base, &base_of(c)->expect),
		   patched_of(c)->expect_varies ? "varies" :
		   text_expected(patched, &patched_of(c)->expect));
}

/* The sync IPIs' change, and the flush IPIs' if they changed. */
static void change_cell(struct table *table, const struct compare_case *c)
{
	char sync[TEXT_SIZE], flush[TEXT_SIZE];

	if (base_of(c)->uncounted || patched_of(c)->uncounted) {
		table_cell(table, TINT_NONE, "-");
		return;
	}
	change_of(c, IPI_SYNC, sync);
	change_of(c, IPI_FLUSH, flush);
	if (!strcmp(flush, "same"))
		table_cell(table, TINT_NONE, "%s", sync);
	else
		table_cell(table, TINT_NONE, "%s; flush %s", sync, flush);
}

static void verdict_cell(struct table *table, const struct compare_case *c)
{
	bool base = base_of(c)->as_expected == VERDICT_FALSE;
	bool patched = patched_of(c)->as_expected == VERDICT_FALSE;

	if (base || patched)
		table_cell(table, TINT_BAD, "NO: %s",
			   base && patched ? "both" : base ? "base" : "patched");
	else if (compare_verdict(c) == VERDICT_TRUE)
		table_cell(table, TINT_GOOD, "yes");
	else
		table_cell(table, TINT_NONE, "-");
}

/* One number where both sides have the same, else "base+patched". */
static void pair_cell(struct table *table, uint64_t base, uint64_t patched)
{
	if (base == patched)
		table_cell(table, TINT_NONE, "%" PRIu64, base);
	else
		table_cell(table, TINT_NONE, "%" PRIu64 "+%" PRIu64, base, patched);
}

static void rate_row(struct table *table, const struct compare_case *c)
{
	const struct compare_side *b = base_of(c), *p = patched_of(c);

	name_cells(table, c);
	pair_cell(table, (uint64_t)b->boots, (uint64_t)p->boots);
	pair_cell(table, b->ops, p->ops);
	rate_cell(table, c, IPI_SYNC);
	rate_cell(table, c, IPI_FLUSH);
	expected_cell(table, c);
	change_cell(table, c);
	verdict_cell(table, c);
}

static void total_row(struct table *table, const struct compare_case *c, bool times)
{
	const struct compare_side *b = base_of(c), *p = patched_of(c);
	char base[TEXT_SIZE], patched[TEXT_SIZE];

	name_cells(table, c);
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		table_cell(table, TINT_NONE, "%s%s -> %s%s", b->estimate ? "~" : "",
			   b->uncounted ? "-" : text_count(base, b->total[cls]),
			   p->estimate ? "~" : "",
			   p->uncounted ? "-" : text_count(patched, p->total[cls]));
	if (times)
		table_cell(table, TINT_NONE, "%s -> %s", text_ns(base, compare_p50(b)),
			   text_ns(patched, compare_p50(p)));
}

static void print_header(FILE *out, const struct comparison *cmp)
{
	const struct record *base = &cmp->boots[SIDE_BASE][0].rec;

	header_kernel(out, "base", base);
	header_kernel(out, "patched", &cmp->boots[SIDE_PATCHED][0].rec);
	header_machine(out, base);
	header_counter(out, base);
	text_line(out, "%-9s%d base, %d patched; %s", "boots", cmp->nr_boots[SIDE_BASE],
		  cmp->nr_boots[SIDE_PATCHED], base->tool);
}

static int print_rates(FILE *out, const struct style *style, const struct comparison *cmp)
{
	struct table *table = table_new(rate_columns, COUNT(rate_columns));
	int err;

	if (!table)
		return -ENOMEM;
	for (int i = 0; i < cmp->nr_cases; i++)
		if (compare_matched(&cmp->cases[i]))
			rate_row(table, &cmp->cases[i]);
	fputs("\nIPIs per op, base -> patched "
	      "(boots and ops: of each side; expected: sync / flush)\n\n", out);
	err = table_print(table, out, style);
	table_free(table);
	return err;
}

static int print_totals(FILE *out, const struct style *style, const struct comparison *cmp)
{
	bool times = !compare_emulated(cmp);
	struct table *table = table_new(total_columns, COUNT(total_columns) - !times);
	int err;

	if (!table)
		return -ENOMEM;
	for (int i = 0; i < cmp->nr_cases; i++)
		if (compare_matched(&cmp->cases[i]))
			total_row(table, &cmp->cases[i], times);
	fprintf(out, "\nTotals of all ops, base -> patched%s\n\n",
		times ? "; p50: the median boot's, no verdict" : "");
	err = table_print(table, out, style);
	table_free(table);
	return err;
}

/* Why a side has no figure for a case, or fewer than its boots. */
static void note_side(FILE *out, const struct compare_case *c, const char *name,
		      enum side side)
{
	const struct compare_side *s = &c->side[side];

	if (!s->boots && !s->skipped && !s->failed)
		text_line(out, "%s, %s: not in any %s record", name, c->placement,
			  side_name(side));
	if (s->skipped || s->failed)
		text_line(out, "%s, %s: %s in %d %s boot%s: %s", name, c->placement,
			  s->failed ? "FAILED or skipped" : "skipped", s->skipped + s->failed,
			  side_name(side), s->skipped + s->failed == 1 ? "" : "s",
			  *s->reason ? s->reason : "no reason is given");
	if (s->lost)
		text_line(out, "%s, %s: %" PRIu64 " trace records lost on %s; its counts are too low",
			  name, c->placement, s->lost, side_name(side));
}

static void print_notes(FILE *out, const struct comparison *cmp)
{
	fputc('\n', out);
	for (int i = 0; i < cmp->nr_cases; i++) {
		const struct compare_case *c = &cmp->cases[i];
		char *name = text_case(c->workload, c->params, c->nr_params);

		for (int side = 0; side < NR_SIDES; side++)
			note_side(out, c, name ? name : c->workload, (enum side)side);
		free(name);
	}
	for (int i = 0; i < cmp->nr_findings; i++)
		text_line(out, "warning: %s", cmp->findings[i].text);
	if (compare_emulated(cmp))
		text_line(out, "Emulated machine: IPI counts are exact; times mean nothing and are not shown.");
}

/*
 * Prints a finished comparison on @out: header, two tables, notes with all its
 * findings. Returns 0, or -ENOMEM.
 */
int render_compare(FILE *out, const struct style *style, const struct comparison *cmp)
{
	int err;

	print_header(out, cmp);
	err = print_rates(out, style, cmp);
	if (!err)
		err = print_totals(out, style, cmp);
	print_notes(out, cmp);
	return err;
}
