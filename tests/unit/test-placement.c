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
#include "machine/cpulist.h"

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

	assert_int_equal(placement_place(placement_find(name), topo, 1, &roles, why, sizeof(why)), 0);
	return roles;
}

/* @name does not fit @topo, for a reason that holds @words. */
static void refused(const char *name, const struct topology *topo, const char *words)
{
	struct roles roles = { 0 };
	char why[128] = "";

	assert_int_equal(placement_place(placement_find(name), topo, 1, &roles, why, sizeof(why)), -ENOENT);
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

/* @name gives the @role exactly the CPUs of @list. */
static void gives(const char *name, const struct topology *topo, enum role role,
		  const char *list)
{
	struct roles roles = placed(name, topo);
	char text[256];

	cpulist_print(text, sizeof(text), roles.cpu[role], roles.nr[role]);
	if (strcmp(text, list))
		fail_msg("%s: %s on %s, not on %s", name, role_name(role), text, list);
	roles_free(&roles);
}

/* Four nodes of two caches of two cores of two threads: every rule means other CPUs. */
static void each_rule_goes_as_far_as_it_says(void **state)
{
	static const struct { const char *name, *responders; } rules[] = {
		{ "alone", "" }, { "smt", "1" }, { "llc", "1-3" }, { "node", "1-7" },
		{ "cross-node", "8-15" }, { "spread", "8,16,24" }, { "all", "1-31" },
		{ "lazy", "" }, { "bystanders", "" },
	};
	struct topology topo = made_up("pack:4 numa:1 l3:2 core:2 pu:2", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		gives(rules[i].name, &topo, ROLE_INITIATOR, "0");
		gives(rules[i].name, &topo, ROLE_RESPONDER, rules[i].responders);
	}
	gives("lazy", &topo, ROLE_LAZY, "1-31");
	gives("lazy", &topo, ROLE_BYSTANDER, "");
	gives("bystanders", &topo, ROLE_BYSTANDER, "1-31");
	gives("bystanders", &topo, ROLE_LAZY, "");
	topology_free(&topo);
}

static void mixed_deals_cpus_out_evenly(void **state)
{
	struct topology topo = made_up("numa:1 core:8 pu:1", NULL);

	(void)state;
	gives("mixed", &topo, ROLE_INITIATOR, "0");
	gives("mixed", &topo, ROLE_RESPONDER, "1,4,7");
	gives("mixed", &topo, ROLE_LAZY, "2,5");
	gives("mixed", &topo, ROLE_BYSTANDER, "3,6");
	topology_free(&topo);
}

static void the_next_node_is_counted_upwards_and_round(void **state)
{
	struct topology topo = made_up("numa:4 core:2 pu:1", NULL);

	(void)state;
	for (int i = 0; i < 6; i++)	/* the initiator is on the last node */
		topo.cpus[i].allowed = i == 2 || i == 5;
	gives("cross-node", &topo, ROLE_INITIATOR, "2");
	gives("cross-node", &topo, ROLE_RESPONDER, "5");
	topo.cpus[2].allowed = topo.cpus[5].allowed = false;
	topo.cpus[0].node = 3;		/* numbers need not rise with the CPUs' */
	topo.cpus[0].allowed = topo.cpus[1].allowed = topo.cpus[4].allowed = true;
	gives("cross-node", &topo, ROLE_INITIATOR, "0");
	gives("cross-node", &topo, ROLE_RESPONDER, "1");
	topology_free(&topo);
}

static void what_the_machine_has_not_is_skipped_with_the_reason(void **state)
{
	struct topology flat = made_up("numa:1 core:4 pu:1", NULL);
	struct topology caches = made_up("numa:1 l3:4 core:1 pu:1", NULL);
	struct topology nodes = made_up("numa:4 core:1 pu:1", NULL);
	struct topology three = made_up("numa:1 core:3 pu:1", NULL);

	(void)state;
	refused("smt", &flat, "shares the core with CPU 0");
	refused("cross-node", &flat, "no other node");
	refused("spread", &flat, "no other node");
	refused("llc", &caches, "shares the last-level cache with CPU 0");
	refused("node", &nodes, "shares the node with CPU 0");
	refused("mixed", &three, "four CPUs");
	topology_free(&flat);
	topology_free(&caches);
	topology_free(&nodes);
	topology_free(&three);
}

static void one_cpu_is_enough_for_alone_only(void **state)
{
	struct topology topo = made_up("numa:1 core:1 pu:1", NULL);

	(void)state;
	for (int i = 0; placements[i]; i++)
		if (!strcmp(placements[i]->name, "alone"))
			gives("alone", &topo, ROLE_INITIATOR, "0");
		else
			refused(placements[i]->name, &topo, "CPU");
	topology_free(&topo);
}

/* Whatever the machine, a CPU has one role at most, and lists rise. */
static void no_cpu_has_two_roles(void **state)
{
	(void)state;
	for (size_t m = 0; m < NR_MACHINES; m++) {
		struct topology topo = made_up(machines[m].description, machines[m].offline);

		for (int p = 0; placements[p]; p++) {
			struct roles roles = { 0 };
			int seen[256] = { 0 };
			char why[128];

			if (placement_place(placements[p], &topo, 1, &roles, why, sizeof(why)))
				assert_true(strlen(why) > 10);
			for (int role = 0; role < NR_ROLES; role++)
				for (int i = 0; i < roles.nr[role]; i++) {
					assert_int_equal(seen[roles.cpu[role][i]]++, 0);
					assert_true(!i || roles.cpu[role][i] > roles.cpu[role][i - 1]);
				}
			roles_free(&roles);
		}
		topology_free(&topo);
	}
}

/* isolcpus=0,6-7 nohz_full=5: a process is allowed on 1-5 by default. */
static void cpus_set_apart_are_for_bystanders(void **state)
{
	struct topology topo = made_up("numa:2 core:4 pu:1", NULL);

	(void)state;
	topo.cpus[0].allowed = topo.cpus[6].allowed = topo.cpus[7].allowed = false;
	assert_int_equal(topology_mark(&topo, "0,6-7", "5"), 0);
	gives("alone", &topo, ROLE_INITIATOR, "1");
	gives("all", &topo, ROLE_RESPONDER, "2-4");
	gives("lazy", &topo, ROLE_LAZY, "2-4");
	gives("cross-node", &topo, ROLE_RESPONDER, "4");
	gives("spread", &topo, ROLE_RESPONDER, "4");
	gives("bystanders", &topo, ROLE_BYSTANDER, "0,2-7");
	gives("mixed", &topo, ROLE_BYSTANDER, "0,5-7");
	gives("mixed", &topo, ROLE_RESPONDER, "2,4");
	gives("mixed", &topo, ROLE_LAZY, "3");
	topology_free(&topo);
}

/* taskset -c 1-6 with isolcpus=6-7: what the user left out stays out. */
static void an_affinity_that_somebody_chose_is_kept_to(void **state)
{
	struct topology topo = made_up("numa:1 core:8 pu:1", NULL);

	(void)state;
	topo.cpus[0].allowed = topo.cpus[7].allowed = false;
	assert_int_equal(topology_mark(&topo, "6-7", ""), 0);
	gives("bystanders", &topo, ROLE_BYSTANDER, "2-6");
	gives("all", &topo, ROLE_RESPONDER, "2-5");
	topology_free(&topo);
}

static void isolated_cpus_outside_the_cpuset_stay_out(void **state)
{
	struct topology topo = made_up("numa:1 core:4 pu:1", NULL);

	(void)state;
	topo.cpus[2].allowed = topo.cpus[3].allowed = false;
	topo.cpus[3].in_cpuset = false;
	assert_int_equal(topology_mark(&topo, "2-3", ""), 0);
	gives("bystanders", &topo, ROLE_BYSTANDER, "1-2");
	topology_free(&topo);
}

static void the_initiator_is_set_apart_only_where_all_cpus_are(void **state)
{
	struct topology topo = made_up("numa:1 core:4 pu:1", NULL);

	(void)state;
	assert_int_equal(topology_mark(&topo, "", "0-3"), 0);
	gives("alone", &topo, ROLE_INITIATOR, "0");
	gives("bystanders", &topo, ROLE_BYSTANDER, "1-3");
	refused("all", &topo, "isolated or nohz_full");
	refused("cross-node", &topo, "isolated or nohz_full");
	refused("mixed", &topo, "isolated or nohz_full");
	assert_int_equal(topology_mark(&topo, "", "0-2"), 0);
	gives("alone", &topo, ROLE_INITIATOR, "3");
	topology_free(&topo);
}

/* ---- several initiators -------------------------------------------------------- */

static struct roles placed_with(const char *name, const struct topology *topo, int initiators)
{
	struct roles roles = { 0 };
	char why[128];

	assert_int_equal(placement_place(placement_find(name), topo, initiators, &roles, why,
					 sizeof(why)), 0);
	return roles;
}

static void lists(const struct roles *roles, enum role role, const char *cpus)
{
	char text[64] = "";

	cpulist_print(text, sizeof(text), roles->cpu[role], roles->nr[role]);
	assert_string_equal(text, cpus);
}

static void initiators_are(const struct topology *topo, int nr, const char *cpus)
{
	struct roles roles = placed_with("alone", topo, nr);

	lists(&roles, ROLE_INITIATOR, cpus);
	roles_free(&roles);
}

/* Nodes first, then caches, then cores, then SMT siblings. */
static void initiators_are_dealt_out_as_far_apart_as_can_be(void **state)
{
	struct topology topo = made_up("numa:2 l3:2 core:2 pu:2", NULL);

	(void)state;
	initiators_are(&topo, 1, "0");
	initiators_are(&topo, 2, "0,8");		/* one a node */
	initiators_are(&topo, 4, "0,4,8,12");		/* one a cache */
	initiators_are(&topo, 8, "0,2,4,6,8,10,12,14");	/* one a core */
	initiators_are(&topo, 16, "0-15");
	assert_int_equal(placement_room(&topo), 16);
	assert_int_equal(placement_nodes(&topo), 2);
	topology_free(&topo);
}

static void more_initiators_than_cpus_do_not_fit(void **state)
{
	struct topology topo = made_up("numa:1 core:4 pu:1", NULL);
	struct roles roles = { 0 };
	char why[128] = "";

	(void)state;
	topo.cpus[3].allowed = false;
	assert_int_equal(placement_place(placement_find("alone"), &topo, 4, &roles, why,
					 sizeof(why)), -ENOENT);
	assert_string_equal(why, "4 initiators need as many CPUs that may be used; here are 3");
	roles_free(&roles);
	topology_free(&topo);
}

/* @cpu's owner among those with @role. */
static int owner(const struct roles *roles, enum role role, int cpu)
{
	for (int i = 0; i < roles->nr[role]; i++)
		if (roles->cpu[role][i] == cpu)
			return roles_owner(roles, role, i);
	return -1;
}

static void the_other_cpus_are_shared_out_evenly(void **state)
{
	struct topology topo = made_up("numa:2 core:4 pu:1", NULL);
	struct roles roles = placed_with("all", &topo, 2);
	int nr[2] = { 0 };

	(void)state;
	lists(&roles, ROLE_INITIATOR, "0,4");
	lists(&roles, ROLE_RESPONDER, "1-3,5-7");
	for (int i = 0; i < 6; i++)
		nr[roles_owner(&roles, ROLE_RESPONDER, i)]++;
	assert_int_equal(nr[0], 3);
	assert_int_equal(nr[1], 3);
	roles_free(&roles);
	topology_free(&topo);
}

static void a_responder_serves_the_initiator_that_it_is_near(void **state)
{
	struct topology topo = made_up("numa:2 core:2 pu:2", NULL);
	struct roles roles = placed_with("smt", &topo, 2);

	(void)state;
	lists(&roles, ROLE_INITIATOR, "0,4");
	lists(&roles, ROLE_RESPONDER, "1,5");
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 1), 0);
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 5), 1);
	roles_free(&roles);
	roles = placed_with("cross-node", &topo, 2);
	lists(&roles, ROLE_RESPONDER, "1-3,5-7");
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 1), 1);
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 5), 0);
	roles_free(&roles);
	roles = placed_with("spread", &topo, 2);
	lists(&roles, ROLE_RESPONDER, "1,5");
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 1), 1);
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 5), 0);
	roles_free(&roles);
	topology_free(&topo);
}

static void initiators_that_take_every_cpu_leave_no_other_role(void **state)
{
	struct topology topo = made_up("numa:1 core:2 pu:1", NULL);
	struct roles roles = { 0 };
	char why[128] = "";

	(void)state;
	assert_int_equal(placement_place(placement_find("all"), &topo, 2, &roles, why,
					 sizeof(why)), -ENOENT);
	assert_string_equal(why, "the 2 initiators take every CPU that may be used");
	roles_free(&roles);
	topology_free(&topo);
}

/* A storm beside isolated CPUs: what operators care about. */
static void isolated_cpus_are_bystanders_of_a_storm(void **state)
{
	struct topology topo = made_up("numa:1 core:4 pu:1", NULL);
	struct roles roles;

	(void)state;
	assert_int_equal(topology_mark(&topo, "2-3", ""), 0);
	assert_int_equal(placement_room(&topo), 2);
	roles = placed_with("bystanders", &topo, 2);
	lists(&roles, ROLE_INITIATOR, "0-1");
	lists(&roles, ROLE_BYSTANDER, "2-3");
	roles_free(&roles);
	topology_free(&topo);
}

static void listed_roles_serve_the_listed_initiators_in_turn(void **state)
{
	struct topology topo = made_up("numa:1 core:8 pu:1", NULL);
	struct placement_choice choice = { .name = "listed" };
	struct roles roles = { 0 };
	char why[128];

	(void)state;
	roles_add(&choice.roles, ROLE_INITIATOR, 0);
	roles_add(&choice.roles, ROLE_INITIATOR, 4);
	for (int cpu = 1; cpu < 4; cpu++)
		roles_add(&choice.roles, ROLE_RESPONDER, cpu);
	assert_int_equal(placement_apply(&choice, &topo, 1, &roles, why, sizeof(why)), 0);
	lists(&roles, ROLE_INITIATOR, "0,4");
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 1), 0);
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 2), 1);
	assert_int_equal(owner(&roles, ROLE_RESPONDER, 3), 0);
	roles_free(&roles);
	roles_free(&choice.roles);
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
		cmocka_unit_test(each_rule_goes_as_far_as_it_says),
		cmocka_unit_test(mixed_deals_cpus_out_evenly),
		cmocka_unit_test(the_next_node_is_counted_upwards_and_round),
		cmocka_unit_test(what_the_machine_has_not_is_skipped_with_the_reason),
		cmocka_unit_test(one_cpu_is_enough_for_alone_only),
		cmocka_unit_test(no_cpu_has_two_roles),
		cmocka_unit_test(cpus_set_apart_are_for_bystanders),
		cmocka_unit_test(an_affinity_that_somebody_chose_is_kept_to),
		cmocka_unit_test(isolated_cpus_outside_the_cpuset_stay_out),
		cmocka_unit_test(the_initiator_is_set_apart_only_where_all_cpus_are),
		cmocka_unit_test(every_placement_is_found_by_its_own_name),
		cmocka_unit_test(freed_roles_are_empty_and_can_be_filled_again),
		cmocka_unit_test(every_role_has_a_name_of_its_own),
		cmocka_unit_test(initiators_are_dealt_out_as_far_apart_as_can_be),
		cmocka_unit_test(more_initiators_than_cpus_do_not_fit),
		cmocka_unit_test(the_other_cpus_are_shared_out_evenly),
		cmocka_unit_test(a_responder_serves_the_initiator_that_it_is_near),
		cmocka_unit_test(initiators_that_take_every_cpu_leave_no_other_role),
		cmocka_unit_test(isolated_cpus_are_bystanders_of_a_storm),
		cmocka_unit_test(listed_roles_serve_the_listed_initiators_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
