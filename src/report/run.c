// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run: a line a case, what bystanders lost, the workloads' own figures, and all that a
 * reader should know before believing a line.
 */
#include "report/run.h"

#include <math.h>
#include <stdlib.h>

#include "case/metric.h"
#include "report/parts.h"
#include "report/run-parts.h"
#include "report/words.h"

enum {
	RUN_WORKLOAD, RUN_PLACEMENT, RUN_OPS, RUN_P50, RUN_P99, RUN_SYNC, RUN_FLUSH,
	RUN_EXPECTED, RUN_AGREE, NR_RUN_COLUMNS,
};

static const struct report_column run_columns[NR_RUN_COLUMNS] = {
	{ "workload", "workload", .right = false }, { "placement", "placement", .right = false },
	{ "ops", "ops", .right = true }, { "p50", "p50_ns", .right = true },
	{ "p99", "p99_ns", .right = true }, { "sync/op", "sync_per_op", .right = true },
	{ "flush/op", "flush_per_op", .right = true },
	{ "expected", "expected", .right = true, .drop = 1 }, { "agree", "agree", .right = false },
};

/* The quantile @q of @latency; unknown where nothing was timed, NULL too. */
struct cell quantile_cell(const struct histogram *latency, double q)
{
	bool timed = latency && latency->total;

	return cell_value(value_of(QUANTITY_NS, timed ? (double)hist_quantile(latency, q) : NAN));
}

static struct cell ipi_cell(const struct case_result *c, enum ipi_class cls)
{
	const struct ipi_count *count = &c->ipi.count[cls];
	struct value value;

	if (c->status != CASE_OK || c->ipi.source == IPI_NONE)
		return cell_value(value_unknown());
	value = value_per_op(count->has_requested ? count->requested : count->handled, c->ops);
	value.estimate = !count->has_requested;
	return cell_value(value);
}

/* What was predicted: syncs and flushes per op. */
struct cell expected_cell(const struct expectation *expect)
{
	return (struct cell){
		.kind = CELL_EXPECT,
		.v = { value_of(QUANTITY_PLAIN, expect->has_sync ? expect->sync_per_op : NAN),
		       value_of(QUANTITY_PLAIN, expect->has_flush ? expect->flush_per_op : NAN) },
		.least = { least_flush(expect) },
	};
}

static enum said said_of(const struct case_result *c)
{
	if (c->status == CASE_FAIL)
		return SAID_FAILED;
	if (c->status == CASE_SKIP)
		return SAID_SKIPPED;
	return c->as_expected == VERDICT_TRUE ? SAID_YES :
	       c->as_expected == VERDICT_FALSE ? SAID_NO : SAID_NOTHING;
}

static void add_row(struct report *report, struct report_table *table,
		    const struct case_result *c)
{
	struct cell *cells = report_add_row(report, table);
	const struct histogram *latency = c->status == CASE_OK ? c->latency : NULL;

	if (!cells)
		return;
	cells[RUN_WORKLOAD] = cell_text(report_workload(report, &c->id));
	cells[RUN_PLACEMENT] = cell_text(report_placement(report, &c->id));
	cells[RUN_OPS] = cell_value(c->status == CASE_OK ? value_count(c->ops) : value_unknown());
	cells[RUN_P50] = quantile_cell(latency, 0.5);
	cells[RUN_P99] = quantile_cell(latency, 0.99);
	cells[RUN_SYNC] = ipi_cell(c, IPI_SYNC);
	cells[RUN_FLUSH] = ipi_cell(c, IPI_FLUSH);
	cells[RUN_EXPECTED] = c->status == CASE_OK ? expected_cell(&c->expect) :
			      cell_value(value_unknown());
	cells[RUN_AGREE] = cell_said(said_of(c));
}

/* ---- what bystanders lost --------------------------------------------------- */

enum {
	STANDER_CASE, STANDER_SYNC, STANDER_FLUSH, STANDER_STOLEN, STANDER_LONGEST,
	NR_STANDER_COLUMNS,
};

static const struct report_column stander_columns[NR_STANDER_COLUMNS] = {
	{ "case", "case", .right = false }, { "sync/op", "sync_per_op", .right = true },
	{ "flush/op", "flush_per_op", .right = true },
	{ "stolen/op", "stolen_ns_per_op", .right = true },
	{ "longest", "longest_ns", .right = true },
};

/* Requests of @cls that the bystanders' CPUs handled: the least and the most of a CPU. */
static struct cell handled_cell(const struct case_result *c, enum ipi_class cls)
{
	const struct roles *roles = &c->roles;
	uint64_t least = UINT64_MAX, most = 0;

	if (c->ipi.source != IPI_CSD || !c->ipi.count[cls].per_cpu)
		return cell_value(value_unknown());
	for (int i = 0; i < roles->nr[ROLE_BYSTANDER]; i++) {
		int cpu = roles->cpu[ROLE_BYSTANDER][i];
		uint64_t handled = cpu < c->nr_cpus ? c->ipi.count[cls].per_cpu[cpu] : 0;

		least = handled < least ? handled : least;
		most = handled > most ? handled : most;
	}
	return (struct cell){
		.kind = CELL_RANGE,
		.v = { value_per_op(least, c->ops), value_per_op(most, c->ops) },
	};
}

static void add_stander_row(struct report *report, struct report_table *table,
			    const struct case_result *c)
{
	struct cell *cells = report_add_row(report, table);
	struct case_metrics metrics;
	uint64_t longest = 0;

	if (!cells)
		return;
	case_metrics_of(c, &metrics);
	for (int i = 0; i < c->nr_bystanders; i++)
		longest = c->bystander[i].longest_ns > longest ? c->bystander[i].longest_ns : longest;
	cells[STANDER_CASE] = cell_text(report_case(report, &c->id));
	cells[STANDER_SYNC] = handled_cell(c, IPI_SYNC);
	cells[STANDER_FLUSH] = handled_cell(c, IPI_FLUSH);
	cells[STANDER_STOLEN] = cell_value(value_of(QUANTITY_NS, metrics.value[METRIC_STOLEN]));
	cells[STANDER_LONGEST] = cell_value(value_of(QUANTITY_NS, c->nr_bystanders ?
		(double)longest : NAN));
}

static bool has_bystanders(const struct case_result *c)
{
	return c->status == CASE_OK && c->roles.nr[ROLE_BYSTANDER];
}

static void add_standers(struct report *report, const struct record *rec)
{
	struct report_table *table = NULL;

	for (int i = 0; i < rec->nr_cases; i++) {
		if (!has_bystanders(&rec->cases[i]))
			continue;
		if (!table)
			table = report_add_table(report, "bystanders", "What each bystander CPU took",
						 stander_columns, NR_STANDER_COLUMNS);
		add_stander_row(report, table, &rec->cases[i]);
	}
	report_legend(report, table, "stolen: time an op took from a bystander's CPU; longest: at once.");
}

/* ---- the workloads' own figures ---------------------------------------------- */

static void add_own(struct report *report, const struct record *rec)
{
	static const struct report_column columns[] = {
		{ "case", "case", .right = false }, { "figure", "figure", .right = false },
		{ "per op", "per_op", .right = true },
	};
	struct report_table *table = NULL;

	for (int i = 0; i < rec->nr_cases; i++) {
		const struct case_result *c = &rec->cases[i];

		for (int j = 0; j < c->nr_metrics && c->status == CASE_OK; j++) {
			struct cell *cells;

			if (!table)
				table = report_add_table(report, "own", "The workloads' own figures",
							 columns, 3);
			cells = report_add_row(report, table);
			if (!cells)
				return;
			cells[0] = cell_text(report_case(report, &c->id));
			cells[1] = cell_text(report_text(report, "%s", c->metric[j].name));
			cells[2] = cell_value(value_of(QUANTITY_PLAIN, c->metric[j].per_op));
		}
	}
}

/* ---- counters ---------------------------------------------------------------- */

static void add_counter(struct report *report, struct report_table *table,
			const struct case_result *c, const struct case_counter *counter)
{
	struct cell *cells = report_add_row(report, table);

	if (!cells)
		return;
	cells[0] = cell_text(report_case(report, &c->id));
	cells[1] = cell_text(report_text(report, "%s", counter->event));
	cells[2] = cell_text(report_text(report, "%s", role_name(counter->role)));
	cells[3] = cell_value(value_of(QUANTITY_PLAIN, counter->per_op));
	cells[3].v[0].estimate = counter->counted_share < 1;
	cells[4] = cell_value(value_of(QUANTITY_SHARE, counter->counted_share));
}

static void add_counters(struct report *report, const struct record *rec)
{
	static const struct report_column columns[] = {
		{ "case", "case", .right = false }, { "event", "event", .right = false },
		{ "role", "role", .right = false }, { "per op", "per_op", .right = true },
		{ "counted", "counted_share", .right = true, .drop = 1 },
	};
	struct report_table *table = NULL;

	for (int i = 0; i < rec->nr_cases; i++) {
		const struct case_result *c = &rec->cases[i];

		for (int j = 0; j < c->nr_counters && c->status == CASE_OK; j++) {
			if (*c->counter[j].why)
				continue;
			if (!table)
				table = report_add_table(report, "counters", "Counted in ops", columns, 5);
			if (table)
				table->grouped = true;
			add_counter(report, table, c, &c->counter[j]);
		}
	}
	report_legend(report, table, "initiator: inside its ops; other roles: all that their CPUs did from "
		      "the first op to the last, for each CPU. counted: part of the time, where "
		      "events took turns; then per op is scaled up.");
}

/*
 * Builds the report of @rec, which report_free() frees whatever is returned: 0 or -ENOMEM.
 * @latency: that of the IPIs is wanted also where not everything is.
 */
int report_run(struct report *report, const struct record *rec, bool latency)
{
	struct report_table *table;

	report_init(report, "run", "tlbsync run");
	report->one_kernel = true;
	run_headline(report, rec);
	report_fact(report, "run", "%s, %s", words_or_unknown(rec->id),
		    words_or_unknown(rec->tool));
	fact_kernel(report, "kernel", rec);
	fact_build(report, rec);
	fact_booted(report, rec, NULL);
	fact_machine(report, rec);
	fact_counter(report, rec);
	report_fact(report, "clock", "%s, %.1f ns a read", words_or_unknown(rec->clock.source),
		    rec->clock.cost_ns);
	table = report_add_table(report, "cases", "Cases", run_columns, NR_RUN_COLUMNS);
	if (table)
		table->lead = true;
	for (int i = 0; i < rec->nr_cases; i++)
		add_row(report, table, &rec->cases[i]);
	add_standers(report, rec);
	run_crews(report, rec);
	run_latency(report, rec, latency);
	add_counters(report, rec);
	add_own(report, rec);
	run_notes(report, rec);
	report_data(report, json_pack("{s:s, s:s}", "schema", "tlbsync.run-report/1", "id",
				 rec->id ? rec->id : ""));
	return report_finish(report);
}
