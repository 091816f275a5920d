// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The flat list of CPUs on made-up machines (hwloc's synthetic topologies) with
 * one to eight nodes, SMT and offline CPUs, and on the machine that runs this. Each
 * names its nodes: hwloc 2.9 adds missing ones with an overlapping memcpy().
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/topology.h"

/* Two packages with a node and an L3 each, two cores of two threads. */
#define TWO_SOCKETS	"pack:2 numa:1 l3:1 core:2 pu:2"

static struct topology made_up(const char *description, const char *offline)
{
	struct topology topo;

	assert_int_equal(topology_load_synthetic(&topo, description, offline), 0);
	return topo;
}

static int nr_distinct_nodes(const struct topology *topo)
{
	int nr = 0;

	for (int i = 0; i < topo->nr_online; i++) {
		int before = 0;

		while (topo->cpus[before].node != topo->cpus[i].node)
			before++;
		nr += before == i;
	}
	return nr;
}

static void one_two_four_and_eight_nodes_are_seen(void **state)
{
	static const struct { const char *text; int nodes; } machines[] = {
		{ "numa:1 core:4 pu:1", 1 }, { "numa:2 core:2 pu:1", 2 },
		{ "pack:4 numa:1 core:2 pu:2", 4 }, { "pack:2 numa:4 core:2 pu:1", 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct topology topo = made_up(machines[i].text, NULL);

		assert_int_equal(topo.nr_nodes, machines[i].nodes);
		assert_int_equal(nr_distinct_nodes(&topo), machines[i].nodes);
		topology_free(&topo);
	}
}

static void smt_siblings_share_a_core_and_nobody_else_does(void **state)
{
	struct topology topo = made_up(TWO_SOCKETS, NULL);

	(void)state;
	assert_int_equal(topo.nr_online, 8);
	for (int a = 0; a < 8; a++) {
		assert_int_equal(topo.cpus[a].cpu, a);
		for (int b = 0; b < 8; b++)
			assert_int_equal(topo.cpus[a].core == topo.cpus[b].core, a / 2 == b / 2);
	}
	topology_free(&topo);
}

static void caches_packages_and_nodes_part_the_cpus(void **state)
{
	struct topology topo = made_up(TWO_SOCKETS, NULL);

	(void)state;
	for (int i = 0; i < 8; i++) {
		assert_int_equal(topo.cpus[i].package, i / 4);
		assert_int_equal(topo.cpus[i].llc, i / 4);
		assert_int_equal(topo.cpus[i].node, i / 4);
		assert_true(topo.cpus[i].allowed);
	}
	assert_int_equal(topo.nr_allowed, 8);
	topology_free(&topo);
}

static void the_last_cache_counts_not_the_first(void **state)
{
	struct topology topo = made_up("pack:1 numa:1 l3:2 l2:2 core:1 pu:1", NULL);

	(void)state;
	assert_int_equal(topo.cpus[0].llc, topo.cpus[1].llc);
	assert_int_not_equal(topo.cpus[0].llc, topo.cpus[2].llc);
	topology_free(&topo);
}

static void without_caches_the_package_is_what_cpus_share(void **state)
{
	struct topology topo = made_up("pack:2 numa:1 core:2 pu:1", NULL);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(topo.cpus[i].llc, i / 2);
	topology_free(&topo);
}

static void offline_cpus_are_not_there_and_keep_their_numbers(void **state)
{
	struct topology topo = made_up(TWO_SOCKETS, "1,4-5");

	(void)state;
	assert_int_equal(topo.nr_online, 5);
	assert_int_equal(topo.nr_allowed, 5);
	assert_int_equal(topo.nr_possible, 8);
	assert_null(topology_find(&topo, 1));
	assert_null(topology_find(&topo, 4));
	assert_null(topology_find(&topo, 5));
	assert_non_null(topology_find(&topo, 6));
	assert_int_equal(topology_find(&topo, 6)->cpu, 6);
	assert_int_equal(topology_find(&topo, 6)->package, 1);
	assert_int_equal(topology_find(&topo, 6)->core, 2);	/* dense: core 2 is gone */
	topology_free(&topo);
}

static void cpus_are_sorted_by_number_when_siblings_are_far_apart(void **state)
{
	struct topology topo = made_up("pack:1 numa:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)", NULL);

	(void)state;
	for (int i = 0; i < 8; i++) {
		assert_int_equal(topo.cpus[i].cpu, i);
		assert_int_equal(topo.cpus[i].core, i % 4);
		assert_ptr_equal(topology_find(&topo, i), &topo.cpus[i]);
	}
	topology_free(&topo);
}

static void offline_cpus_are_listed(void **state)
{
	struct topology topo = made_up(TWO_SOCKETS, "1,4-5");

	(void)state;
	assert_int_equal(topo.nr_offline, 3);
	assert_int_equal(topo.offline[0], 1);
	assert_int_equal(topo.offline[1], 4);
	assert_int_equal(topo.offline[2], 5);
	topology_free(&topo);
	topo = made_up(TWO_SOCKETS, NULL);
	assert_int_equal(topo.nr_offline, 0);
	topology_free(&topo);
}

static void cpus_are_marked_as_the_kernel_lists_them(void **state)
{
	struct topology topo = made_up(TWO_SOCKETS, "3");

	(void)state;
	assert_int_equal(topology_mark(&topo, "2-3,7", "6-7,100"), 0);
	for (int i = 0; i < topo.nr_online; i++) {
		int cpu = topo.cpus[i].cpu;

		assert_int_equal(topo.cpus[i].isolated, cpu == 2 || cpu == 7);
		assert_int_equal(topo.cpus[i].nohz_full, cpu == 6 || cpu == 7);
		assert_false(topo.cpus[i].reachable);	/* they are allowed */
	}
	assert_int_equal(topology_mark(&topo, "", ""), 0);
	for (int i = 0; i < topo.nr_online; i++)
		assert_false(topo_set_apart(&topo.cpus[i]));
	assert_int_equal(topology_mark(&topo, "nonsense", ""), -EINVAL);
	topology_free(&topo);
}

static void isolated_cpus_are_reachable_if_only_they_are_not_allowed(void **state)
{
	struct topology topo = made_up(TWO_SOCKETS, NULL);

	(void)state;
	topo.cpus[6].allowed = topo.cpus[7].allowed = false;
	assert_int_equal(topology_mark(&topo, "6-7", ""), 0);
	assert_int_equal(topo.nr_reachable, 2);
	assert_true(topo_usable(&topo.cpus[7]));
	topo.cpus[1].allowed = false;
	assert_int_equal(topology_mark(&topo, "6-7", ""), 0);
	assert_int_equal(topo.nr_reachable, 0);
	assert_false(topo_usable(&topo.cpus[7]));
	topology_free(&topo);
}

static void a_cpu_that_does_not_exist_is_not_found(void **state)
{
	struct topology topo = made_up("numa:1 core:2 pu:1", "");

	(void)state;
	assert_null(topology_find(&topo, -1));
	assert_null(topology_find(&topo, 2));
	topology_free(&topo);
	assert_null(topology_find(&topo, 0));
	topology_free(&topo);
}

static void a_bad_description_or_list_is_refused(void **state)
{
	static const struct { const char *text, *offline; } bad[] = {
		{ "", NULL }, { "nonsense:2", NULL }, { "numa:1 core:0 pu:1", NULL },
		{ "numa:1 core:2 pu:1", "x" }, { "numa:1 core:2 pu:1", "0-" }, { "numa:1 core:2 pu:1", "0,,x" },
		{ "numa:1 core:2 pu:1", "0-1" },
	};
	struct topology topo;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(topology_load_synthetic(&topo, bad[i].text, bad[i].offline),
				 -EINVAL);
		assert_null(topo.cpus);
	}
}

static void this_machine_has_the_cpus_that_the_kernel_says(void **state)
{
	struct topology topo;
	cpu_set_t affinity;

	(void)state;
	assert_int_equal(topology_load(&topo), 0);
	assert_int_equal(topo.nr_online, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(topo.nr_nodes >= 1);
	assert_true(topo.nr_possible > topo.cpus[topo.nr_online - 1].cpu);
	if (sched_getaffinity(0, sizeof(affinity), &affinity) == 0)
		assert_int_equal(topo.nr_allowed, CPU_COUNT(&affinity));
	topology_free(&topo);
}

static void only_the_cpus_of_the_affinity_are_allowed(void **state)
{
	struct topology topo;
	cpu_set_t before, one;
	int cpu = sched_getcpu();

	(void)state;
	if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before), &before))
		skip();
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(topology_load(&topo), 0);
	sched_setaffinity(0, sizeof(before), &before);
	assert_int_equal(topo.nr_allowed, 1);
	assert_int_equal(topo.nr_online, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(topology_find(&topo, cpu)->allowed);
	topology_free(&topo);
}

static void another_machine_from_the_environment_is_refused(void **state)
{
	struct topology topo;

	(void)state;
	setenv("HWLOC_SYNTHETIC", "numa:1 core:64 pu:2", 1);
	assert_int_equal(topology_load(&topo), -EINVAL);
	unsetenv("HWLOC_SYNTHETIC");
	assert_null(topo.cpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_two_four_and_eight_nodes_are_seen),
		cmocka_unit_test(smt_siblings_share_a_core_and_nobody_else_does),
		cmocka_unit_test(caches_packages_and_nodes_part_the_cpus),
		cmocka_unit_test(the_last_cache_counts_not_the_first),
		cmocka_unit_test(without_caches_the_package_is_what_cpus_share),
		cmocka_unit_test(offline_cpus_are_not_there_and_keep_their_numbers),
		cmocka_unit_test(cpus_are_sorted_by_number_when_siblings_are_far_apart),
		cmocka_unit_test(offline_cpus_are_listed),
		cmocka_unit_test(cpus_are_marked_as_the_kernel_lists_them),
		cmocka_unit_test(isolated_cpus_are_reachable_if_only_they_are_not_allowed),
		cmocka_unit_test(a_cpu_that_does_not_exist_is_not_found),
		cmocka_unit_test(a_bad_description_or_list_is_refused),
		cmocka_unit_test(this_machine_has_the_cpus_that_the_kernel_says),
		cmocka_unit_test(only_the_cpus_of_the_affinity_are_allowed),
		cmocka_unit_test(another_machine_from_the_environment_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
