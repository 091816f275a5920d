// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What -p takes: rules, lists of roles and memory in one list, their canonical
 * names, and one clear message for each mistake that the text alone can tell.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/choose.h"

static char why[512];

/* @text is the @nr placements with these canonical names. */
static void understood(const char *text, const char *const *names, int nr)
{
	struct choices choices;

	assert_int_equal(choices_parse(text, &choices, why, sizeof(why)), 0);
	assert_int_equal(choices.nr, nr);
	for (int i = 0; i < nr; i++)
		assert_string_equal(choices.choice[i].name, names[i]);
	choices_free(&choices);
	assert_null(choices.choice);
}

#define UNDERSTOOD(text, ...) \
	understood(text, (const char *const[]){ __VA_ARGS__ }, \
		   sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void refused(const char *text, const char *words)
{
	struct choices choices;

	why[0] = '\0';
	assert_int_equal(choices_parse(text, &choices, why, sizeof(why)), -EINVAL);
	if (!strstr(why, words))
		fail_msg("'%s' does not say '%s'", why, words);
	assert_null(choices.choice);
	assert_int_equal(choices.nr, 0);
}

static void rules_stand_in_the_order_of_the_text(void **state)
{
	(void)state;
	UNDERSTOOD("all", "all");
	UNDERSTOOD("all,alone,cross-node", "all", "alone", "cross-node");
	UNDERSTOOD(",all,,alone,", "all", "alone");
}

static void a_comma_parts_cpus_and_placements(void **state)
{
	(void)state;
	UNDERSTOOD("initiator=0", "initiator=0");
	UNDERSTOOD("initiator=0,responder=2-5,7,lazy=6,bystander=8",
		   "initiator=0,responder=2-5,7,lazy=6,bystander=8");
	UNDERSTOOD("alone,initiator=0,lazy=1,2,all,initiator=3,initiator=4",
		   "alone", "initiator=0,lazy=1-2", "all", "initiator=3", "initiator=4");
}

static void the_same_roles_in_another_order_have_the_same_name(void **state)
{
	(void)state;
	UNDERSTOOD("initiator=00,bystander=7,lazy=9,responder=5,4,responder=2,3",
		   "initiator=0,responder=2-5,lazy=9,bystander=7");
}

static void the_roles_of_a_list_rise_and_its_memory_is_kept(void **state)
{
	struct choices choices;
	const struct placement_choice *choice;

	(void)state;
	assert_int_equal(choices_parse("initiator=3,responder=9,1,bystander=0@remote", &choices,
				       why, sizeof(why)), 0);
	choice = &choices.choice[0];
	assert_null(choice->rule);
	assert_int_equal(choice->memory, MEMORY_REMOTE);
	assert_int_equal(choice->roles.nr[ROLE_RESPONDER], 2);
	assert_int_equal(choice->roles.cpu[ROLE_RESPONDER][0], 1);
	assert_int_equal(choice->roles.cpu[ROLE_RESPONDER][1], 9);
	assert_int_equal(choice->roles.cpu[ROLE_INITIATOR][0], 3);
	assert_int_equal(choice->roles.cpu[ROLE_BYSTANDER][0], 0);
	assert_int_equal(choice->roles.nr[ROLE_LAZY], 0);
	choices_free(&choices);
}

static void memory_may_follow_each_placement(void **state)
{
	(void)state;
	UNDERSTOOD("alone@local,all@remote,smt@interleave",
		   "alone@local", "all@remote", "smt@interleave");
	UNDERSTOOD("initiator=0@local,initiator=1,responder=0,2@interleave,all",
		   "initiator=0@local", "initiator=1,responder=0,2@interleave", "all");
}

static void an_unknown_word_brings_the_nearest_one(void **state)
{
	(void)state;
	refused("alnoe", "unknown placement 'alnoe'; did you mean 'alone'?");
	refused("all,cross-nod", "did you mean 'cross-node'?");
	refused("everywhere", "unknown placement 'everywhere' (see tlbsync list)");
	refused("alone@remot", "unknown memory 'remot'; did you mean 'remote'?");
	refused("alone@", "unknown memory ''");
	refused("alone@local@remote", "unknown memory 'local@remote'");
	refused("@local", "unknown placement ''");
	refused("initiator=0,responders=1", "unknown role 'responders'; did you mean 'responder'?");
	refused("intiator=0", "did you mean 'initiator'?");
	refused("initiator=0,=1", "unknown role ''");
	refused("", "unknown placement ''");
	refused(",", "unknown placement ','");
}

static void a_list_begins_with_its_initiators(void **state)
{
	(void)state;
	refused("responder=1", "'responder=1' belongs to no initiator");
	refused("7", "'7' belongs to no initiator");
	refused("all,responder=1,initiator=0", "'responder=1' belongs to no initiator");
	refused("initiator=0,all,3", "'3' belongs to no initiator");
	refused("initiator=0-1024", "at most 1024 initiators");
}

static void a_cpu_list_is_read_strictly(void **state)
{
	static const char *const bad[] = {
		"", "x", "-1", "1-", "5-2", "1-2-3", "1:2", "0x1", " 1", "1 ", "8192", "1-8192",
		"99999999999999999999", "+1", "1.5",
	};
	char text[64], words[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "initiator=0,responder=%s", bad[i]);
		snprintf(words, sizeof(words), "'%s' is no CPU list like 0,2-5", bad[i]);
		refused(text, words);
	}
}

static void a_cpu_has_one_role(void **state)
{
	(void)state;
	refused("initiator=0,responder=0", "CPU 0 is given twice");
	refused("initiator=0,responder=1-4,3", "CPU 3 is given twice");
	refused("initiator=0,lazy=2,bystander=1-2", "CPU 2 is given twice");
}

static void memory_stands_at_the_end(void **state)
{
	(void)state;
	refused("initiator=0@local,responder=1", "'@local' belongs at the end");
	refused("initiator=0,responder=1@remote,2", "'@remote' belongs at the end");
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char text[1024] = "initiator=0,responder=2";

	(void)state;
	for (int cpu = 4; strlen(text) < PLACEMENT_NAME_SIZE; cpu += 2)
		snprintf(text + strlen(text), 16, ",%d", cpu);
	refused(text, "is longer than 191 letters");
	UNDERSTOOD("initiator=0,responder=1-4095,lazy=4096-8191",
		   "initiator=0,responder=1-4095,lazy=4096-8191");
}

/* Lists against a machine: 8 CPUs of which 3 is offline, 5 forbidden, 7 isolated. */
static void cpus_that_are_not_there_for_us_are_named(void **state)
{
	static const struct { const char *text, *words; } cases[] = {
		{ "initiator=0,responder=1-2", NULL },
		{ "initiator=0,responder=2-3", "CPU 3 is offline" },
		{ "initiator=0,bystander=8", "there is no CPU 8" },
		{ "initiator=5", "CPU 5 is not allowed" },
		{ "initiator=0,responder=4,lazy=5", "CPU 5 is not allowed" },
		{ "initiator=0,bystander=7", "CPU 7 is not allowed" },
		{ "all,alone@remote", NULL },
	};
	struct topology topo;

	(void)state;
	assert_int_equal(topology_load_synthetic(&topo, "numa:2 core:4 pu:1", "3"), 0);
	topo.cpus[4].allowed = topo.cpus[6].allowed = false;
	assert_int_equal(topo.cpus[4].cpu, 5);
	assert_int_equal(topology_mark(&topo, "7", ""), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct choices choices;

		assert_int_equal(choices_parse(cases[i].text, &choices, why, sizeof(why)), 0);
		assert_int_equal(choices_check(&choices, &topo, why, sizeof(why)),
				 cases[i].words ? -EINVAL : 0);
		if (cases[i].words)
			assert_non_null(strstr(why, cases[i].words));
		choices_free(&choices);
	}
	topology_free(&topo);
}

static void isolated_cpus_may_be_listed_where_nobody_left_them_out(void **state)
{
	struct topology topo;
	struct choices choices;

	(void)state;
	assert_int_equal(topology_load_synthetic(&topo, "numa:1 core:4 pu:1", NULL), 0);
	topo.cpus[2].allowed = topo.cpus[3].allowed = false;
	assert_int_equal(topology_mark(&topo, "2-3", ""), 0);
	assert_int_equal(choices_parse("initiator=2,responder=0,bystander=3", &choices, why,
				       sizeof(why)), 0);
	assert_int_equal(choices_check(&choices, &topo, why, sizeof(why)), 0);
	choices_free(&choices);
	topology_free(&topo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_stand_in_the_order_of_the_text),
		cmocka_unit_test(a_comma_parts_cpus_and_placements),
		cmocka_unit_test(the_same_roles_in_another_order_have_the_same_name),
		cmocka_unit_test(the_roles_of_a_list_rise_and_its_memory_is_kept),
		cmocka_unit_test(memory_may_follow_each_placement),
		cmocka_unit_test(an_unknown_word_brings_the_nearest_one),
		cmocka_unit_test(a_list_begins_with_its_initiators),
		cmocka_unit_test(a_cpu_list_is_read_strictly),
		cmocka_unit_test(a_cpu_has_one_role),
		cmocka_unit_test(memory_stands_at_the_end),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
		cmocka_unit_test(cpus_that_are_not_there_for_us_are_named),
		cmocka_unit_test(isolated_cpus_may_be_listed_where_nobody_left_them_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
