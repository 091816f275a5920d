// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync: microbenchmarks for the kernel's page-table synchronisation IPIs.
 * The table of subcommands; help, man page and completion are made from it.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "version.h"

const struct command *const commands[] = {
	&cmd_run, &cmd_list, &cmd_topology, &cmd_doctor, &cmd_show, &cmd_compare,
	&cmd_history, &cmd_stress, &cmd_help, NULL,
};

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		cmd_list_commands(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		cmd_list_commands(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("tlbsync %s\n", TLBSYNC_VERSION);
		return EXIT_DONE;
	}
	command = cmd_find(argv[1]);
	return command ? command->run(argc - 1, argv + 1) : EXIT_USAGE;
}
