// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows are the CPUs that sent anything, columns all CPUs, both in the order in which the
 * machine is drawn: neighbours in the map are neighbours in the machine.
 */
#include "report/heat.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CPUS	2048	/* a map of more would be no drawing */

struct heat {
	struct record_cpu *cpu;		/* in the order of the map */
	int nr;
	int *place;			/* by CPU number: its place in the map, -1 none */
	int nr_places;
	double *sum[2];			/* of each pair's medians, each as often as it was measured */
	double *n[2];
};

static int by_topology(const void *a, const void *b)
{
	const struct record_cpu *x = a, *y = b;
	const int order[] = {
		x->package - y->package, x->node - y->node, x->llc - y->llc,
		x->core - y->core, x->cpu - y->cpu,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i])
			return order[i];
	return 0;
}

static bool place_cpus(struct heat *heat)
{
	for (int i = 0; i < heat->nr; i++)
		if (heat->cpu[i].cpu >= heat->nr_places)
			heat->nr_places = heat->cpu[i].cpu + 1;
	heat->place = malloc((size_t)heat->nr_places * sizeof(*heat->place));
	for (int i = 0; heat->place && i < heat->nr_places; i++)
		heat->place[i] = -1;
	for (int i = 0; heat->place && i < heat->nr; i++)
		heat->place[heat->cpu[i].cpu] = i;
	return heat->place;
}

static int fill(struct heat *heat, const struct record *rec)
{
	size_t nr = (size_t)rec->machine.nr_topology;

	heat->nr = (int)nr;
	heat->cpu = malloc(nr * sizeof(*heat->cpu));
	if (!heat->cpu)
		return -ENOMEM;
	memcpy(heat->cpu, rec->machine.topology, nr * sizeof(*heat->cpu));
	qsort(heat->cpu, nr, sizeof(*heat->cpu), by_topology);
	for (int side = 0; side < 2; side++) {
		heat->sum[side] = calloc(nr * nr, sizeof(double));
		heat->n[side] = calloc(nr * nr, sizeof(double));
		if (!heat->sum[side] || !heat->n[side])
			return -ENOMEM;
	}
	return place_cpus(heat) ? 0 : -ENOMEM;
}

/*
 * An empty map of the machine of @rec. 0 with *@heat, which heat_free() frees; -ENODATA if its
 * topology is not known, -E2BIG if it has more CPUs than can be drawn; -ENOMEM.
 */
int heat_new(const struct record *rec, struct heat **heat)
{
	struct heat *new;
	int error;

	if (!rec->machine.topology || !rec->machine.nr_topology)
		return -ENODATA;
	if (rec->machine.nr_topology > MOST_CPUS)
		return -E2BIG;
	new = calloc(1, sizeof(*new));
	error = new ? fill(new, rec) : -ENOMEM;
	if (error) {
		heat_free(new);
		return error;
	}
	*heat = new;
	return 0;
}

/* Is there anything of @cls that a map can show? */
static bool heat_has(const struct ipi_latency *latency, enum latency_class cls)
{
	for (int i = 0; latency->timed && i < latency->nr_edges; i++)
		if (latency->edge[i].cls == cls)
			return true;
	return false;
}

/* NULL is fine. */
void heat_free(struct heat *heat)
{
	if (!heat)
		return;
	for (int side = 0; side < 2; side++) {
		free(heat->sum[side]);
		free(heat->n[side]);
	}
	free(heat->place);
	free(heat->cpu);
	free(heat);
}

static int place_of(const struct heat *heat, int cpu)
{
	return cpu < heat->nr_places ? heat->place[cpu] : -1;
}

/* Add what a boot of @side has measured of @cls. */
void heat_add(struct heat *heat, int side, const struct ipi_latency *latency, enum latency_class cls)
{
	for (int i = 0; latency->timed && i < latency->nr_edges; i++) {
		const struct ipi_edge *edge = &latency->edge[i];
		int from = place_of(heat, edge->from), to = place_of(heat, edge->to);

		if (edge->cls != cls || from < 0 || to < 0)
			continue;
		heat->sum[side][from * heat->nr + to] += (double)edge->p50 * (double)edge->n;
		heat->n[side][from * heat->nr + to] += (double)edge->n;
	}
}

static bool sends(const struct heat *heat, int side, int from)
{
	for (int to = 0; to < heat->nr; to++)
		if (heat->n[side][from * heat->nr + to] > 0)
			return true;
	return false;
}

static void fill_row(const struct heat *heat, struct figure_heat *map, int from)
{
	map->from[map->nr_from] = heat->cpu[from].cpu;
	for (int side = 0; side < 2; side++)
		for (int to = 0; to < heat->nr; to++) {
			int at = from * heat->nr + to;

			map->ns[side][map->nr_from * heat->nr + to] = heat->n[side][at] > 0 ?
				heat->sum[side][at] / heat->n[side][at] : NAN;
		}
	map->nr_from++;
}

/* The map for a figure; NULL, and remembered in @report, without memory. */
static struct figure_heat *map_of(const struct heat *heat, struct report *report)
{
	struct figure_heat *map = report_room(report, 1, sizeof(*map));
	size_t nr = (size_t)heat->nr;

	if (!map)
		return NULL;
	map->from = report_room(report, nr, sizeof(*map->from));
	map->to = report_room(report, nr, sizeof(*map->to));
	map->node = report_room(report, nr, sizeof(*map->node));
	for (int side = 0; side < 2; side++)
		map->ns[side] = report_room(report, nr * nr, sizeof(double));
	if (report->err) {
		figure_heat_free(map);
		return NULL;
	}
	for (int i = 0; i < heat->nr; i++) {
		map->to[i] = heat->cpu[i].cpu;
		map->node[i] = heat->cpu[i].node;
	}
	map->nr_to = heat->nr;
	for (int from = 0; from < heat->nr; from++)
		if (sends(heat, 0, from) || sends(heat, 1, from))
			fill_row(heat, map, from);
	for (int side = 0; side < 2; side++)
		for (int from = 0; from < heat->nr; from++)
			map->has[side] |= sends(heat, side, from);
	return map;
}

/* Add @heat as a figure of the case @id, or of all that is told if that is NULL; if it holds anything. */
void heat_figure(struct heat *heat, struct report *report, const struct case_id *id,
		 enum latency_class cls)
{
	struct figure_heat *map = map_of(heat, report);
	struct figure *figure = map && (map->has[0] || map->has[1]) ?
				report_add_figure(report, FIGURE_HEAT, "From CPU to CPU") : NULL;
	char *name;

	if (!figure) {
		figure_heat_free(map);
		return;
	}
	figure->heat = map;
	name = id ? report_case(report, id) : NULL;
	figure->title = id ? report_text(report, "%s: %s", latency_class_name(cls), name ? name : "") :
			report_text(report, "Syncs and flushes");
	free(name);
}

/* The maps of one case of a run. */
void heat_of_case(struct report *report, const struct record *rec, const struct case_result *c)
{
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		struct heat *heat = NULL;
		int error;

		if (!heat_has(c->ipi_latency, (enum latency_class)cls))
			continue;
		error = heat_new(rec, &heat);
		if (error == -ENOMEM)
			report->err = error;
		if (error)
			return;
		heat_add(heat, 0, c->ipi_latency, (enum latency_class)cls);
		heat_figure(heat, report, &c->id, (enum latency_class)cls);
		heat_free(heat);
	}
}
