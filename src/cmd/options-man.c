// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The man page's synopsis and lists of options, in mdoc. A page to be filled in has the
 * line "@synopsis@" for all commands, and "@options COMMAND@" for the list of one.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"

#define EVERY_OPTION	"[OPTION]..."

/* Plain text as a line of the page: a capital at its front, a full stop at its end. */
static void put_sentence(FILE *out, const char *text)
{
	char last = ' ';

	if (*text == '.' || *text == '\'')
		fputs("\\&", out);		/* it is no request */
	for (const char *at = text; *at; last = *at++) {
		if (*at == '\\')
			fputs("\\e", out);
		else if (*at == '-' && (last == ' ' || last == '-'))
			fputs("\\-", out);	/* of an option: no hyphen */
		else
			fputc(at == text ? toupper((unsigned char)*at) : *at, out);
	}
	fputs(last == '.' ? "\n" : ".\n", out);
}

/* What a value's name is made of: capitals are variables, other letters are typed so. */
static const char *kind_of(char letter)
{
	if (isupper((unsigned char)letter))
		return "Ar ";
	return isalnum((unsigned char)letter) ? "Cm " : "No \\&";
}

/* "NAME[:PARAM=VALUE]" as the words of a macro line. */
static void put_words(FILE *out, const char *text, int len)
{
	const char *kind = NULL;

	for (int i = 0; i < len; i++) {
		if (!kind || strcmp(kind_of(text[i]), kind)) {
			kind = kind_of(text[i]);
			fprintf(out, "%s%s", i ? " Ns " : "", kind);
		}
		fputc(tolower((unsigned char)text[i]), out);
	}
}

/* ---- lists of options -------------------------------------------------------------- */

/* "Fl w , -workload Ar name" */
static void put_option(FILE *out, const struct cmd_option *option, bool both)
{
	if (option->letter)
		fprintf(out, " Fl %c", option->letter);
	if (!option->letter || both)
		fprintf(out, "%s -%s", option->letter ? " ," : " Fl", option->name);
	if (!option->value)
		return;
	fputs(option->optional ? " Ns Oo No \\&= Ns " : " ", out);
	put_words(out, option->value, (int)strlen(option->value));
	fputs(option->optional ? " Oc" : "", out);
}

/* All but --help, which every command has. */
static void put_options(FILE *out, const struct command *command)
{
	const struct cmd_option *option;

	fputs(".Bl -tag -width Ds\n", out);
	for (int i = 0; (option = option_at(command, i)); i++) {
		if (option->hidden || option->id == OPTION_HELP)
			continue;
		fputs(".It", out);
		put_option(out, option, true);
		fputc('\n', out);
		if (option->details)
			fprintf(out, "%s\n", option->details);
		else
			put_sentence(out, option->help);
	}
	fputs(".El\n", out);
}

/* ---- the synopsis --------------------------------------------------------------------- */

/* Does a usage line of @command name this option by itself? */
static bool in_usage(const struct command *command, const struct cmd_option *option)
{
	char word[64];
	size_t len = (size_t)snprintf(word, sizeof(word), "--%s", option->name);

	for (int i = 0; command->usage[i]; i++) {
		const char *found = strstr(command->usage[i], word);

		if (found && !isalpha((unsigned char)found[len]) && found[len] != '-')
			return true;
	}
	return false;
}

/* Every option that the usage lines leave out, but --help. */
static void put_every_option(FILE *out, const struct command *command)
{
	const struct cmd_option *option;

	for (int i = 0; (option = option_at(command, i)); i++) {
		if (option->hidden || option->id == OPTION_HELP || in_usage(command, option))
			continue;
		fputs(".Op", out);
		put_option(out, option, false);
		fputc('\n', out);
	}
}

/* "BASE...", "--vs" or "[--aa RECORD...]": a line of its own. */
static void put_usage_word(FILE *out, const char *word, int len)
{
	bool may_lack = *word == '[' && word[len - 1] == ']';
	const char *at = word + may_lack, *end = word + len - may_lack;

	fputs(may_lack ? ".Op " : ".", out);
	while (at < end) {
		const char *space = memchr(at, ' ', (size_t)(end - at));
		int part = (int)((space ? space : end) - at);

		if (*at == '-')
			fprintf(out, "Fl %.*s", part - 1, at + 1);
		else
			put_words(out, at, part);
		fputc(space ? ' ' : '\n', out);
		at += part + 1;
	}
}

static void put_usage(FILE *out, const struct command *command, const char *usage, bool first)
{
	fprintf(out, ".Nm\n.Cm %s\n", command->name);
	while (*usage) {
		int len = options_word_length(usage);

		if (first && len == strlen(EVERY_OPTION) && !strncmp(usage, EVERY_OPTION, (size_t)len))
			put_every_option(out, command);
		else
			put_usage_word(out, usage, len);
		usage += len;
		usage += *usage == ' ';
	}
}

static void put_synopsis(FILE *out, const struct command *const *all)
{
	for (; *all; all++)
		for (int i = 0; (*all)->usage[i]; i++)
			put_usage(out, *all, (*all)->usage[i], i == 0);
}

/* ---- the page ---------------------------------------------------------------------------- */

/* One line of the page to be filled in. 0, or -EINVAL for what cannot be filled in. */
static int fill_line(FILE *out, char *line, const struct command *const *all)
{
	char *end = strstr(line, "@\n");

	if (*line != '@') {
		fputs(line, out);
		return 0;
	}
	if (!strcmp(line, "@synopsis@\n")) {
		put_synopsis(out, all);
		return 0;
	}
	if (!end || strncmp(line, "@options ", 9))
		return -EINVAL;
	*end = '\0';
	while (*all && strcmp((*all)->name, line + 9))
		all++;
	if (!*all)
		return -EINVAL;
	put_options(out, *all);
	return 0;
}

/*
 * Copies the page @in to @out and fills in what @all commands say. 0; -errno, -EINVAL for
 * a line that asks for what there is not.
 */
int options_fill_man(FILE *in, FILE *out, const struct command *const *all)
{
	char *line = NULL;
	size_t size = 0;
	int error = 0;

	errno = 0;
	while (!error && getline(&line, &size, in) > 0)
		error = fill_line(out, line, all);
	if (!error && ferror(in))
		error = -errno;
	free(line);
	return error;
}
