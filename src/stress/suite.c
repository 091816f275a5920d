// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Running and judging tests. A test passes only if it proved something: it iterated, and
 * its readers verified at least one read in so many iterations.
 */
#include "stress/suite.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/clock.h"

#define PER_READ	100	/* iterations that one verified read must suffice for */
#define STUCK_NS	30000000000ull	/* a killed process is not gone: it never will be */

/* ---- the test's own process ------------------------------------------------- */

struct body {
	struct stress_suite *suite;
	const struct stress_test *test;
	int *cpu;
	int nr_cpus;
};

/* A reader for every CPU that has no other task, two at least. */
static int nr_readers(const struct stress_options *options, int nr_cpus)
{
	int nr = options->readers ? options->readers : nr_cpus > 4 ? nr_cpus - 2 : 2;

	return nr < STRESS_MAX_READERS ? nr : STRESS_MAX_READERS;
}

static void run_test(void *arg)
{
	const struct body *body = arg;
	const struct stress_suite *suite = body->suite;
	const struct stress_options *options = suite->options;
	struct stress_ctx ctx = {
		.work = {
			.machine = suite->machine,
			.settings = supervisor_settings(suite->supervisor),
		},
		.options = options, .tally = suite->tally,
		.began_ns = clock_monotonic_ns(),
		.cpu = body->cpu, .nr_cpus = body->nr_cpus,
		.nr_readers = nr_readers(options, body->nr_cpus),
	};
	int error = 0;

	ctx.until_ns = ctx.began_ns + options->time_ns;
	stress_reseed(&ctx.random, options->seed, body->test->name, 0);
	if (options->windows)
		error = lab_open_windows(ctx.work.settings, options->window_pmd_us,
					 options->window_pte_us, ctx.work.reason,
					 sizeof(ctx.work.reason));
	if (!error)
		error = body->test->run(&ctx);
	ctx.tally->error = error;
	memcpy(ctx.tally->reason, ctx.work.reason, sizeof(ctx.tally->reason));
	ctx.tally->ended = true;
}

/* ---- judging ---------------------------------------------------------------- */

static void verdict(struct stress_result *result, enum ktap_status status,
		    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void verdict(struct stress_result *result, enum ktap_status status,
		    const char *format, ...)
{
	va_list args;

	result->status = status;
	va_start(args, format);
	vsnprintf(result->reason, sizeof(result->reason), format, args);
	va_end(args);
}

/* Set status and reason from all that is known, the worst first. */
void stress_judge(struct stress_result *result)
{
	struct stress_tally *tally = &result->tally;
	unsigned long long rounds = atomic_load(&tally->iterations);
	unsigned long long reads = stress_verified(tally);
	int findings = atomic_load(&tally->nr_findings);

	if (findings)
		verdict(result, KTAP_NOT_OK, "%d findings, the first after %.1f s: %s", findings,
			atomic_load(&tally->first_finding_ns) / 1e9, tally->finding[0]);
	else if (result->log.nr)
		verdict(result, KTAP_NOT_OK, "the kernel complained after %.1f s: %s",
			result->complaint_s, result->log.line[0]);
	else if (result->asserted && result->after.unproved > result->before.unproved)
		verdict(result, KTAP_NOT_OK, "%llu of %llu skipped syncs, in %.1f s, had no flush before them",
			(unsigned long long)(result->after.unproved - result->before.unproved),
			(unsigned long long)(result->after.seen - result->before.seen),
			result->unproved_s);
	else if (result->hung)
		verdict(result, KTAP_NOT_OK, "it hung, and was ended after %.0f s",
			result->elapsed_s);
	else if (result->died[0])
		verdict(result, KTAP_NOT_OK, "%s", result->died);
	else if (tally->error == -EOPNOTSUPP)
		verdict(result, KTAP_SKIP, "%s", tally->reason);
	else if (tally->error)
		verdict(result, KTAP_NOT_OK, "%s", tally->reason[0] ? tally->reason :
			strerror(-tally->error));
	else if (!rounds || reads < rounds / PER_READ + 1)
		verdict(result, KTAP_NOT_OK, "proved nothing: %llu verified reads in %llu iterations",
			reads, rounds);
	else
		verdict(result, KTAP_OK, "%s", "");
}

/* ---- around a test ---------------------------------------------------------- */

static void tell(const struct stress_suite *suite, const struct stress_result *result)
{
	const struct stress_tally *tally = &result->tally;

	if (result->status != KTAP_SKIP)
		ktap_note(suite->out, "%s: %.1f s, %llu iterations, %llu pins, %llu loads, "
			  "%llu slow, %llu direct, %llu refused, %llu walks",
			  result->test->name, result->elapsed_s,
			  atomic_load(&tally->iterations), atomic_load(&tally->read[READ_PIN]),
			  atomic_load(&tally->read[READ_LOAD]),
			  atomic_load(&tally->read[READ_SLOW]),
			  atomic_load(&tally->read[READ_DIRECT]), atomic_load(&tally->refused),
			  atomic_load(&tally->walks));
	for (int i = 0; i < tally->nr_notes; i++)
		ktap_note(suite->out, "%s", tally->note[i]);
	for (int i = 0; i < STRESS_MAX_FINDINGS && i < atomic_load(&tally->nr_findings); i++)
		ktap_note(suite->out, "%s", tally->finding[i]);
	for (int i = 0; i < result->log.nr; i++)
		ktap_note(suite->out, "%s", result->log.line[i]);
	if (result->log.overrun)
		ktap_note(suite->out, "the kernel's log overran: not all of it was seen");
	ktap_result(suite->out, (int)(result - suite->results) + 1, result->test->name,
		    result->status, result->reason);
}

static uint64_t elapsed_ns(const struct stress_suite *suite)
{
	return clock_monotonic_ns() - suite->began_ns;
}

/*
 * Look at the kernel's log and the lab's counters. A complaint there fails the test, and
 * ends it, unless the readers are to have their full time.
 */
static void look(struct stress_suite *suite)
{
	struct stress_result *result = &suite->results[suite->at];
	double now_s = elapsed_ns(suite) / 1e9;

	klog_read(&suite->klog, &result->log);
	if (result->log.nr && !result->complaint_s)
		result->complaint_s = now_s;
	if (result->asserted)
		result->asserted = !lab_read_assert(&result->after);
	if (result->asserted && result->after.unproved > result->before.unproved &&
	    !result->unproved_s)
		result->unproved_s = now_s;
	if ((result->complaint_s || result->unproved_s) && !suite->options->keep_going)
		atomic_store(&suite->tally->stop, true);
}

static void end_test(struct stress_suite *suite)
{
	struct stress_result *result = &suite->results[suite->at];

	look(suite);
	result->elapsed_s = elapsed_ns(suite) / 1e9;
	memcpy(&result->tally, suite->tally, sizeof(result->tally));
	stress_judge(result);
	tell(suite, result);
}

/* The test cannot be ended, so no test can follow it: all others fail as well. */
static void abandon(struct stress_suite *suite)
{
	end_test(suite);
	while (++suite->at < suite->nr) {
		struct stress_result *result = &suite->results[suite->at];

		verdict(result, KTAP_NOT_OK, "not run: the test before it cannot be ended");
		tell(suite, result);
	}
	suite->abandon(suite);
}

/* Four times a second while a test runs. */
static void watch(void *arg)
{
	const struct body *body = arg;
	struct stress_suite *suite = body->suite;
	const struct stress_options *options = suite->options;
	uint64_t elapsed = elapsed_ns(suite);
	uint64_t limit = options->time_ns + options->margin_ns;

	if (suite->progress)
		suite->progress(suite, elapsed / 1e9);
	look(suite);
	if (elapsed < limit)
		return;
	suite->results[suite->at].hung = true;
	supervisor_kill(suite->supervisor);
	if (elapsed > limit + STUCK_NS)
		abandon(suite);
}

/*
 * Can @test run on @machine? 0 if so; else -EOPNOTSUPP with the reason, and what to do
 * about it, in @why.
 */
int stress_blocked(const struct stress_test *test, const struct machine *machine,
		   char *why, size_t size)
{
	int error = needs_blocked(test->needs, machine, why, size);

	if (!error && test->hugepages)
		error = hugepages_blocked(machine, test->hugepages, NULL, 0, why, size);
	if (!error && test->blocked)
		error = test->blocked(machine, why, size);
	return error;
}

/* The same with this suite's options. */
static int blocked(const struct stress_suite *suite, const struct stress_test *test,
		   char *why, size_t size)
{
	if (suite->options->windows && lab_find("window", "delays inside of GUP-fast", why, size))
		return -EOPNOTSUPP;
	return stress_blocked(test, suite->machine, why, size);
}

static int run_one(struct stress_suite *suite, struct body *body)
{
	struct stress_result *result = &suite->results[suite->at];
	int error;

	memset(suite->tally, 0, sizeof(*suite->tally));
	if (blocked(suite, result->test, result->reason, sizeof(result->reason))) {
		result->status = KTAP_SKIP;
		tell(suite, result);
		return 0;
	}
	body->test = result->test;
	klog_skip(&suite->klog);
	result->asserted = !suite->assert_why[0] && !lab_read_assert(&result->before);
	suite->began_ns = clock_monotonic_ns();
	error = supervisor_run(suite->supervisor, body->cpu[0], run_test, body, watch,
			       result->died, sizeof(result->died));
	if (error == -EINTR)
		return error;
	if (!error && !suite->tally->ended)
		snprintf(result->died, sizeof(result->died), "it ended before its time");
	end_test(suite);
	return 0;
}

static int run_all(struct stress_suite *suite)
{
	const struct topology *topo = &suite->machine->topo;
	struct body body = { .suite = suite };
	int error = 0;

	body.cpu = calloc(topo->nr_online, sizeof(*body.cpu));
	if (!body.cpu)
		return -ENOMEM;
	for (int i = 0; i < topo->nr_online; i++)
		if (topo->cpus[i].allowed)
			body.cpu[body.nr_cpus++] = topo->cpus[i].cpu;
	for (suite->at = 0; !error && suite->at < suite->nr; suite->at++)
		error = run_one(suite, &body);
	free(body.cpu);
	return error;
}

static int prepare(struct stress_suite *suite)
{
	suite->results = calloc(suite->nr, sizeof(*suite->results));
	suite->tally = mmap(NULL, sizeof(*suite->tally), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	klog_open(&suite->klog);
	if (!suite->results || suite->tally == MAP_FAILED)
		return -ENOMEM;
	for (int i = 0; i < suite->nr; i++)
		suite->results[i].test = suite->tests[i];
	lab_find("assert_flush", "assert the flush before each skipped sync", suite->assert_why,
		 sizeof(suite->assert_why));
	return 0;
}

static void tell_plan(const struct stress_suite *suite)
{
	ktap_plan(suite->out, suite->nr);
	ktap_note(suite->out, "seed %llu", (unsigned long long)suite->options->seed);
	if (suite->klog.why[0])
		ktap_note(suite->out, "the kernel's log is not looked at: %s", suite->klog.why);
	if (suite->assert_why[0])
		ktap_note(suite->out, "skipped syncs are not counted: %s", suite->assert_why);
}

/*
 * Run all tests, print KTAP, leave what there is to know in ->results. 0; -EBUSY when
 * another tlbsync measures here; -EINTR on a signal, which ->stopped_by tells, or
 * ->turn.signo where it ended the wait; else -errno. ->restored: all settings are as they
 * were. stress_suite_free() in any case.
 */
int stress_suite_run(struct stress_suite *suite)
{
	int error = prepare(suite), restored;

	if (!error)
		error = supervisor_start(&suite->supervisor, &suite->turn);
	if (error)
		return error;
	tell_plan(suite);
	error = run_all(suite);
	restored = supervisor_stop(suite->supervisor);
	suite->restored = supervisor_restored(suite->supervisor);
	suite->stopped_by = supervisor_release(suite->supervisor);
	if (!error && suite->stopped_by)
		error = -EINTR;
	return error ? error : restored;
}

/* How many results have this @status. */
int stress_nr(const struct stress_suite *suite, enum ktap_status status)
{
	int nr = 0;

	for (int i = 0; i < suite->nr; i++)
		nr += suite->results[i].status == status;
	return nr;
}

void stress_suite_free(struct stress_suite *suite)
{
	for (int i = 0; suite->results && i < suite->nr; i++)
		klog_free(&suite->results[i].log);
	free(suite->results);
	if (!suite->tally)
		return;		/* it never ran */
	if (suite->tally != MAP_FAILED)
		munmap(suite->tally, sizeof(*suite->tally));
	klog_close(&suite->klog);
}
