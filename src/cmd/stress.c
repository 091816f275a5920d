// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync stress: race page-table walkers against those who take the tables away, and
 * verify every byte that the walkers get at. KTAP on standard output, a record on demand.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/item.h"
#include "cmd/options.h"
#include "cmd/stress-options.h"
#include "engine/clock.h"
#include "cmd/wait.h"
#include "record/build.h"
#include "record/stress.h"
#include "record/whole-file.h"
#include "render/style.h"
#include "stress/suite.h"

struct session {
	struct stress_command command;
	struct machine machine;
	struct clock clock;
	struct record about;
	struct stress_suite suite;
};

static int list(const struct machine *machine)
{
	for (int i = 0; stress_tests[i]; i++) {
		char why[256];

		item_print(stress_tests[i]->name, stress_tests[i]->summary);
		if (stress_blocked(stress_tests[i], machine, why, sizeof(why)))
			item_blocked(why);
	}
	return fflush(stdout) ? EXIT_UNDONE : EXIT_DONE;
}

static void show_progress(const struct stress_suite *suite, double elapsed_s)
{
	fprintf(stderr, "\r%d/%d %s: %.0f of %.0f s, %llu iterations\033[K", suite->at + 1,
		suite->nr, suite->results[suite->at].test->name, elapsed_s,
		suite->options->time_ns / 1e9, atomic_load(&suite->tally->iterations));
}

static void tell_wait(const struct turn *turn)
{
	wait_tell("stress", turn);
}

static int write_record(const struct session *session)
{
	const struct stress_record rec = { &session->about, &session->suite };
	char why[512];

	if (!session->command.output)
		return EXIT_DONE;
	if (stress_record_write(&rec, session->command.output, why, sizeof(why))) {
		cmd_error("stress", "%s", why);
		return EXIT_UNDONE;
	}
	fprintf(stderr, "record: %s\n", session->command.output);
	return EXIT_DONE;
}

static void abandon(struct stress_suite *suite)
{
	struct session *session = (struct session *)
		((char *)suite - offsetof(struct session, suite));

	cmd_error("stress", "a test hangs in the kernel and cannot be ended; reboot");
	write_record(session);
	_exit(EXIT_DIFFERS);	/* the guard restores the settings */
}

static int finish(const struct session *session)
{
	const struct stress_suite *suite = &session->suite;
	int failed = stress_nr(suite, KTAP_NOT_OK), status = write_record(session);

	if (failed)
		cmd_error("stress", "%d of %d tests failed; to repeat: --seed %llu", failed,
			  suite->nr, (unsigned long long)suite->options->seed);
	if (failed)
		return EXIT_DIFFERS;
	if (status)
		return status;
	return stress_nr(suite, KTAP_OK) ? EXIT_DONE : EXIT_CANNOT;
}

static int prepare(struct session *session, int argc, char **argv)
{
	struct record *about = &session->about;
	int error = machine_load(&session->machine);

	if (!error)
		error = clock_init(&session->clock, session->machine.cpu.invariant_tsc);
	if (!error)
		error = cmd_begin_record(about, &session->machine, &session->clock);
	if (error) {
		cmd_error("stress", "cannot find out what this machine is: %s", strerror(-error));
		return EXIT_UNDONE;
	}
	about->command = cmd_line(argc, argv);
	about->profile = strdup("");
	about->counter = strdup("");
	about->counter_why = strdup("");
	return about->command && about->profile && about->counter && about->counter_why ?
		EXIT_DONE : EXIT_UNDONE;
}

static int stress(struct session *session)
{
	struct stress_suite *suite = &session->suite;
	const char *output = session->command.output;
	char why[512], name[24];
	int error;

	if (output && whole_file_check(output, why, sizeof(why))) {
		cmd_error("stress", "%s", why);
		return EXIT_UNDONE;
	}
	*suite = (struct stress_suite){
		.options = &session->command.options, .machine = &session->machine,
		.tests = session->command.tests, .nr = session->command.nr, .out = stdout,
		.progress = style_can_redraw(stderr) ? show_progress : NULL, .abandon = abandon,
		.turn = { .wait_ns = session->command.wait_ns, .told = tell_wait },
	};
	error = stress_suite_run(suite);
	if (suite->progress)
		fputs("\r\033[K", stderr);
	if (!error)
		return finish(session);
	if (suite->turn.error)
		return wait_failed("stress", &suite->turn);
	if (error == -EINTR) {
		cmd_error("stress", "stopped by %s; %s, no record was written",
			  wait_signal_name(suite->stopped_by, name, sizeof(name)),
			  wait_settings(suite->restored));
		return EXIT_SIGNAL(suite->stopped_by);
	}
	cmd_error("stress", "%s; no record was written", strerror(-error));
	return EXIT_UNDONE;
}

static int run(int argc, char **argv)
{
	struct session *session = calloc(1, sizeof(*session));
	char why[512];
	int status;

	if (!session) {
		cmd_error("stress", "out of memory");
		return EXIT_UNDONE;
	}
	if (stress_options_parse(argc, argv, &session->command, why, sizeof(why))) {
		cmd_error("stress", "%s", why);
		free(session);
		return EXIT_USAGE;
	}
	if (session->command.help) {
		free(session);
		return options_help(&cmd_stress);
	}
	status = prepare(session, argc, argv);
	if (!status)
		status = session->command.list ? list(&session->machine) : stress(session);
	stress_suite_free(&session->suite);
	record_free(&session->about);
	machine_free(&session->machine);
	free(session);
	return status;
}

static const char *const usage[] = { "[OPTION]...", "--list", NULL };

const struct command cmd_stress = {
	.name = "stress",
	.summary = "race page-table walkers against those who take the tables away",
	.usage = usage,
	.about = "Races page-table walkers against those who take the tables away, and verifies "
		 "what the walkers read. Prints KTAP.\n"
		 "A test fails if a reader finds what must not be there, if the kernel's log has a "
		 "new complaint, if it hangs, or if its readers read nothing.",
	.exits = "0 all is well\n"
		 "1 a test failed\n"
		 "2 wrong usage\n"
		 "3 it could not be done, or no record could be written\n"
		 "4 another run measures on this machine\n"
		 "77 nothing that was asked for can run here\n"
		 "128 and the number of the signal that stopped it: 130 after Ctrl-C",
	.options = stress_options_table,
	.run = run,
};
