/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subcommands: each file in cmd/ defines one, main.c holds the table. A command
 * parses its arguments, calls the rooms below, prints, and returns the exit code.
 */
#ifndef TLBSYNC_CMD_CMD_H
#define TLBSYNC_CMD_CMD_H

#include <stddef.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,	/* failed, disagreed with expect, or regressed */
	EXIT_USAGE = 2,
	EXIT_CANNOT = 77,	/* cannot run here */
};

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);	/* argv[0] is the command's name */
};

extern const struct command cmd_run, cmd_list, cmd_topology, cmd_doctor, cmd_show,
	cmd_compare, cmd_history, cmd_stress;

/* One line "tlbsync COMMAND: MESSAGE" on standard error. */
void cmd_error(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "tlbsync ARGUMENT..." as records hold it, for free(); NULL without memory. */
char *cmd_line(int argc, char **argv);

/* As tlbsync compare --flipped @path: the blocks of one boot. An exit status. */
int cmd_compare_flipped(const char *path);

/* The nearest of NULL-terminated @names to a mistyped @word; NULL if none is near. */
const char *cmd_nearest(const char *word, const char *const *names);

/* "unknown KIND 'WORD'", and the nearest of NULL-terminated @names, into @why. */
void cmd_unknown(const char *kind, const char *word, const char *const *names,
		 char *why, size_t size);

#endif
