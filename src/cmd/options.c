// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads a command line by the command's table: options and operands in the order in which
 * they stand. What is wrong is worded here, once for all commands.
 */
#include "cmd/options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS	64	/* of one command */

static const struct cmd_option help_option =
	OPTION('h', "help", NULL, OPTION_HELP, "print this text");

/* "WHAT (see tlbsync COMMAND --help)" */
__attribute__((format(printf, 2, 3)))
static int wrong(struct option_reader *reader, const char *format, ...)
{
	va_list args;
	size_t used;

	va_start(args, format);
	vsnprintf(reader->why, sizeof(reader->why), format, args);
	va_end(args);
	used = strlen(reader->why);
	snprintf(reader->why + used, sizeof(reader->why) - used, " (see tlbsync %s --help)",
		 reader->command->name);
	return OPTION_WRONG;
}

/* The at'th option of @command, its --help the last; NULL behind it. */
const struct cmd_option *option_at(const struct command *command, int at)
{
	int nr = 0;

	while (command->options && command->options[nr].name)
		nr++;
	return at < nr ? &command->options[at] : at == nr ? &help_option : NULL;
}

/* ---- which option a word means --------------------------------------------------- */

/* No option begins with @word, which is "--NAME": which may have been meant? */
static int unknown(struct option_reader *reader, const char *word)
{
	char names[MAX_OPTIONS][64];
	const char *pointers[MAX_OPTIONS + 1] = { NULL }, *near;
	const struct cmd_option *option;
	int nr = 0;

	for (int i = 0; (option = option_at(reader->command, i)) && nr < MAX_OPTIONS; i++) {
		if (option->hidden)
			continue;
		snprintf(names[nr], sizeof(names[nr]), "--%s", option->name);
		pointers[nr] = names[nr];
		nr++;
	}
	near = cmd_nearest(word, pointers);
	if (!near)
		return wrong(reader, "unknown option '%s'", word);
	snprintf(reader->why, sizeof(reader->why), "unknown option '%s'; did you mean '%s'?",
		 word, near);
	return OPTION_WRONG;
}

/*
 * The option whose name @name is, or whose name alone begins with it. 0 with *@found;
 * OPTION_WRONG.
 */
static int find(struct option_reader *reader, const char *name, const struct cmd_option **found)
{
	const struct cmd_option *option, *other = NULL;
	char word[64];

	*found = NULL;
	for (int i = 0; (option = option_at(reader->command, i)); i++) {
		if (!strcmp(option->name, name)) {
			*found = option;
			return 0;
		}
		if (option->hidden || strncmp(option->name, name, strlen(name)))
			continue;
		if (!*found)
			*found = option;
		else if (!other)
			other = option;
	}
	if (other)
		return wrong(reader, "'--%s' is not clear: --%s or --%s?", name, (*found)->name,
			     other->name);
	if (*found)
		return 0;
	snprintf(word, sizeof(word), "--%s", name);
	return unknown(reader, word);
}

/* The value is the next word. @dashed: the option as it is told. */
static int take_next(struct option_reader *reader, const struct cmd_option *option,
		     const char *dashed)
{
	if (reader->at == reader->argc)
		return wrong(reader, "a value is missing after '%s'", dashed);
	reader->value = reader->argv[reader->at++];
	return option->id;
}

/* "--name", "--name=VALUE" */
static int read_long(struct option_reader *reader, char *word)
{
	char *value = strchr(word, '='), dashed[72];
	const struct cmd_option *option = NULL;
	char *name = strndup(word, value ? (size_t)(value - word) : strlen(word));
	int status = name ? find(reader, name, &option) : wrong(reader, "out of memory");

	free(name);
	if (status)
		return status;
	snprintf(dashed, sizeof(dashed), "--%s", option->name);
	if (value && !option->value)
		return wrong(reader, "option '%s' takes no value", dashed);
	if (value)
		reader->value = value + 1;
	else if (option->value && !option->optional)
		return take_next(reader, option, dashed);
	return option->id;
}

/* The next of "-abc"; a value is the rest of the word, or the next one. */
static int read_letter(struct option_reader *reader)
{
	char dashed[3] = { '-', *reader->letters++, '\0' };
	const struct cmd_option *option;

	for (int i = 0; (option = option_at(reader->command, i)); i++)
		if (option->letter == dashed[1])
			break;
	if (!option)
		return wrong(reader, "unknown option '%s'", dashed);
	if (!option->value)
		return option->id;
	if (*reader->letters)
		reader->value = (char *)reader->letters;
	reader->letters = "";
	return reader->value || option->optional ? option->id : take_next(reader, option, dashed);
}

static int read_operand(struct option_reader *reader, char *word)
{
	const struct command *command = reader->command;

	if (!command->operand)
		return wrong(reader, "what is '%s'?", word);
	if (reader->operands && !command->operands_many)
		return wrong(reader, "takes one %s; what is '%s'?", command->operand, word);
	reader->operands++;
	reader->value = word;
	return OPTION_OPERAND;
}

/* ---- the command line ---------------------------------------------------------------- */

/* @argv[0] is the command's name. @reader points into @argv. */
void options_begin(struct option_reader *reader, const struct command *command,
		   int argc, char **argv)
{
	*reader = (struct option_reader){
		.command = command, .argc = argc, .argv = argv, .at = 1, .letters = "",
	};
}

/*
 * What stands next: an option's id, OPTION_HELP or OPTION_OPERAND, with the value in
 * @reader; OPTION_WRONG with its why; OPTION_END.
 */
int options_next(struct option_reader *reader)
{
	char *word;

	reader->value = NULL;
	if (*reader->letters)
		return read_letter(reader);
	if (reader->at == reader->argc) {
		if (reader->command->operand_needed && !reader->operands)
			return wrong(reader, "%s is missing", reader->command->operand);
		return OPTION_END;
	}
	word = reader->argv[reader->at++];
	if (reader->only_operands || word[0] != '-' || !word[1])
		return read_operand(reader, word);
	if (word[1] != '-') {
		reader->letters = word + 1;
		return read_letter(reader);
	}
	if (word[2])
		return read_long(reader, word + 2);
	reader->only_operands = true;
	return options_next(reader);
}

/*
 * Hands all options and operands to @take, in their order. *@go: there is something to
 * do. If not, the status to exit with is returned, after --help or a message.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  option_taker *take, void *into, bool *go)
{
	struct option_reader reader;
	int id, status;

	*go = false;
	options_begin(&reader, command, argc, argv);
	while ((id = options_next(&reader)) != OPTION_END) {
		if (id == OPTION_WRONG) {
			cmd_error(command->name, "%s", reader.why);
			return EXIT_USAGE;
		}
		if (id == OPTION_HELP)
			return options_help(command);
		status = take(id, reader.value, into);
		if (status)
			return status;
	}
	*go = true;
	return EXIT_DONE;
}
