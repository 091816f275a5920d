// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boxes wrap, so a map of many CPUs fits a phone too. A box is the darker the more the
 * CPU handled; a machine whose record tells no topology is one frame without a name.
 */
#include "render/cpu-map.h"

#include <string.h>

#include "render/html.h"
#include "render/text.h"

#define DARKEST	0.6	/* opacity: the figure in the box stays readable */

static double per_op(const struct compare_side *side, enum ipi_class cls, int cpu)
{
	if (!side->per_cpu[cls] || cpu >= side->nr_cpus || !side->ops)
		return 0;
	return (double)side->per_cpu[cls][cpu] / (double)side->ops;
}

/* The most that one CPU handled, per op. */
double cpu_map_most(const struct compare_side *side, enum ipi_class cls)
{
	double most = 0;

	for (int i = 0; i < side->nr_cpus; i++)
		if (per_op(side, cls, i) > most)
			most = per_op(side, cls, i);
	return most;
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

static void box(FILE *out, const struct compare_side *side, enum ipi_class cls, int cpu,
		double most)
{
	double value = per_op(side, cls, cpu);
	const char *role = role_of(&side->roles, cpu);
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), value >= 99.5 ? "%.0f" : "%.2g", value);
	fprintf(out, "<i class=\"cpu\" style=\"background:rgb(76 141 214/%.2f)\" "
		"title=\"CPU %d%s%s: %.4g per op\">%s<small>%s</small></i>",
		most > 0 ? DARKEST * value / most : 0, cpu, role ? ", " : "", role ? role : "",
		value, text, role ? role : "-");
}

/* The next node above @node that has a CPU; @node itself if there is none. */
static int next_node(const struct record *rec, int node)
{
	int next = node;

	for (int i = 0; i < rec->machine.nr_topology; i++) {
		int here = rec->machine.topology[i].node;

		if (here > node && (next == node || here < next))
			next = here;
	}
	return next;
}

static void one_node(FILE *out, const struct record *rec, int node,
		     const struct compare_side *side, enum ipi_class cls, double most)
{
	fputs("<span class=\"node\">", out);
	if (node < 0)
		fputs("<b>no node</b>", out);
	else
		fprintf(out, "<b>node %d</b>", node);
	for (int i = 0; i < rec->machine.nr_topology; i++)
		if (rec->machine.topology[i].node == node)
			box(out, side, cls, rec->machine.topology[i].cpu, most);
	fputs("</span>", out);
}

/*
 * Draws what each CPU of @rec's machine handled of @cls, per op of @side, on @out. @most
 * is the value of the darkest box. Errors stay in @out.
 */
void cpu_map(FILE *out, const struct record *rec, const struct compare_side *side,
	     enum ipi_class cls, double most)
{
	int node = -2;

	fputs("<div class=\"map\">", out);
	if (!rec->machine.topology) {
		fputs("<span class=\"node\">", out);
		for (int i = 0; i < side->nr_cpus; i++)
			box(out, side, cls, i, most);
		fputs("</span>", out);
	}
	while (next_node(rec, node) != node) {
		node = next_node(rec, node);
		one_node(out, rec, node, side, cls, most);
	}
	fputs("</div>", out);
}
