// SPDX-License-Identifier: GPL-2.0-or-later
/* tlbsync topology: draws the machine, and where placements put each role. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/choose.h"
#include "cmd/options.h"
#include "engine/can-run.h"
#include "record/record.h"
#include "render/figures.h"
#include "render/render.h"
#include "render/topology.h"
#include "report/distances.h"

struct options {
	const char *placements;		/* -p, or NULL */
	const char *latency;		/* a record, or NULL */
	bool json;
};

static const struct cmd_option known[] = {
	OPTION('p', "placement", "PLACEMENT[,...]", 'p',
	       "also where these placements put each role: letters I (initiator), R (responder), "
	       "L (lazy), B (bystander) behind the CPUs; takes what tlbsync run -p takes",
	       .many = true, .values = choices_rule_name, .details =
	       "Also draw where each of these placements puts its roles: the letters I (initiator),\n"
	       "R (responder), L (lazy) and B (bystander) behind the CPUs, and a line for each role.\n"
	       "Takes what\n"
	       ".Cm run Fl p\n"
	       "takes, see\n"
	       ".Sx PLACEMENTS ."),
	OPTION(0, "latency", "FILE", 'l', "in place of the machine, how long its IPIs take from CPU to CPU, as "
	       "the record FILE of a run holds it", .details =
	       "In place of the machine, the time that IPIs take from CPU to CPU, as the record\n"
	       ".Ar file\n"
	       "of a run holds it: a line a distance, and a map of all pairs. Where the CPUs do not fit\n"
	       "beside each other, those of a node are one."),
	OPTION(0, "json", NULL, 'j', "print the same as JSON, for programs"),
	{ 0 },
};

static int take(int id, char *value, void *into)
{
	struct options *options = into;

	if (id == 'p')
		options->placements = value;
	if (id == 'l')
		options->latency = value;
	options->json |= id == 'j';
	return EXIT_DONE;
}

/* Where @choice puts each role on @machine. 0 or -ENOMEM. */
static int place(const struct placement_choice *choice, const struct machine *machine,
		 struct placed *placed)
{
	int error;

	strcpy(placed->name, choice->name);
	error = can_place(choice, machine, 1, &placed->roles, &placed->memory,
			  placed->why, sizeof(placed->why));
	return error == -EOPNOTSUPP ? 0 : error;
}

static int print_json(const struct machine *machine, const struct placed *placed, int nr)
{
	json_t *json = topology_to_json(machine, placed, nr);
	int error = json && !json_dumpf(json, stdout, JSON_INDENT(2)) ? 0 : -EIO;

	putchar('\n');
	json_decref(json);
	return error;
}

static int print_text(const struct machine *machine, const struct placed *placed, int nr)
{
	int error = nr ? 0 : render_topology(stdout, machine, NULL);

	for (int i = 0; !error && i < nr; i++) {
		if (i)
			putchar('\n');
		error = render_topology(stdout, machine, &placed[i]);
	}
	return error;
}

static int show(const struct machine *machine, const struct choices *choices, bool json)
{
	struct placed *placed = calloc(choices->nr ? choices->nr : 1, sizeof(*placed));
	int error = placed ? 0 : -ENOMEM, nr = choices->nr, can_run = 0;

	for (int i = 0; !error && i < nr; i++) {
		error = place(&choices->choice[i], machine, &placed[i]);
		can_run += !placed[i].why[0];
	}
	if (!error)
		error = (json ? print_json : print_text)(machine, placed, nr);
	for (int i = 0; placed && i < nr; i++)
		roles_free(&placed[i].roles);
	free(placed);
	if (!error && !fflush(stdout))
		return nr && !can_run ? EXIT_CANNOT : EXIT_DONE;
	cmd_error("topology", "cannot print: %s", strerror(error ? -error : errno));
	return EXIT_UNDONE;
}

/* ---- distances ------------------------------------------------------------------- */

static int print_distances(const struct report *report, bool json)
{
	struct style style = style_for(stdout);
	int error = json ? render_json(stdout, report) :
		    render_text(stdout, &style, report, DETAIL_ALL);

	for (int i = 0; !error && !json && i < report->nr_figures; i++)
		figure_heat_text(stdout, &report->figures[i], style.width);
	if (!error && !fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	cmd_error("topology", "cannot print: %s", strerror(error ? -error : errno));
	return EXIT_UNDONE;
}

static int distances(const struct options *options)
{
	struct report report;
	struct record rec;
	char why[1024] = "";
	int error, status;

	if (record_read(options->latency, &rec, why, sizeof(why))) {
		cmd_error("topology", "%s", why);
		return EXIT_UNDONE;
	}
	error = report_distances(&report, &rec, why, sizeof(why));
	if (*why)
		cmd_error("topology", "%s: %s", options->latency, why);
	else if (error)
		cmd_error("topology", "%s", strerror(-error));
	status = *why ? EXIT_CANNOT : error ? EXIT_UNDONE :
		 print_distances(&report, options->json);
	report_free(&report);
	record_free(&rec);
	return status;
}

static int topology(const struct options *options)
{
	struct choices choices = { 0 };
	struct machine machine;
	char why[512];
	int error, status;

	if (options->placements && choices_parse(options->placements, &choices, why,
						 sizeof(why))) {
		cmd_error("topology", "%s", why);
		return EXIT_USAGE;
	}
	error = machine_load(&machine);
	if (error) {
		cmd_error("topology", "cannot find out what this machine is: %s",
			  strerror(-error));
		status = EXIT_UNDONE;
	} else if (choices_check(&choices, &machine.topo, why, sizeof(why))) {
		cmd_error("topology", "%s", why);
		status = EXIT_USAGE;
	} else {
		status = show(&machine, &choices, options->json);
	}
	if (!error)
		machine_free(&machine);
	choices_free(&choices);
	return status;
}

static int run(int argc, char **argv)
{
	struct options options = { 0 };
	bool go;
	int status = options_parse(&cmd_topology, argc, argv, take, &options, &go);

	if (!go)
		return status;
	if (options.latency && options.placements) {
		cmd_error("topology", "--latency and --placement exclude each other");
		return EXIT_USAGE;
	}
	return options.latency ? distances(&options) : topology(&options);
}

static const char *const usage[] = { "[OPTION]...", NULL };

const struct command cmd_topology = {
	.name = "topology",
	.summary = "draw the machine, and where placements put each role",
	.usage = usage,
	.about = "Draws the machine: packages, nodes with their memory, last-level caches, and "
		 "cores with their CPUs.",
	.exits = "0 done\n"
		 "2 wrong usage\n"
		 "3 this machine cannot be examined, FILE not be read, or the drawing not printed\n"
		 "77 no placement of -p can be had here, or FILE holds no latency of IPIs",
	.options = known,
	.run = run,
};
