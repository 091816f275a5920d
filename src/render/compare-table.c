// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Base beside patched: IPIs per op and what changed, then the exact totals that
 * they come from. Counts get words for their change; times a table of their own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/compare-parts.h"

#define RATE_COLUMNS(unit) { \
	{ "workload", ALIGN_LEFT }, { "placement", ALIGN_LEFT }, { unit, ALIGN_RIGHT }, \
	{ "ops", ALIGN_RIGHT }, { "sync/op", ALIGN_RIGHT }, { "flush/op", ALIGN_RIGHT }, \
	{ "expected", ALIGN_RIGHT }, { "change", ALIGN_LEFT }, { "agree", ALIGN_LEFT }, \
}

static const struct column rate_columns[] = RATE_COLUMNS("boots");
static const struct column block_columns[] = RATE_COLUMNS("blocks");

static const struct column total_columns[] = {
	{ "workload", ALIGN_LEFT }, { "placement", ALIGN_LEFT }, { "sync", ALIGN_RIGHT },
	{ "flush", ALIGN_RIGHT }, { "other", ALIGN_RIGHT },
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
	char *name = text_case(c->id.workload, c->id.params, c->id.nr_params);

	table_cell(table, TINT_NONE, "%s", name ? name : c->id.workload);
	table_cell(table, TINT_NONE, "%s", c->id.placement);
	free(name);
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

	count_change(c, IPI_SYNC, sync);
	count_change(c, IPI_FLUSH, flush);
	if (!strcmp(flush, "same") || !strcmp(flush, "-"))
		table_cell(table, TINT_NONE, "%s", sync);
	else
		table_cell(table, TINT_NONE, "%s; flush %s", sync, flush);
}

static void verdict_cell(struct table *table, const struct compare_case *c)
{
	static const enum tint tints[] = {
		[VERDICT_NULL] = TINT_NONE, [VERDICT_FALSE] = TINT_BAD, [VERDICT_TRUE] = TINT_GOOD,
	};

	table_cell(table, tints[compare_verdict(c)], "%s", compare_agree(c));
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

static void total_row(struct table *table, const struct compare_case *c)
{
	const struct compare_side *b = base_of(c), *p = patched_of(c);
	char base[TEXT_SIZE], patched[TEXT_SIZE];

	name_cells(table, c);
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		table_cell(table, TINT_NONE, "%s%s -> %s%s", b->estimate ? "~" : "",
			   b->uncounted ? "-" : text_count(base, b->total[cls]),
			   p->estimate ? "~" : "",
			   p->uncounted ? "-" : text_count(patched, p->total[cls]));
}

static int print_rates(FILE *out, const struct style *style, const struct comparison *cmp)
{
	struct table *table = table_new(cmp->blocks ? block_columns : rate_columns,
					COUNT(rate_columns));
	int err;

	if (!table)
		return -ENOMEM;
	for (int i = 0; i < cmp->nr_cases; i++)
		if (compare_matched(&cmp->cases[i]))
			rate_row(table, &cmp->cases[i]);
	fprintf(out, "\nIPIs per op, base -> patched "
		"(%ss and ops: of each side; expected: sync / flush)\n\n", compare_unit(cmp));
	err = table_print(table, out, style);
	table_free(table);
	return err;
}

static int print_totals(FILE *out, const struct style *style, const struct comparison *cmp)
{
	struct table *table = table_new(total_columns, COUNT(total_columns));
	int err;

	if (!table)
		return -ENOMEM;
	for (int i = 0; i < cmp->nr_cases; i++)
		if (compare_matched(&cmp->cases[i]))
			total_row(table, &cmp->cases[i]);
	fputs("\nTotals of all ops, base -> patched\n\n", out);
	err = table_print(table, out, style);
	table_free(table);
	return err;
}

static int print_times(FILE *out, const struct style *style, const struct compare_view *view)
{
	int err;

	if (!view->shifts->nr)
		return 0;
	fprintf(out, "\nTimes, medians over the %ss%s\n\n", compare_unit(view->cmp),
		view->shifts->halves ? "" : "; stolen: from a bystander's CPU, per op");
	err = time_table(out, style, view);
	fputc('\n', out);
	time_legend(out, view);
	return err;
}

/*
 * Prints a comparison on @out: header, tables, notes with all its findings. Returns 0,
 * or -ENOMEM.
 */
int render_compare(FILE *out, const struct style *style, const struct compare_view *view)
{
	int err = 0;

	compare_header(out, view);
	if (!view->shifts->halves)
		err = print_rates(out, style, view->cmp);
	if (!err && !view->shifts->halves)
		err = print_totals(out, style, view->cmp);
	if (!err)
		err = print_times(out, style, view);
	fputc('\n', out);
	compare_notes(out, view);
	return err;
}
