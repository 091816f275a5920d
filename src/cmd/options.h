/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command's options as data. Parsing, --help, the man page and bash completion all read
 * one table, so a new option is one entry in it and one case where its value is taken.
 */
#ifndef TLBSYNC_CMD_OPTIONS_H
#define TLBSYNC_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmd/cmd.h"

/*
 * One option. A table ends with an entry without a name. --help is every command's: it
 * stands in no table.
 */
struct cmd_option {
	char letter;		/* 0: none */
	const char *name;	/* without its dashes */
	const char *value;	/* for help, in capitals; FILE and DIR complete to paths. NULL: none */
	int id;			/* handed to the command: its letter, or from OPTION_FIRST on */
	const char *help;	/* a phrase or more, plain text */
	bool optional;		/* the value, which is then given as --name=VALUE */
	bool hidden;		/* for the build: in no help */
	bool many;		/* values are separated by commas */
	const char *(*values)(int at);	/* the at'th word that it takes, NULL behind the last */
	const char *details;	/* for the man page, in place of help: lines of mdoc */
};

/* An entry of a table; @... sets further members. */
#define OPTION(letter_, name_, value_, id_, help_, ...) { \
	.letter = (letter_), .name = (name_), .value = (value_), .id = (id_), .help = (help_), \
	##__VA_ARGS__ }

/* Ids that are no option of a table. */
enum option_id {
	OPTION_END = -1,
	OPTION_WRONG = -2,	/* the reader's why says what */
	OPTION_OPERAND = -3,
	OPTION_HELP = -4,
	OPTION_FIRST = 256,	/* beyond every letter */
};

/* The words of a command line, one after the other. */
struct option_reader {
	const struct command *command;
	int argc, at;
	char **argv;
	const char *letters;	/* that are left of "-abc" */
	int operands;		/* that were read */
	bool only_operands;	/* after "--" */
	char *value;		/* of the option that was read, or the operand; NULL: none */
	char why[512];
};

/*
 * Takes what was read into @into: @id, and the value or operand. Both are argv's own.
 * EXIT_DONE, or the status to exit with, after a message.
 */
typedef int option_taker(int id, char *value, void *into);

const struct cmd_option *option_at(const struct command *command, int at);
void options_begin(struct option_reader *reader, const struct command *command,
		   int argc, char **argv);
int options_next(struct option_reader *reader);
int options_parse(const struct command *command, int argc, char **argv,
		  option_taker *take, void *into, bool *go);

/* What is printed from the tables. */
int options_width(void);
int options_word_length(const char *text);
void options_print_wrapped(FILE *out, const char *text, int at, int indent, int width);
void options_print_help(FILE *out, const struct command *command, int width);
int options_help(const struct command *command);
int options_fill_man(FILE *in, FILE *out, const struct command *const *all);
void options_print_completion(FILE *out, const struct command *const *all);

#endif
