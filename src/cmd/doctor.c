// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync doctor: every fact of this machine that bears on a measurement, and how to
 * mend what is not as it should be. The facts are in the tables of doctor-*.c.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/doctor.h"

#define MAX_FINDINGS	64

static const struct {
	const char *name, *colour;
} states[NR_STATES] = {
	[STATE_OK] = { "ok", "\033[32m" },
	[STATE_WARNING] = { "warning", "\033[33m" },
	[STATE_MISSING] = { "missing", "\033[31m" },
};

/* Long options; numbered beyond every letter. */
enum { OPT_JSON = 256, OPT_HELP };

struct options {
	bool json;
	bool help;
};

/* The value of a finding that needs no mending; every check starts from here. */
void finding_is(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->value, sizeof(finding->value), format, args);
	va_end(args);
}

/* It is not as it should be: @state, and what to do about it. */
void finding_mend(struct finding *finding, enum state state, const char *how)
{
	finding->state = state;
	finding->mend = how;
}

static void print_table(const struct finding *findings, size_t nr)
{
	const char *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);

	for (size_t i = 0; i < nr; i++) {
		const struct finding *finding = &findings[i];

		printf("%s%-7s%s  %-18s  %s%s%s\n",
		       colour ? states[finding->state].colour : "",
		       states[finding->state].name, colour ? "\033[0m" : "",
		       finding->fact, finding->value,
		       finding->mend ? " -> " : "", finding->mend ? finding->mend : "");
	}
}

/* Returns 0 or -ENOMEM. A mend that is not needed is null. */
static int print_json(const struct finding *findings, size_t nr)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < nr; i++) {
		json_t *entry = json_pack("{s:s, s:s, s:s, s:s?}",
					  "fact", findings[i].fact,
					  "state", states[findings[i].state].name,
					  "value", findings[i].value,
					  "mend", findings[i].mend);

		if (json_array_append_new(array, entry))
			err = -ENOMEM;
	}
	if (!err && !json_dumpf(array, stdout, JSON_INDENT(2)))
		putchar('\n');
	json_decref(array);
	return err;
}

/* Say in one line whether a run is possible. Returns the exit code. */
static int conclude(const struct finding *findings, size_t nr)
{
	int count[NR_STATES] = { 0 };

	for (size_t i = 0; i < nr; i++)
		count[findings[i].state]++;
	if (count[STATE_MISSING]) {
		cmd_error("doctor", "%d missing, %d warnings: mend what is missing first",
			  count[STATE_MISSING], count[STATE_WARNING]);
		return EXIT_FAILED;
	}
	cmd_error("doctor", "nothing is missing, %d warnings", count[STATE_WARNING]);
	return EXIT_DONE;
}

/* What every check finds, in the tables' order: how many are in @findings. */
static size_t look(const struct machine *machine, struct finding findings[MAX_FINDINGS])
{
	static const struct check *const tables[] = {
		doctor_cpus, doctor_kernel, doctor_counters, doctor_memory,
	};
	size_t nr = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct check *check = tables[i]; check->fact && nr < MAX_FINDINGS; check++) {
			findings[nr] = (struct finding){ .fact = check->fact };
			check->look(machine, &findings[nr++]);
		}
	return nr;
}

static int examine(const struct options *options)
{
	struct finding findings[MAX_FINDINGS];
	struct machine machine;
	int err = machine_load(&machine);
	size_t nr;

	if (err) {
		cmd_error("doctor", "cannot read this machine's CPUs: %s", strerror(-err));
		return EXIT_CANNOT;
	}
	nr = look(&machine, findings);
	machine_free(&machine);
	if (options->json)
		err = print_json(findings, nr);
	else
		print_table(findings, nr);
	if (err || fflush(stdout) || ferror(stdout)) {
		cmd_error("doctor", "cannot write: %s", strerror(err ? -err : errno));
		return EXIT_FAILED;
	}
	return conclude(findings, nr);
}

static void help(void)
{
	fputs("usage: tlbsync doctor [--json]\n\n"
	      "Show each fact of this machine that bears on a measurement: ok, warning or\n"
	      "missing, and after an arrow the mend. Nothing is changed.\n\n"
	      "  --json      an array of {fact, state, value, mend}; mend is null where ok\n"
	      "  -h, --help  this text\n\n"
	      "Exit code: 0 if a run is possible, 1 if something for it is missing.\n", stdout);
}

/* A short option is named by its letter: it may stand among others in one word. */
static int bad_option(const char *word)
{
	static const char *const names[] = { "--json", "--help", NULL };
	const char *near = cmd_nearest(word, names);

	if (optopt > 0 && optopt < OPT_JSON)
		cmd_error("doctor", "no option '-%c'; see tlbsync doctor --help", optopt);
	else if (optopt)
		cmd_error("doctor", "option '%s' takes no value", word);
	else
		cmd_error("doctor", "no option '%s'; %s%s", word,
			  near ? "did you mean " : "see tlbsync doctor --help",
			  near ? near : "");
	return EXIT_USAGE;
}

/* Returns EXIT_DONE, or EXIT_USAGE after a message. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "help", no_argument, NULL, OPT_HELP },
		{ 0 },
	};
	int opt;

	opterr = 0;
	optind = 0;	/* glibc: start afresh */
	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (opt == OPT_JSON)
			options->json = true;
		else if (opt == OPT_HELP || opt == 'h')
			options->help = true;
		else
			return bad_option(argv[optind - 1]);
	}
	if (optind < argc) {
		cmd_error("doctor", "takes no argument '%s'", argv[optind]);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int doctor(int argc, char **argv)
{
	struct options options = { 0 };
	int code = parse(argc, argv, &options);

	if (code != EXIT_DONE)
		return code;
	if (options.help) {
		help();
		return EXIT_DONE;
	}
	return examine(&options);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "what of this machine bears on a measurement, and the mends",
	.run = doctor,
};
