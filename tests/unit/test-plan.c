// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what was typed to the list of cases: names, parameters and sizes that are
 * understood, and one clear message for each that is not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/plan.h"
#include "engine/budget.h"

static char why[256];

static struct plan built(const char *workload_list, const char *placement_list)
{
	const struct selection selection = {
		.workloads = workload_list, .placements = placement_list, .profile = "default",
	};
	struct plan plan;

	assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), 0);
	return plan;
}

/* What was typed is refused, in words that hold @words, and nothing is left to free. */
static void refused(const char *workload_list, const char *placement_list,
		    const char *profile, const char *words)
{
	const struct selection selection = {
		.workloads = workload_list, .placements = placement_list, .profile = profile,
	};
	struct plan plan;

	why[0] = '\0';
	assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), -EINVAL);
	if (!strstr(why, words))
		fail_msg("'%s' does not say '%s'", why, words);
	assert_null(plan.cases);
	assert_int_equal(plan.nr, 0);
}

/* How many cases of @plan are @workload at the placement called @name. */
static int nr_cases(const struct plan *plan, const struct workload *workload, const char *name)
{
	int nr = 0;

	for (int i = 0; i < plan->nr; i++)
		nr += plan->cases[i].member[0].workload == workload &&
		      !strcmp(plan->cases[i].placement->name, name);
	return nr;
}

static void without_lists_every_workload_is_alone_and_with_all(void **state)
{
	struct plan plan = built(NULL, NULL);

	(void)state;
	assert_int_equal(plan.choices.nr, 2);
	for (int w = 0; workloads[w]; w++) {
		assert_true(nr_cases(&plan, workloads[w], "alone") >= 1);
		assert_true(nr_cases(&plan, workloads[w], "all") >= 1);
	}
	plan_free(&plan);
}

static void the_full_profile_meets_every_rule_and_memory_elsewhere(void **state)
{
	const struct selection selection = { .workloads = "munmap:size=4K", .profile = "full" };
	struct plan plan;
	int nr = 0;

	(void)state;
	assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), 0);
	for (; placements[nr]; nr++)
		assert_int_equal(nr_cases(&plan, workload_find("munmap"), placements[nr]->name), 1);
	assert_int_equal(nr_cases(&plan, workload_find("munmap"), "alone@remote"), 1);
	assert_int_equal(nr_cases(&plan, workload_find("munmap"), "alone@interleave"), 1);
	assert_int_equal(plan.nr, nr + 2);
	plan_free(&plan);
}

static void a_list_names_what_is_run_and_in_which_order(void **state)
{
	struct plan plan = built("collapse-madvise,munmap:size=4K", "all,alone");

	(void)state;
	assert_int_equal(plan.nr, 4);
	for (int i = 0; i < 4; i++) {
		assert_string_equal(plan.cases[i].member[0].workload->name,
				    i < 2 ? "collapse-madvise" : "munmap");
		assert_string_equal(plan.cases[i].placement->name, i % 2 ? "alone" : "all");
	}
	plan_free(&plan);
}

static void a_parameter_that_is_given_is_the_only_one(void **state)
{
	struct plan plan = built("munmap:size=64K", "alone");

	(void)state;
	assert_int_equal(plan.nr, 1);
	assert_int_equal(plan.cases[0].member[0].param[0], 65536);
	plan_free(&plan);
}

static void the_full_profile_takes_every_standard_value_the_others_the_first(void **state)
{
	static const char *const profiles[] = { "quick", "default", "full" };
	const struct workload_param *size = &workload_find("munmap")->params[0];

	(void)state;
	assert_true(size->nr_standard > 1);
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		const struct selection selection = {
			.workloads = "munmap", .placements = "alone", .profile = profiles[i],
		};
		struct plan plan;

		assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), 0);
		assert_int_equal(plan.nr, strcmp(profiles[i], "full") ? 1 : size->nr_standard);
		for (int j = 0; j < plan.nr; j++)
			assert_int_equal(plan.cases[j].member[0].param[0], size->standard[j]);
		plan_free(&plan);
	}
}

static void the_quick_profile_runs_the_core_of_the_workloads(void **state)
{
	const struct selection selection = { .placements = "alone", .profile = "quick" };
	struct plan plan;
	int core = 0;

	(void)state;
	assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), 0);
	for (int i = 0; workloads[i]; i++)
		core += workloads[i]->core;
	assert_int_equal(plan.nr, core);
	for (int i = 0; i < plan.nr; i++)
		assert_true(plan.cases[i].member[0].workload->core);
	plan_free(&plan);
}

static void one_workload_may_come_twice_with_other_parameters(void **state)
{
	struct plan plan = built("munmap:size=4K,munmap:size=2M", "alone");

	(void)state;
	assert_int_equal(plan.nr, 2);
	assert_int_equal(plan.cases[0].member[0].param[0], 4096);
	assert_int_equal(plan.cases[1].member[0].param[0], 2 << 20);
	plan_free(&plan);
}

static void the_cases_share_the_time_of_the_profile(void **state)
{
	static const struct { const char *name; uint64_t seconds; } profiles[] = {
		{ "quick", 10 }, { "default", 60 }, { "full", 600 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		const struct selection selection = { .profile = profiles[i].name };
		struct plan plan;
		uint64_t sum = 0;

		assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), 0);
		for (int j = 0; j < plan.nr; j++) {
			assert_int_equal(plan.cases[j].ops, 0);
			assert_int_equal(plan.cases[j].budget_ns, plan.cases[0].budget_ns);
			sum += plan.cases[j].budget_ns;
		}
		assert_int_equal((sum + 500000000) / 1000000000, profiles[i].seconds);
		plan_free(&plan);
	}
}

static void ops_that_are_given_hold_for_every_case(void **state)
{
	const struct selection selection = { .profile = "quick", .ops = 123 };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_build(&selection, &plan, why, sizeof(why)), 0);
	for (int i = 0; i < plan.nr; i++)
		assert_int_equal(plan.cases[i].ops, 123);
	plan_free(&plan);
}

static void an_unknown_name_brings_the_nearest_one(void **state)
{
	(void)state;
	refused("collapse-madvize", NULL, "quick", "did you mean 'collapse-madvise'?");
	refused("munmap,munmpa", NULL, "quick", "unknown workload 'munmpa'; did you mean 'munmap'?");
	refused(NULL, "alnoe", "quick", "unknown placement 'alnoe'; did you mean 'alone'?");
	refused(NULL, NULL, "quik", "unknown profile 'quik'; did you mean 'quick'?");
	refused("munmap:sice=4K", NULL, "quick", "unknown parameter 'sice'; did you mean 'size'?");
}

static void a_name_like_none_says_where_the_names_are(void **state)
{
	(void)state;
	refused("xyzzy", NULL, "quick", "unknown workload 'xyzzy' (see tlbsync list)");
	refused(NULL, "everywhere", "quick", "unknown placement 'everywhere'");
	refused(NULL, NULL, "eternal", "unknown profile 'eternal'");
	refused("collapse-madvise:size=4K", NULL, "quick", "unknown parameter 'size'");
}

static void an_empty_list_is_no_list(void **state)
{
	(void)state;
	refused("", NULL, "quick", "unknown workload");
	refused(",,", NULL, "quick", "unknown workload");
	refused(":size=4K,", NULL, "quick", "unknown workload");
	refused(NULL, "", "quick", "unknown placement");
	refused(NULL, ",", "quick", "unknown placement");
	refused(NULL, NULL, "", "unknown profile");
}

static void a_size_that_cannot_be_is_refused_with_the_range(void **state)
{
	static const char *const bad[] = {
		"munmap:size=0", "munmap:size=1", "munmap:size=4097", "munmap:size=-4K",
		"munmap:size=2G", "munmap:size=4KB", "munmap:size=x", "munmap:size=",
		"munmap:size", "munmap:size=0x1000", "munmap:size= 4K",
		"munmap:size=99999999999999999999", "munmap:size=18446744073709551615G",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], NULL, "quick",
			"munmap:size takes 4096 to 1073741824 in multiples of 4096, not '");
}

static void numbers_may_end_in_k_m_or_g(void **state)
{
	static const struct { const char *text; uint64_t value; } good[] = {
		{ "0", 0 }, { "7", 7 }, { "4K", 4096 }, { "4k", 4096 }, { "3M", 3 << 20 },
		{ "2g", 2ull << 30 }, { "007", 7 }, { "18446744073709551615", UINT64_MAX },
		{ "17179869183G", 17179869183ull << 30 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse_number(good[i].text, &value), 0);
		assert_true(value == good[i].value);
	}
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "1KK", "1KB", "1T", "ten",
	};
	static const char *const too_large[] = {
		"18446744073709551616", "99999999999999999999999", "17179869184G",
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_number(bad[i], &value), -EINVAL);
	for (size_t i = 0; i < sizeof(too_large) / sizeof(too_large[0]); i++)
		assert_int_equal(parse_number(too_large[i], &value), -ERANGE);
}

static void a_freed_plan_is_empty(void **state)
{
	struct plan plan = built("munmap", NULL);

	(void)state;
	plan_free(&plan);
	assert_null(plan.cases);
	assert_int_equal(plan.nr, 0);
	plan_free(&plan);
}

/* ---- initiators ------------------------------------------------------------------ */

static int build_crews(const char *workloads_text, const char *placements_text,
		       const char *initiators, const char *as, struct plan *plan)
{
	const struct selection selection = {
		.workloads = workloads_text, .placements = placements_text, .profile = "default",
		.initiators = initiators, .as = as,
	};

	why[0] = '\0';
	return plan_build(&selection, plan, why, sizeof(why));
}

static void crews_refused(const char *workloads_text, const char *placements_text,
			  const char *initiators, const char *as, const char *words)
{
	struct plan plan;

	assert_int_equal(build_crews(workloads_text, placements_text, initiators, as, &plan), -EINVAL);
	if (!strstr(why, words))
		fail_msg("'%s' does not say '%s'", why, words);
}

static void without_a_number_there_is_one_initiator(void **state)
{
	struct plan plan = built("munmap", "alone");

	(void)state;
	assert_int_equal(plan.nr, 1);
	assert_int_equal(case_plan_initiators(&plan.cases[0]), 1);
	plan_free(&plan);
}

static void each_number_of_initiators_is_a_case(void **state)
{
	static const int want[] = { 1, 2, 8 };
	struct plan plan;

	(void)state;
	assert_int_equal(build_crews("munmap", "alone", "1,2,8", "processes,threads", &plan), 0);
	assert_int_equal(plan.nr, 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(plan.cases[i].initiators, want[i / 2]);
		assert_int_equal(plan.cases[i].as, i % 2 ? AS_THREAD : AS_PROCESS);
	}
	plan_free(&plan);
}

/* One thread is one process, and "all" may be a number that is there already. */
static void cases_that_are_the_same_on_this_machine_are_left_once(void **state)
{
	struct topology topo;
	struct plan plan = built("munmap,munmap", "alone,alone");
	uint64_t budget;

	(void)state;
	assert_int_equal(topology_load_synthetic(&topo, "numa:2 core:2 pu:1", NULL), 0);
	plan_settle(&plan, &topo);
	assert_int_equal(plan.nr, 4);	/* who asks for a case twice gets it twice */
	plan_free(&plan);
	assert_int_equal(build_crews("munmap", "alone", "1,4,nodes,all", "processes,threads", &plan), 0);
	budget = plan.budget_ns;
	plan_settle(&plan, &topo);
	assert_int_equal(plan.nr, 5);	/* 1; 4 and 2, as processes and as threads */
	assert_int_equal(plan.cases[0].initiators, 1);
	assert_int_equal(plan.cases[1].initiators, 4);
	assert_int_equal(plan.cases[2].initiators, 4);
	assert_int_equal(plan.cases[3].initiators, 2);
	assert_int_equal(plan.cases[0].budget_ns, budget / 5);
	plan_free(&plan);
	topology_free(&topo);
}

static void a_list_of_roles_has_its_own_initiators(void **state)
{
	struct plan plan;

	(void)state;
	assert_int_equal(build_crews("munmap", "initiator=0,3,responder=1", NULL, NULL, &plan), 0);
	assert_int_equal(case_plan_initiators(&plan.cases[0]), 2);
	plan_free(&plan);
	crews_refused("munmap", "initiator=0,3", "2", NULL, "lists its initiators");
}

static void bad_numbers_of_initiators_are_named(void **state)
{
	(void)state;
	crews_refused("munmap", NULL, "0", NULL, "'0'");
	crews_refused("munmap", NULL, "", NULL, "''");
	crews_refused("munmap", NULL, "-1", NULL, "'-1'");
	crews_refused("munmap", NULL, "two", NULL, "'two'");
	crews_refused("munmap", NULL, "99999999999999999999", NULL, "1 to 1024");
	crews_refused("munmap", NULL, "2,4,2", NULL, "'2' twice");
	crews_refused("munmap", NULL, "all,all", NULL, "'all' twice");
	crews_refused("munmap", NULL, "2", "fibres", "fibres");
	crews_refused("munmap", NULL, "2", "threads,threads", "twice");
}

static void a_mix_is_one_case_with_as_many_initiators_as_workloads(void **state)
{
	struct case_id id;
	struct plan plan;

	(void)state;
	assert_int_equal(build_crews("munmap:size=4K+collapse-madvise+hugetlb-unshare-munmap", "alone",
				     NULL, NULL, &plan), 0);
	assert_int_equal(plan.nr, 1);
	assert_int_equal(plan.cases[0].nr_members, 3);
	assert_int_equal(plan.cases[0].initiators, 3);
	case_plan_id(&plan.cases[0], &id);
	assert_string_equal(id.workload, "munmap+collapse-madvise+hugetlb-unshare-munmap");
	assert_string_equal(id.params[0].name, "munmap.size");
	assert_false(id.params[0].standard);
	assert_string_equal(id.params[1].name, "collapse-madvise.regions");
	assert_true(id.params[1].standard);
	plan_free(&plan);
}

static void bad_mixes_are_named(void **state)
{
	(void)state;
	crews_refused("munmap+", NULL, NULL, NULL, "two workloads");
	crews_refused("munmap+munmap:size=4K", NULL, NULL, NULL, "twice");
	crews_refused("munmap+nothing", NULL, NULL, NULL, "nothing");
}

/* Two passes, and a third of at most so many ops, take the budget but for rounding. */
static void all_passes_fit_the_budget(void **state)
{
	static const uint64_t thirds[] = { 0, 1000 };

	(void)state;
	for (int i = 0; i < 2; i++)
		for (uint64_t fits = 60; fits < 1000000; fits = fits * 3 + 7) {
			uint64_t ops = budget_ops(fits * 1000, 1000, thirds[i]);
			uint64_t all = 2 * ops + (ops < thirds[i] ? ops : thirds[i]);

			assert_true(ops == 20 || all <= fits);
			assert_true(ops == 20 || 10 * all >= 8 * fits);
		}
	assert_int_equal(budget_ops(1, 1000000, 1000), 20);	/* the least that is any use */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_passes_fit_the_budget),
		cmocka_unit_test(without_lists_every_workload_is_alone_and_with_all),
		cmocka_unit_test(the_full_profile_meets_every_rule_and_memory_elsewhere),
		cmocka_unit_test(a_list_names_what_is_run_and_in_which_order),
		cmocka_unit_test(a_parameter_that_is_given_is_the_only_one),
		cmocka_unit_test(the_full_profile_takes_every_standard_value_the_others_the_first),
		cmocka_unit_test(the_quick_profile_runs_the_core_of_the_workloads),
		cmocka_unit_test(one_workload_may_come_twice_with_other_parameters),
		cmocka_unit_test(the_cases_share_the_time_of_the_profile),
		cmocka_unit_test(ops_that_are_given_hold_for_every_case),
		cmocka_unit_test(an_unknown_name_brings_the_nearest_one),
		cmocka_unit_test(a_name_like_none_says_where_the_names_are),
		cmocka_unit_test(an_empty_list_is_no_list),
		cmocka_unit_test(a_size_that_cannot_be_is_refused_with_the_range),
		cmocka_unit_test(numbers_may_end_in_k_m_or_g),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(a_freed_plan_is_empty),
		cmocka_unit_test(without_a_number_there_is_one_initiator),
		cmocka_unit_test(each_number_of_initiators_is_a_case),
		cmocka_unit_test(cases_that_are_the_same_on_this_machine_are_left_once),
		cmocka_unit_test(a_list_of_roles_has_its_own_initiators),
		cmocka_unit_test(bad_numbers_of_initiators_are_named),
		cmocka_unit_test(a_mix_is_one_case_with_as_many_initiators_as_workloads),
		cmocka_unit_test(bad_mixes_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
