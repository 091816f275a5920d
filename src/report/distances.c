// SPDX-License-Identifier: GPL-2.0-or-later
/* All syncs and flushes of a run together: a line a distance, and a map. */
#include "report/distances.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

static int by_cpu(const void *a, const void *b)
{
	const struct topo_cpu *x = a, *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

/* The CPUs of @rec as a topology, which topology_free() frees. 0 or -ENOMEM. */
static int topology_of(const struct record *rec, struct topology *topo)
{
	int nr = rec->machine.nr_topology;

	*topo = (struct topology){ .nr_online = nr };
	topo->cpus = calloc((size_t)nr + 1, sizeof(*topo->cpus));
	if (!topo->cpus)
		return -ENOMEM;
	for (int i = 0; i < nr; i++) {
		const struct record_cpu *cpu = &rec->machine.topology[i];

		topo->cpus[i] = (struct topo_cpu){
			.cpu = cpu->cpu, .node = cpu->node, .llc = cpu->llc, .core = cpu->core,
		};
	}
	qsort(topo->cpus, (size_t)nr, sizeof(*topo->cpus), by_cpu);
	return 0;
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

static int gather(const struct record *rec, const struct topology *topo, struct heat *heat,
		  struct reach reach[NR_DISTANCES])
{
	int cases = 0;

	for (int i = 0; i < rec->nr_cases; i++) {
		const struct ipi_latency *latency = latency_of(&rec->cases[i]);

		if (!latency)
			continue;
		cases++;
		heat_add(heat, 0, latency, LATENCY_SYNC);
		heat_add(heat, 0, latency, LATENCY_FLUSH);
		for (int j = 0; j < latency->nr_edges; j++) {
			const struct ipi_edge *edge = &latency->edge[j];

			if (edge->cls != LATENCY_KERNEL)
				add_edge(&reach[topology_distance(topo, edge->from, edge->to)], edge);
		}
	}
	return cases;
}

/* The map for programs: a pair of CPUs and its median. */
static json_t *pairs_json(const struct report *report)
{
	const struct figure_heat *map = report->nr_figures ? report->figures[0].heat : NULL;
	json_t *json = json_array();

	for (int from = 0; json && map && from < map->nr_from; from++)
		for (int to = 0; to < map->nr_to; to++) {
			double ns = map->ns[0][from * map->nr_to + to];

			if (!isnan(ns))
				json_array_append_new(json, json_pack("{s:i, s:i, s:f}", "from",
					map->from[from], "to", map->to[to], "p50_ns", ns));
		}
	return json;
}

static void tell(struct report *report, const struct record *rec, struct heat *heat,
		 const struct reach reach[NR_DISTANCES], int cases)
{
	struct report_table *table;

	report_say(report, "Time from queueing an IPI to the begin of its function: syncs and flushes "
		   "of %d case%s of %s.", cases, plural(cases), words_or_unknown(rec->id));
	fact_machine(report, rec);
	table = report_add_table(report, "distances", "By distance", columns, NR_COLUMNS);
	for (int i = 0; table && i < NR_DISTANCES; i++)
		add_row(report, table, (enum distance)i, &reach[i]);
	report_legend(report, table, "p50: the least, the mean and the most of the medians of the pairs and "
		      "cases; p99, max: the worst of any.");
	heat_figure(heat, report, NULL, LATENCY_SYNC);
	report_data(report, json_pack("{s:s, s:s, s:o}", "schema", "tlbsync.distances/1", "id",
				      rec->id ? rec->id : "", "pairs_of_cpus", pairs_json(report)));
}

/* Why there is nothing to draw. */
static void say_why(const struct record *rec, int error, char *why, size_t size)
{
	if (error == -E2BIG)
		snprintf(why, size, "its %d CPUs are more than can be drawn", rec->machine.nr_topology);
	else if (error == -ENODATA && !rec->machine.nr_topology)
		snprintf(why, size, "it does not tell the machine's topology; a run of today does");
	else
		snprintf(why, size, "it holds no latency of IPIs%s", record_emulated(rec) ?
			 ": under emulation times mean nothing" : "; a run as root makes one");
}

/*
 * Builds the report of @rec, which report_free() frees whatever is returned: 0, -ENOMEM; or
 * -ENODATA or -E2BIG with @why, where the record holds nothing that could be drawn.
 */
int report_distances(struct report *report, const struct record *rec, char *why, size_t size)
{
	struct reach reach[NR_DISTANCES] = { 0 };
	struct topology topo = { 0 };
	struct heat *heat = NULL;
	int error, cases = 0;

	report_init(report, "distances", "tlbsync topology: IPIs from CPU to CPU");
	error = heat_new(rec, &heat);
	if (!error)
		error = topology_of(rec, &topo);
	if (!error)
		cases = gather(rec, &topo, heat, reach);
	if (!error && !cases)
		error = -ENODATA;
	if (!error)
		tell(report, rec, heat, reach, cases);
	topology_free(&topo);
	heat_free(heat);
	if (!error)
		return report_finish(report);
	if (error != -ENOMEM)
		say_why(rec, error, why, size);
	return error;
}
