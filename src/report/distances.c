// SPDX-License-Identifier: GPL-2.0-or-later
/* All syncs and flushes of a run together: a line a distance, and a map. */
#include "report/distances.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/heat.h"
#include "report/parts.h"
#include "report/words.h"

enum { COL_DISTANCE, COL_PAIRS, COL_N, COL_LEAST, COL_MEAN, COL_MOST, COL_P99, COL_MAX, NR_COLUMNS };

static const struct report_column columns[NR_COLUMNS] = {
	{ "distance", "distance", .right = false }, { "pairs", "pairs", .right = true },
	{ "IPIs", "n", .right = true }, { "p50 from", "p50_least_ns", .right = true },
	{ "mean", "p50_mean_ns", .right = true }, { "to", "p50_most_ns", .right = true },
	{ "p99", "p99_most_ns", .right = true }, { "max", "max_ns", .right = true, .drop = 1 },
};

/* Of the pairs of CPUs at one distance. */
struct reach {
	uint64_t pairs, n;
	double sum;		/* of p50, each as often as it was measured */
	double least, most, p99, max;
};

static const struct record_cpu *find(const struct record *rec, int cpu)
{
	for (int i = 0; i < rec->machine.nr_topology; i++)
		if (rec->machine.topology[i].cpu == cpu)
			return &rec->machine.topology[i];
	return NULL;
}

/* As topology_distance(), of the machine of @rec. */
static enum distance distance_of(const struct record *rec, const struct ipi_edge *edge)
{
	const struct record_cpu *a = find(rec, edge->from), *b = find(rec, edge->to);

	if (!a || !b || a->node != b->node)
		return DISTANCE_REMOTE;
	if (a->llc != b->llc)
		return DISTANCE_NODE;
	return a->core == b->core ? DISTANCE_CORE : DISTANCE_CACHE;
}

static void add_edge(struct reach *reach, const struct ipi_edge *edge)
{
	reach->least = reach->n ? fmin(reach->least, (double)edge->p50) : (double)edge->p50;
	reach->most = fmax(reach->most, (double)edge->p50);
	reach->p99 = fmax(reach->p99, (double)edge->p99);
	reach->max = fmax(reach->max, (double)edge->max);
	reach->sum += (double)edge->p50 * (double)edge->n;
	reach->n += edge->n;
	reach->pairs++;
}

static void add_row(struct report *report, struct report_table *table, enum distance distance,
		    const struct reach *reach)
{
	struct cell *cells = reach->n ? report_add_row(report, table) : NULL;

	if (!cells)
		return;
	cells[COL_DISTANCE] = cell_text(report_text(report, "%s", distance_name(distance)));
	cells[COL_PAIRS] = cell_value(value_count(reach->pairs));
	cells[COL_N] = cell_value(value_count(reach->n));
	cells[COL_LEAST] = cell_value(value_of(QUANTITY_NS, reach->least));
	cells[COL_MEAN] = cell_value(value_of(QUANTITY_NS, reach->sum / (double)reach->n));
	cells[COL_MOST] = cell_value(value_of(QUANTITY_NS, reach->most));
	cells[COL_P99] = cell_value(value_of(QUANTITY_NS, reach->p99));
	cells[COL_MAX] = cell_value(value_of(QUANTITY_NS, reach->max));
}

/* The deliveries of one case that can be told; NULL: it has none. */
static const struct ipi_latency *latency_of(const struct case_result *c)
{
	return c->status == CASE_OK && c->ipi_latency && c->ipi_latency->timed &&
	       c->ipi_latency->nr_edges ? c->ipi_latency : NULL;
}

static int gather(const struct record *rec, struct heat *heat, struct reach reach[NR_DISTANCES])
{
	int cases = 0;

	for (int i = 0; i < rec->nr_cases; i++) {
		const struct ipi_latency *latency = latency_of(&rec->cases[i]);

		if (!latency)
			continue;
		cases++;
		heat_add(heat, 0, latency, LATENCY_SYNC);
		heat_add(heat, 0, latency, LATENCY_FLUSH);
		for (int j = 0; j < latency->nr_edges; j++)
			if (latency->edge[j].cls != LATENCY_KERNEL)
				add_edge(&reach[distance_of(rec, &latency->edge[j])],
					 &latency->edge[j]);
	}
	return cases;
}

/*
 * Builds the report of @rec, which report_free() frees whatever is returned: 0, -ENOMEM, or
 * -ENODATA with @why, where the record does not hold any latency of IPIs.
 */
int report_distances(struct report *report, const struct record *rec, char *why, size_t size)
{
	struct reach reach[NR_DISTANCES] = { 0 };
	struct heat *heat = heat_new(rec);
	struct report_table *table;
	int cases = heat ? gather(rec, heat, reach) : 0;

	report_init(report, "distances", "tlbsync topology: IPIs from CPU to CPU");
	if (!cases) {
		heat_free(heat);
		snprintf(why, size, "it holds no latency of IPIs%s; a run as root makes one",
			 record_emulated(rec) ? ", for under emulation times mean nothing" : "");
		return -ENODATA;
	}
	report_say(report, "Time from queueing an IPI to the begin of its function: syncs and flushes "
		   "of %d case%s of %s.", cases, plural(cases), words_or_unknown(rec->id));
	fact_machine(report, rec);
	table = report_add_table(report, "distances", "By distance", columns, NR_COLUMNS);
	for (int i = 0; table && i < NR_DISTANCES; i++)
		add_row(report, table, (enum distance)i, &reach[i]);
	report_legend(report, table, "p50: the least, the mean and the most of the medians of the pairs and "
		      "cases; p99, max: the worst of any.");
	heat_figure(heat, report, NULL, LATENCY_SYNC);
	heat_free(heat);
	report_data(report, json_pack("{s:s, s:s}", "schema", "tlbsync.distances/1", "id",
				      rec->id ? rec->id : ""));
	return report_finish(report);
}
