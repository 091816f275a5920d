// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The promises of a verdict: a count has grown when it is above what even the costliest op
 * took in the median of nights, a time when a change point of those nights says so; what
 * is wrong with one case in one night is one regression; other machines, kernels and later
 * nights do not count; the order of the records does not matter.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/judge.h"

static int records_made;

/* A record of machine "lab", base kernel, of January 2025, without cases. */
static struct record make_record(int day, const char *release)
{
	struct record rec = { 0 };

	assert_true(asprintf(&rec.id, "record-%d", ++records_made) > 0);
	assert_true(asprintf(&rec.started, "2025-01-%02dT03:00:00Z", day) > 0);
	rec.host = strdup("lab");
	rec.kernel.release = strdup(release);
	rec.kernel.boot_id = strdup("boot");
	rec.kernel.static_key = KEY_ABSENT;
	rec.machine.cpus_online = 8;
	rec.machine.cpu = strdup("CPU");
	rec.machine.hypervisor = strdup("");
	return rec;
}

/* A case of 100 ops with @sync requests, in no op more than @most, timed with @ns. */
static struct case_result *add(struct record *rec, const char *workload, uint64_t sync,
			       uint32_t most, uint64_t ns)
{
	struct case_result *c;

	rec->cases = realloc(rec->cases, (size_t)(rec->nr_cases + 1) * sizeof(*c));
	c = &rec->cases[rec->nr_cases++];
	memset(c, 0, sizeof(*c));
	strcpy(c->id.workload, workload);
	strcpy(c->id.placement, "all");
	c->ops = 100;
	c->latency = malloc(sizeof(*c->latency));
	hist_init(c->latency);
	hist_add(c->latency, ns);
	c->ipi.source = IPI_CSD;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		c->ipi.count[i].has_requested = true;
	c->ipi.count[IPI_SYNC].requested = sync;
	c->ipi.count[IPI_SYNC].max_per_op = most;
	return c;
}

static void begin(struct judge *judge, const struct record *rec)
{
	char why[256];

	assert_int_equal(judge_begin(judge, rec, why, sizeof(why)), 0);
}

static void give(struct judge *judge, struct record rec)
{
	char why[256];

	assert_int_equal(judge_add(judge, &rec, why, sizeof(why)), 0);
	record_free(&rec);
}

static void give_sync(struct judge *judge, int day, uint64_t sync, uint32_t most)
{
	struct record rec = make_record(day, "7.2.0");

	add(&rec, "collapse", sync, most, 100);
	give(judge, rec);
}

/* Night 31 with @sync in 100 ops after @nr nights of 7, 8, 7, 8, ... in the costliest op. */
static int regressions_of(uint64_t sync, int nr)
{
	struct record tonight = make_record(31, "7.2.0");
	struct judge judge;
	int found;

	add(&tonight, "collapse", sync, 20, 100);
	begin(&judge, &tonight);
	for (int i = 1; i <= nr; i++)
		give_sync(&judge, i, 650, i % 2 ? 7 : 8);
	assert_int_equal(judge_finish(&judge, 0), 0);
	found = judge.nr_regressions;
	if (found) {
		assert_int_equal(judge.regressions[0].finding[0].kind, JUDGE_COUNT);
		assert_int_equal(judge.regressions[0].finding[0].nights, nr);
		assert_true(judge.regressions[0].finding[0].before == (nr % 2 ? 7 : 7.5));
		assert_int_equal(judge.regressions[0].finding[0].requested, sync);
	}
	judge_free(&judge);
	record_free(&tonight);
	return found;
}

static void a_count_above_the_median_of_the_costliest_ops_has_grown(void **state)
{
	(void)state;
	assert_int_equal(regressions_of(700, 3), 0);
	assert_int_equal(regressions_of(701, 3), 1);
	assert_int_equal(regressions_of(750, 4), 0);
	assert_int_equal(regressions_of(751, 4), 1);
	assert_int_equal(regressions_of(0, 3), 0);
	assert_int_equal(regressions_of(99999, 0), 0);
}

/* Three records of one night are one, by their median. */
static void a_night_counts_once(void **state)
{
	struct record tonight = make_record(31, "7.2.0");
	struct judge judge;

	(void)state;
	add(&tonight, "collapse", 701, 8, 100);
	begin(&judge, &tonight);
	give_sync(&judge, 1, 700, 7);
	give_sync(&judge, 2, 700, 7);
	give_sync(&judge, 3, 900, 9);
	give_sync(&judge, 3, 900, 9);
	give_sync(&judge, 3, 900, 9);
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_days, 3);
	assert_int_equal(judge.nr_regressions, 1);
	assert_true(judge.regressions[0].finding[0].before == 7);
	assert_int_equal(judge.regressions[0].finding[0].nights, 3);
	judge_free(&judge);
	record_free(&tonight);
}

static void only_the_last_nights_are_compared_with(void **state)
{
	for (int nights = 2; nights <= 5; nights += 3) {
		struct record tonight = make_record(31, "7.2.0");
		struct judge judge;

		(void)state;
		add(&tonight, "collapse", 800, 8, 100);
		begin(&judge, &tonight);
		give_sync(&judge, 8, 800, 8);
		give_sync(&judge, 2, 700, 7);
		give_sync(&judge, 9, 800, 8);
		give_sync(&judge, 4, 700, 7);
		give_sync(&judge, 1, 700, 7);
		assert_int_equal(judge_finish(&judge, nights), 0);
		assert_int_equal(judge.nr_days, nights);
		assert_int_equal(judge.nr_regressions, nights == 5);
		judge_free(&judge);
		record_free(&tonight);
	}
}

/* Of each of these the count is 0, so that a single one that is taken tells. */
static void others_and_later_nights_do_not_count(void **state)
{
	struct record tonight = make_record(15, "7.2.0"), rec[7];
	struct judge judge;

	(void)state;
	add(&tonight, "collapse", 700, 7, 100);
	begin(&judge, &tonight);
	for (int i = 0; i < 7; i++) {
		rec[i] = make_record(i == 0 ? 16 : 14, i == 1 ? "7.20.0" : i == 2 ? "6.12.1" : "7.2.0");
		add(&rec[i], "collapse", 0, 0, 100);
	}
	rec[3].kernel.static_key = KEY_ON;
	rec[4].machine.cpus_online = 9;
	strcpy(rec[5].host, "den");
	rec[6].machine.nodes = 2;
	for (int i = 0; i < 7; i++)
		give(&judge, rec[i]);
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_days, 0);
	assert_int_equal(judge.nr_regressions, 0);
	judge_free(&judge);
	record_free(&tonight);
}

static void what_is_not_exact_is_not_compared(void **state)
{
	struct record tonight = make_record(31, "7.2.0");
	struct judge judge;

	(void)state;
	add(&tonight, "collapse", 700, 7, 100);
	add(&tonight, "munmap", 700, 7, 100)->ipi.source = IPI_INTERRUPTS;
	begin(&judge, &tonight);
	for (int i = 0; i < 5; i++) {
		struct record rec = make_record(i + 1, "7.2.0");
		struct case_result *c = add(&rec, "collapse", 0, 0, 100);

		add(&rec, "munmap", 0, 0, 100);
		c = &rec.cases[0];
		c->ipi.source = i == 0 ? IPI_INTERRUPTS : IPI_CSD;
		c->ipi.lost = i == 1;
		c->ipi.count[IPI_SYNC].has_requested = i != 2;
		c->status = i == 3 ? CASE_FAIL : CASE_OK;
		c->block = i == 4;
		give(&judge, rec);
	}
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_days, 5);
	assert_int_equal(judge.nr_regressions, 0);
	judge_free(&judge);
	record_free(&tonight);
}

/* Case "a" is unexpected and has more syncs and flushes, "b" failed, "c" is as ever. */
static void what_is_wrong_with_one_case_is_one_regression(void **state)
{
	static const enum judge_kind kinds[] = { JUDGE_UNEXPECTED, JUDGE_COUNT, JUDGE_COUNT };
	struct record tonight = make_record(31, "7.2.0"), before = make_record(30, "7.2.0");
	struct case_result *c;
	struct judge judge;

	(void)state;
	add(&before, "a", 700, 7, 100);
	add(&before, "b", 700, 7, 100);
	add(&before, "c", 700, 7, 100);
	c = add(&tonight, "a", 800, 8, 100);
	c->as_expected = VERDICT_FALSE;
	c->ipi.count[IPI_FLUSH].requested = 100;
	strcpy(c->reason, "2 ops had 8");
	add(&tonight, "b", 0, 0, 100)->status = CASE_FAIL;
	add(&tonight, "c", 700, 7, 100)->as_expected = VERDICT_TRUE;
	begin(&judge, &tonight);
	give(&judge, before);
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_regressions, 2);
	assert_string_equal(judge.regressions[0].id->workload, "a");
	assert_int_equal(judge.regressions[0].nr, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(judge.regressions[0].finding[i].kind, kinds[i]);
	assert_string_equal(judge.regressions[0].finding[0].reason, "2 ops had 8");
	assert_string_equal(judge.regressions[0].finding[1].metric.name, "sync");
	assert_string_equal(judge.regressions[0].finding[2].metric.name, "flush");
	assert_string_equal(judge.regressions[1].id->workload, "b");
	assert_int_equal(judge.regressions[1].nr, 1);
	assert_int_equal(judge.regressions[1].finding[0].kind, JUDGE_FAILED);
	judge_free(&judge);
	record_free(&tonight);
}

/* Needs no night before it; each block of a flipped run may fail, which is one regression. */
static void the_first_night_is_judged_too(void **state)
{
	struct record tonight = make_record(31, "7.2.0");
	struct judge judge;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		struct case_result *c = add(&tonight, "a", 0, 0, 100);

		c->status = CASE_FAIL;
		c->block = i;
	}
	add(&tonight, "b", 0, 0, 100)->status = CASE_SKIP;
	begin(&judge, &tonight);
	assert_int_equal(judge_finish(&judge, 14), 0);
	assert_int_equal(judge.nr_regressions, 1);
	assert_int_equal(judge.regressions[0].nr, 1);
	assert_int_equal(judge.measured, 0);
	assert_int_equal(judge.nr_missing, 0);
	judge_free(&judge);
	record_free(&tonight);
}

static void what_was_measured_the_night_before_is_missed(void **state)
{
	struct record tonight = make_record(31, "7.2.0"), last = make_record(30, "7.2.0");
	struct record older = make_record(29, "7.2.0");
	struct judge judge;

	(void)state;
	add(&older, "long gone", 0, 0, 100);
	for (int i = 0; i < 4; i++)
		add(&last, (const char *const[]){ "gone", "skipped", "failed", "there" }[i], 0, 0, 100);
	add(&last, "skipped before", 0, 0, 100)->status = CASE_SKIP;
	add(&tonight, "skipped", 0, 0, 100)->status = CASE_SKIP;
	add(&tonight, "failed", 0, 0, 100)->status = CASE_FAIL;
	add(&tonight, "there", 0, 0, 100);
	begin(&judge, &tonight);
	give(&judge, last);
	give(&judge, older);
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_missing, 2);
	assert_string_equal(judge.missing[0]->workload, "skipped");
	assert_string_equal(judge.missing[1]->workload, "gone");
	assert_int_equal(judge.measured, 1);
	judge_free(&judge);
	record_free(&tonight);
}

/*
 * Thirty nights in which "a" and "b" take twice as long from the 11th on, "c" half as long,
 * "d" as long as ever. The 31st is judged beside the last @nights of them.
 */
static void judge_times(struct judge *judge, struct record *tonight, int nights, bool backwards)
{
	*tonight = make_record(31, "7.2.1");
	for (int i = 0; i < 4; i++)
		add(tonight, (const char *const[]){ "a", "b", "c", "d" }[i], 0, 0,
		    i == 2 ? 500 : i == 3 ? 1000 : 2000);
	begin(judge, tonight);
	for (int i = 1; i <= 30; i++) {
		int day = backwards ? 31 - i : i;
		struct record rec = make_record(day, day > 10 ? "7.2.1" : "7.2.0");

		add(&rec, "a", 0, 0, day > 10 ? 2000 : 1000);
		add(&rec, "b", 0, 0, day > 10 ? 2000 : 1000);
		add(&rec, "c", 0, 0, day > 10 ? 500 : 1000);
		add(&rec, "d", 0, 0, 1000);
		give(judge, rec);
	}
	assert_int_equal(judge_finish(judge, nights), 0);
}

static void a_longer_time_is_one_regression_in_any_order_of_records(void **state)
{
	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		struct record tonight;
		struct judge judge;

		judge_times(&judge, &tonight, 25, backwards);
		assert_int_equal(judge.nr_regressions, 2);
		for (int i = 0; i < 2; i++) {
			const struct judge_regression *r = &judge.regressions[i];

			assert_string_equal(r->id->workload, i ? "b" : "a");
			assert_int_equal(r->nr, 3);	/* p50, p99, p99.9 */
			assert_non_null(r->change);
			assert_int_equal(r->change->point->night, 10);
			for (int j = 0; j < 3; j++) {
				assert_int_equal(r->finding[j].kind, JUDGE_TIME);
				assert_true(r->finding[j].metric.unit == UNIT_NS);
				assert_true(r->finding[j].after > 1.9 * r->finding[j].before);
			}
		}
		judge_free(&judge);
		record_free(&tonight);
	}
}

static void longer_in_two_nights_is_two_regressions(void **state)
{
	struct record tonight = make_record(31, "7.2.0");
	struct judge judge;

	(void)state;
	add(&tonight, "a", 0, 0, 4000);
	begin(&judge, &tonight);
	for (int day = 1; day <= 30; day++) {
		struct record rec = make_record(day, "7.2.0");

		add(&rec, "a", 0, 0, day > 20 ? 4000 : day > 10 ? 2000 : 1000);
		give(&judge, rec);
	}
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_regressions, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(judge.regressions[i].nr, 3);
	assert_int_not_equal(judge.regressions[0].change->point->night,
			     judge.regressions[1].change->point->night);
	judge_free(&judge);
	record_free(&tonight);
}

/* The 11th of January is the 20th night before the 31st. */
static void a_change_of_long_ago_is_none(void **state)
{
	struct record tonight;
	struct judge judge;

	(void)state;
	judge_times(&judge, &tonight, 20, false);
	assert_int_equal(judge.nr_regressions, 2);
	judge_free(&judge);
	record_free(&tonight);
	judge_times(&judge, &tonight, 19, false);
	assert_int_equal(judge.nr_regressions, 0);
	judge_free(&judge);
	record_free(&tonight);
}

static void a_new_standard_parameter_is_the_same_case(void **state)
{
	struct record tonight = make_record(31, "7.2.0");
	struct case_result *c = add(&tonight, "collapse", 800, 8, 100);
	struct judge judge;

	(void)state;
	c->id.params[0] = (struct case_param){ "order", 9, true };
	c->id.nr_params = 1;
	begin(&judge, &tonight);
	give_sync(&judge, 30, 700, 7);
	assert_int_equal(judge_finish(&judge, 0), 0);
	assert_int_equal(judge.nr_regressions, 1);
	assert_int_equal(judge.nr_missing, 0);
	judge_free(&judge);
	record_free(&tonight);
}

static void copies_and_bad_dates_are_refused(void **state)
{
	struct record tonight = make_record(31, "7.2.0"), rec = make_record(30, "7.2.0");
	struct judge judge;
	char why[256] = "";

	(void)state;
	begin(&judge, &tonight);
	assert_int_equal(judge_add(&judge, &tonight, why, sizeof(why)), 0);
	assert_int_equal(judge.nr_days, 0);
	assert_int_equal(judge_add(&judge, &rec, why, sizeof(why)), 0);
	assert_int_equal(judge_add(&judge, &rec, why, sizeof(why)), -EEXIST);
	rec.started[0] = 'x';
	assert_int_equal(judge_add(&judge, &rec, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "started"));
	judge_free(&judge);
	assert_int_equal(judge_begin(&judge, &rec, why, sizeof(why)), -EINVAL);
	judge_free(&judge);
	record_free(&rec);
	record_free(&tonight);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_count_above_the_median_of_the_costliest_ops_has_grown),
		cmocka_unit_test(a_night_counts_once),
		cmocka_unit_test(only_the_last_nights_are_compared_with),
		cmocka_unit_test(others_and_later_nights_do_not_count),
		cmocka_unit_test(what_is_not_exact_is_not_compared),
		cmocka_unit_test(what_is_wrong_with_one_case_is_one_regression),
		cmocka_unit_test(the_first_night_is_judged_too),
		cmocka_unit_test(what_was_measured_the_night_before_is_missed),
		cmocka_unit_test(a_longer_time_is_one_regression_in_any_order_of_records),
		cmocka_unit_test(longer_in_two_nights_is_two_regressions),
		cmocka_unit_test(a_change_of_long_ago_is_none),
		cmocka_unit_test(a_new_standard_parameter_is_the_same_case),
		cmocka_unit_test(copies_and_bad_dates_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
