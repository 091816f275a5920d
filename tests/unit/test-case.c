// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which results are of the same case, which records of the same machine, and what the
 * figures of a case are called.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "case/machine-id.h"
#include "case/metric.h"
#include "workloads/workload.h"

static struct case_id munmap_of(uint64_t size)
{
	struct case_id id = { .workload = "munmap", .placement = "all", .nr_params = 1 };

	id.params[0] = (struct case_param){ .name = "size", .value = size };
	workload_mark_standard(&id);
	return id;
}

static void cases_differ_in_workload_placement_and_parameters(void **state)
{
	struct case_id a = munmap_of(65536), b = a;

	(void)state;
	assert_true(case_id_same(&a, &b));
	strcpy(b.workload, "mprotect");
	assert_false(case_id_same(&a, &b));
	b = a;
	strcpy(b.placement, "alone");
	assert_false(case_id_same(&a, &b));
	b = munmap_of(4096);
	assert_false(case_id_same(&a, &b));
	assert_true(case_id_order(&a, &b) > 0);
	assert_true(case_id_order(&b, &a) < 0);
}

static void cases_differ_in_how_many_initiators_there_are_and_what_they_are(void **state)
{
	struct case_id a = munmap_of(65536), b = a;

	(void)state;
	b.initiators = 1;		/* records from before there could be several say nothing */
	assert_true(case_id_same(&a, &b));
	b.as = AS_THREAD;		/* one is neither */
	assert_true(case_id_same(&a, &b));
	b.initiators = a.initiators = 8;
	assert_false(case_id_same(&a, &b));
	assert_true(case_id_order(&a, &b) < 0);
	a.as = AS_THREAD;
	assert_true(case_id_same(&a, &b));
	b.initiators = 16;
	assert_false(case_id_same(&a, &b));
	assert_true(case_id_order(&a, &b) < 0);
}

static void a_parameter_in_a_mix_is_standard_as_that_of_its_workload(void **state)
{
	struct case_id id = { .workload = "mprotect+munmap", .nr_params = 3 };

	(void)state;
	id.params[0] = (struct case_param){ .name = "munmap.size", .value = 65536 };
	id.params[1] = (struct case_param){ .name = "munmap.nothing", .value = 65536 };
	id.params[2] = (struct case_param){ .name = "mprotect.size", .value = 1 };
	workload_mark_standard(&id);
	assert_true(id.params[0].standard);
	assert_false(id.params[1].standard);
	assert_false(id.params[2].standard);
}

static void a_new_standard_parameter_makes_no_new_case(void **state)
{
	struct case_id new = munmap_of(65536), old = new;

	(void)state;
	assert_true(new.params[0].standard);
	old.nr_params = 0;
	assert_true(case_id_same(&new, &old));
	assert_true(case_id_same(&old, &new));
	new = munmap_of(4096);
	assert_false(new.params[0].standard);
	assert_false(case_id_same(&new, &old));
	assert_false(case_id_same(&old, &new));
}

static void the_order_of_parameters_does_not_matter(void **state)
{
	struct case_id a = munmap_of(65536), b;

	(void)state;
	a.params[1] = (struct case_param){ .name = "other", .value = 7 };
	a.nr_params = 2;
	b = a;
	b.params[0] = a.params[1];
	b.params[1] = a.params[0];
	assert_true(case_id_same(&a, &b));
	b.params[0].value = 8;
	assert_false(case_id_same(&a, &b));
}

static void what_this_version_does_not_know_is_no_standard(void **state)
{
	struct case_id id = munmap_of(65536);

	(void)state;
	strcpy(id.workload, "of-tomorrow");
	id.params[0].standard = false;
	workload_mark_standard(&id);
	assert_false(id.params[0].standard);
}

static void machines_differ_in_each_of_their_facts(void **state)
{
	const struct machine_id a = { "host", "cpu", "kvm", 8, 2 };
	const struct machine_id others[] = {
		{ "hose", "cpu", "kvm", 8, 2 }, { "host", "gpu", "kvm", 8, 2 },
		{ "host", "cpu", "tcg", 8, 2 }, { "host", "cpu", "kvm", 9, 2 },
		{ "host", "cpu", "kvm", 8, 1 },
	};

	(void)state;
	assert_true(machine_id_same(&a, &a));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(machine_id_same(&a, &others[i]));
		assert_int_equal(machine_id_emulated(&others[i]), i == 2);
	}
}

static void a_longer_time_is_worse_and_a_higher_rate_better(void **state)
{
	(void)state;
	assert_int_equal(metric_direction(metric_builtin(METRIC_P50), 1), 1);
	assert_int_equal(metric_direction(metric_builtin(METRIC_RATE), 1), -1);
	assert_int_equal(metric_direction(metric_builtin(METRIC_SYNC), -7), -1);
	assert_int_equal(metric_direction(metric_builtin(METRIC_SYNC), 0), 0);
}

static void a_workloads_own_figures_follow_the_built_in_ones(void **state)
{
	struct case_result c = { .status = CASE_OK, .ops = 10, .nr_metrics = 2 };
	struct case_metrics metrics;

	(void)state;
	c.ipi.source = IPI_CSD;
	c.ipi.count[IPI_SYNC] = (struct ipi_count){ .has_requested = true, .requested = 70 };
	c.metric[0] = (struct case_metric){ "pin_ns_per_page", 41.5 };
	c.metric[1] = (struct case_metric){ "pages", 3 };
	case_metrics_of(&c, &metrics);
	assert_int_equal(metrics.nr, METRIC_OWN + 2);
	assert_true(metrics.value[METRIC_SYNC] == 7);
	assert_true(isnan(metrics.value[METRIC_FLUSH]));
	assert_true(isnan(metrics.value[METRIC_P50]));
	assert_true(metrics.value[METRIC_OWN] == 41.5);
	assert_int_equal(metrics.metric[METRIC_OWN].unit, UNIT_NS);
	assert_int_equal(metric_direction(&metrics.metric[METRIC_OWN], 1), 1);
	assert_int_equal(metrics.metric[METRIC_OWN + 1].unit, UNIT_COUNT);
	assert_int_equal(metric_direction(&metrics.metric[METRIC_OWN + 1], 1), 0);
	for (int i = 0; i < METRIC_OWN; i++)
		assert_int_equal(metrics.metric[i].id, i);
}

static void lost_or_estimated_counts_are_no_figures(void **state)
{
	struct case_result c = { .status = CASE_OK, .ops = 10 };
	struct case_metrics metrics;

	(void)state;
	c.ipi.source = IPI_CSD;
	c.ipi.lost = 1;
	c.ipi.count[IPI_SYNC] = (struct ipi_count){ .has_requested = true, .requested = 70 };
	case_metrics_of(&c, &metrics);
	assert_true(isnan(metrics.value[METRIC_SYNC]));
	c.ipi.lost = 0;
	c.ipi.count[IPI_SYNC].has_requested = false;
	case_metrics_of(&c, &metrics);
	assert_true(isnan(metrics.value[METRIC_SYNC]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_differ_in_workload_placement_and_parameters),
		cmocka_unit_test(cases_differ_in_how_many_initiators_there_are_and_what_they_are),
		cmocka_unit_test(a_parameter_in_a_mix_is_standard_as_that_of_its_workload),
		cmocka_unit_test(a_new_standard_parameter_makes_no_new_case),
		cmocka_unit_test(the_order_of_parameters_does_not_matter),
		cmocka_unit_test(what_this_version_does_not_know_is_no_standard),
		cmocka_unit_test(machines_differ_in_each_of_their_facts),
		cmocka_unit_test(a_longer_time_is_worse_and_a_higher_rate_better),
		cmocka_unit_test(a_workloads_own_figures_follow_the_built_in_ones),
		cmocka_unit_test(lost_or_estimated_counts_are_no_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
