/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subcommands: each file in cmd/ defines one, main.c holds the table. A command
 * parses its arguments, calls the rooms below, prints, and returns the exit code.
 */
#ifndef TLBSYNC_CMD_CMD_H
#define TLBSYNC_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_DIFFERS = 1,	/* a count differs from its prediction, or a case or test failed */
	EXIT_USAGE = 2,
	EXIT_UNDONE = 3,	/* could not be done: unreadable, no space, no memory, ... */
	EXIT_BUSY = 4,		/* another run measures on this machine */
	EXIT_CANNOT = 77,	/* cannot run here */
};

struct cmd_option;

/*
 * A command as data. Texts are plain: they are wrapped where they are printed, and a
 * newline begins another paragraph.
 */
struct command {
	const char *name;
	const char *summary;
	const char *const *usage;	/* lines without "tlbsync NAME", up to NULL */
	const char *about;
	const char *exits;		/* a line for each: "0 done\n2 wrong usage" */
	const struct cmd_option *options;	/* cmd/options.h; NULL: --help only */
	const char *operand;		/* what a word that is no option is; NULL: none is taken */
	bool operand_needed;		/* one at least */
	bool operands_many;		/* more than one */
	const char *(*operand_values)(int at);	/* as struct cmd_option's values */
	int (*run)(int argc, char **argv);	/* argv[0] is the command's name */
};

/* All of them, up to NULL; main.c has the table. */
extern const struct command *const commands[];

extern const struct command cmd_run, cmd_list, cmd_topology, cmd_doctor, cmd_show,
	cmd_compare, cmd_history, cmd_stress, cmd_help;

/* The command called @name; NULL after a message that names the nearest. */
const struct command *cmd_find(const char *name);

/* "tlbsync --help": the commands, one a line. */
void cmd_list_commands(FILE *out);

/* One line "tlbsync COMMAND: MESSAGE" on standard error. */
void cmd_error(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "tlbsync ARGUMENT..." as records hold it, for free(); NULL without memory. */
char *cmd_line(int argc, char **argv);

struct record;
struct machine;
struct clock;

/* As record_begin(), of a run that is timed by @clock. */
int cmd_begin_record(struct record *rec, const struct machine *machine,
		     const struct clock *clock);

struct printing;

/* As tlbsync compare --flipped @path: the blocks of one boot. An exit status. */
int cmd_compare_flipped(const char *path, const struct printing *how);

/* The nearest of NULL-terminated @names to a mistyped @word; NULL if none is near. */
const char *cmd_nearest(const char *word, const char *const *names);

/* "unknown KIND 'WORD'", and the nearest of NULL-terminated @names, into @why. */
void cmd_unknown(const char *kind, const char *word, const char *const *names,
		 char *why, size_t size);

#endif
