// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync help: the commands, or one's help; and what the build makes of the tables of
 * options: the man page (--man) and bash's completion (--completion).
 */
#include <stdio.h>
#include <errno.h>
#include <string.h>

#include "cmd/options.h"

#define MAX_COMMANDS	32

struct help_options {
	const char *command;
	bool completion, list, man;
};

/* The command called @name; NULL after a message that names the nearest. */
const struct command *cmd_find(const char *name)
{
	const char *names[MAX_COMMANDS + 1] = { NULL };
	const char *near;

	for (int i = 0; commands[i]; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
		if (i < MAX_COMMANDS)
			names[i] = commands[i]->name;
	}
	near = cmd_nearest(name, names);
	fprintf(stderr, "tlbsync: unknown command '%s'%s%s%s\n", name,
		near ? "; did you mean '" : " (see tlbsync --help)",
		near ? near : "", near ? "'?" : "");
	return NULL;
}

/* "tlbsync --help": the commands, one a line. */
void cmd_list_commands(FILE *out)
{
	fputs("usage: tlbsync COMMAND [OPTION]...\n\ncommands:\n", out);
	for (int i = 0; commands[i]; i++)
		fprintf(out, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
	fputs("\n'tlbsync help COMMAND' or 'tlbsync COMMAND --help' prints a command's options,\n"
	      "'tlbsync --version' or 'tlbsync -V' the version.\n", out);
}

static const char *command_names(int at)
{
	return commands[at] ? commands[at]->name : NULL;
}

/* ---- the command ------------------------------------------------------------------- */

enum { OPT_COMPLETION = OPTION_FIRST, OPT_LIST, OPT_MAN };

static const struct cmd_option options[] = {
	OPTION(0, "completion", NULL, OPT_COMPLETION, "print a script with which bash completes "
	       "commands, options and their values"),
	OPTION(0, "list-options", NULL, OPT_LIST, "every command's options, for tests",
	       .hidden = true),
	OPTION(0, "man", NULL, OPT_MAN, "fill in the man page that standard input has",
	       .hidden = true),
	{ 0 },
};

static int take(int id, char *value, void *into)
{
	struct help_options *help = into;

	if (id == OPTION_OPERAND)
		help->command = value;
	help->completion |= id == OPT_COMPLETION;
	help->list |= id == OPT_LIST;
	help->man |= id == OPT_MAN;
	return EXIT_DONE;
}

/* "run -w --workload", a line for each option. */
static void list_options(void)
{
	const struct cmd_option *option;

	for (int i = 0; commands[i]; i++)
		for (int j = 0; (option = option_at(commands[i], j)); j++) {
			if (option->hidden)
				continue;
			printf("%s ", commands[i]->name);
			if (option->letter)
				printf("-%c ", option->letter);
			printf("--%s\n", option->name);
		}
}

static int print(const struct help_options *help)
{
	const struct command *command;
	int error;

	if (help->command) {
		command = cmd_find(help->command);
		return command ? options_help(command) : EXIT_USAGE;
	} else if (help->completion) {
		options_print_completion(stdout, commands);
	} else if (help->list) {
		list_options();
	} else if (help->man) {
		error = options_fill_man(stdin, stdout, commands);
		if (error) {
			cmd_error("help", "cannot fill in the man page: %s", strerror(-error));
			return EXIT_UNDONE;
		}
	} else {
		cmd_list_commands(stdout);
	}
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct help_options help = { 0 };
	bool go;
	int status = options_parse(&cmd_help, argc, argv, take, &help, &go);

	if (!go)
		return status;
	status = print(&help);
	if (status)
		return status;
	if (fflush(stdout) || ferror(stdout)) {
		cmd_error("help", "cannot print: %m");
		return EXIT_UNDONE;
	}
	return status;
}

static const char *const usage[] = { "[COMMAND]", "--completion", NULL };

const struct command cmd_help = {
	.name = "help",
	.summary = "the commands, or the options of one",
	.usage = usage,
	.about = "Lists the commands, or prints the help of COMMAND.",
	.exits = "0 printed\n"
		 "2 wrong usage, or there is no such command\n"
		 "3 nothing could be printed",
	.options = options,
	.operand = "COMMAND",
	.operand_values = command_names,
	.run = run,
};
