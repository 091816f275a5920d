// SPDX-License-Identifier: GPL-2.0-or-later
/* What the ipi pass found: how long each IPI took, how far it went, what it took from bystanders. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "report/heat.h"
#include "report/parts.h"
#include "report/run-parts.h"

#define UNMATCHED_FEW	0.001	/* of the requests: that many may be, before it is told */

/* ---- each class of each case ------------------------------------------------------------------- */

enum {
	LAT_CASE, LAT_IPI, LAT_N, LAT_P50, LAT_P99, LAT_HANDLER, LAT_WAIT, LAT_SHARE,
	NR_LAT_COLUMNS,
};

static const struct report_column latency_columns[NR_LAT_COLUMNS] = {
	{ "case", "case", .right = false }, { "IPI", "ipi", .right = false },
	{ "matched", "matched", .right = true }, { "p50", "delivery_p50_ns", .right = true },
	{ "p99", "delivery_p99_ns", .right = true },
	{ "handler", "handler_p50_ns", .right = true, .drop = 1 },
	{ "wait", "wait_p50_ns", .right = true }, { "of op", "wait_share", .right = true },
};

static struct cell spread_cell(const struct spread *spread, bool timed, uint64_t value)
{
	return cell_value(value_of(QUANTITY_NS, timed && spread->n ? (double)value : NAN));
}

static void add_class(struct report *report, struct report_table *table,
		      const struct case_result *c, enum latency_class cls)
{
	const struct class_latency *one = &c->ipi_latency->of[cls];
	bool timed = c->ipi_latency->timed;
	struct cell *cells = report_add_row(report, table);

	if (!cells)
		return;
	cells[LAT_CASE] = cell_text(report_case(report, &c->id));
	cells[LAT_IPI] = cell_text(report_text(report, "%s", latency_class_name(cls)));
	cells[LAT_N] = cell_value(value_count(one->matched));
	cells[LAT_P50] = spread_cell(&one->delivery, timed, one->delivery.p50);
	cells[LAT_P99] = spread_cell(&one->delivery, timed, one->delivery.p99);
	cells[LAT_HANDLER] = spread_cell(&one->handler, timed, one->handler.p50);
	cells[LAT_WAIT] = spread_cell(&one->wait, timed, one->wait.p50);
	cells[LAT_SHARE] = cell_value(value_of(QUANTITY_SHARE, timed && one->wait.n ?
					       one->wait_share : NAN));
}

/* ---- by distance ----------------------------------------------------------------------------------- */

enum {
	DIST_CASE, DIST_IPI, DIST_DISTANCE, DIST_TARGET, DIST_N, DIST_P50, DIST_P99, DIST_MAX,
	NR_DIST_COLUMNS,
};

static const struct report_column distance_columns[NR_DIST_COLUMNS] = {
	{ "case", "case", .right = false }, { "IPI", "ipi", .right = false },
	{ "distance", "distance", .right = false }, { "target", "target", .right = false },
	{ "n", "n", .right = true }, { "p50", "p50_ns", .right = true },
	{ "p99", "p99_ns", .right = true }, { "max", "max_ns", .right = true, .drop = 1 },
};

static void add_distance(struct report *report, struct report_table *table,
			 const struct case_result *c, enum latency_class cls, const char *distance,
			 const char *target, const struct spread *spread)
{
	struct cell *cells = spread->n ? report_add_row(report, table) : NULL;
	bool timed = c->ipi_latency->timed;

	if (!cells)
		return;
	cells[DIST_CASE] = cell_text(report_case(report, &c->id));
	cells[DIST_IPI] = cell_text(report_text(report, "%s", latency_class_name(cls)));
	cells[DIST_DISTANCE] = cell_text(report_text(report, "%s", distance));
	cells[DIST_TARGET] = cell_text(report_text(report, "%s", target));
	cells[DIST_N] = cell_value(value_count(spread->n));
	cells[DIST_P50] = spread_cell(spread, timed, spread->p50);
	cells[DIST_P99] = spread_cell(spread, timed, spread->p99);
	cells[DIST_MAX] = spread_cell(spread, timed, spread->max);
}

static void add_distances(struct report *report, struct report_table *table,
			  const struct case_result *c, enum latency_class cls)
{
	const struct class_latency *one = &c->ipi_latency->of[cls];

	for (int i = 0; i < NR_DISTANCES; i++)
		for (int state = 0; state < NR_TARGET_STATES; state++)
			add_distance(report, table, c, cls, distance_name((enum distance)i),
				     target_state_name((enum target_state)state),
				     &one->by_distance[i][state]);
	add_distance(report, table, c, cls, "any", "merged", &one->merged_delivery);
}

/* ---- what bystanders lost, and to what --------------------------------------------------------------- */

enum { STOLEN_CASE, STOLEN_CAUSE, STOLEN_GAPS, STOLEN_NS, STOLEN_SHARE, NR_STOLEN_COLUMNS };

static const struct report_column stolen_columns[NR_STOLEN_COLUMNS] = {
	{ "case", "case", .right = false }, { "by", "cause", .right = false },
	{ "gaps/op", "gaps_per_op", .right = true },
	{ "stolen/op", "stolen_ns_per_op", .right = true }, { "share", "share", .right = true },
};

static void add_stolen(struct report *report, struct report_table *table,
		       const struct case_result *c)
{
	const struct ipi_latency *latency = c->ipi_latency;
	double all = 0, per = (double)latency->ops * c->roles.nr[ROLE_BYSTANDER];

	for (int cause = 0; cause < NR_GAP_CAUSES; cause++)
		all += latency->stolen[cause].ns;
	for (int cause = 0; cause < NR_GAP_CAUSES && per > 0; cause++) {
		const struct stolen_time *stolen = &latency->stolen[cause];
		struct cell *cells = stolen->gaps > 0 ? report_add_row(report, table) : NULL;

		if (!cells)
			continue;
		cells[STOLEN_CASE] = cell_text(report_case(report, &c->id));
		cells[STOLEN_CAUSE] = cell_text(report_text(report, "%s",
							    gap_cause_name((enum gap_cause)cause)));
		cells[STOLEN_GAPS] = cell_value(value_of(QUANTITY_PLAIN, stolen->gaps / per));
		cells[STOLEN_NS] = cell_value(value_of(QUANTITY_NS, stolen->ns / per));
		cells[STOLEN_SHARE] = cell_value(value_of(QUANTITY_SHARE, all > 0 ?
							  stolen->ns / all : NAN));
	}
}

/* ---- notes --------------------------------------------------------------------------------------------- */

/* Requests of cases in which too many were not seen to their end. */
struct unseen {
	uint64_t requested, left;
	int cases;
};

/* A line a class where details are wanted; *@all sums up. */
static void note_unseen(struct report *report, const struct ipi_latency *latency, const char *name,
			struct unseen *all)
{
	bool any = false;

	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		const struct class_latency *one = &latency->of[cls];
		uint64_t left = one->requested - one->matched;

		if ((double)left <= UNMATCHED_FEW * (double)one->requested)
			continue;
		report_note(report, NOTE_DETAIL, name, "of %" PRIu64 " %s requests in the ipi pass, %"
			    PRIu64 " were not seen to their end", one->requested,
			    latency_class_name(cls), left);
		all->requested += one->requested;
		all->left += left;
		any = true;
	}
	all->cases += any;
}

static void note_latency(struct report *report, const struct case_result *c, struct unseen *unseen)
{
	const struct ipi_latency *latency = c->ipi_latency;
	char *name = report_case(report, &c->id);

	if (*latency->why)
		report_note(report, NOTE_REASON, name, "no latency of IPIs: %s", latency->why);
	if (latency->lost)
		report_note(report, NOTE_WARNING, name, "%" PRIu64 " trace records were lost in the "
			    "ipi pass; choose a larger --ring-size", latency->lost);
	note_unseen(report, latency, name, unseen);
	if (latency->edges_left_off)
		report_note(report, NOTE_REASON, name, "%" PRIu64 " pairs of CPUs are not in the record: "
			    "there were too many", latency->edges_left_off);
	if (latency->gaps_left_off)
		report_note(report, NOTE_REASON, name, "%" PRIu64 " gaps of bystanders are not explained: "
			    "there were too many at once", latency->gaps_left_off);
	free(name);
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static struct report_table *table_of_latency(struct report *report, bool usual)
{
	struct report_table *table = report_add_table(report, "latency", "Latency of each IPI",
						      latency_columns, NR_LAT_COLUMNS);

	if (!table)
		return NULL;
	table->detail = !usual;
	table->grouped = true;
	report_legend(report, table, "p50, p99: from the queueing of a request to the begin of its "
		      "function on the target; handler: that function.");
	report_legend(report, table, "wait: how long an op had requests under way; of op: the share of "
		      "the op that this is. All while every IPI is traced.");
	return table;
}

static struct report_table *detail_table(struct report *report, const char *id, const char *title,
					 const struct report_column *columns, int nr)
{
	struct report_table *table = report_add_table(report, id, title, columns, nr);

	if (table) {
		table->detail = true;
		table->grouped = true;
	}
	return table;
}

static bool has_latency(const struct case_result *c)
{
	return c->status == CASE_OK && c->ipi_latency && c->ipi_latency->ops;
}

typedef void (*adder)(struct report *report, struct report_table *table,
		      const struct case_result *c, enum latency_class cls);

/* A row or more of each class of each case. */
static void for_each_class(struct report *report, struct report_table *table,
			   const struct record *rec, adder add)
{
	for (int i = 0; table && i < rec->nr_cases; i++)
		for (int cls = 0; has_latency(&rec->cases[i]) && cls < NR_LATENCY_CLASSES; cls++)
			if (rec->cases[i].ipi_latency->of[cls].requested)
				add(report, table, &rec->cases[i], (enum latency_class)cls);
}

/*
 * The tables, figures and notes of the ipi passes in @rec, if there are any. @usual: the
 * first table is wanted also where not everything is.
 */
void run_latency(struct report *report, const struct record *rec, bool usual)
{
	bool any = false, watched = false;
	struct unseen unseen = { 0 };
	struct report_table *table;

	for (int i = 0; i < rec->nr_cases; i++) {
		any |= has_latency(&rec->cases[i]);
		watched |= has_latency(&rec->cases[i]) && rec->cases[i].ipi_latency->has_stolen;
		if (rec->cases[i].ipi_latency)
			note_latency(report, &rec->cases[i], &unseen);
	}
	if (unseen.cases)
		report_note(report, NOTE_WARNING, NULL, "of %" PRIu64 " IPIs in the ipi pass of %d case%s, %"
			    PRIu64 " were not seen to their end: perf kept no record of it, as when a "
			    "CPU idles on some kernels; latencies are those of the others",
			    unseen.requested, unseen.cases, plural(unseen.cases), unseen.left);
	if (!any)
		return;
	for_each_class(report, table_of_latency(report, usual), rec, add_class);
	for_each_class(report, detail_table(report, "distances", "Latency of each IPI by distance",
					    distance_columns, NR_DIST_COLUMNS), rec, add_distances);
	table = watched ? detail_table(report, "stolen", "What took time from bystanders",
				       stolen_columns, NR_STOLEN_COLUMNS) : NULL;
	for (int i = 0; table && i < rec->nr_cases; i++)
		if (has_latency(&rec->cases[i]) && rec->cases[i].ipi_latency->has_stolen)
			add_stolen(report, table, &rec->cases[i]);
	report_legend(report, table, "unseen: the trace tells of nothing on that CPU, as when a "
		      "hypervisor takes it.");
	for (int i = 0; i < rec->nr_cases; i++)
		if (has_latency(&rec->cases[i]))
			heat_of_case(report, rec, &rec->cases[i]);
}
