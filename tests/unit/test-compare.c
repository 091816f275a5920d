// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The comparison's promises: cases meet their like and no other, totals are exact,
 * and sets of records that do not belong together are found out.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/compare.h"

static int boots_made;

/* A record of a boot of its own on machine "lab", without cases. */
static struct record make_record(const char *release, enum key_state key)
{
	struct record rec = { 0 };
	char boot_id[40];

	snprintf(boot_id, sizeof(boot_id), "boot-%d", ++boots_made);
	rec.id = strdup("id");
	rec.tool = strdup("tlbsync 1.0");
	rec.host = strdup("lab");
	rec.counter = strdup("csd");
	rec.kernel.release = strdup(release);
	rec.kernel.boot_id = strdup(boot_id);
	rec.kernel.static_key = key;
	rec.machine.cpus_online = 8;
	rec.machine.nodes = 4;
	rec.machine.cpu = strdup("CPU");
	rec.machine.hypervisor = strdup("");
	return rec;
}

static struct case_result *add(struct record *rec, const char *workload, uint64_t ops,
			       uint64_t sync, uint64_t flush)
{
	struct case_result *c;

	rec->cases = realloc(rec->cases, (size_t)(rec->nr_cases + 1) * sizeof(*c));
	c = &rec->cases[rec->nr_cases++];
	memset(c, 0, sizeof(*c));
	strcpy(c->id.workload, workload);
	strcpy(c->id.placement, "alone");
	c->ops = ops;
	c->latency = malloc(sizeof(*c->latency));
	hist_init(c->latency);
	hist_add(c->latency, 100);
	c->ipi.source = IPI_CSD;
	c->ipi.count[IPI_SYNC].requested = sync;
	c->ipi.count[IPI_FLUSH].requested = flush;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		c->ipi.count[i].has_requested = true;
	c->as_expected = VERDICT_TRUE;
	c->expect.has_sync = true;
	return c;
}

static void give(struct comparison *cmp, enum side side, struct record rec)
{
	assert_int_equal(compare_add(cmp, side, side_name(side), &rec), 0);
	assert_null(rec.id);	/* taken over */
}

/* One base boot with 7 sync IPIs an op, one patched with none. */
static void give_pair(struct comparison *cmp, struct record base, struct record patched)
{
	add(&base, "collapse", 100, 700, 0);
	add(&patched, "collapse", 100, 0, 0);
	give(cmp, SIDE_BASE, base);
	give(cmp, SIDE_PATCHED, patched);
	assert_int_equal(compare_finish(cmp), 0);
}

static int count(const struct comparison *cmp, enum compare_finding_level level, const char *text)
{
	int nr = 0;

	for (int i = 0; i < cmp->nr_findings; i++)
		nr += cmp->findings[i].level == level && strstr(cmp->findings[i].text, text);
	return nr;
}

static struct record base_record(void)
{
	return make_record("7.2", KEY_ABSENT);
}

static struct record patched_record(void)
{
	return make_record("7.2-patched", KEY_ON);
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = strdup(with);
}

static void a_proper_pair_has_no_findings(void **state)
{
	struct comparison cmp = { 0 };

	(void)state;
	give_pair(&cmp, base_record(), patched_record());
	assert_int_equal(cmp.nr_findings, 0);
	assert_int_equal(cmp.nr_cases, 1);
	assert_true(compare_matched(&cmp.cases[0]));
	assert_int_equal(compare_verdict(&cmp.cases[0]), VERDICT_TRUE);
	compare_free(&cmp);
}

static void totals_are_exact_over_all_boots(void **state)
{
	struct comparison cmp = { 0 };
	uint64_t ops = 0, sync = 0;

	(void)state;
	for (uint64_t i = 1; i <= 20; i++) {
		struct record base = base_record(), patched = patched_record();

		add(&base, "collapse", 1000 + i, 7000000007 + i * i, 3);
		add(&patched, "collapse", 5, 1, 2)->ipi.count[IPI_OTHER].requested = i;
		ops += 1000 + i;
		sync += 7000000007 + i * i;
		give(&cmp, SIDE_BASE, base);
		give(&cmp, SIDE_PATCHED, patched);
	}
	assert_int_equal(compare_finish(&cmp), 0);
	assert_int_equal(cmp.nr_cases, 1);
	assert_int_equal(cmp.cases[0].side[SIDE_BASE].boots, 20);
	assert_int_equal(cmp.cases[0].side[SIDE_BASE].ops, ops);
	assert_int_equal(cmp.cases[0].side[SIDE_BASE].total[IPI_SYNC], sync);
	assert_int_equal(cmp.cases[0].side[SIDE_BASE].total[IPI_FLUSH], 60);
	assert_int_equal(cmp.cases[0].side[SIDE_PATCHED].total[IPI_OTHER], 210);
	compare_free(&cmp);
}

static void cases_match_by_workload_placement_and_parameters(void **state)
{
	struct comparison cmp = { 0 };
	struct record base = base_record(), patched = patched_record();
	struct case_result *c;

	(void)state;
	for (uint64_t size = 1; size <= 2; size++) {
		c = add(&base, "munmap", 10, size, 0);
		c->id.params[0] = (struct case_param){ .name = "size", .value = size };
		c->id.nr_params = 1;
	}
	strcpy(add(&base, "munmap", 10, 0, 0)->id.placement, "all");
	c = add(&patched, "munmap", 10, 5, 0);
	c->id.params[0] = (struct case_param){ .name = "size", .value = 2 };
	c->id.nr_params = 1;
	add(&patched, "munmap", 10, 0, 0);
	give(&cmp, SIDE_BASE, base);
	give(&cmp, SIDE_PATCHED, patched);
	assert_int_equal(compare_finish(&cmp), 0);
	assert_int_equal(cmp.nr_cases, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(compare_matched(&cmp.cases[i]), i == 1);
	assert_int_equal(cmp.cases[1].side[SIDE_BASE].total[IPI_SYNC], 2);
	assert_int_equal(cmp.cases[1].side[SIDE_PATCHED].total[IPI_SYNC], 5);
	compare_free(&cmp);
}

static void no_common_case_is_fatal(void **state)
{
	struct comparison cmp = { 0 };
	struct record base = base_record(), patched = patched_record();

	(void)state;
	add(&base, "munmap", 10, 0, 0);
	strcpy(add(&patched, "munmap", 10, 0, 0)->reason, "no THP");
	patched.cases[0].status = CASE_SKIP;
	give(&cmp, SIDE_BASE, base);
	give(&cmp, SIDE_PATCHED, patched);
	assert_int_equal(compare_finish(&cmp), 0);
	assert_int_equal(count(&cmp, FINDING_FATAL, "no measured case in common"), 1);
	assert_int_equal(cmp.cases[0].side[SIDE_PATCHED].skipped, 1);
	assert_string_equal(cmp.cases[0].side[SIDE_PATCHED].reason, "no THP");
	compare_free(&cmp);
}

static void a_case_twice_in_a_record_is_fatal(void **state)
{
	struct comparison cmp = { 0 };
	struct record base = base_record();

	(void)state;
	add(&base, "collapse", 10, 0, 0);
	give_pair(&cmp, base, patched_record());
	assert_int_equal(count(&cmp, FINDING_FATAL, "holds the case collapse, alone twice"), 1);
	compare_free(&cmp);
}

static void a_boot_that_counts_twice_is_fatal(void **state)
{
	struct comparison cmp = { 0 };
	struct record first = base_record(), second = base_record();

	(void)state;
	replace(&second.kernel.boot_id, first.kernel.boot_id);
	give(&cmp, SIDE_BASE, first);
	give_pair(&cmp, second, patched_record());
	assert_int_equal(count(&cmp, FINDING_FATAL, "of the same boot"), 1);
	compare_free(&cmp);
}

static void one_boot_on_both_sides_is_a_warning(void **state)
{
	struct comparison cmp = { 0 };
	struct record base = base_record(), patched = patched_record();

	(void)state;
	replace(&patched.kernel.boot_id, base.kernel.boot_id);
	give_pair(&cmp, base, patched);
	assert_int_equal(cmp.nr_findings, 1);
	assert_int_equal(count(&cmp, FINDING_WARNING, "are of the same boot"), 1);
	compare_free(&cmp);
}

static void unknown_boots_are_not_the_same_boot(void **state)
{
	struct comparison cmp = { 0 };
	struct record base = base_record(), patched = patched_record();

	(void)state;
	replace(&patched.kernel.boot_id, "");
	replace(&base.kernel.boot_id, "");
	give_pair(&cmp, base, patched);
	assert_int_equal(cmp.nr_findings, 0);
	compare_free(&cmp);
}

static void mixed_machines_and_tools_are_found(void **state)
{
	static const char *const names[] = {
		"host differs: 'lab' in base, 'x' in patched", "CPU model differs",
		"CPUs online differs: '8' in base, '4' in patched", "nodes differs",
		"hypervisor differs", "tool version differs", "counter differs",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct comparison cmp = { 0 };
		struct record other = patched_record();
		char **texts[] = {
			&other.host, &other.machine.cpu, NULL, NULL,
			&other.machine.hypervisor, &other.tool, &other.counter,
		};

		if (texts[i])
			replace(texts[i], "x");
		else if (i == 2)
			other.machine.cpus_online = 4;
		else
			other.machine.nodes = 1;
		give_pair(&cmp, base_record(), other);
		assert_int_equal(cmp.nr_findings, 1);
		assert_int_equal(count(&cmp, FINDING_MIXED, names[i]), 1);
		compare_free(&cmp);
	}
}

static void mixed_kernels_on_one_side_are_found(void **state)
{
	struct comparison cmp = { 0 };

	(void)state;
	give(&cmp, SIDE_BASE, make_record("6.12", KEY_ABSENT));
	give(&cmp, SIDE_PATCHED, make_record("7.2-patched", KEY_OFF));
	give_pair(&cmp, base_record(), patched_record());
	assert_int_equal(count(&cmp, FINDING_MIXED, "kernel release differs"), 1);
	assert_int_equal(count(&cmp, FINDING_MIXED, "static key differs"), 1);
	assert_int_equal(count(&cmp, FINDING_WARNING, "static key is off, not on"), 1);
	compare_free(&cmp);
}

static void wrong_keys_warn_and_fail_where_required(void **state)
{
	struct comparison cmp = { 0 };

	(void)state;
	give_pair(&cmp, make_record("a", KEY_ON), make_record("b", KEY_UNKNOWN));
	assert_int_equal(count(&cmp, FINDING_WARNING, "static key is on, not absent"), 1);
	assert_int_equal(count(&cmp, FINDING_WARNING, "static key is unknown, not on"), 1);
	assert_int_equal(compare_require_key(&cmp, SIDE_BASE, KEY_ON), 0);
	assert_int_equal(count(&cmp, FINDING_FATAL, ""), 0);
	assert_int_equal(compare_require_key(&cmp, SIDE_PATCHED, KEY_ON), 0);
	assert_int_equal(count(&cmp, FINDING_FATAL, "static key is unknown, not on"), 1);
	compare_free(&cmp);
}

static void one_boot_that_disagrees_is_enough(void **state)
{
	struct comparison cmp = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct record patched = patched_record();
		struct case_result *c = add(&patched, "collapse", 100, 0, 0);

		c->as_expected = i == 1 ? VERDICT_NULL : i == 3 ? VERDICT_FALSE : VERDICT_TRUE;
		give(&cmp, SIDE_PATCHED, patched);
	}
	give_pair(&cmp, base_record(), patched_record());
	assert_int_equal(cmp.cases[0].side[SIDE_BASE].as_expected, VERDICT_TRUE);
	assert_int_equal(cmp.cases[0].side[SIDE_PATCHED].as_expected, VERDICT_FALSE);
	assert_int_equal(compare_verdict(&cmp.cases[0]), VERDICT_FALSE);
	compare_free(&cmp);
}

static void estimates_and_missing_counters_are_marked(void **state)
{
	struct comparison cmp = { 0 };
	struct record base = base_record(), patched = patched_record();
	struct case_result *c;

	(void)state;
	c = add(&base, "collapse", 100, 0, 0);
	c->ipi.source = IPI_INTERRUPTS;
	c->ipi.count[IPI_SYNC].has_requested = false;
	c->ipi.count[IPI_SYNC].handled = 42;
	add(&patched, "collapse", 100, 0, 0)->ipi.source = IPI_NONE;
	give(&cmp, SIDE_BASE, base);
	give(&cmp, SIDE_PATCHED, patched);
	assert_true(cmp.cases[0].side[SIDE_BASE].estimate);
	assert_int_equal(cmp.cases[0].side[SIDE_BASE].total[IPI_SYNC], 42);
	assert_true(cmp.cases[0].side[SIDE_PATCHED].uncounted);
	compare_free(&cmp);
}

static void every_boots_figures_are_kept(void **state)
{
	static const uint64_t values[] = { 50, 10, 90, 30, 70 };
	struct comparison cmp = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct record base = base_record();
		struct case_result *c = add(&base, "collapse", 100, 0, 0);

		hist_init(c->latency);
		hist_add(c->latency, values[i]);
		give(&cmp, SIDE_BASE, base);
	}
	give(&cmp, SIDE_PATCHED, patched_record());
	assert_int_equal(compare_finish(&cmp), 0);
	for (int i = 0; i < 5; i++) {
		const struct figures *figures = &cmp.cases[0].side[SIDE_BASE].figures[i];

		assert_int_equal(figures->boot, i);
		assert_true(figures->value[METRIC_P50] == (double)values[i]);
		assert_true(figures->value[METRIC_RATE] == 1e9 / (double)values[i]);
		assert_true(isnan(figures->value[METRIC_STOLEN]));
	}
	compare_free(&cmp);
}

static void totals_that_overflow_are_an_error(void **state)
{
	struct comparison cmp = { 0 };
	int err = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct record base = base_record();

		assert_int_equal(err, 0);
		add(&base, "collapse", 1, INT64_MAX, 0);
		err = compare_add(&cmp, SIDE_BASE, "base", &base);
	}
	assert_int_equal(err, -ERANGE);
	compare_free(&cmp);
}

static void emulation_is_known(void **state)
{
	struct comparison cmp = { 0 };
	struct record patched = patched_record();

	(void)state;
	give(&cmp, SIDE_BASE, base_record());
	assert_false(compare_emulated(&cmp));
	replace(&patched.machine.hypervisor, "tcg");
	give(&cmp, SIDE_PATCHED, patched);
	assert_true(compare_emulated(&cmp));
	compare_free(&cmp);
}

/* Two base boots of machines with 2 and 3 possible CPUs, for what a page draws. */
static void what_is_drawn_is_added_up_over_boots(void **state)
{
	struct record first = base_record(), second = base_record();
	struct comparison cmp = { 0 };
	const struct compare_side *side;
	struct case_result *c;

	(void)state;
	c = add(&first, "collapse", 100, 100, 0);
	c->nr_cpus = 2;
	c->ipi.count[IPI_SYNC].per_cpu = calloc(2, sizeof(uint64_t));
	c->ipi.count[IPI_SYNC].per_cpu[1] = 100;
	assert_int_equal(roles_add(&c->roles, ROLE_INITIATOR, 0), 0);
	c = add(&second, "collapse", 100, 200, 0);
	c->nr_cpus = 3;
	c->ipi.count[IPI_SYNC].per_cpu = calloc(3, sizeof(uint64_t));
	c->ipi.count[IPI_SYNC].per_cpu[1] = 90;
	c->ipi.count[IPI_SYNC].per_cpu[2] = UINT64_MAX;
	hist_add(c->latency, 5000);
	assert_int_equal(roles_add(&c->roles, ROLE_INITIATOR, 2), 0);
	give(&cmp, SIDE_BASE, first);
	give(&cmp, SIDE_BASE, second);
	side = &cmp.cases[0].side[SIDE_BASE];
	assert_int_equal(side->nr_cpus, 3);
	assert_int_equal(side->per_cpu[IPI_SYNC][0], 0);
	assert_int_equal(side->per_cpu[IPI_SYNC][1], 190);
	assert_true(side->per_cpu[IPI_SYNC][2] == UINT64_MAX);
	assert_int_equal(side->latency->total, 3);
	assert_int_equal(side->latency->max, 5000);
	assert_int_equal(side->roles.nr[ROLE_INITIATOR], 1);
	assert_int_equal(side->roles.cpu[ROLE_INITIATOR][0], 0);
	assert_null(cmp.cases[0].side[SIDE_PATCHED].latency);
	compare_free(&cmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proper_pair_has_no_findings),
		cmocka_unit_test(totals_are_exact_over_all_boots),
		cmocka_unit_test(cases_match_by_workload_placement_and_parameters),
		cmocka_unit_test(no_common_case_is_fatal),
		cmocka_unit_test(a_case_twice_in_a_record_is_fatal),
		cmocka_unit_test(a_boot_that_counts_twice_is_fatal),
		cmocka_unit_test(one_boot_on_both_sides_is_a_warning),
		cmocka_unit_test(unknown_boots_are_not_the_same_boot),
		cmocka_unit_test(mixed_machines_and_tools_are_found),
		cmocka_unit_test(mixed_kernels_on_one_side_are_found),
		cmocka_unit_test(wrong_keys_warn_and_fail_where_required),
		cmocka_unit_test(one_boot_that_disagrees_is_enough),
		cmocka_unit_test(estimates_and_missing_counters_are_marked),
		cmocka_unit_test(every_boots_figures_are_kept),
		cmocka_unit_test(totals_that_overflow_are_an_error),
		cmocka_unit_test(emulation_is_known),
		cmocka_unit_test(what_is_drawn_is_added_up_over_boots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
