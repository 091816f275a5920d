// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Machines from 1 to 256 CPUs drawn as text: every CPU once, in 100 columns, with
 * its role and marks, and nodes that have no memory or no CPU.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/placement.h"
#include "render/topology.h"

static struct machine_node node_list[64];

/* Nodes with memory for all that @description has. */
static struct machine made_up(const char *description, const char *offline)
{
	struct machine machine = { .nodes = node_list };

	assert_int_equal(topology_load_synthetic(&machine.topo, description, offline), 0);
	machine.nr_nodes = machine.topo.nr_nodes;
	for (int i = 0; i < machine.nr_nodes; i++)
		node_list[i] = (struct machine_node){
			.node = i, .bytes_total = 512ull << 20, .nr_cpus = 1,
		};
	return machine;
}

/* The drawing, the caller's to free; no line of it is too wide. */
static char *drawn(const struct machine *machine, const char *rule)
{
	struct placed placed = { 0 };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (rule) {
		strcpy(placed.name, rule);
		placement_place(placement_find(rule), &machine->topo, 1, &placed.roles, placed.why,
					    sizeof(placed.why));
	}
	assert_int_equal(render_topology(out, machine, rule ? &placed : NULL), 0);
	fclose(out);
	roles_free(&placed.roles);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 100)
			fail_msg("a line is too wide:\n%s", text);
	return text;
}

static void shows(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("no '%s' in:\n%s", words, text);
}

/* Each CPU stands once between brackets. */
static void has_every_cpu(const char *text, const struct topology *topo)
{
	int *times = calloc(topo->nr_possible, sizeof(*times)), inside = 0;

	while (*text) {
		inside += *text == '[' ? 1 : *text == ']' ? -1 : 0;
		if (inside && isdigit((unsigned char)*text))
			times[strtol(text, (char **)&text, 10)]++;
		else
			text++;
	}
	for (int cpu = 0; cpu < topo->nr_possible; cpu++)
		assert_int_equal(times[cpu], topology_find(topo, cpu) != NULL);
	free(times);
}

static void every_cpu_is_drawn_once_from_1_to_256(void **state)
{
	static const char *const machines[] = {
		"numa:1 core:1 pu:1", "numa:1 core:2 pu:1", "pack:2 numa:1 l3:1 core:2 pu:2",
		"pack:4 numa:1 l3:2 core:4 pu:2", "pack:2 numa:4 l3:2 core:4 pu:2",
		"pack:2 numa:1 l3:8 core:8 pu:2", "pack:1 numa:1 core:256 pu:1",
		"numa:1 l3:1 core:64 pu:4", "pack:32 numa:1 core:4 pu:2",
		"pack:2 numa:1 core:64 pu:2(indexes=128*2:1*128)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct machine machine = made_up(machines[i], NULL);

		for (int p = -1; p < 0 || placements[p]; p++) {
			char *text = drawn(&machine, p < 0 ? NULL : placements[p]->name);

			if (!strstr(text, "cannot be had here"))
				has_every_cpu(text, &machine.topo);
			free(text);
		}
		topology_free(&machine.topo);
	}
}

static void roles_stand_beside_the_cpus_and_below(void **state)
{
	struct machine machine = made_up("pack:2 numa:1 l3:1 core:2 pu:2", NULL);
	char *text = drawn(&machine, "mixed");

	(void)state;
	shows(text, "placement mixed\n");
	shows(text, "cache 0    [0I 1R] [2L 3B]\n");
	shows(text, "cache 1    [4R 5L] [6B 7R]\n");
	shows(text, "\ninitiator   I 0\nresponder   R 1,4,7\nlazy        L 2,5\nbystander   B 3,6\n");
	free(text);
	text = drawn(&machine, "smt");
	shows(text, "[0I 1R] [2. 3.]");
	free(text);
	topology_free(&machine.topo);
}

static void what_cannot_be_placed_says_why(void **state)
{
	struct machine machine = made_up("numa:1 core:2 pu:1", NULL);
	char *text = drawn(&machine, "smt");

	(void)state;
	shows(text, "placement smt\n  cannot be had here: no other CPU");
	assert_null(strchr(text, '['));
	free(text);
	topology_free(&machine.topo);
}

static void cpus_that_are_special_are_marked_and_listed(void **state)
{
	struct machine machine = made_up("numa:1 core:8 pu:1", "1");
	char *text;

	(void)state;
	machine.topo.cpus[1].allowed = false;	/* CPU 2 */
	assert_int_equal(topology_mark(&machine.topo, "6-7", "5,7"), 0);
	text = drawn(&machine, NULL);
	shows(text, "[0] [2!] [3] [4] [5~] [6*] [7*~]");
	shows(text, "isolated    * 6-7\nnohz_full   ~ 5,7\nnot allowed ! 2\noffline       1\n");
	free(text);
	topology_free(&machine.topo);
}

static void nodes_without_memory_or_cpus_are_shown_as_such(void **state)
{
	struct machine machine = made_up("numa:2 core:2 pu:1", NULL);
	char *text;

	(void)state;
	node_list[1].bytes_total = 0;
	node_list[machine.nr_nodes++] = (struct machine_node){
		.node = 2, .bytes_total = 64ull << 30,
	};
	text = drawn(&machine, NULL);
	shows(text, "  node 0 (512 MiB)\n");
	shows(text, "  node 1 (no memory)\n");
	shows(text, "  node 2 (64 GiB)\n    no CPU online\n");
	shows(text, "; 3 nodes\n");
	free(text);
	topology_free(&machine.topo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cpu_is_drawn_once_from_1_to_256),
		cmocka_unit_test(roles_stand_beside_the_cpus_and_below),
		cmocka_unit_test(what_cannot_be_placed_says_why),
		cmocka_unit_test(cpus_that_are_special_are_marked_and_listed),
		cmocka_unit_test(nodes_without_memory_or_cpus_are_shown_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
