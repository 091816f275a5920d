// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tool's check of itself, on hand-made machines, roles and counts: what is
 * predicted, which op differs, and when there is no verdict at all, and why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/verdict.h"

/* Eight CPUs online, an unpatched kernel, flushes by IPI. */
static const struct machine plain = {
	.topo.nr_online = 8,
	.kernel = { .static_key = KEY_ABSENT, .flush = FLUSH_NATIVE,
		    .static_key_why = "hidden by the test" },
};

static struct workload_ctx ctx = { .initiator_cpu = 0, .actor_cpu = 0 };

static struct initiator_result row;	/* of the result under way */

/*
 * Predict @name, with these parameters, for an initiator on CPU 0, two responders, a
 * lazy one and a bystander.
 */
static struct case_result predicted_with(const struct machine *machine, const char *name,
					 const uint64_t *param)
{
	static int initiator[] = { 0 }, responders[] = { 1, 2 }, lazy[] = { 3 }, bystander[] = { 4 };
	struct case_result result = {
		.roles = {
			.cpu = { initiator, responders, lazy, bystander },
			.nr = { 1, 2, 1, 1 },
		},
		.ipi.source = IPI_CSD,
		.initiator = &row,
		.nr_initiators = 1,
	};

	memcpy(ctx.param, param, sizeof(ctx.param));
	ctx.machine = machine;
	row = (struct initiator_result){ .cpu = 0 };
	verdict_predict(machine, workload_find(name), &ctx, &result.roles, false, &row.expect);
	verdict_sum(&result);
	return result;
}

static struct case_result predicted(const struct machine *machine, const char *name)
{
	uint64_t param[WORKLOAD_MAX_PARAMS];

	for (int i = 0; i < WORKLOAD_MAX_PARAMS; i++)
		param[i] = workload_find(name)->params[i].standard[0];
	return predicted_with(machine, name, param);
}

static void predicts(const struct machine *machine, const char *name, double sync, double flush)
{
	struct case_result result = predicted(machine, name);

	assert_true(result.expect.has_sync && result.expect.has_flush);
	assert_true(result.expect.sync_per_op == sync);
	assert_true(result.expect.flush_per_op == flush);
	assert_string_equal(result.expect.why, "");
}

static void an_unpatched_kernel_syncs_with_every_other_cpu(void **state)
{
	(void)state;
	predicts(&plain, "collapse-madvise", 7, 3);
	predicts(&plain, "collapse-khugepaged", 7, 3);
	predicts(&plain, "hugetlb-unshare-munmap", 7, 2);
	predicts(&plain, "munmap", 0, 3);
	predicts(&plain, "madvise-dontneed", 0, 2);
}

static void a_patched_kernel_flushes_lazy_cpus_and_does_not_sync(void **state)
{
	struct machine patched = plain;

	(void)state;
	patched.kernel.static_key = KEY_ON;
	predicts(&patched, "collapse-madvise", 0, 3);
	predicts(&patched, "collapse-khugepaged", 0, 3);
	predicts(&patched, "hugetlb-unshare-munmap", 0, 3);
	predicts(&patched, "munmap", 0, 3);
	predicts(&patched, "madvise-dontneed", 0, 2);
}

/* But for the lazy CPUs, which the series wakes whatever the key: tlb_flush(). */
static void a_patched_kernel_whose_key_is_off_syncs_like_an_unpatched_one(void **state)
{
	struct machine off = plain;

	(void)state;
	off.kernel.static_key = KEY_OFF;
	predicts(&off, "collapse-madvise", 7, 3);
	predicts(&off, "hugetlb-unshare-munmap", 7, 3);
}

/* A daemon on a responder's CPU flushes the initiator and the rest, not itself. */
static void cpus_are_counted_from_where_the_requests_are_made(void **state)
{
	(void)state;
	ctx.actor_cpu = 1;
	predicts(&plain, "collapse-khugepaged", 7, 3);
	ctx.actor_cpu = 3;
	predicts(&plain, "collapse-khugepaged", 7, 3);
	ctx.actor_cpu = 7;
	predicts(&plain, "collapse-khugepaged", 7, 4);
	ctx.actor_cpu = 0;
}

static void where_a_flush_may_go_without_ipis_only_the_sync_is_predicted(void **state)
{
	struct machine machines[] = { plain, plain, plain };

	(void)state;
	machines[0].kernel.flush = FLUSH_KVM;
	machines[1].kernel.flush = FLUSH_UNKNOWN;
	machines[2].cpu.invlpgb = true;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct case_result result = predicted(&machines[i], "collapse-madvise");

		assert_true(result.expect.has_sync);
		assert_true(result.expect.sync_per_op == 7);
		assert_false(result.expect.has_flush);
		assert_non_null(strstr(result.expect.why, "flush: "));
	}
}

static void a_workload_may_say_that_it_does_not_know_its_flushes(void **state)
{
	struct machine secretive = plain;
	struct workload_ctx any = { .machine = &secretive, .param = { 2ull << 20 } };
	const struct roles nobody = { .nr = { 0 } };
	struct { struct expectation expect; } result = { 0 };

	(void)state;
	secretive.kernel.pt_reclaim = -1;
	verdict_predict(&secretive, workload_find("madvise-dontneed"), &any, &nobody, false,
			&result.expect);
	assert_true(result.expect.has_sync);
	assert_false(result.expect.has_flush);
	assert_non_null(strstr(result.expect.why, "flush: the kernel does not tell"));
}

/* Children that overlap, forked by a process with responders: neither can be told. */
static void a_workload_may_say_that_it_does_not_know_its_syncs(void **state)
{
	const struct probe_op op = { .requested = { [IPI_SYNC] = 7, [IPI_FLUSH] = 3 } };
	const uint64_t param[WORKLOAD_MAX_PARAMS] = { 1ull << 30, 2, 2, 2, 0 };
	struct machine patched = plain;
	struct case_result result;

	(void)state;
	patched.kernel.static_key = KEY_ON;
	result = predicted_with(&plain, "hugetlb-fork-storm", param);
	assert_false(result.expect.has_sync);
	assert_false(result.expect.has_flush);
	assert_non_null(strstr(result.expect.why, "sync: "));
	assert_non_null(strstr(result.expect.why, "; flush: "));
	verdict_add_op(&result, &row, &op);
	assert_int_equal(result.ipi.count[IPI_SYNC].unexpected_ops, 0);
	verdict_conclude(&result);
	assert_int_equal(result.as_expected, VERDICT_NULL);
	assert_string_equal(result.reason, result.expect.why);

	result = predicted_with(&patched, "hugetlb-fork-storm", param);	/* it never syncs */
	assert_true(result.expect.has_sync);
	assert_true(result.expect.sync_per_op == 0);
	assert_null(strstr(result.expect.why, "sync: "));
}

static void while_the_key_is_unknown_nothing_is_predicted(void **state)
{
	struct machine unknown = plain;
	struct case_result result;

	(void)state;
	unknown.kernel.static_key = KEY_UNKNOWN;
	result = predicted(&unknown, "collapse-madvise");
	assert_false(result.expect.has_sync);
	assert_false(result.expect.has_flush);
	assert_non_null(strstr(result.expect.why, "hidden by the test"));
}

/* ---- counting ------------------------------------------------------------ */

/* One op after the other, with so many sync and flush requests. */
static void add_ops(struct case_result *result, const uint32_t (*ops)[2], int nr)
{
	for (int i = 0; i < nr; i++) {
		const struct probe_op op = {
			.requested = { [IPI_SYNC] = ops[i][0], [IPI_FLUSH] = ops[i][1] },
		};

		verdict_add_op(result, &row, &op);
	}
}

static void counts_add_up_with_the_least_and_the_most_of_an_op(void **state)
{
	static const uint32_t ops[][2] = { { 7, 3 }, { 9, 0 }, { 6, 4 } };
	struct case_result result = predicted(&plain, "collapse-madvise");
	const struct ipi_count *count = result.ipi.count;

	(void)state;
	add_ops(&result, ops, 3);
	assert_true(count[IPI_SYNC].has_requested);
	assert_int_equal(count[IPI_SYNC].requested, 22);
	assert_int_equal(count[IPI_SYNC].min_per_op, 6);
	assert_int_equal(count[IPI_SYNC].max_per_op, 9);
	assert_int_equal(count[IPI_SYNC].unexpected_ops, 2);
	assert_int_equal(count[IPI_FLUSH].requested, 7);
	assert_int_equal(count[IPI_FLUSH].min_per_op, 0);
	assert_int_equal(count[IPI_FLUSH].unexpected_ops, 2);
	assert_int_equal(count[IPI_OTHER].unexpected_ops, 0);
}

static enum verdict concluded(struct case_result *result, const uint32_t (*ops)[2], int nr)
{
	add_ops(result, ops, nr);
	result->as_expected = VERDICT_NULL;
	verdict_conclude(result);
	return result->as_expected;
}

static void only_ops_that_all_agree_are_as_expected(void **state)
{
	static const uint32_t ops[][2] = { { 7, 3 }, { 7, 3 } };
	struct case_result result = predicted(&plain, "collapse-madvise");

	(void)state;
	assert_int_equal(concluded(&result, ops, 2), VERDICT_TRUE);
	assert_string_equal(result.reason, "");
}

/* One too many and one too few make the right sum, and are still wrong. */
static void a_right_sum_of_wrong_ops_is_not_as_expected(void **state)
{
	static const uint32_t ops[][2] = { { 7, 3 }, { 8, 3 }, { 6, 3 } };
	struct case_result result = predicted(&plain, "collapse-madvise");

	(void)state;
	assert_int_equal(concluded(&result, ops, 3), VERDICT_FALSE);
	assert_int_equal(result.ipi.count[IPI_SYNC].requested, 3 * 7);
	assert_non_null(strstr(result.reason, "of 3 ops, 2 differ in sync (6 to 8 an op), 0 in flush"));
}

static void a_wrong_flush_is_not_as_expected(void **state)
{
	static const uint32_t ops[][2] = { { 7, 3 }, { 7, 2 } };
	struct case_result result = predicted(&plain, "collapse-madvise");

	(void)state;
	assert_int_equal(concluded(&result, ops, 2), VERDICT_FALSE);
}

static void flushes_that_nobody_predicted_do_not_matter(void **state)
{
	static const uint32_t ops[][2] = { { 7, 3 }, { 7, 0 } };
	struct machine kvm = plain;
	struct case_result result;

	(void)state;
	kvm.kernel.flush = FLUSH_KVM;
	result = predicted(&kvm, "collapse-madvise");
	assert_int_equal(concluded(&result, ops, 2), VERDICT_TRUE);
}

static void without_exact_counts_there_is_no_verdict_and_a_reason(void **state)
{
	static const struct { enum ipi_source source; uint64_t lost; const char *words; } cases[] = {
		{ IPI_NONE, 0, "not counted" }, { IPI_INTERRUPTS, 0, "estimate" },
		{ IPI_CSD, 1, "lost" },
	};
	static const uint32_t ops[][2] = { { 7, 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct case_result result = predicted(&plain, "collapse-madvise");

		result.ipi.source = cases[i].source;
		result.ipi.lost = cases[i].lost;
		assert_int_equal(concluded(&result, ops, 1), VERDICT_NULL);
		assert_non_null(strstr(result.reason, cases[i].words));
		assert_int_equal(result.ipi.count[IPI_SYNC].has_requested,
				 cases[i].source == IPI_CSD);
	}
}

static void without_a_prediction_there_is_no_verdict_and_its_reason(void **state)
{
	static const uint32_t ops[][2] = { { 7, 3 } };
	struct machine unknown = plain;
	struct case_result result;

	(void)state;
	unknown.kernel.static_key = KEY_UNKNOWN;
	result = predicted(&unknown, "collapse-madvise");
	assert_int_equal(concluded(&result, ops, 1), VERDICT_NULL);
	assert_string_equal(result.reason, result.expect.why);
	assert_string_not_equal(result.reason, "");
}

/* ---- several initiators ------------------------------------------------------ */

/* What CPU 0 is predicted as one of three threads, with two responders and a lazy CPU. */
static struct expectation among_threads(const struct machine *machine, const char *name)
{
	static int initiators[] = { 0, 5, 6 }, responders[] = { 1, 2 }, lazy[] = { 3 };
	const struct roles roles = {
		.cpu = { initiators, responders, lazy }, .nr = { 3, 2, 1 },
	};
	struct expectation expect = { 0 };

	ctx.machine = machine;
	ctx.param[0] = workload_find(name)->params[0].standard[0];
	verdict_predict(machine, workload_find(name), &ctx, &roles, true, &expect);
	return expect;
}

/* Responders always; the two other threads and the lazy CPU, which they wake, maybe. */
static void flushes_of_threads_have_a_range_and_syncs_do_not(void **state)
{
	struct expectation expect = among_threads(&plain, "collapse-madvise");

	(void)state;
	assert_true(expect.has_sync && expect.sync_per_op == 7);
	assert_true(expect.has_flush && expect.flush_least == 2 && expect.flush_per_op == 5);
	expect = among_threads(&plain, "madvise-dontneed");
	assert_true(expect.flush_least == 2 && expect.flush_per_op == 5);
	/* twice where another thread has a gather open */
	expect = among_threads(&plain, "hugetlb-unshare-munmap");
	assert_true(expect.flush_least == 2 && expect.flush_per_op == 10);
}

static void only_what_is_outside_the_range_is_unexpected(void **state)
{
	static const uint32_t ops[][2] = { { 7, 2 }, { 7, 5 }, { 7, 3 } }, few[][2] = { { 7, 1 } },
				many[][2] = { { 7, 6 } };
	struct case_result result = predicted(&plain, "collapse-madvise");

	(void)state;
	row.expect = among_threads(&plain, "collapse-madvise");
	assert_int_equal(concluded(&result, ops, 3), VERDICT_TRUE);
	assert_int_equal(concluded(&result, few, 1), VERDICT_FALSE);
	assert_int_equal(row.unexpected_ops[IPI_FLUSH], 1);
	assert_int_equal(concluded(&result, many, 1), VERDICT_FALSE);
	assert_int_equal(row.unexpected_ops[IPI_FLUSH], 2);
}

/* One collapses, the other unmaps: 7 and 0 of each, and not the mean of every op. */
static void each_initiator_is_held_against_its_own_prediction(void **state)
{
	const struct probe_op collapse = { .requested = { 7, 3 } }, unmap = { .requested = { 0, 3 } };
	struct case_result result = predicted(&plain, "collapse-madvise");
	struct initiator_result rows[2] = { row, { .cpu = 1 } };

	(void)state;
	result.initiator = rows;
	result.nr_initiators = 2;
	rows[1].expect = (struct expectation){
		.has_sync = true, .has_flush = true, .flush_per_op = 3, .flush_least = 3,
	};
	verdict_add_op(&result, &rows[0], &collapse);
	verdict_add_op(&result, &rows[1], &unmap);
	verdict_sum(&result);
	assert_true(result.expect.sync_per_op == 3.5 && result.expect.flush_per_op == 3);
	verdict_conclude(&result);
	assert_int_equal(result.as_expected, VERDICT_TRUE);
	verdict_add_op(&result, &rows[0], &unmap);
	verdict_add_op(&result, &rows[1], &collapse);
	verdict_conclude(&result);
	assert_int_equal(result.as_expected, VERDICT_FALSE);
	assert_int_equal(result.ipi.count[IPI_SYNC].unexpected_ops, 2);
	assert_int_equal(rows[0].unexpected_ops[IPI_SYNC], 1);
}

/* Its mean is known only where each of them is. */
static void a_mix_with_an_unknown_flush_still_has_its_verdict_on_syncs(void **state)
{
	const struct probe_op op = { .requested = { 7, 9 } };
	struct case_result result = predicted(&plain, "collapse-madvise");
	struct initiator_result rows[2] = { row, row };

	(void)state;
	result.initiator = rows;
	result.nr_initiators = 2;
	rows[0].expect.flush_per_op = rows[0].expect.flush_least = 9;
	rows[1].expect.has_flush = false;
	strcpy(rows[1].expect.why, "flush: not known");
	verdict_add_op(&result, &rows[0], &op);
	verdict_add_op(&result, &rows[1], &op);
	verdict_sum(&result);
	assert_true(result.expect.has_sync);
	assert_false(result.expect.has_flush);
	assert_string_equal(result.expect.why, "flush: not known");
	verdict_conclude(&result);
	assert_int_equal(result.as_expected, VERDICT_TRUE);
}

/* A row that nothing is held against makes no case agree. */
static void a_mix_with_a_row_that_is_held_against_nothing_has_no_verdict(void **state)
{
	const struct probe_op op = { .requested = { 7, 3 } };
	struct case_result result = predicted(&plain, "collapse-madvise");
	struct initiator_result rows[2] = { row, { .expect.why = "sync: unknown; flush: unknown" } };

	(void)state;
	result.initiator = rows;
	result.nr_initiators = 2;
	verdict_add_op(&result, &rows[0], &op);
	verdict_add_op(&result, &rows[1], &op);
	verdict_sum(&result);
	verdict_conclude(&result);
	assert_int_equal(result.as_expected, VERDICT_NULL);
	assert_string_equal(result.reason, "sync: unknown; flush: unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unpatched_kernel_syncs_with_every_other_cpu),
		cmocka_unit_test(a_patched_kernel_flushes_lazy_cpus_and_does_not_sync),
		cmocka_unit_test(a_patched_kernel_whose_key_is_off_syncs_like_an_unpatched_one),
		cmocka_unit_test(cpus_are_counted_from_where_the_requests_are_made),
		cmocka_unit_test(where_a_flush_may_go_without_ipis_only_the_sync_is_predicted),
		cmocka_unit_test(a_workload_may_say_that_it_does_not_know_its_flushes),
		cmocka_unit_test(a_workload_may_say_that_it_does_not_know_its_syncs),
		cmocka_unit_test(while_the_key_is_unknown_nothing_is_predicted),
		cmocka_unit_test(counts_add_up_with_the_least_and_the_most_of_an_op),
		cmocka_unit_test(only_ops_that_all_agree_are_as_expected),
		cmocka_unit_test(a_right_sum_of_wrong_ops_is_not_as_expected),
		cmocka_unit_test(a_wrong_flush_is_not_as_expected),
		cmocka_unit_test(flushes_that_nobody_predicted_do_not_matter),
		cmocka_unit_test(without_exact_counts_there_is_no_verdict_and_a_reason),
		cmocka_unit_test(without_a_prediction_there_is_no_verdict_and_its_reason),
		cmocka_unit_test(flushes_of_threads_have_a_range_and_syncs_do_not),
		cmocka_unit_test(only_what_is_outside_the_range_is_unexpected),
		cmocka_unit_test(each_initiator_is_held_against_its_own_prediction),
		cmocka_unit_test(a_mix_with_an_unknown_flush_still_has_its_verdict_on_syncs),
		cmocka_unit_test(a_mix_with_a_row_that_is_held_against_nothing_has_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
