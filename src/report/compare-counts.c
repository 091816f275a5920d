// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts of base beside patched: IPIs per op and what changed, then the exact totals that
 * they come from.
 */
#include <math.h>
#include <string.h>

#include "report/compare-parts.h"
#include "report/parts.h"
#include "report/words.h"

enum {
	IPIS_WORKLOAD, IPIS_PLACEMENT, IPIS_BOOTS, IPIS_OPS, IPIS_SYNC, IPIS_FLUSH,
	IPIS_EXPECTED, IPIS_CHANGE, IPIS_AGREE, NR_IPIS_COLUMNS,
};

#define IPIS_COLUMNS(unit) { \
	{ "workload", "workload", .right = false }, \
	{ "placement", "placement", .right = false }, \
	{ unit, unit, .right = true, .drop = 3 }, { "ops", "ops", .right = true, .drop = 2 }, \
	{ "sync/op", "sync_per_op", .right = true }, \
	{ "flush/op", "flush_per_op", .right = true }, \
	{ "expected", "expected", .right = true, .drop = 1 }, \
	{ "change", "change", .right = false }, { "agree", "agree", .right = false }, \
}

static const struct report_column boot_columns[] = IPIS_COLUMNS("boots");
static const struct report_column block_columns[] = IPIS_COLUMNS("blocks");

/* What one side asked for, per op. */
struct value side_rate(const struct compare_side *side, enum ipi_class cls)
{
	struct value value;

	if (side->uncounted)
		return value_unknown();
	value = value_per_op(side->total[cls], side->ops);
	value.estimate = side->estimate;
	return value;
}

static struct value side_total(const struct compare_side *side, enum ipi_class cls)
{
	struct value value = value_count(side->total[cls]);

	value.known = !side->uncounted;
	value.estimate = side->estimate;
	return value;
}

static struct cell expects_cell(const struct compare_case *c)
{
	struct cell cell = { .kind = CELL_EXPECTS };

	for (int side = 0; side < NR_SIDES; side++) {
		const struct expectation *expect = &c->side[side].expect;

		cell.varies[side] = c->side[side].expect_varies;
		cell.v[2 * side] = value_of(QUANTITY_PLAIN, expect->has_sync ?
					    expect->sync_per_op : NAN);
		cell.v[2 * side + 1] = value_of(QUANTITY_PLAIN, expect->has_flush ?
						expect->flush_per_op : NAN);
		cell.least[side] = least_flush(expect);
	}
	return cell;
}

static struct cell changes_cell(const struct compare_case *c)
{
	struct cell cell = { .kind = CELL_CHANGES };
	bool grew = compare_grew(c, IPI_SYNC) || compare_grew(c, IPI_FLUSH);
	int sync, flush;

	for (int cls = IPI_SYNC; cls <= IPI_FLUSH; cls++)
		cell.change[cls] = change_of(side_rate(&c->side[SIDE_BASE], cls),
					     side_rate(&c->side[SIDE_PATCHED], cls));
	sync = change_direction(&cell.change[IPI_SYNC]);
	flush = change_direction(&cell.change[IPI_FLUSH]);
	cell.direction = grew ? 1 : sync < 0 || flush < 0 ? -1 : 0;
	return cell;
}

/* Are counts as expected, and on which side not? */
static enum said said_of(const struct compare_case *c)
{
	bool base = c->side[SIDE_BASE].as_expected == VERDICT_FALSE;
	bool patched = c->side[SIDE_PATCHED].as_expected == VERDICT_FALSE;

	if (base || patched)
		return base && patched ? SAID_NO_BOTH : base ? SAID_NO_BASE : SAID_NO_PATCHED;
	return compare_verdict(c) == VERDICT_TRUE ? SAID_YES : SAID_NOTHING;
}

static struct cell both_sides(const struct compare_case *c, bool ops)
{
	const struct compare_side *b = &c->side[SIDE_BASE], *p = &c->side[SIDE_PATCHED];
	struct cell cell = cell_pair(value_count(ops ? b->ops : (uint64_t)b->boots),
				     value_count(ops ? p->ops : (uint64_t)p->boots));

	cell.kind = CELL_BOTH;
	return cell;
}

static void name_cells(struct report *report, struct cell *cells, const struct compare_case *c)
{
	cells[0] = cell_text(report_workload(report, &c->id));
	cells[1] = cell_text(report_placement(report, &c->id));
}

static bool is_unchanged(const struct cell *changes, enum said said)
{
	return changes->change[IPI_SYNC].kind == CHANGE_SAME &&
	       changes->change[IPI_FLUSH].kind == CHANGE_SAME &&
	       (said == SAID_YES || said == SAID_NOTHING);
}

static void add_ipis(struct report *report, struct report_table *table,
		     const struct compare_case *c)
{
	struct cell *cells = report_add_row(report, table);

	if (!cells)
		return;
	name_cells(report, cells, c);
	cells[IPIS_BOOTS] = both_sides(c, false);
	cells[IPIS_OPS] = both_sides(c, true);
	cells[IPIS_SYNC] = cell_pair(side_rate(&c->side[SIDE_BASE], IPI_SYNC),
				     side_rate(&c->side[SIDE_PATCHED], IPI_SYNC));
	cells[IPIS_FLUSH] = cell_pair(side_rate(&c->side[SIDE_BASE], IPI_FLUSH),
				      side_rate(&c->side[SIDE_PATCHED], IPI_FLUSH));
	cells[IPIS_EXPECTED] = expects_cell(c);
	cells[IPIS_CHANGE] = changes_cell(c);
	cells[IPIS_AGREE] = cell_said(said_of(c));
	table->rows[table->nr_rows - 1].unchanged =
		is_unchanged(&cells[IPIS_CHANGE], cells[IPIS_AGREE].said);
}

static void add_totals(struct report *report, struct report_table *table,
		       const struct compare_case *c)
{
	struct cell *cells = report_add_row(report, table), changes = changes_cell(c);

	if (!cells)
		return;
	name_cells(report, cells, c);
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		cells[2 + cls] = cell_pair(side_total(&c->side[SIDE_BASE], (enum ipi_class)cls),
					   side_total(&c->side[SIDE_PATCHED], (enum ipi_class)cls));
	table->rows[table->nr_rows - 1].unchanged = is_unchanged(&changes, said_of(c));
}

/* Adds both tables of counts: all cases that were measured on both sides. */
void compare_counts(struct report *report, const struct compare_view *view)
{
	static const struct report_column total_columns[] = {
		{ "workload", "workload", .right = false },
		{ "placement", "placement", .right = false },
		{ "sync", "sync", .right = true }, { "flush", "flush", .right = true },
		{ "other", "other", .right = true },
	};
	static const char same[] = "as many sync and flush IPIs on both sides";
	const struct comparison *cmp = view->cmp;
	struct report_table *table;

	table = report_add_table(report, "ipis", "IPIs per op, base -> patched",
				 cmp->blocks ? block_columns : boot_columns, NR_IPIS_COLUMNS);
	for (int i = 0; table && i < cmp->nr_cases; i++)
		if (compare_matched(&cmp->cases[i]))
			add_ipis(report, table, &cmp->cases[i]);
	report_legend(report, table, "sync, flush: requests an op queued to wait for page-table "
		      "walkers, and to flush TLBs.");
	report_legend(report, table, "alone: one CPU runs the op; all: every other CPU spins in the "
		      "same address space; lazy: ran it, now idle.");
	report_legend(report, table, "expected: sync / flush per op as the kernel source predicts; "
		      "agree: so in every op.");
	if (table) {
		table->unchanged = same;
		table->lead = true;
	}
	table = report_add_table(report, "totals", "Exact totals, base -> patched", total_columns, 5);
	for (int i = 0; table && i < cmp->nr_cases; i++)
		if (compare_matched(&cmp->cases[i]))
			add_totals(report, table, &cmp->cases[i]);
	if (table)
		table->unchanged = same;
}
