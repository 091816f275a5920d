// SPDX-License-Identifier: GPL-2.0-or-later
/* --help, from a command's table: wrapped, with the options' texts under each other. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/options.h"

#define NARROWEST	80
#define WIDEST		100
#define WIDEST_LABEL	26	/* a longer one has a line of its own */

/* The columns to print in: those of $COLUMNS or the terminal, from 80 to 100. */
int options_width(void)
{
	const char *columns = getenv("COLUMNS");
	int width = columns ? atoi(columns) : 0;
	struct winsize size;

	if (width <= 0 && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		width = size.ws_col;
	return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width;
}

/* How long the word at @text is; what stands in brackets is one word. */
int options_word_length(const char *text)
{
	int len = 0, depth = 0;

	for (; text[len] && text[len] != '\n' && (depth || text[len] != ' '); len++)
		depth += text[len] == '[' ? 1 : text[len] == ']' ? -1 : 0;
	return len;
}

/*
 * Prints @text and ends its last line. Column @at is where it starts, @indent where its
 * other lines do. A newline in it begins another paragraph.
 */
void options_print_wrapped(FILE *out, const char *text, int at, int indent, int width)
{
	bool first = true;

	for (; *text; text += *text == ' ') {
		int len = options_word_length(text);

		if (*text == '\n') {
			fprintf(out, "\n\n%*s", indent, "");
			text++;
			at = indent;
			first = true;
			continue;
		}
		if (!first && at + 1 + len > width) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
			first = true;
		}
		at += fprintf(out, "%s%.*s", first ? "" : " ", len, text);
		text += len;
		first = false;
	}
	fputc('\n', out);
}

/* "  -w, --workload NAME" */
static int label(char *text, size_t size, const struct cmd_option *option)
{
	const char letter[] = { '-', option->letter, ',', '\0' };

	return snprintf(text, size, "  %3s --%s%s%s%s", option->letter ? letter : "", option->name,
			!option->value ? "" : option->optional ? "[=" : " ",
			option->value ? option->value : "", option->optional ? "]" : "");
}

/* The column of the options' texts: behind the longest label that is not too long. */
static int text_column(const struct command *command)
{
	const struct cmd_option *option;
	int column = 0;
	char text[128];

	for (int i = 0; (option = option_at(command, i)); i++) {
		int len = label(text, sizeof(text), option);

		if (!option->hidden && len <= WIDEST_LABEL && len > column)
			column = len;
	}
	return column + 2;
}

static void print_options(FILE *out, const struct command *command, int width)
{
	const struct cmd_option *option;
	int column = text_column(command);
	char text[128];

	for (int i = 0; (option = option_at(command, i)); i++) {
		int len = label(text, sizeof(text), option);

		if (option->hidden)
			continue;
		fputs(text, out);
		if (len + 2 > column)
			fprintf(out, "\n%*s", column, "");
		else
			fprintf(out, "%*s", column - len, "");
		options_print_wrapped(out, option->help, column, column, width);
	}
}

static void print_usage(FILE *out, const struct command *command, int width)
{
	for (int i = 0; command->usage[i]; i++) {
		int at = fprintf(out, "%s tlbsync %s", i ? "      " : "usage:", command->name);

		if (*command->usage[i])
			fputc(' ', out);
		options_print_wrapped(out, command->usage[i], at + 1, at + 1, width);
	}
}

/* "0 done\n2 wrong usage": a line for each. */
static void print_exits(FILE *out, const char *exits, int width)
{
	while (*exits) {
		size_t number = strcspn(exits, " "), len = strcspn(exits, "\n");
		char text[512];

		snprintf(text, sizeof(text), "%.*s", (int)(len - number - 1), exits + number + 1);
		fprintf(out, "  %-4.*s", (int)number, exits);
		options_print_wrapped(out, text, 6, 6, width);
		exits += len;
		exits += *exits == '\n';
	}
}

/* All that --help prints, in @width columns. */
void options_print_help(FILE *out, const struct command *command, int width)
{
	print_usage(out, command, width);
	fputc('\n', out);
	options_print_wrapped(out, command->about, 0, 0, width);
	fputs("\noptions:\n", out);
	print_options(out, command, width);
	fputs("\nexit status:\n", out);
	print_exits(out, command->exits, width);
}

/* The same on standard output: an exit status, after a message if it is not 0. */
int options_help(const struct command *command)
{
	options_print_help(stdout, command, options_width());
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	cmd_error(command->name, "cannot print the help: %m");
	return EXIT_UNDONE;
}
