// SPDX-License-Identifier: GPL-2.0-or-later
/* The latency of IPIs, base beside patched: medians over the boots. Never from emulation. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "report/compare-parts.h"
#include "report/heat.h"
#include "stats/quantile.h"

enum {
	LAT_CASE, LAT_IPI, LAT_P50, LAT_P99, LAT_HANDLER, LAT_WAIT, NR_LAT_COLUMNS,
};

static const struct report_column columns[NR_LAT_COLUMNS] = {
	{ "case", "case", .right = false }, { "IPI", "ipi", .right = false },
	{ "p50", "delivery_p50_ns", .right = true }, { "p99", "delivery_p99_ns", .right = true },
	{ "handler", "handler_p50_ns", .right = true, .drop = 1 },
	{ "wait", "wait_p50_ns", .right = true },
};

/* The figure of a column in one boot; NAN: it has none. */
static double figure_of(const struct class_latency *one, int column)
{
	switch (column) {
	case LAT_P50:
		return one->delivery.n ? (double)one->delivery.p50 : NAN;
	case LAT_P99:
		return one->delivery.n ? (double)one->delivery.p99 : NAN;
	case LAT_HANDLER:
		return one->handler.n ? (double)one->handler.p50 : NAN;
	default:
		return one->wait.n ? (double)one->wait.p50 : NAN;
	}
}

/* The median of the boots that have the figure; unknown, if none has. */
static struct value median_of(struct report *report, const struct compare_side *side,
			      enum latency_class cls, int column)
{
	double *value = report_room(report, (size_t)side->nr_latencies, sizeof(*value));
	struct summary summary = { .median = NAN };
	int nr = 0;

	for (int i = 0; value && i < side->nr_latencies; i++) {
		value[nr] = figure_of(&side->ipi_latency[i]->of[cls], column);
		nr += !isnan(value[nr]);
	}
	if (nr && summarize(value, nr, &summary))
		report->err = -ENOMEM;
	free(value);
	return value_of(QUANTITY_NS, summary.median);
}

static bool has_class(const struct compare_case *c, enum latency_class cls)
{
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < c->side[side].nr_latencies; i++)
			if (c->side[side].ipi_latency[i]->of[cls].matched)
				return true;
	return false;
}

static void add_row(struct report *report, struct report_table *table,
		    const struct compare_case *c, enum latency_class cls)
{
	struct cell *cells = report_add_row(report, table);

	if (!cells)
		return;
	cells[LAT_CASE] = cell_text(report_case(report, &c->id));
	cells[LAT_IPI] = cell_text(report_text(report, "%s", latency_class_name(cls)));
	for (int column = LAT_P50; column < NR_LAT_COLUMNS; column++)
		cells[column] = cell_pair(median_of(report, &c->side[SIDE_BASE], cls, column),
					  median_of(report, &c->side[SIDE_PATCHED], cls, column));
}

/* Adds a table, if there is anything to say. */
void compare_latency(struct report *report, const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;
	struct report_table *table = NULL;

	for (int i = 0; i < cmp->nr_cases && !compare_emulated(cmp); i++)
		for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
			if (!has_class(&cmp->cases[i], (enum latency_class)cls))
				continue;
			if (!table)
				table = report_add_table(report, "latency",
							 "Latency of each IPI, base -> patched",
							 columns, NR_LAT_COLUMNS);
			if (!table)
				return;
			table->detail = table->grouped = true;
			add_row(report, table, &cmp->cases[i], (enum latency_class)cls);
		}
	report_legend(report, table, "Medians over the boots of p50 and p99 of the delivery (from queueing "
		      "a request to the begin of its function), of the handler's p50, and of the "
		      "p50 of an op's wait; they are tested with --test sync-delivery-p50 and its like.");
}

/* ---- figures ---------------------------------------------------------------------------------------- */

/* All boots' deliveries together; NULL: none, or no memory. */
static struct histogram *deliveries(struct report *report, const struct compare_side *side,
				    enum latency_class cls)
{
	struct histogram *all = report_room(report, 1, sizeof(*all));
	struct histogram *one = report_room(report, 1, sizeof(*one));

	if (all && one) {
		hist_init(all);
		for (int i = 0; i < side->nr_latencies; i++) {
			spread_unfold(&side->ipi_latency[i]->of[cls].delivery, one);
			hist_merge(all, one);
		}
	}
	free(one);
	if (all && all->total)
		return all;
	free(all);
	return NULL;
}

static void add_spread(struct report *report, const struct compare_case *c, enum latency_class cls)
{
	struct histogram *hist[NR_SIDES];
	struct figure *figure = NULL;
	char *name;

	for (int side = 0; side < NR_SIDES; side++)
		hist[side] = deliveries(report, &c->side[side], cls);
	if (hist[0] || hist[1])
		figure = report_add_figure(report, FIGURE_LATENCY, "Delivery of IPIs");
	if (!figure) {
		free(hist[0]);
		free(hist[1]);
		return;
	}
	name = report_case(report, &c->id);
	figure->title = report_text(report, "%s: %s", latency_class_name(cls), name ? name : "");
	figure->x_label = "delivery";
	figure->y_label = "of requests";
	for (int side = 0; side < NR_SIDES; side++)
		figure->hist[side] = hist[side];
	free(name);
}

static void add_heat(struct report *report, const struct comparison *cmp,
		     const struct compare_case *c, enum latency_class cls)
{
	struct heat *heat;
	int error = heat_new(&cmp->boots[SIDE_BASE][0].rec, &heat);

	if (error == -ENOMEM)
		report->err = error;
	if (error)
		return;
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < c->side[side].nr_latencies; i++)
			heat_add(heat, side, c->side[side].ipi_latency[i], cls);
	heat_figure(heat, report, &c->id, cls);
	heat_free(heat);
}

/* Adds how deliveries are spread, and from which CPU to which they went. */
void compare_latency_figures(struct report *report, const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;

	for (int i = 0; i < cmp->nr_cases && !compare_emulated(cmp); i++)
		for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
			if (has_class(&cmp->cases[i], (enum latency_class)cls))
				add_spread(report, &cmp->cases[i], (enum latency_class)cls);
	for (int i = 0; i < cmp->nr_cases && !compare_emulated(cmp); i++)
		for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
			if (has_class(&cmp->cases[i], (enum latency_class)cls))
				add_heat(report, cmp, &cmp->cases[i], (enum latency_class)cls);
}
