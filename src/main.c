// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync: microbenchmarks for the kernel's page-table synchronisation IPIs.
 * The table of subcommands; help lists itself from it.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "version.h"

static const struct command *const commands[] = {
	&cmd_run, &cmd_list, &cmd_topology, &cmd_doctor, &cmd_show, &cmd_compare,
	&cmd_history, &cmd_stress,
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void help(FILE *out)
{
	fputs("usage: tlbsync COMMAND [OPTION]...\n\ncommands:\n", out);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
	fputs("\n'tlbsync COMMAND --help' tells each one's options; "
	      "'tlbsync --version' the version.\n", out);
}

static int unknown(const char *word)
{
	const char *names[NR_COMMANDS + 1] = { NULL };
	const char *near;

	for (size_t i = 0; i < NR_COMMANDS; i++)
		names[i] = commands[i]->name;
	near = cmd_nearest(word, names);
	fprintf(stderr, "tlbsync: unknown command '%s'%s%s%s\n", word,
		near ? "; did you mean '" : " (see tlbsync --help)",
		near ? near : "", near ? "'?" : "");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("tlbsync %s\n", TLBSYNC_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i]->name))
			return commands[i]->run(argc - 1, argv + 1);
	return unknown(argv[1]);
}
