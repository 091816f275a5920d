// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a page draws of a comparison: IPIs against the number of CPUs, how latencies are
 * spread, and which CPUs were interrupted.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare-parts.h"
#include "report/parts.h"
#include "report/words.h"
#include "stats/crew-scale.h"

/* ---- sync IPIs against CPUs ---------------------------------------------------- */

static bool is_one_size(const struct scale_point *point, int nr)
{
	for (int i = 1; i < nr; i++)
		if (point[i].cpus != point[0].cpus)
			return false;
	return true;
}

static void add_scale(struct report *report, const struct scale_point *point, int nr)
{
	struct figure *figure = report_add_figure(report, FIGURE_SCALE,
						  "Sync IPIs against the number of CPUs");
	int cases = 0;

	if (!figure)
		return;
	figure->points = report_room(report, (size_t)nr, sizeof(*figure->points));
	for (int i = 0; figure->points && i < nr; i++) {
		figure->points[figure->nr_points++] = (struct figure_point){
			.x = point[i].cpus, .cases = point[i].cases,
			.y = { point[i].sync_per_op[0], point[i].sync_per_op[1] },
		};
		cases += point[i].cases;
	}
	figure->x_label = "CPUs online (N)";
	figure->y_label = "sync IPIs per op";
	figure->line = report_text(report, "x - 1");
	figure->line_title = report_text(report, "N-1");
	figure->title = report_text(report, "Sync IPIs per op against CPUs online");
	figure->caption = report_text(report, "Counted in %d case%s of which the kernel source "
		"predicts one broadcast to all other CPUs an op. The dashed line is N-1; points of "
		"equal counts lie on each other.", cases, plural(cases));
}

/* The bars of one workload: the mean over its placements. */
struct bars {
	const char *workload;
	double sum[NR_SIDES];
	int nr;
};

static void add_to_bars(struct bars *bars, int *nr, const struct compare_case *c)
{
	int i = 0;

	while (i < *nr && strcmp(bars[i].workload, c->id.workload))
		i++;
	if (i == *nr)
		bars[(*nr)++] = (struct bars){ .workload = c->id.workload };
	for (int side = 0; side < NR_SIDES; side++)
		bars[i].sum[side] += side_rate(&c->side[side], IPI_SYNC).number;
	bars[i].nr++;
}

/* All of one size: a line against N has nothing to say, so each workload gets its bars. */
static void add_bars(struct report *report, const struct comparison *cmp, int cpus)
{
	struct figure *figure = report_add_figure(report, FIGURE_BARS, "Sync IPIs per op");
	struct bars *bars = report_room(report, (size_t)cmp->nr_cases, sizeof(*bars));
	int nr = 0;

	for (int i = 0; bars && i < cmp->nr_cases; i++)
		if (scale_is_broadcast(&cmp->cases[i], cpus) &&
		    case_id_initiators(&cmp->cases[i].id) == 1)
			add_to_bars(bars, &nr, &cmp->cases[i]);
	if (figure && bars) {
		figure->points = report_room(report, (size_t)nr, sizeof(*figure->points));
		figure->labels = report_room(report, (size_t)nr, sizeof(*figure->labels));
	}
	for (int i = 0; figure && figure->labels && figure->points && i < nr; i++) {
		figure->points[i] = (struct figure_point){
			.x = cpus, .cases = bars[i].nr,
			.y = { bars[i].sum[0] / bars[i].nr, bars[i].sum[1] / bars[i].nr },
		};
		figure->labels[i] = report_text(report, "%s", bars[i].workload);
		figure->nr_points = i + 1;
	}
	if (figure) {
		figure->title = report_text(report, "Sync IPIs per op with %d CPUs online", cpus);
		figure->caption = report_text(report, "Workloads of which the kernel source predicts "
			"one broadcast an op to all other CPUs, N-1 = %d; the mean over their "
			"placements.", cpus - 1);
	}
	free(bars);
}

static void add_counts(struct report *report, const struct compare_view *view)
{
	struct scale_point *point;
	int nr = scale_points(view->scale, view->cmp, &point);

	if (nr < 0)
		report->err = nr;
	else if (nr && is_one_size(point, nr))
		add_bars(report, view->cmp, point[0].cpus);
	else if (nr)
		add_scale(report, point, nr);
	free(point);
}

/* ---- against the number of initiators ------------------------------------------------ */

/* What of a crew is drawn, and how it is told. */
struct crew_graph {
	const char *section, *y_label, *title, *caption;
	size_t at;		/* of the figure in struct crew_point */
	bool line;		/* K x (N-1) */
	bool time;		/* never from emulation */
};

static const struct crew_graph crew_graphs[] = {
	{ "Sync IPIs against the number of initiators", "sync IPIs, an op of each",
	  "Sync IPIs for one op of each initiator",
	  "Requests for one op of every initiator; the dashed line is K x (N-1).",
	  offsetof(struct crew_point, sync), true, false },
	{ "Rates against the number of initiators", "ops/s of all", "Ops a second of all initiators",
	  "The mean over the boots, arm and verify included.",
	  offsetof(struct crew_point, rate), false, true },
	{ "Rates against the number of initiators", "syncs/s of op time",
	  "Sync IPIs a second of op time",
	  "What all initiators ask for in a second while each is in an op.",
	  offsetof(struct crew_point, sync_rate), false, true },
};

static double crew_value(const struct crew_point *point, const struct crew_graph *graph, int side)
{
	return ((const double *)((const char *)point + graph->at))[side];
}

static void add_crew_graph(struct report *report, const struct crew_series *series, int cpus,
			   const struct crew_graph *graph)
{
	struct figure *figure;
	double most = 0;
	char *name;

	for (int i = 0; i < series->nr; i++)
		for (int side = 0; side < NR_SIDES; side++) {
			double value = crew_value(&series->point[i], graph, side);

			if (isnan(value))
				return;
			most = fmax(most, value);
		}
	if (!(most > 0))
		return;		/* nothing but zeroes */
	figure = report_add_figure(report, FIGURE_SCALE, graph->section);
	if (!figure)
		return;
	name = words_workload(&series->id);
	figure->points = report_room(report, (size_t)series->nr, sizeof(*figure->points));
	for (int i = 0; figure->points && i < series->nr; i++)
		figure->points[figure->nr_points++] = (struct figure_point){
			.x = series->point[i].initiators, .cases = 1,
			.y = { crew_value(&series->point[i], graph, 0),
			       crew_value(&series->point[i], graph, 1) },
		};
	figure->x_label = "initiators (K)";
	figure->y_label = graph->y_label;
	if (graph->line) {
		figure->line = report_text(report, "x * %d", cpus - 1);
		figure->line_title = report_text(report, "K x (N-1)");
	}
	figure->title = report_text(report, "%s: %s, %s%s", graph->title, name ? name : "",
				    series->id.placement, series->id.as == AS_THREAD ? ", threads" : "");
	figure->caption = report_text(report, "%s", graph->caption);
	free(name);
}

static void add_crews(struct report *report, const struct comparison *cmp)
{
	struct crew_series *series;
	int nr = crew_scale(cmp, &series);

	if (nr < 0)
		report->err = nr;
	for (size_t graph = 0; graph < sizeof(crew_graphs) / sizeof(crew_graphs[0]); graph++)
		for (int i = 0; i < nr; i++)
			if (!crew_graphs[graph].time || !compare_emulated(cmp))
				add_crew_graph(report, &series[i], scale_cpus(cmp),
					       &crew_graphs[graph]);
	crew_scale_free(series, nr);
}

/* ---- latencies ------------------------------------------------------------------ */

/* Never from emulation: there are none. */
static bool has_latency(const struct compare_view *view, const struct compare_case *c)
{
	return !compare_emulated(view->cmp) && c->side[SIDE_BASE].latency &&
	       c->side[SIDE_PATCHED].latency;
}

static void add_latency(struct report *report, const struct compare_case *c)
{
	struct figure *figure = report_add_figure(report, FIGURE_LATENCY, "Latencies");

	if (!figure)
		return;
	figure->title = report_case(report, &c->id);
	figure->x_label = "latency of the op";
	figure->y_label = "of ops";
	for (int side = 0; side < NR_SIDES; side++) {
		figure->hist[side] = report_room(report, 1, sizeof(*figure->hist[side]));
		if (figure->hist[side])
			*figure->hist[side] = *c->side[side].latency;
	}
}

/* ---- which CPUs were interrupted -------------------------------------------------- */

static double per_op(const struct compare_side *side, const uint64_t *per_cpu, int cpu)
{
	if (!per_cpu || cpu >= side->nr_cpus || !side->ops)
		return 0;
	return (double)per_cpu[cpu] / (double)side->ops;
}

/* The role that @cpu had; NULL: none. */
static const char *role_of(const struct roles *roles, int cpu)
{
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; i < roles->nr[role]; i++)
			if (roles->cpu[role][i] == cpu)
				return role_name((enum role)role);
	return NULL;
}

/* A machine whose record tells no topology has CPUs without a node. */
static struct figure_cpu cpu_of(const struct record *rec, const struct compare_case *c,
				enum ipi_class cls, int at)
{
	bool known = rec->machine.topology;
	struct figure_cpu cpu = {
		.cpu = known ? rec->machine.topology[at].cpu : at,
		.node = known ? rec->machine.topology[at].node : -1,
	};

	cpu.role = role_of(&c->side[SIDE_BASE].roles, cpu.cpu);
	for (int side = 0; side < NR_SIDES; side++) {
		const struct compare_side *s = &c->side[side];
		double all = per_op(s, s->per_cpu[cls], cpu.cpu);

		cpu.known[side] = s->nr_cpus > 0;
		cpu.own_known[side] = !s->own_unknown;
		cpu.own[side] = cpu.own_known[side] ?
			per_op(s, s->own_per_cpu[cls], cpu.cpu) : 0;
		cpu.foreign[side] = all > cpu.own[side] ? all - cpu.own[side] : 0;
	}
	return cpu;
}

static bool any_ipi(const struct compare_case *c, enum ipi_class cls)
{
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; c->side[side].per_cpu[cls] && i < c->side[side].nr_cpus; i++)
			if (c->side[side].per_cpu[cls][i])
				return true;
	return false;
}

static void add_map(struct report *report, const struct comparison *cmp,
		    const struct compare_case *c, enum ipi_class cls)
{
	const struct record *rec = &cmp->boots[SIDE_BASE][0].rec;
	int nr = rec->machine.topology ? rec->machine.nr_topology : c->side[SIDE_BASE].nr_cpus;
	struct figure *figure;

	if (!any_ipi(c, cls))
		return;
	figure = report_add_figure(report, FIGURE_CPUS, "Which CPUs were interrupted");
	if (!figure)
		return;
	figure->title = report_case(report, &c->id);
	figure->unit = ipi_class_name(cls);
	figure->cpus = report_room(report, (size_t)nr, sizeof(*figure->cpus));
	for (int i = 0; figure->cpus && i < nr; i++)
		figure->cpus[figure->nr_cpus++] = cpu_of(rec, c, cls, i);
}

/* Adds all figures of a comparison, those of one section together. */
void compare_figures(struct report *report, const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;

	add_crews(report, cmp);
	add_counts(report, view);
	for (int i = 0; i < cmp->nr_cases; i++)
		if (has_latency(view, &cmp->cases[i]))
			add_latency(report, &cmp->cases[i]);
	compare_latency_figures(report, view);
	for (int i = 0; i < cmp->nr_cases; i++)
		for (int cls = IPI_SYNC; cls <= IPI_FLUSH && compare_matched(&cmp->cases[i]); cls++)
			add_map(report, cmp, &cmp->cases[i], (enum ipi_class)cls);
}
