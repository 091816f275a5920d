// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Placements on machines that are not there: one to eight nodes, SMT, offline
 * CPUs, and CPUs that this process may not use. hwloc's synthetic topologies
 * name their nodes: hwloc 2.9 adds missing ones with an overlapping memcpy().
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/placement.h"

static const struct {
	const char *description, *offline;
} machines[] = {
	{ "numa:1 core:4 pu:1", NULL },
	{ "numa:1 core:4 pu:2", NULL },
	{ "numa:2 core:2 pu:1", NULL },
	{ "pack:2 numa:1 l3:1 core:2 pu:2", "0" },
	{ "pack:4 numa:1 core:2 pu:2", "1,4-5" },
	{ "pack:2 numa:4 core:2 pu:1", NULL },
	{ "pack:2 numa:4 core:8 pu:2", "0-63,127" },
};

#define NR_MACHINES	(sizeof(machines) / sizeof(machines[0]))

static struct topology made_up(const char *description, const char *offline)
{
	struct topology topo;

	assert_int_equal(topology_load_synthetic(&topo, description, offline), 0);
	return topo;
}

static struct roles placed(const char *name, const struct topology *topo)
{
	struct roles roles = { 0 };
	char why[128];

	assert_int_equal(placement_find(name)->place(topo, &roles, why, sizeof(why)), 0);
	return roles;
}

/* @name does not fit @topo, for a reason that holds @words. */
static void refused(const char *name, const struct topology *topo, const char *words)
{
	struct roles roles = { 0 };
	char why[128] = "";

	assert_int_equal(placement_find(name)->place(topo, &roles, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, words));
	roles_free(&roles);
}

static int nr_placed(const struct roles *roles)
{
	int nr = 0;

	for (int role = 0; role < NR_ROLES; role++)
		nr += roles->nr[role];
	return nr;
}

static void alone_places_the_first_cpu_as_initiator_and_nobody_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_MACHINES; i++) {
		struct topology topo = made_up(machines[i].description, machines[i].offline);
		struct roles roles = placed("alone", &topo);

		assert_int_equal(nr_placed(&roles), 1);
		assert_int_equal(roles.nr[ROLE_INITIATOR], 1);
		assert_int_equal(roles.cpu[ROLE_INITIATOR][0], topo.cpus[0].cpu);
		roles_free(&roles);
		topology_free(&topo);
	}
}

/* SMT siblings and CPUs of other nodes alike, offline ones never. */
static void all_makes_a_responder_of_every_other_online_cpu(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_MACHINES; i++) {
		struct topology topo = made_up(machines[i].description, machines[i].offline);
		struct roles roles = placed("all", &topo);

		assert_int_equal(roles.nr[ROLE_INITIATOR], 1);
		assert_int_equal(roles.cpu[ROLE_INITIATOR][0], topo.cpus[0].cpu);
		assert_int_equal(roles.nr[ROLE_RESPONDER], topo.nr_online - 1);
		for (int cpu = 1; cpu < topo.nr_online; cpu++)
			assert_int_equal(roles.cpu[ROLE_RESPONDER][cpu - 1], topo.cpus[cpu].cpu);
		assert_int_equal(nr_placed(&roles), topo.nr_online);
		roles_free(&roles);
		topology_free(&topo);
	}
}

static void an_offline_cpu_gets_no_role(void **state)
{
	struct topology topo = made_up("pack:2 numa:1 core:2 pu:1", "0,2");
	struct roles roles = placed("all", &topo);

	(void)state;
	assert_int_equal(roles.cpu[ROLE_INITIATOR][0], 1);
	assert_int_equal(roles.nr[ROLE_RESPONDER], 1);
	assert_int_equal(roles.cpu[ROLE_RESPONDER][0], 3);
	roles_free(&roles);
	topology_free(&topo);
}

static void a_cpu_that_is_not_allowed_gets_no_role(void **state)
{
	struct topology topo = made_up("numa:2 core:2 pu:2", NULL);
	struct roles roles;

	(void)state;
	topo.cpus[0].allowed = topo.cpus[3].allowed = false;
	roles = placed("alone", &topo);
	assert_int_equal(roles.cpu[ROLE_INITIATOR][0], 1);
	roles_free(&roles);
	roles = placed("all", &topo);
	assert_int_equal(roles.cpu[ROLE_INITIATOR][0], 1);
	assert_int_equal(roles.nr[ROLE_RESPONDER], 5);
	assert_int_equal(roles.cpu[ROLE_RESPONDER][0], 2);
	assert_int_equal(roles.cpu[ROLE_RESPONDER][1], 4);
	roles_free(&roles);
	topology_free(&topo);
}

static void one_allowed_cpu_is_enough_for_alone_and_too_few_for_all(void **state)
{
	struct topology topo = made_up("numa:1 core:4 pu:1", NULL);
	struct roles roles;

	(void)state;
	for (int i = 0; i < topo.nr_online; i++)
		topo.cpus[i].allowed = i == 2;
	roles = placed("alone", &topo);
	assert_int_equal(roles.cpu[ROLE_INITIATOR][0], 2);
	roles_free(&roles);
	refused("all", &topo, "only one CPU is allowed");
	topology_free(&topo);
}

static void one_online_cpu_is_too_few_for_all(void **state)
{
	struct topology topo = made_up("numa:1 core:2 pu:1", "1");
	struct roles roles = placed("alone", &topo);

	(void)state;
	assert_int_equal(nr_placed(&roles), 1);
	roles_free(&roles);
	refused("all", &topo, "only one CPU is online");
	topology_free(&topo);
}

static void without_an_allowed_cpu_nothing_is_placed(void **state)
{
	struct topology topo = made_up("numa:1 core:2 pu:1", NULL);

	(void)state;
	topo.cpus[0].allowed = topo.cpus[1].allowed = false;
	for (int i = 0; placements[i]; i++)
		refused(placements[i]->name, &topo, "no online CPU is allowed");
	topology_free(&topo);
}

static void every_placement_is_found_by_its_own_name(void **state)
{
	(void)state;
	assert_non_null(placements[0]);
	for (int i = 0; placements[i]; i++) {
		assert_ptr_equal(placement_find(placements[i]->name), placements[i]);
		assert_true(strlen(placements[i]->summary) > 10);
	}
	assert_null(placement_find("al"));
	assert_null(placement_find("alone "));
	assert_null(placement_find(""));
}

static void freed_roles_are_empty_and_can_be_filled_again(void **state)
{
	struct roles roles = { 0 };

	(void)state;
	for (int cpu = 0; cpu < 100; cpu++)
		assert_int_equal(roles_add(&roles, ROLE_LAZY, cpu), 0);
	assert_int_equal(roles.nr[ROLE_LAZY], 100);
	assert_int_equal(roles.cpu[ROLE_LAZY][99], 99);
	roles_free(&roles);
	assert_int_equal(nr_placed(&roles), 0);
	assert_null(roles.cpu[ROLE_LAZY]);
	assert_int_equal(roles_add(&roles, ROLE_LAZY, 7), 0);
	assert_int_equal(roles.cpu[ROLE_LAZY][0], 7);
	roles_free(&roles);
}

static void every_role_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int role = 0; role < NR_ROLES; role++)
		for (int other = 0; other < role; other++)
			assert_string_not_equal(role_name(role), role_name(other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_places_the_first_cpu_as_initiator_and_nobody_else),
		cmocka_unit_test(all_makes_a_responder_of_every_other_online_cpu),
		cmocka_unit_test(an_offline_cpu_gets_no_role),
		cmocka_unit_test(a_cpu_that_is_not_allowed_gets_no_role),
		cmocka_unit_test(one_allowed_cpu_is_enough_for_alone_and_too_few_for_all),
		cmocka_unit_test(one_online_cpu_is_too_few_for_all),
		cmocka_unit_test(without_an_allowed_cpu_nothing_is_placed),
		cmocka_unit_test(every_placement_is_found_by_its_own_name),
		cmocka_unit_test(freed_roles_are_empty_and_can_be_filled_again),
		cmocka_unit_test(every_role_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
