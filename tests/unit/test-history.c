// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The history's promises: a night is a UTC date and its value the median of its records;
 * machines, kernel series and states of the static key stay apart; figures that are not exact or not real are left out, and the order
 * of the records does not matter.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/history.h"

static int records_made;

/* A record of machine "lab", of January 2025, without cases. */
static struct record make_record(int day, int hour, const char *release)
{
	struct record rec = { 0 };

	assert_true(asprintf(&rec.id, "record-%d", ++records_made) > 0);
	assert_true(asprintf(&rec.started, "2025-01-%02dT%02d:00:00Z", day, hour) > 0);
	rec.host = strdup("lab");
	rec.kernel.release = strdup(release);
	rec.kernel.boot_id = strdup("boot");
	rec.machine.cpus_online = 8;
	rec.machine.cpu = strdup("CPU");
	rec.machine.hypervisor = strdup("");
	return rec;
}

/* A case of 100 ops with @sync requests, timed once with @ns. */
static struct case_result *add(struct record *rec, const char *workload, uint64_t sync,
			       uint64_t ns)
{
	struct case_result *c;

	rec->cases = realloc(rec->cases, (size_t)(rec->nr_cases + 1) * sizeof(*c));
	c = &rec->cases[rec->nr_cases++];
	memset(c, 0, sizeof(*c));
	strcpy(c->id.workload, workload);
	strcpy(c->id.placement, "alone");
	c->ops = 100;
	c->latency = malloc(sizeof(*c->latency));
	hist_init(c->latency);
	hist_add(c->latency, ns);
	c->ipi.source = IPI_CSD;
	c->ipi.count[IPI_SYNC].requested = sync;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		c->ipi.count[i].has_requested = true;
	return c;
}

static void give(struct history *h, struct record rec)
{
	char why[256];

	assert_int_equal(history_add(h, &rec, why, sizeof(why)), 0);
	record_free(&rec);
}

static void give_sync(struct history *h, int day, int hour, const char *release, uint64_t sync)
{
	struct record rec = make_record(day, hour, release);

	add(&rec, "collapse", sync, 100);
	give(h, rec);
}

static const struct history_series *series(const struct history *h, int machine, int c,
					   const char *metric)
{
	const struct history_case *found = &h->lines[machine].cases[c];

	for (int i = 0; i < found->nr_series; i++)
		if (!strcmp(found->series[i].metric.name, metric))
			return &found->series[i];
	return NULL;
}

static void a_night_is_the_median_of_its_records(void **state)
{
	struct history h = { 0 };
	const struct history_series *s;

	(void)state;
	give_sync(&h, 2, 23, "7.2", 900);
	give_sync(&h, 2, 0, "7.2", 100);
	give_sync(&h, 1, 23, "7.2-rc1", 700);
	give_sync(&h, 2, 12, "7.2", 200);
	give_sync(&h, 4, 1, "7.2.3", 400);
	give_sync(&h, 4, 2, "7.2.3", 500);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(h.nr_lines, 1);
	assert_int_equal(h.lines[0].nr_nights, 3);
	s = series(&h, 0, 0, "sync");
	assert_true(s->night[0] == 7 && s->night[1] == 2 && s->night[2] == 4.5);
	assert_true(s->median == 4.5 && s->least == 2 && s->most == 7 && s->measured == 3);
	assert_int_equal(h.lines[0].nights[1].records, 3);
	assert_false(h.lines[0].nights[1].mixed);
	history_free(&h);
}

static void a_night_has_its_last_records_kernel(void **state)
{
	struct history h = { 0 };
	struct record on = make_record(2, 3, "7.2.2");

	(void)state;
	on.kernel.static_key = KEY_ON;
	give_sync(&h, 1, 5, "7.2.2", 1);
	give_sync(&h, 1, 3, "7.2.1", 1);
	give_sync(&h, 3, 3, "7.2.2", 1);
	give_sync(&h, 3, 4, "7.2.2", 1);
	give(&h, on);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(h.nr_lines, 2);
	assert_string_equal(h.lines[0].nights[0].kernel, "7.2.2");
	assert_true(h.lines[0].nights[0].mixed);
	assert_false(h.lines[0].nights[1].mixed);
	assert_string_equal(h.lines[1].nights[0].kernel, "7.2.2 key on");
	assert_false(h.lines[1].nights[0].mixed);
	history_free(&h);
}

static void what_a_night_did_not_measure_is_nan(void **state)
{
	struct history h = { 0 };
	struct record rec = make_record(1, 1, "7.2"), other = make_record(2, 1, "7.2");

	(void)state;
	add(&rec, "collapse", 700, 100);
	add(&rec, "munmap", 0, 100);
	add(&other, "collapse", 700, 100)->status = CASE_FAIL;
	add(&other, "munmap", 0, 100)->ipi.lost = 1;
	give(&h, rec);
	give(&h, other);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_true(isnan(series(&h, 0, 0, "sync")->night[1]));
	assert_true(isnan(series(&h, 0, 0, "p50")->night[1]));
	assert_true(isnan(series(&h, 0, 1, "sync")->night[1]));
	assert_false(isnan(series(&h, 0, 1, "p50")->night[1]));
	history_free(&h);
}

static void estimates_and_emulated_times_are_no_figures(void **state)
{
	struct history h = { 0 };
	struct record rec = make_record(1, 1, "7.2"), tcg = make_record(1, 1, "7.2");

	(void)state;
	add(&rec, "collapse", 700, 100)->ipi.count[IPI_SYNC].has_requested = false;
	free(tcg.machine.hypervisor);
	tcg.machine.hypervisor = strdup("tcg");
	add(&tcg, "collapse", 700, 100);
	give(&h, rec);
	give(&h, tcg);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(h.nr_lines, 2);
	assert_null(series(&h, 0, 0, "sync"));
	assert_non_null(series(&h, 0, 0, "p99.9"));
	assert_non_null(series(&h, 1, 0, "sync"));
	assert_null(series(&h, 1, 0, "p50"));
	assert_null(series(&h, 1, 0, "ops/s"));
	history_free(&h);
}

static void times_are_those_of_the_op(void **state)
{
	struct history h = { 0 };
	struct record rec = make_record(1, 1, "7.2");
	struct case_result *c = add(&rec, "collapse", 0, 100);

	(void)state;
	hist_add(c->latency, 200);
	c->bystander = calloc(2, sizeof(*c->bystander));
	c->nr_bystanders = 2;
	c->bystander[0].stolen_ns = 30;
	c->bystander[1].stolen_ns = 50;
	c->metric[0] = (struct case_metric){ "pages", 3.5 };
	c->nr_metrics = 1;
	give(&h, rec);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_true(series(&h, 0, 0, "p50")->night[0] == 100);
	assert_true(series(&h, 0, 0, "p99")->night[0] == 200);
	assert_true(fabs(series(&h, 0, 0, "ops/s")->night[0] - 2e9 / 300) < 1);
	assert_true(series(&h, 0, 0, "stolen")->night[0] == 20);
	assert_true(series(&h, 0, 0, "pages")->night[0] == 3.5);
	history_free(&h);
}

static void machines_are_apart(void **state)
{
	struct history h = { 0 };
	struct record host = make_record(1, 1, "7.2"), cpus = make_record(1, 1, "7.2");

	(void)state;
	free(host.host);
	host.host = strdup("den");
	cpus.machine.cpus_online = 4;
	give(&h, cpus);
	give(&h, host);
	give_sync(&h, 1, 1, "7.2", 1);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(h.nr_lines, 3);
	assert_string_equal(h.lines[0].id.host, "den");
	assert_int_equal(h.lines[1].id.cpus_online, 4);
	history_free(&h);
}

/* Nights of both kernels of 7.2, and of base of 6.12: what "sync 0.5, always" came from. */
static void base_and_patched_are_two_lines(void **state)
{
	struct history h = { 0 };

	(void)state;
	for (int day = 1; day <= 12; day++) {
		struct record base = make_record(day, 1, "7.2.13-base");
		struct record patched = make_record(day, 2, "7.2.13-patched");
		struct record older = make_record(day, 3, "6.12.1-base");

		base.kernel.static_key = older.kernel.static_key = KEY_ABSENT;
		patched.kernel.static_key = KEY_ON;
		add(&base, "collapse", 100, 100);
		add(&patched, "collapse", 0, 100);
		add(&older, "collapse", 200, 100);
		give(&h, day % 2 ? base : patched);
		give(&h, day % 2 ? patched : base);
		give(&h, older);
	}
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(h.nr_lines, 3);
	for (int i = 0; i < 3; i++) {
		const struct history_series *s = series(&h, i, 0, "sync");
		double always = i == 0 ? 2 : i == 1 ? 1 : 0;

		assert_string_equal(h.lines[i].series, i ? "7.2" : "6.12");
		assert_int_equal(h.lines[i].key, i < 2 ? KEY_ABSENT : KEY_ON);
		assert_true(s->least == always && s->most == always && s->measured == 12);
		assert_false(h.lines[i].nights[0].mixed);
	}
	history_free(&h);
}

static void the_state_of_the_key_is_part_of_the_line(void **state)
{
	struct history h = { 0 };

	(void)state;
	for (int key = KEY_UNKNOWN; key <= KEY_ON; key++) {
		struct record rec = make_record(1, 1, "7.2.1");

		rec.kernel.static_key = (enum key_state)key;
		give(&h, rec);
	}
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(h.nr_lines, 4);
	history_free(&h);
}

static void a_series_is_major_and_minor_or_the_whole_release(void **state)
{
	static const struct { const char *release, *series; } releases[] = {
		{ "", "" }, { "6.12.117-tlbsync", "6.12" }, { "7.2-rc1", "7.2" }, { "7.2.9", "7.2" },
		{ "7.20.1", "7.20" }, { "custom-7.2", "custom-7.2" }, { "next.1", "next.1" },
		{ "7.x", "7.x" }, { "7", "7" }, { ".2", ".2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		struct history h = { 0 };

		give(&h, make_record(1, 1, releases[i].release));
		assert_string_equal(h.lines[0].series, releases[i].series);
		history_free(&h);
	}
}

/* Series are ordered as numbers: 6.12 before 7.2 before 7.10. */
static void lines_are_in_the_order_of_versions(void **state)
{
	struct history h = { 0 };

	(void)state;
	give_sync(&h, 1, 1, "7.10.1", 1);
	give_sync(&h, 1, 1, "6.12.1", 1);
	give_sync(&h, 1, 1, "7.2.1", 1);
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_string_equal(h.lines[0].series, "6.12");
	assert_string_equal(h.lines[1].series, "7.2");
	assert_string_equal(h.lines[2].series, "7.10");
	history_free(&h);
}

/* In either order of the records; another value is another case. */
static void a_new_standard_parameter_does_not_fork_a_series(void **state)
{
	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		struct history h = { 0 };

		for (int i = 0; i < 6; i++) {
			int day = backwards ? 6 - i : i + 1;
			struct record rec = make_record(day, 1, "7.2.1");
			struct case_result *c = add(&rec, "collapse", 700, 100);

			if (day > 3) {
				c->id.params[0] = (struct case_param){ "order", 9, true };
				c->id.nr_params = 1;
			}
			if (day == 6)
				c->id.params[0] = (struct case_param){ "order", 4, false };
			give(&h, rec);
		}
		assert_int_equal(history_finish(&h, 0, NULL), 0);
		assert_int_equal(h.lines[0].nr_cases, 2);
		for (int i = 0; i < 2; i++) {
			const struct history_case *c = &h.lines[0].cases[i];

			assert_int_equal(c->id.nr_params, 1);
			assert_int_equal(series(&h, 0, i, "sync")->measured,
					 c->id.params[0].standard ? 5 : 1);
		}
		history_free(&h);
	}
}

static void copies_and_bad_dates_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "yesterday", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z",
		"2025-01-01T00:00:00", "2025-01-01T00:00:00Z ", "1969-12-31T00:00:00Z",
	};
	struct history h = { 0 };
	struct record rec = make_record(1, 1, "7.2");
	char why[256];

	(void)state;
	assert_int_equal(history_add(&h, &rec, why, sizeof(why)), 0);
	assert_int_equal(history_add(&h, &rec, why, sizeof(why)), -EEXIST);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		free(rec.started);
		rec.started = strdup(bad[i]);
		assert_int_equal(history_add(&h, &rec, why, sizeof(why)), -EINVAL);
	}
	record_free(&rec);
	assert_int_equal(h.nr_records, 1);
	history_free(&h);
}

static void the_last_nights_and_chosen_metrics_are_kept(void **state)
{
	static const char *const metrics[] = { "p50", "sync", NULL };
	struct history h = { 0 };

	(void)state;
	for (int day = 1; day <= 9; day++)
		give_sync(&h, day, 1, "7.2", (uint64_t)day * 100);
	assert_int_equal(history_finish(&h, 4, metrics), 0);
	assert_int_equal(h.lines[0].nr_nights, 4);
	assert_int_equal(h.lines[0].older_nights, 5);
	assert_int_equal(history_nr_series(&h), 2);
	assert_true(series(&h, 0, 0, "sync")->night[0] == 6);
	assert_true(series(&h, 0, 0, "sync")->night[3] == 9);
	history_free(&h);
}

/* Nights of two cases: one gets worse by half, one by twice as much and better again. */
static void fill_changes(struct history *h, bool backwards)
{
	for (int i = 0; i < 30; i++) {
		int day = backwards ? 30 - i : i + 1;
		struct record rec = make_record(day, 1, day <= 10 ? "7.2.1" : "7.2.2");

		add(&rec, "a", day <= 10 ? 200 : 300, 1000);
		add(&rec, "b", day > 10 && day <= 20 ? 900 : 300, day > 20 ? 1500 : 1000);
		give(h, rec);
	}
	assert_int_equal(history_finish(h, 0, NULL), 0);
	for (int i = 0; i < history_nr_series(h); i++)
		assert_int_equal(history_find(h, i), 0);
}

static void the_worst_change_is_first_in_any_order_of_records(void **state)
{
	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		struct history_change *changes;
		struct history h = { 0 };
		int nr;

		fill_changes(&h, backwards);
		nr = history_changes(&h, &changes);
		assert_true(nr >= 4);
		assert_string_equal(changes[0].c->id.workload, "b");
		assert_string_equal(changes[0].series->metric.name, "sync");
		assert_int_equal(changes[0].point->night, 10);
		assert_int_equal(history_direction(changes[0].series, changes[0].point), 1);
		assert_int_equal(history_direction(changes[nr - 1].series,
						   changes[nr - 1].point), -1);
		assert_int_equal(changes[nr - 1].point->night, 20);
		for (int i = 0; i < nr; i++)
			if (!strcmp(changes[i].series->metric.name, "ops/s"))
				assert_true(changes[i].point->size < 0 &&
					    history_direction(changes[i].series,
							      changes[i].point) > 0);
		free(changes);
		history_free(&h);
	}
}

static void nothing_is_a_history_too(void **state)
{
	struct history_change *changes;
	struct history h = { 0 };

	(void)state;
	assert_int_equal(history_finish(&h, 0, NULL), 0);
	assert_int_equal(history_nr_series(&h), 0);
	assert_int_equal(history_changes(&h, &changes), 0);
	history_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_night_is_the_median_of_its_records),
		cmocka_unit_test(a_night_has_its_last_records_kernel),
		cmocka_unit_test(what_a_night_did_not_measure_is_nan),
		cmocka_unit_test(estimates_and_emulated_times_are_no_figures),
		cmocka_unit_test(times_are_those_of_the_op),
		cmocka_unit_test(machines_are_apart),
		cmocka_unit_test(base_and_patched_are_two_lines),
		cmocka_unit_test(the_state_of_the_key_is_part_of_the_line),
		cmocka_unit_test(a_series_is_major_and_minor_or_the_whole_release),
		cmocka_unit_test(lines_are_in_the_order_of_versions),
		cmocka_unit_test(a_new_standard_parameter_does_not_fork_a_series),
		cmocka_unit_test(copies_and_bad_dates_are_refused),
		cmocka_unit_test(the_last_nights_and_chosen_metrics_are_kept),
		cmocka_unit_test(the_worst_change_is_first_in_any_order_of_records),
		cmocka_unit_test(nothing_is_a_history_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
