// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pure parts of stress: what a word in a page says, which lines of the kernel's log
 * are complaints, how results are printed and judged, what may be typed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/stress-options.h"
#include "cmd/wait.h"
#include "stress/klog.h"
#include "stress/ktap.h"
#include "machine/lab.h"
#include "stress/perf-walk.h"
#include "stress/reader.h"
#include "stress/suite.h"

/* ---- stamps ----------------------------------------------------------------- */

static const struct stamp_want page_7 = {
	.tag = STAMP_OURS, .page = 7, .oldest = 10, .newest = 12,
};

static void a_stamp_in_its_place_and_time_is_right(void **state)
{
	(void)state;
	for (uint32_t write = 10; write <= 12; write++)
		assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, write), &page_7), STAMP_RIGHT);
}

static void a_word_read_while_it_is_written_is_torn(void **state)
{
	struct stamp_want want = { .tag = STAMP_OURS, .page = 7, .oldest = 0x1835, .newest = 0x1835 };

	(void)state;
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x1800), &want), STAMP_LOST);
	want.fresh = true;	/* zeros until the stamp came */
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x1800), &want), STAMP_TORN);
	assert_int_equal(stamp_judge(0x1835, &want), STAMP_TORN);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x1834), &want), STAMP_LOST);
	assert_int_equal(stamp_judge(stamp(STAMP_OTHERS, 7, 0x1800), &want), STAMP_FOREIGN);
	want = (struct stamp_want){ .tag = STAMP_OURS, .page = 7, .oldest = 0x17ff, .newest = 0x1800 };
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x1700), &want), STAMP_TORN);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x18ff), &want), STAMP_TORN);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x17fe), &want), STAMP_LOST);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 0x1801), &want), STAMP_EARLY);
}

static void every_other_word_is_told_apart(void **state)
{
	struct stamp_want fresh = page_7;

	(void)state;
	fresh.fresh = true;
	assert_int_equal(stamp_judge(stamp(STAMP_OTHERS, 7, 11), &page_7), STAMP_FOREIGN);
	assert_int_equal(stamp_judge(0x8000000123456067ull, &page_7), STAMP_FOREIGN);
	assert_int_equal(stamp_judge(11, &page_7), STAMP_FOREIGN);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 8, 11), &page_7), STAMP_MISPLACED);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 9), &page_7), STAMP_LOST);
	assert_int_equal(stamp_judge(stamp(STAMP_OURS, 7, 13), &page_7), STAMP_EARLY);
	assert_int_equal(stamp_judge(0, &page_7), STAMP_EMPTY);
	assert_int_equal(stamp_judge(0, &fresh), STAMP_FRESH);
	assert_int_equal(stamp_judge(stamp(STAMP_OTHERS, 7, 11), &fresh), STAMP_FOREIGN);
}

/* ---- what readers and perf's walker report ---------------------------------- */

static struct stress_tally tally;
static const struct stress_options options = { .time_ns = 1000000000 };
static struct stress_ctx ctx = { .tally = &tally, .options = &options };

static int clear(void **state)
{
	(void)state;
	memset(&tally, 0, sizeof(tally));
	return 0;
}

static void foreign_content_is_reported_with_what_and_where(void **state)
{
	const struct aim aim = { .at = (char *)0x7f0012345000, .want = page_7 };

	(void)state;
	assert_false(reader_judge(&ctx, READ_PIN, stamp(STAMP_OTHERS, 3, 5), &aim));
	assert_int_equal(atomic_load(&tally.nr_findings), 1);
	assert_non_null(strstr(tally.finding[0], "foreign content"));
	assert_non_null(strstr(tally.finding[0], "by pin at 0x7f0012345000"));
	assert_non_null(strstr(tally.finding[0], "found X page 3 write 5"));
	assert_true(stress_over(&ctx));
	assert_true(atomic_load(&tally.first_finding_ns) > 0);
}

static void right_content_is_verified_and_a_fresh_page_proves_nothing(void **state)
{
	struct aim aim = { .want = page_7 };

	(void)state;
	assert_true(reader_judge(&ctx, READ_LOAD, stamp(STAMP_OURS, 7, 12), &aim));
	aim.want.fresh = true;
	assert_false(reader_judge(&ctx, READ_LOAD, 0, &aim));
	assert_int_equal(stress_verified(&tally), 1);
	assert_int_equal(atomic_load(&tally.bytes), 8);
	assert_int_equal(atomic_load(&tally.fresh), 1);
	assert_int_equal(atomic_load(&tally.nr_findings), 0);
}

static void a_page_size_that_is_nowhere_mapped_is_reported(void **state)
{
	const struct target target = {
		.base = (char *)0x40000000, .size = 0x200000, .page_sizes = 0x200000,
	};

	(void)state;
	assert_true(perf_walk_judge(&ctx, &target, 0x40001000, 0x200000));
	assert_true(perf_walk_judge(&ctx, &target, 0x40001000, 0));
	assert_true(perf_walk_judge(&ctx, &target, 0x40200000, 0x1000));	/* elsewhere */
	assert_true(perf_walk_judge(&ctx, &target, 0x3fffffff, 0x1000));
	assert_int_equal(atomic_load(&tally.walks), 2);
	assert_int_equal(atomic_load(&tally.nr_findings), 0);
	assert_false(perf_walk_judge(&ctx, &target, 0x401fffff, 0x1000));
	assert_int_equal(atomic_load(&tally.nr_findings), 1);
	assert_non_null(strstr(tally.finding[0], "4096 bytes at 0x401fffff"));
}

static void more_findings_than_there_is_room_for_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < STRESS_MAX_FINDINGS + 5; i++)
		stress_find(&ctx, "finding %d", i);
	assert_int_equal(atomic_load(&tally.nr_findings), STRESS_MAX_FINDINGS + 5);
	assert_string_equal(tally.finding[STRESS_MAX_FINDINGS - 1], "finding 31");
}

static void counts_go_by_name_and_notes_are_kept_once(void **state)
{
	(void)state;
	stress_count(&ctx, "a", 2);
	stress_count(&ctx, "b", 1);
	stress_count(&ctx, "a", 3);
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		stress_count(&ctx, name, 1);
	}
	assert_int_equal(stress_counted(&tally, "a"), 5);
	assert_int_equal(stress_counted(&tally, "b"), 1);
	assert_int_equal(stress_counted(&tally, "c"), 0);
	stress_note(&ctx, "the same");
	stress_note(&ctx, "the same");
	stress_note(&ctx, "another");
	assert_int_equal(tally.nr_notes, 2);
}

static void a_seed_gives_each_thread_its_own_choices_again(void **state)
{
	struct random one, again, other, next;

	(void)state;
	stress_reseed(&one, 1, "reader", 0);
	stress_reseed(&again, 1, "reader", 0);
	stress_reseed(&other, 1, "storm", 0);
	stress_reseed(&next, 1, "reader", 1);
	assert_true(random_next(&one) == random_next(&again));
	assert_true(random_next(&one) != random_next(&other));
	assert_true(random_next(&again) != random_next(&next));
}

/* ---- the kernel's log -------------------------------------------------------- */

static void complaints_are_known(void **state)
{
	static const char *const bad[] = {
		"WARNING: CPU: 1 PID: 77 at mm/mmu_gather.c:301 tlb_remove_table_sync_one+0x1f/0x30",
		"BUG: unable to handle page fault for address: ffff88810badf00d",
		"BUG: KASAN: slab-use-after-free in gup_fast_pmd_range+0x10/0x20",
		"Oops: 0000 [#1] PREEMPT SMP",
		"WARNING: possible circular locking dependency detected",
		"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
		"kernel BUG at mm/page_table_check.c:143!",
		"Unable to handle kernel paging request",
		"BUG: Bad page state in process tlbsync  pfn:12345",
		"INFO: task tlbsync:2375 blocked for more than 120 seconds.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!klog_is_complaint(bad[i]))
			fail_msg("not a complaint: %s", bad[i]);
}

static void each_complaint_of_the_one_list_is_known(void **state)
{
	static const char *const listed[] = {
#define COMPLAINT(text)	"tlbsync[77]: " text ", it says",
#define HARMLESS(text)
#include "stress/kernel-complaints.inc"
#undef COMPLAINT
#undef HARMLESS
	};

	(void)state;
	assert_true(sizeof(listed) / sizeof(listed[0]) >= 30);
	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		if (!klog_is_complaint(listed[i]))
			fail_msg("not a complaint: %s", listed[i]);
}

/* tests/e2e/lab-vm-run.sh gives the same lines to scripts/vm-run. */
static void what_healthy_kernels_say_is_none(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[4096], line[1024];
	int lines = 0;
	FILE *file;

	(void)state;
	assert_false(klog_is_complaint(""));
	snprintf(path, sizeof(path), "%s/tests/fixtures/kernel-log-healthy", top ? top : ".");
	file = fopen(path, "re");
	assert_non_null(file);
	for (; fgets(line, sizeof(line), file); lines++)
		if (klog_is_complaint(line))
			fail_msg("a complaint: %s", line);
	fclose(file);
	assert_true(lines >= 10);
}

static void the_log_is_kept_from_the_first_complaint_on(void **state)
{
	struct klog_lines lines = { .nr = 0 };

	(void)state;
	klog_add(&lines, "6,1,10,-;all is well\n");
	klog_add(&lines, "4,2,20,-;WARNING: at mm/gup.c:1; and more\n SUBSYSTEM=x\n");
	klog_add(&lines, "4,3,30,-; gup_fast+0x1/0x2\n");
	assert_int_equal(lines.nr, 2);
	assert_string_equal(lines.line[0], "WARNING: at mm/gup.c:1; and more");
	assert_string_equal(lines.line[1], " gup_fast+0x1/0x2");
	for (int i = 0; i < 2 * KLOG_MAX_LINES; i++)
		klog_add(&lines, "4,4,40,-;again\n");
	assert_int_equal(lines.nr, KLOG_MAX_LINES);
	klog_free(&lines);
	assert_int_equal(lines.nr, 0);
}

/* ---- the lab's counters ------------------------------------------------------ */

static void the_labs_counters_are_read_by_name(void **state)
{
	struct lab_assert counts;

	(void)state;
	assert_int_equal(lab_parse_assert("seen 12\nproved 10\nunproved 2\n", &counts), 0);
	assert_int_equal(counts.seen, 12);
	assert_int_equal(counts.proved, 10);
	assert_int_equal(counts.unproved, 2);
	assert_int_equal(lab_parse_assert("seen 12\nproved 10\n", &counts), -EINVAL);
	assert_int_equal(lab_parse_assert("", &counts), -EINVAL);
}

/* ---- judging ---------------------------------------------------------------- */

/* A result of a test that ran well. */
static struct stress_result *good_result(void)
{
	static struct stress_result result;

	memset(&result, 0, sizeof(result));
	atomic_store(&result.tally.iterations, 1000);
	atomic_store(&result.tally.read[READ_PIN], 11);
	result.tally.ended = true;
	return &result;
}

static void assert_judged(struct stress_result *result, enum ktap_status status, const char *words)
{
	stress_judge(result);
	assert_int_equal(result->status, status);
	if (!strstr(result->reason, words))
		fail_msg("'%s' does not say '%s'", result->reason, words);
}

static void a_test_must_prove_something(void **state)
{
	struct stress_result *result = good_result();

	(void)state;
	assert_judged(result, KTAP_OK, "");
	atomic_store(&result->tally.read[READ_PIN], 10);
	assert_judged(result, KTAP_NOT_OK, "proved nothing: 10 verified reads in 1000 iterations");
	atomic_store(&result->tally.iterations, 0);
	assert_judged(result, KTAP_NOT_OK, "proved nothing");
}

static void nothing_is_stronger_than_a_finding(void **state)
{
	struct stress_result *result = good_result();

	(void)state;
	result->hung = true;
	strcpy(result->died, "ended by signal 9");
	assert_judged(result, KTAP_NOT_OK, "it hung");
	result->log.line[0] = (char *)"BUG: here";
	result->log.nr = 1;
	result->complaint_s = 1.5;
	assert_judged(result, KTAP_NOT_OK, "complained after 1.5 s: BUG: here");
	atomic_store(&result->tally.nr_findings, 2);
	strcpy(result->tally.finding[0], "foreign content");
	assert_judged(result, KTAP_NOT_OK, "2 findings");
}

static void a_dead_test_is_never_a_pass_and_a_skip_is_none_either(void **state)
{
	struct stress_result *result = good_result();

	(void)state;
	strcpy(result->died, "ended by signal 11");
	assert_judged(result, KTAP_NOT_OK, "signal 11");
	result = good_result();
	result->tally.error = -EOPNOTSUPP;
	strcpy(result->tally.reason, "no hugepages");
	assert_judged(result, KTAP_SKIP, "no hugepages");
	result->tally.error = -EIO;
	assert_judged(result, KTAP_NOT_OK, "no hugepages");
}

static void one_unproved_sync_fails(void **state)
{
	struct stress_result *result = good_result();

	(void)state;
	result->asserted = true;
	result->before = (struct lab_assert){ .seen = 5, .proved = 4, .unproved = 1 };
	result->after = (struct lab_assert){ .seen = 9, .proved = 8, .unproved = 1 };
	assert_judged(result, KTAP_OK, "");
	result->after.unproved = 2;
	result->unproved_s = 0.5;
	assert_judged(result, KTAP_NOT_OK, "1 of 4 skipped syncs, in 0.5 s");
}

/* ---- printing ---------------------------------------------------------------- */

static void ktap_is_what_parsers_read(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	ktap_plan(out, 3);
	ktap_note(out, "one\ntwo");
	ktap_result(out, 1, "first", KTAP_OK, "");
	ktap_result(out, 2, "second", KTAP_NOT_OK, "line #1\nline 2");
	ktap_result(out, 3, "third", KTAP_SKIP, "no root");
	fclose(out);
	assert_string_equal(text, "KTAP version 1\n1..3\n# one\n# two\nok 1 first\n"
			    "not ok 2 second # line \\#1 line 2\nok 3 third # SKIP no root\n");
	free(text);
}

/* ---- options ----------------------------------------------------------------- */

static char why[512];

static int parse(struct stress_command *command, int argc, ...)
{
	char *argv[8] = { (char *)"stress" };
	va_list args;

	va_start(args, argc);
	for (int i = 1; i <= argc; i++)
		argv[i] = va_arg(args, char *);
	va_end(args);
	why[0] = '\0';
	return stress_options_parse(argc + 1, argv, command, why, sizeof(why));
}

static void times_have_a_unit(void **state)
{
	static const char *const bad[] = {
		"", "10", "s", "0s", "-1s", "1.5s", "10sec", "1d", "49h", "99999999999999999999s", " 1s",
	};
	uint64_t ns;

	(void)state;
	assert_int_equal(parse_duration("10s", &ns), 0);
	assert_int_equal(ns, 10000000000);
	assert_int_equal(parse_duration("2m", &ns), 0);
	assert_int_equal(ns, 120000000000);
	assert_int_equal(parse_duration("48h", &ns), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!parse_duration(bad[i], &ns))
			fail_msg("'%s' is taken for a time", bad[i]);
}

static void without_options_all_tests_run_for_ten_seconds_each(void **state)
{
	struct stress_command command;
	int nr = 0;

	(void)state;
	while (stress_tests[nr])
		nr++;
	assert_int_equal(parse(&command, 0), 0);
	assert_int_equal(command.nr, nr);
	assert_int_equal(command.options.time_ns, 10000000000);
	assert_false(command.options.windows);
	assert_false(command.options.keep_going);
}

static void options_are_taken_as_given(void **state)
{
	struct stress_command command;

	(void)state;
	assert_int_equal(parse(&command, 6, "--tests=lazy-storm,race-munmap", "--seed=18446744073709551615",
			       "--readers=3", "--windows=pmd=3000,pte=7", "--time=2m", "--keep-going"), 0);
	assert_int_equal(command.nr, 2);
	assert_string_equal(command.tests[0]->name, "lazy-storm");
	assert_string_equal(command.tests[1]->name, "race-munmap");
	assert_true(command.options.seed == UINT64_MAX);
	assert_int_equal(command.options.readers, 3);
	assert_true(command.options.windows);
	assert_true(command.options.keep_going);
	assert_int_equal(command.options.window_pmd_us, 3000);
	assert_int_equal(command.options.window_pte_us, 7);
	assert_true(command.options.margin_ns >= 5000000000);
}

static void what_cannot_be_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *first, *second, *says;
	} bad[] = {
		{ "--tests=race-unshar", NULL, "did you mean 'race-unshare'?" },
		{ "--tests=xyzzy", NULL, "see tlbsync stress --list" },
		{ "--tests=", NULL, "unknown test ''" },
		{ "--tests=lazy-storm,lazy-storm", NULL, "twice" },
		{ "--tests=lazy-storm", "--tests=race-munmap", "twice" },
		{ "--windows=pmd=3000,pmd=1", NULL, "twice" },
		{ "--windows=pmd=0,pte=0", NULL, "opens none" },
		{ "--windows=pud=1", NULL, "not 'pud=1'" },
		{ "--windows=pmd", NULL, "not 'pmd'" },
		{ "--windows=pte=20001", NULL, "from 0 to 20000" },
		{ "--readers=0", NULL, "from 1 to 256, not '0'" },
		{ "--readers=257", NULL, "not '257'" },
		{ "--seed=-1", NULL, "below 2^64, not '-1'" },
		{ "--seed=18446744073709551616", NULL, "below 2^64" },
		{ "--time=10", NULL, "not '10'" },
		{ "--list", "--seed=1", "takes no other option" },
		{ "--tests", NULL, "a value is missing" },
		{ "--frobnicate", NULL, "unknown option '--frobnicate'" },
		{ "more", NULL, "what is 'more'?" },
	};
	struct stress_command command;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int error = parse(&command, bad[i].second ? 2 : 1, bad[i].first, bad[i].second);

		if (error != -EINVAL || !strstr(why, bad[i].says))
			fail_msg("%s: %d '%s'", bad[i].first, error, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_in_its_place_and_time_is_right),
		cmocka_unit_test(a_word_read_while_it_is_written_is_torn),
		cmocka_unit_test(every_other_word_is_told_apart),
		cmocka_unit_test_setup(foreign_content_is_reported_with_what_and_where, clear),
		cmocka_unit_test_setup(right_content_is_verified_and_a_fresh_page_proves_nothing, clear),
		cmocka_unit_test_setup(a_page_size_that_is_nowhere_mapped_is_reported, clear),
		cmocka_unit_test_setup(more_findings_than_there_is_room_for_are_counted, clear),
		cmocka_unit_test_setup(counts_go_by_name_and_notes_are_kept_once, clear),
		cmocka_unit_test(a_seed_gives_each_thread_its_own_choices_again),
		cmocka_unit_test(complaints_are_known),
		cmocka_unit_test(each_complaint_of_the_one_list_is_known),
		cmocka_unit_test(what_healthy_kernels_say_is_none),
		cmocka_unit_test(the_log_is_kept_from_the_first_complaint_on),
		cmocka_unit_test(the_labs_counters_are_read_by_name),
		cmocka_unit_test(a_test_must_prove_something),
		cmocka_unit_test(nothing_is_stronger_than_a_finding),
		cmocka_unit_test(a_dead_test_is_never_a_pass_and_a_skip_is_none_either),
		cmocka_unit_test(one_unproved_sync_fails),
		cmocka_unit_test(ktap_is_what_parsers_read),
		cmocka_unit_test(times_have_a_unit),
		cmocka_unit_test(without_options_all_tests_run_for_ten_seconds_each),
		cmocka_unit_test(options_are_taken_as_given),
		cmocka_unit_test(what_cannot_be_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
