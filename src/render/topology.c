// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine drawn as its packages, nodes, last-level caches and cores, the CPUs of
 * a core between brackets, with the letter of the role that a placement gives them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/cpulist.h"
#include "render/topology.h"

#define WIDTH	100	/* columns */
#define INDENT	14	/* of the cores */

static const char letters[NR_ROLES] = {
	[ROLE_INITIATOR] = 'I', [ROLE_RESPONDER] = 'R', [ROLE_LAZY] = 'L',
	[ROLE_BYSTANDER] = 'B',
};

static bool is_isolated(const struct topo_cpu *cpu) { return cpu->isolated; }
static bool is_nohz_full(const struct topo_cpu *cpu) { return cpu->nohz_full; }
static bool is_forbidden(const struct topo_cpu *cpu) { return !topo_usable(cpu); }

/* What is special about a CPU: a mark behind its number, a line below the drawing. */
static const struct mark {
	char mark;
	const char *name;
	bool (*holds)(const struct topo_cpu *cpu);
} marks[] = {
	{ '*', "isolated", is_isolated },
	{ '~', "nohz_full", is_nohz_full },
	{ '!', "not allowed", is_forbidden },
};

#define NR_MARKS	(sizeof(marks) / sizeof(marks[0]))

struct drawing {
	FILE *out;
	const struct machine *machine;
	const struct topo_cpu **cpus;	/* in the order of the drawing */
	char *letter;			/* by CPU number; NULL without a placement */
	int digits;			/* of the largest CPU number */
	int column;
};

/* ---- the order of CPUs ------------------------------------------------------ */

static int compare_cpus(const void *a, const void *b)
{
	const struct topo_cpu *x = *(const struct topo_cpu *const *)a;
	const struct topo_cpu *y = *(const struct topo_cpu *const *)b;
	const int order[] = {
		x->package - y->package, x->node - y->node, x->llc - y->llc,
		x->core - y->core, x->cpu - y->cpu,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i])
			return order[i];
	return 0;
}

static int prepare(struct drawing *d, const struct placed *placed)
{
	const struct topology *topo = &d->machine->topo;

	d->cpus = calloc(topo->nr_online, sizeof(*d->cpus));
	d->letter = placed ? malloc(topo->nr_possible) : NULL;
	if (!d->cpus || (placed && !d->letter))
		return -ENOMEM;
	for (int i = 0; i < topo->nr_online; i++)
		d->cpus[i] = &topo->cpus[i];
	qsort(d->cpus, topo->nr_online, sizeof(*d->cpus), compare_cpus);
	d->digits = snprintf(NULL, 0, "%d", topo->cpus[topo->nr_online - 1].cpu);
	if (!d->letter)
		return 0;
	memset(d->letter, '.', topo->nr_possible);
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; i < placed->roles.nr[role]; i++)
			d->letter[placed->roles.cpu[role][i]] = letters[role];
	return 0;
}

/* ---- the drawing -------------------------------------------------------------- */

static void draw_memory(const struct drawing *d, int node)
{
	const struct machine *machine = d->machine;

	for (int i = 0; i < machine->nr_nodes; i++) {
		uint64_t mib = machine->nodes[i].bytes_total >> 20;

		if (machine->nodes[i].node != node)
			continue;
		if (!mib)
			fputs(" (no memory)", d->out);
		else if (mib < 10240)
			fprintf(d->out, " (%llu MiB)", (unsigned long long)mib);
		else
			fprintf(d->out, " (%llu GiB)", (unsigned long long)mib >> 10);
	}
}

/* The lines above the CPU at @at where it is the first of a package, node or cache. */
static void draw_heads(struct drawing *d, int at)
{
	const struct topo_cpu *cpu = d->cpus[at], *before = at ? d->cpus[at - 1] : NULL;
	bool package = !before || before->package != cpu->package;
	bool node = package || before->node != cpu->node;

	if (package)
		fprintf(d->out, "%spackage %d\n", before ? "\n" : "", cpu->package);
	if (node) {
		fprintf(d->out, "%s  node %d", before && !package ? "\n" : "", cpu->node);
		draw_memory(d, cpu->node);
		fputc('\n', d->out);
	}
	if (node || before->llc != cpu->llc)
		d->column = fprintf(d->out, "%s    cache %-4d", node ? "" : "\n", cpu->llc);
}

static int core_text(const struct drawing *d, int at, int nr, char *text, size_t size)
{
	int used = snprintf(text, size, "[");

	for (int i = at; i < at + nr; i++) {
		const struct topo_cpu *cpu = d->cpus[i];

		used += snprintf(text + used, size - used, "%s%*d", i > at ? " " : "",
				 d->digits, cpu->cpu);
		if (d->letter)
			used += snprintf(text + used, size - used, "%c", d->letter[cpu->cpu]);
		for (size_t j = 0; j < NR_MARKS; j++)
			if (marks[j].holds(cpu))
				used += snprintf(text + used, size - used, "%c", marks[j].mark);
	}
	return used + snprintf(text + used, size - used, "]");
}

/* How many CPUs from @at on are of one core in one place, as far as they fit a cell. */
static int siblings(const struct drawing *d, int at)
{
	int nr = 1;

	while (nr < 8 && at + nr < d->machine->topo.nr_online &&
	       d->cpus[at + nr]->core == d->cpus[at]->core &&
	       d->cpus[at + nr]->node == d->cpus[at]->node)
		nr++;
	return nr;
}

static void draw_cpus(struct drawing *d)
{
	for (int at = 0, nr; at < d->machine->topo.nr_online; at += nr) {
		char core[128];
		int width;

		nr = siblings(d, at);
		width = core_text(d, at, nr, core, sizeof(core));
		draw_heads(d, at);
		if (d->column + 1 + width > WIDTH)
			d->column = fprintf(d->out, "\n%*s", INDENT, "") - 1;
		d->column += fprintf(d->out, " %s", core);
	}
	fputc('\n', d->out);
}

/* Memory without CPUs of its own: CXL, HBM, or all of its CPUs are offline. */
static void draw_bare_nodes(const struct drawing *d)
{
	for (int i = 0; i < d->machine->nr_nodes; i++) {
		const struct machine_node *node = &d->machine->nodes[i];

		if (node->nr_cpus)
			continue;
		fprintf(d->out, "\n  node %d", node->node);
		draw_memory(d, node->node);
		fputs("\n    no CPU online\n", d->out);
	}
}

/* ---- the lines below ------------------------------------------------------------ */

/* "@name @mark @list", the list folded at its commas. */
static void fold(FILE *out, const char *name, char mark, const char *list)
{
	int column = fprintf(out, "%-12s%c ", name, mark);

	while (*list) {
		int len = strcspn(list, ",") + 1;

		if (!list[len - 1])
			len--;
		if (column + len > WIDTH)
			column = fprintf(out, "\n%*s", INDENT, "") - 1;
		column += fprintf(out, "%.*s", len, list);
		list += len;
	}
	fputc('\n', out);
}

static int list_cpus(FILE *out, const char *name, char mark, const int *cpus, int nr)
{
	size_t size = cpulist_print(NULL, 0, cpus, nr) + 1;
	char *list = malloc(size);

	if (!list)
		return -ENOMEM;
	cpulist_print(list, size, cpus, nr);
	fold(out, name, mark, list);
	free(list);
	return 0;
}

static int list_marked(const struct drawing *d, const struct mark *mark)
{
	const struct topology *topo = &d->machine->topo;
	int *cpus = calloc(topo->nr_online, sizeof(*cpus)), nr = 0, error = 0;

	if (!cpus)
		return -ENOMEM;
	for (int i = 0; i < topo->nr_online; i++)
		if (mark->holds(&topo->cpus[i]))
			cpus[nr++] = topo->cpus[i].cpu;
	if (nr)
		error = list_cpus(d->out, mark->name, mark->mark, cpus, nr);
	free(cpus);
	return error;
}

static int list_roles(const struct drawing *d, const struct placed *placed)
{
	const struct binding *memory = &placed->memory;
	int error = 0;

	for (int role = 0; !error && role < NR_ROLES; role++)
		if (placed->roles.nr[role])
			error = list_cpus(d->out, role_name(role), letters[role],
					  placed->roles.cpu[role], placed->roles.nr[role]);
	if (!error && memory->nr)
		error = list_cpus(d->out, "memory node", ' ', memory->node, memory->nr);
	return error;
}

static int draw(struct drawing *d, const struct placed *placed)
{
	const struct topology *topo = &d->machine->topo;
	int error = prepare(d, placed);

	if (error)
		return error;
	fprintf(d->out, "%d CPU%s online, %d allowed, %d offline; %d node%s\n\n",
		topo->nr_online, topo->nr_online == 1 ? "" : "s", topo->nr_allowed,
		topo->nr_offline, d->machine->nr_nodes, d->machine->nr_nodes == 1 ? "" : "s");
	draw_cpus(d);
	draw_bare_nodes(d);
	fputc('\n', d->out);
	for (size_t i = 0; !error && i < NR_MARKS; i++)
		error = list_marked(d, &marks[i]);
	if (!error && topo->nr_offline)
		error = list_cpus(d->out, "offline", ' ', topo->offline, topo->nr_offline);
	if (!error && placed)
		error = list_roles(d, placed);
	return error;
}

/*
 * Draw @machine on @out, and where @placed (or NULL) puts each role; where it cannot
 * be had, only why. 0, -ENOMEM or -EIO.
 */
int render_topology(FILE *out, const struct machine *machine, const struct placed *placed)
{
	struct drawing drawing = { .out = out, .machine = machine };
	int error = 0;

	if (placed)
		fprintf(out, "placement %s\n", placed->name);
	if (placed && placed->why[0])
		fprintf(out, "  cannot be had here: %s\n", placed->why);
	else
		error = draw(&drawing, placed);

	free(drawing.cpus);
	free(drawing.letter);
	return error ? error : ferror(out) ? -EIO : 0;
}
