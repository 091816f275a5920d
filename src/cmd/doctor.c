// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync doctor: every fact of this machine that bears on a measurement, and how to
 * mend what is not as it should be. The facts are in the tables of doctor-*.c.
 */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "cmd/doctor.h"
#include "render/style.h"
#include "render/text.h"

#define MAX_FINDINGS	64

static const struct {
	const char *name, *colour;
} states[NR_STATES] = {
	[STATE_OK] = { "ok", "\033[32m" },
	[STATE_WARNING] = { "warning", "\033[33m" },
	[STATE_MISSING] = { "missing", "\033[31m" },
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

enum { FACT_AT = 9, VALUE_AT = 29 };	/* columns */

static void print_finding(const struct finding *finding, const struct style *style)
{
	char *line;

	if (asprintf(&line, "%-*s%s%s%s", VALUE_AT - FACT_AT, finding->fact, finding->value,
		     finding->mend ? " -> " : "", finding->mend ? finding->mend : "") < 0)
		return;
	text_clean(line);
	printf("%s%-*s%s", style->colour ? states[finding->state].colour : "", FACT_AT,
	       states[finding->state].name, style->colour ? "\033[0m" : "");
	text_wrap_at(stdout, line, FACT_AT, VALUE_AT, style->width);
	free(line);
}

static void print_table(const struct finding *findings, size_t nr)
{
	const struct style style = style_for(stdout);

	for (size_t i = 0; i < nr; i++)
		print_finding(&findings[i], &style);
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
		return EXIT_DIFFERS;
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

static int examine(bool json)
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
	if (json)
		err = print_json(findings, nr);
	else
		print_table(findings, nr);
	if (err || fflush(stdout) || ferror(stdout)) {
		cmd_error("doctor", "cannot write: %s", strerror(err ? -err : errno));
		return EXIT_UNDONE;
	}
	return conclude(findings, nr);
}

static const struct cmd_option options[] = {
	OPTION(0, "json", NULL, 'j', "print an array of {fact, state, value, mend}; mend is null where "
	       "the state is ok"),
	{ 0 },
};

static int take(int id, char *value, void *into)
{
	bool *json = into;

	(void)value;
	*json |= id == 'j';
	return EXIT_DONE;
}

static int doctor(int argc, char **argv)
{
	bool json = false, go;
	int status = options_parse(&cmd_doctor, argc, argv, take, &json, &go);

	return go ? examine(json) : status;
}

static const char *const usage[] = { "[OPTION]...", NULL };

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "what of this machine bears on a measurement, and the mends",
	.usage = usage,
	.about = "Shows each fact of this machine that bears on a measurement: ok, warning or "
		 "missing, and after an arrow what to do about it. Nothing is changed.",
	.exits = "0 a run is possible\n"
		 "1 something for it is missing\n"
		 "2 wrong usage\n"
		 "3 the result cannot be printed\n"
		 "77 the CPUs of this machine cannot be read",
	.options = options,
	.run = doctor,
};
