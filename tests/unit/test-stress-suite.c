// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The suite with tests of our own, which go wrong on purpose: real readers pin a page
 * that somebody else's content stands in for, a test hangs, dies, proves nothing. Each
 * must come out as not ok, with its reason, in KTAP and in the record.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/stress.h"
#include "stress/reader.h"
#include "workloads/memory.h"

/* A page, and what readers want to find in it. */
struct page {
	_Alignas(4096) char memory[4096];
};

static struct page page;

static void aim(void *arg, struct random *random, struct aim *aim)
{
	(void)arg;
	(void)random;
	*aim = (struct aim){ .at = page.memory, .want = { .tag = STAMP_OURS, .page = 1 } };
}

/* Readers pin the page until the time is up, or one has found something. */
static int read_page(struct stress_ctx *ctx, uint8_t tag)
{
	static struct readers readers;
	const struct target target = { .aim = aim, .base = page.memory, .size = 4096 };
	const uint64_t word = stamp(tag, 1, 0);
	int error;

	memcpy(page.memory, &word, sizeof(word));
	error = readers_start(&readers, ctx, 2, &target);
	while (!error && !stress_over(ctx)) {
		stress_pause_us(1000);
		atomic_fetch_add(&ctx->tally->iterations, 1);
	}
	readers_stop(&readers);
	return error;
}

/* Does anything lie in these bytes? By the kernel's word, and with no memory for it. */
static bool anything_in(const char *from, size_t size)
{
	static char maps[1 << 18];
	uintptr_t begin = (uintptr_t)from, end = begin + size;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t got, len = 0;
	bool any = fd < 0;

	while (fd >= 0 && (got = read(fd, maps + len, sizeof(maps) - 1 - len)) > 0)
		len += got;
	close(fd);
	maps[len] = '\0';
	for (char *line = maps; line && *line; line = strchr(line, '\n')) {
		uintptr_t first, last;

		line += *line == '\n';
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &first, &last) == 2)
			any |= first < end && begin < last;
	}
	return any;
}

/* Where a leaver unmaps a gigabyte, nothing of its readers may come to lie; valgrind may. */
static int run_settled(struct stress_ctx *ctx)
{
	static struct readers readers;
	const struct target target = { .aim = aim, .base = page.memory, .size = 4096 };
	const uint64_t word = stamp(STAMP_OURS, 1, 0);
	char *hole = mmap(NULL, SIZE_1G, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			  -1, 0);
	int error;

	if (hole == MAP_FAILED)
		return -errno;
	memcpy(page.memory, &word, sizeof(word));
	ctx->walk = true;	/* perf's rings are memory, too */
	error = readers_start(&readers, ctx, 4, &target);
	munmap(hole, SIZE_1G);
	while (!error && !stress_over(ctx)) {
		stress_pause_us(10000);
		atomic_fetch_add(&ctx->tally->iterations, 1);
		if (!getenv("UNDER_VALGRIND") && anything_in(hole, SIZE_1G))
			stress_find(ctx, "a reader mapped memory in the hole");
	}
	readers_stop(&readers);
	return error;
}

static int run_well(struct stress_ctx *ctx)
{
	return read_page(ctx, STAMP_OURS);
}

static int run_foreign(struct stress_ctx *ctx)
{
	return read_page(ctx, STAMP_OTHERS);
}

static int run_hanging(struct stress_ctx *ctx)
{
	atomic_fetch_add(&ctx->tally->iterations, 7);
	for (;;)
		pause();
	return 0;
}

static int run_for_nothing(struct stress_ctx *ctx)
{
	atomic_fetch_add(&ctx->tally->iterations, 500);
	return 0;
}

static int run_dying(struct stress_ctx *ctx)
{
	(void)ctx;
	return raise(SIGKILL);
}

static int run_out(struct stress_ctx *ctx)
{
	(void)ctx;
	_exit(0);
}

static int run_unable(struct stress_ctx *ctx)
{
	return workload_fail(&ctx->work, -EOPNOTSUPP, "it takes a lab");
}

#define TEST(id)	\
	static const struct stress_test id##_test = { .name = #id, .summary = #id, .run = run_##id }

TEST(well);
TEST(foreign);
TEST(hanging);
TEST(for_nothing);
TEST(dying);
TEST(out);
TEST(unable);
TEST(settled);

static const struct stress_test *const tests[] = {
	&well_test, &foreign_test, &hanging_test, &for_nothing_test, &dying_test, &out_test,
	&unable_test, &settled_test,
};

static char lost[] = "/tmp/tlbsync-test-stress-suite-XXXXXX";

/* A setting that cannot be restored, then the signal that ends the suite. */
static int run_lost(struct stress_ctx *ctx)
{
	if (settings_write(ctx->work.settings, lost, "new") || unlink(lost) || mkdir(lost, 0700))
		return -EIO;
	kill(getppid(), SIGTERM);
	for (;;)
		pause();
}

TEST(lost);

#define NR_TESTS	((int)(sizeof(tests) / sizeof(tests[0])))

static struct machine machine;
static char *printed;
static struct stress_suite suite;
static const struct stress_options options = {
	.time_ns = 400000000, .margin_ns = 1600000000, .seed = UINT64_MAX,	/* valgrind takes long */
};

static const struct stress_result *result(const char *name)
{
	for (int i = 0; i < suite.nr; i++)
		if (!strcmp(suite.results[i].test->name, name))
			return &suite.results[i];
	fail_msg("no result of %s", name);
	return NULL;
}

static void assert_result(const char *name, enum ktap_status status, const char *words)
{
	const struct stress_result *r = result(name);

	if (r->status != status || !strstr(r->reason, words))
		fail_msg("%s: status %d, '%s'", name, r->status, r->reason);
}

static void assert_printed(const char *words)
{
	if (!strstr(printed, words))
		fail_msg("'%s' is not in:\n%s", words, printed);
}

static void a_test_whose_readers_see_what_they_should_passes(void **state)
{
	(void)state;
	assert_result("well", KTAP_OK, "");
	assert_true(atomic_load(&result("well")->tally.read[READ_PIN]) > 0);
	assert_true(atomic_load(&result("well")->tally.read[READ_LOAD]) > 0);
	assert_true(atomic_load(&result("well")->tally.read[READ_SLOW]) > 0);
	assert_printed("\nok 1 well\n");
}

static void foreign_content_that_was_pinned_fails_the_test_at_once(void **state)
{
	(void)state;
	assert_result("foreign", KTAP_NOT_OK, "foreign content");
	assert_true(result("foreign")->elapsed_s < 1);
	assert_printed("found X page 1 write 0, wanted S page 1 write 0");
	assert_printed("\nnot ok 2 foreign # ");
}

static void a_test_that_hangs_is_ended_and_failed(void **state)
{
	(void)state;
	assert_result("hanging", KTAP_NOT_OK, "it hung");
	assert_true(result("hanging")->hung);
	assert_int_equal(atomic_load(&result("hanging")->tally.iterations), 7);
}

static void a_test_that_read_nothing_fails(void **state)
{
	(void)state;
	assert_result("for_nothing", KTAP_NOT_OK, "proved nothing: 0 verified reads in 500");
}

static void a_test_that_dies_fails_however_it_does(void **state)
{
	(void)state;
	assert_result("dying", KTAP_NOT_OK, "signal 9");
	assert_result("out", KTAP_NOT_OK, "ended before its time");
}

static void a_test_that_cannot_run_is_skipped_with_its_reason(void **state)
{
	(void)state;
	assert_result("unable", KTAP_SKIP, "it takes a lab");
	assert_printed("\nok 7 unable # SKIP it takes a lab\n");
}

static void readers_that_have_started_map_nothing_where_memory_was_unmapped(void **state)
{
	(void)state;
	assert_result("settled", KTAP_OK, "");
}

static void the_seed_is_printed(void **state)
{
	(void)state;
	assert_printed("\n# seed 18446744073709551615\n");
}

static void the_record_holds_it_all(void **state)
{
	const struct record about = {
		.id = (char *)"id", .started = (char *)"now", .tool = (char *)"tlbsync",
		.command = (char *)"stress", .host = (char *)"here",
	};
	const struct stress_record rec = { &about, &suite };
	json_t *json = stress_to_json(&rec), *results = json_object_get(json, "tests");
	json_t *foreign = json_array_get(results, 1), *unable = json_array_get(results, 6);

	(void)state;
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "schema")), STRESS_SCHEMA);
	assert_string_equal(json_string_value(json_object_get(json, "seed")), "18446744073709551615");
	assert_int_equal(json_array_size(results), NR_TESTS);
	assert_string_equal(json_string_value(json_object_get(foreign, "status")), "fail");
	assert_true(json_integer_value(json_object_get(foreign, "findings_total")) > 0);
	assert_non_null(strstr(json_string_value(json_array_get(json_object_get(foreign, "findings"), 0)),
			       "foreign content"));
	assert_true(json_real_value(json_object_get(foreign, "first_finding_s")) < 1);
	assert_string_equal(json_string_value(json_object_get(unable, "reason")), "it takes a lab");
	json_decref(json);
}

/* Somebody else may be measuring on this machine just now. */
static int run_suite(void **state)
{
	size_t size;
	int error = machine_load(&machine);

	(void)state;
	for (int i = 0; !error && i < 600; i++) {
		suite = (struct stress_suite){
			.options = &options, .machine = &machine, .tests = tests, .nr = NR_TESTS,
			.out = open_memstream(&printed, &size),
		};
		error = stress_suite_run(&suite);
		fclose(suite.out);
		if (error != -EBUSY)
			return error;
		stress_suite_free(&suite);
		free(printed);
		error = 0;
		stress_pause_us(100000);
	}
	printf("skipped: another run has been measuring for a minute\n");
	exit(77);
}

static void a_stopped_suite_tells_what_it_could_not_restore(void **state)
{
	static const struct stress_test *const one[] = { &lost_test };
	struct stress_suite stopped;
	char *text = NULL;
	size_t size;
	int fd = mkstemp(lost), error = -EBUSY;

	(void)state;
	assert_int_equal(write(fd, "old", 3), 3);
	close(fd);
	for (int i = 0; error == -EBUSY && i < 600; i++) {
		stopped = (struct stress_suite){
			.options = &options, .machine = &machine, .tests = one, .nr = 1,
			.out = open_memstream(&text, &size),
		};
		error = stress_suite_run(&stopped);
		fclose(stopped.out);
		free(text);
		stress_suite_free(&stopped);
		if (error == -EBUSY)
			stress_pause_us(100000);
	}
	rmdir(lost);
	assert_int_equal(error, -EINTR);
	assert_int_equal(stopped.stopped_by, SIGTERM);
	assert_false(stopped.restored);
	assert_true(suite.restored);
}

static int free_suite(void **state)
{
	(void)state;
	stress_suite_free(&suite);
	machine_free(&machine);
	free(printed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(a_test_whose_readers_see_what_they_should_passes),
		cmocka_unit_test(foreign_content_that_was_pinned_fails_the_test_at_once),
		cmocka_unit_test(a_test_that_hangs_is_ended_and_failed),
		cmocka_unit_test(a_test_that_read_nothing_fails),
		cmocka_unit_test(a_test_that_dies_fails_however_it_does),
		cmocka_unit_test(a_test_that_cannot_run_is_skipped_with_its_reason),
		cmocka_unit_test(readers_that_have_started_map_nothing_where_memory_was_unmapped),
		cmocka_unit_test(the_seed_is_printed),
		cmocka_unit_test(the_record_holds_it_all),
		cmocka_unit_test(a_stopped_suite_tells_what_it_could_not_restore),
	};

	return cmocka_run_group_tests(all, run_suite, free_suite);
}
