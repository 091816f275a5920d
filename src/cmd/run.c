// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync run: measure the chosen cases on the running kernel, write one record,
 * print its table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/dry-run.h"
#include "cmd/plan.h"
#include "cmd/print.h"
#include "cmd/progress.h"
#include "cmd/run-options.h"
#include "cmd/wait.h"
#include "engine/run-case.h"
#include "machine/lab.h"
#include "probe/counters.h"
#include "record/blocks.h"
#include "record/build.h"

/* The run's parts, in the order in which they come to life. */
struct session {
	struct run_options options;
	struct plan plan;
	struct machine machine;
	struct clock clock;
	struct bench bench;
	struct known_functions known;
	struct supervisor *supervisor;
	struct counter_list core_events;	/* what this machine can count of them */
	struct bar bar;
	struct record record;
	char counter_why[512];
	int stopped_by;		/* the signal that ended it; 0: none */
	bool restored;		/* all settings are as they were */
};

/* ---- the run -------------------------------------------------------------- */

/* Every case, or with --flip-key every block of every case, is one of the record's. */
static int cases_planned(const struct session *session)
{
	return session->plan.nr * (session->options.blocks ? (int)session->options.blocks : 1);
}

/*
 * Before each case: CPUs may have come or gone since the one before. What is placed
 * and counted from now on is placed and counted on those that are there.
 */
static int follow_cpus(struct session *session)
{
	struct bench *bench = &session->bench;
	char now[sizeof(session->machine.online)], why[512];
	int error;

	if (!machine_cpus_changed(&session->machine, now, sizeof(now)))
		return 0;
	cmd_error("run", "CPUs came or went: online were %s, now %s; the run goes on with these",
		  session->machine.online, now);
	error = machine_reload_cpus(&session->machine);
	if (error)
		return error;
	bench->probe->source->close(bench->probe);
	bench->probe = NULL;
	return probe_open(session->record.counter, &session->machine, &bench->probe,
			  why, sizeof(why));
}

/* Case @i, or its block @block with the key as it is now. */
static int run_one(struct session *session, int i, int block)
{
	struct bar *bar = &session->bar;
	struct case_result *result = NULL;
	int error;

	bar_next(bar, &session->plan.cases[i], block ? i * (int)session->options.blocks + block - 1 : i);
	error = supervisor_check(session->supervisor);
	if (!error)
		error = follow_cpus(session);
	if (!error)
		error = run_case(&session->bench, session->supervisor, &session->plan.cases[i],
				 bar->shown ? bar_draw : NULL, bar, &result);
	if (!error) {
		result->block = block;
		result->block_key = session->machine.kernel.static_key;
		error = record_add_case(&session->record, result);
	}
	run_result_free(result);
	return error;
}

/* Blocks with the key off, on, on, off, ... */
static int run_blocks(struct session *session, int i)
{
	int error = 0;

	for (int block = 1; !error && block <= (int)session->options.blocks; block++) {
		bool on = block % 4 == 2 || block % 4 == 3;
		char why[512];

		error = lab_set_key(session->bench.settings, on, why, sizeof(why));
		if (error) {
			cmd_error("run", "--flip-key: %s; no record was written", why);
			return error == -EOPNOTSUPP ? error : -ECANCELED;
		}
		session->machine.kernel.static_key = on ? KEY_ON : KEY_OFF;
		error = run_one(session, i, block);
	}
	return error;
}

static int run_cases(struct session *session)
{
	int error = 0;

	bar_begin(&session->bar, session->bench.progress, cases_planned(session));
	for (int i = 0; !error && i < session->plan.nr; i++)
		error = session->options.blocks ? run_blocks(session, i) :
			run_one(session, i, 0);
	if (!error)
		error = supervisor_check(session->supervisor);
	bar_end(&session->bar);
	return error;
}

static int describe(struct session *session, int argc, char **argv)
{
	struct record *rec = &session->record;
	int error = cmd_begin_record(rec, &session->machine, &session->clock);

	if (error)
		return error;
	rec->command = cmd_line(argc, argv);
	rec->profile = strdup(session->options.selection.profile);
	rec->counter = strdup(ipi_source_name(session->bench.probe->source->kind));
	rec->counter_why = strdup(session->counter_why);
	return rec->command && rec->profile && rec->counter && rec->counter_why ? 0 : -ENOMEM;
}

static int open_probe(struct session *session)
{
	int error = probe_open(session->options.counter, &session->machine,
			       &session->bench.probe, session->counter_why,
			       sizeof(session->counter_why));

	if (error == -EINVAL && !session->counter_why[0]) {
		cmd_error("run", "--counter takes auto, csd, interrupts or none, not '%s'",
			  session->options.counter);
		return EXIT_USAGE;
	}
	if (error) {
		cmd_error("run", "cannot count IPIs: %s", session->counter_why[0] ?
			  session->counter_why : strerror(-error));
		return EXIT_CANNOT;
	}
	if (session->counter_why[0])
		cmd_error("run", "IPIs are estimated from /proc/interrupts: %s",
			  session->counter_why);
	return 0;
}

/* Where the record goes: heap string, or NULL when there is no memory. */
static char *output_path(const struct session *session)
{
	char *path;

	if (session->options.output)
		return strdup(session->options.output);
	if (asprintf(&path, "%s/%s.json", session->options.results_dir,
		     session->record.id) < 0)
		return NULL;
	return path;
}

/* Before minutes are spent: can the record be written at all? */
static int check_output(const struct session *session, char **path)
{
	char why[512];

	if (!session->options.output && mkdir(session->options.results_dir, 0777) &&
	    errno != EEXIST) {
		cmd_error("run", "cannot make the folder %s: %s; choose another with --results-dir",
			  session->options.results_dir, strerror(errno));
		return EXIT_UNDONE;
	}
	*path = output_path(session);
	if (!*path)
		return EXIT_UNDONE;
	if (!record_check_path(*path, why, sizeof(why)))
		return 0;
	cmd_error("run", "%s", why);
	return EXIT_UNDONE;
}

static int print_record(const struct session *session)
{
	int error;

	if (!session->options.json)
		return cmd_print_run("run", &session->record, &session->options.print);
	error = record_print(&session->record, stdout);
	if (!error && fflush(stdout))
		error = -errno;
	if (error)
		cmd_error("run", "cannot print the result: %s", strerror(-error));
	return error ? EXIT_UNDONE : EXIT_DONE;
}

/* What the exit code says of the cases, worst first. */
static int judge(const struct record *rec)
{
	int ok = 0, bad = 0;

	for (int i = 0; i < rec->nr_cases; i++) {
		ok += rec->cases[i].status == CASE_OK;
		bad += rec->cases[i].status == CASE_FAIL ||
		       rec->cases[i].as_expected == VERDICT_FALSE;
	}
	if (bad)
		cmd_error("run", "%d of %d cases failed or differ from what the kernel source predicts",
			  bad, rec->nr_cases);
	if (bad)
		return EXIT_DIFFERS;
	return ok ? EXIT_DONE : EXIT_CANNOT;
}

static int finish(struct session *session, const char *path)
{
	int status = record_has_both_keys(&session->record) && !session->options.json ?
		     cmd_compare_flipped(path, &session->options.print) : print_record(session);

	fprintf(stderr, "record: %s\n", path);
	return status ? status : judge(&session->record);
}

/* Mark the record as what a signal has left of the run, unless it left all of it. */
static void mark_incomplete(struct session *session)
{
	struct record *rec = &session->record;

	if (!session->stopped_by || rec->nr_cases == cases_planned(session))
		return;
	wait_signal_name(session->stopped_by, rec->incomplete.signal,
			 sizeof(rec->incomplete.signal));
	rec->incomplete.cases_planned = cases_planned(session);
}

/* What was done, if anything, to @path. An exit status, after a message if not 0. */
static int write_record(struct session *session, const char *path)
{
	char why[512];

	if (session->stopped_by && !session->record.nr_cases)
		return EXIT_DONE;
	mark_incomplete(session);
	if (!record_write(&session->record, path, why, sizeof(why)))
		return EXIT_DONE;
	cmd_error("run", "%s", why);
	return EXIT_UNDONE;
}

/*
 * A signal has ended the run: what was done until then is printed. @path is where the record
 * was written, NULL if it could not be. The exit status tells the signal, whatever else
 * there is to say.
 */
static int finish_stopped(struct session *session, const char *path)
{
	const char *settings = wait_settings(session->restored);
	int done = session->record.nr_cases;
	char name[24];

	wait_signal_name(session->stopped_by, name, sizeof(name));
	if (done) {
		if (path)
			finish(session, path);
		cmd_error("run", "stopped by %s: %d of %d cases were done; %s", name, done,
			  cases_planned(session), settings);
	} else {
		cmd_error("run", "stopped by %s before a case was done; %s, no record was written",
			  name, settings);
	}
	return EXIT_SIGNAL(session->stopped_by);
}

static void tell_wait(const struct turn *turn)
{
	wait_tell("run", turn);
}

/* What others take: a look before the first case, and a meter for all of them. */
static int look_around(struct session *session)
{
	const struct topology *topo = &session->machine.topo;
	struct record *rec = &session->record;
	struct busy_sample sample;

	session->bench.meter = busy_meter_new(topo->nr_possible);
	if (!session->bench.meter || busy_look(topo, &sample))
		return -ENOMEM;
	rec->load.before = sample.before;
	rec->has_load = true;
	return 0;
}

static int measure_all(struct session *session)
{
	struct turn turn = { .wait_ns = session->options.wait_ns, .told = tell_wait };
	int error = supervisor_start(&session->supervisor, &turn), unrestored;

	if (turn.error)
		return wait_failed("run", &turn);
	if (error) {
		cmd_error("run", "cannot start the guard process: %s", strerror(-error));
		return EXIT_UNDONE;
	}
	session->bench.settings = supervisor_settings(session->supervisor);
	error = look_around(session);
	if (!error)
		error = run_cases(session);
	if (session->bench.meter)
		busy_during(session->bench.meter, &session->record.load.during);
	session->stopped_by = supervisor_stopped_by(session->supervisor);
	unrestored = supervisor_stop(session->supervisor);
	session->restored = supervisor_restored(session->supervisor);
	if (session->stopped_by)
		return EXIT_DONE;
	if (error == -EOPNOTSUPP && !unrestored)
		return EXIT_CANNOT;	/* the key may not be on here, as was said */
	if (error && error != -ECANCELED && error != -EOPNOTSUPP)
		cmd_error("run", "%s; no record was written", strerror(-error));
	return error || unrestored ? EXIT_UNDONE : EXIT_DONE;
}

/* What this machine is, and whether it could hold the plan. */
static int look(struct session *session)
{
	char why[512];
	int error = machine_load(&session->machine);

	if (error) {
		cmd_error("run", "cannot find out what this machine is: %s", strerror(-error));
		return EXIT_UNDONE;
	}
	plan_settle(&session->plan, &session->machine.topo);
	if (choices_check(&session->plan.choices, &session->machine.topo, why, sizeof(why))) {
		cmd_error("run", "%s", why);
		return EXIT_USAGE;
	}
	if (session->options.blocks && lab_find_key(why, sizeof(why))) {
		cmd_error("run", "--flip-key: %s", why);
		return EXIT_CANNOT;
	}
	if (session->options.blocks * (uint64_t)session->plan.nr > RECORD_MAX_CASES) {
		cmd_error("run", "%d cases of %llu blocks are too many for one record; choose fewer",
			  session->plan.nr, (unsigned long long)session->options.blocks);
		return EXIT_USAGE;
	}
	return 0;
}

/* What core workloads count by themselves: nothing is said of those that this machine has not. */
static void choose_events(struct session *session)
{
	static const char *const names[] = { "instructions", "dTLB-load-misses" };
	struct bench *bench = &session->bench;
	struct counter_list *list = &session->core_events;
	struct counters *counters;

	bench->core_events = NULL;
	bench->events = session->options.events.nr ? &session->options.events : NULL;
	for (size_t i = 0; !session->options.has_events && i < sizeof(names) / sizeof(names[0]); i++) {
		struct counter_list one = { .nr = 1 };

		if (counter_event_parse(names[i], &session->machine.cpu, &one.event[0]) ||
		    counters_of_task(&one, gettid(), true, &counters))
			continue;
		if (!*counters_why(counters, 0))
			list->event[list->nr++] = one.event[0];
		counters_close(counters);
	}
	if (list->nr)
		bench->core_events = list;
}

/* Is there anything to measure? */
static bool has_passes(const struct bench *bench)
{
	enum ipi_source source = bench->probe->source->kind;

	if ((bench->passes & PASS_TIME && bench->timed) ||
	    (bench->passes & PASS_COUNT && source != IPI_NONE) ||
	    (bench->passes & PASS_IPI && source == IPI_CSD))
		return true;
	if (!bench->timed)
		cmd_error("run", "under emulation there is nothing to measure but IPIs; leave out "
			  "--passes time and --counter none");
	else
		cmd_error("run", "--passes leaves nothing to measure: %s", source == IPI_NONE ?
			  "with --counter none only the pass time is left" :
			  "the pass ipi needs the counter csd");
	return false;
}

static int prepare(struct session *session, int argc, char **argv)
{
	struct bench *bench = &session->bench;
	int error = clock_init(&session->clock, session->machine.cpu.invariant_tsc);

	bench->progress = mmap(NULL, sizeof(*bench->progress), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!error && bench->progress == MAP_FAILED)
		error = -ENOMEM;
	if (error) {
		cmd_error("run", "cannot get ready: %s", strerror(-error));
		return EXIT_UNDONE;
	}
	bench->machine = &session->machine;
	bench->clock = &session->clock;
	bench->known = &session->known;
	bench->limit_ns = session->options.limit_ns;
	bench->ring_bytes = session->options.ring_bytes;
	bench->passes = session->options.passes;
	choose_events(session);
	bench->timed = strcmp(session->machine.cpu.hypervisor, "tcg") != 0;
	error = open_probe(session);
	if (error)
		return error;
	if (!has_passes(bench))
		return EXIT_CANNOT;
	if (describe(session, argc, argv)) {
		cmd_error("run", "out of memory");
		return EXIT_UNDONE;
	}
	return 0;
}

static void release(struct session *session)
{
	if (session->bench.probe)
		session->bench.probe->source->close(session->bench.probe);
	if (session->bench.progress && session->bench.progress != MAP_FAILED)
		munmap(session->bench.progress, sizeof(*session->bench.progress));
	busy_meter_free(session->bench.meter);
	record_free(&session->record);
	machine_free(&session->machine);
	plan_free(&session->plan);
}

static int measure(struct session *session, int argc, char **argv)
{
	char *path = NULL;
	int status = prepare(session, argc, argv);
	bool measured = false;

	if (!status)
		status = check_output(session, &path);
	if (!status)
		status = measure_all(session);
	if (!status) {
		measured = true;
		status = write_record(session, path);
	}
	if (session->supervisor)	/* until the record is written, signals wait */
		session->stopped_by = supervisor_release(session->supervisor);
	if (measured && session->stopped_by)
		status = finish_stopped(session, status ? NULL : path);
	else if (!status)
		status = finish(session, path);
	free(path);
	return status;
}

static int run(int argc, char **argv)
{
	struct session session = { 0 };
	char why[512];
	bool go;
	int status = run_options_parse(argc, argv, &session.options, &go);

	if (!go)
		return status;
	if (plan_build(&session.options.selection, &session.plan, why, sizeof(why))) {
		cmd_error("run", "%s", why);
		return EXIT_USAGE;
	}
	status = look(&session);
	if (!status && session.options.dry)
		status = dry_run(&session.options, &session.plan, &session.machine);
	else if (!status)
		status = measure(&session, argc, argv);
	release(&session);
	return status;
}

static const char *const usage[] = { "[OPTION]...", NULL };

const struct command cmd_run = {
	.name = "run",
	.summary = "measure on the running kernel, write a record, print its table",
	.usage = usage,
	.about = "Measures on the running kernel, writes a record and prints its table. Counts, "
		 "times and the latency of each IPI come from three passes, because tracing an IPI "
		 "costs time. Under emulation no time is told. 'tlbsync list' prints the "
		 "workloads and placements.",
	.exits = "0 done\n"
		 "1 a case failed or its IPIs differ from what the kernel source predicts\n"
		 "2 wrong usage\n"
		 "3 no record could be written, or nothing printed\n"
		 "4 another run measures on this machine\n"
		 "77 nothing that was asked for can run here\n"
		 "128 and the number of the signal that stopped it: 130 after Ctrl-C",
	.options = run_options_table,
	.run = run,
};
