// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Characters are quoted one by one, so that a line can end anywhere between two of
 * them: a backslash before a newline joins the lines, within a word too. Every byte
 * that is not printable ASCII is written in octal, which bash reads in $''.
 */
#include "render/shell.h"

#include <ctype.h>
#include <string.h>

#define QUOTED_SIZE	8

static int quote(unsigned char c, char buf[QUOTED_SIZE])
{
	if (isalnum(c) || (c && strchr("_-./:@%+,=", c)))
		return snprintf(buf, QUOTED_SIZE, "%c", c);
	if (c > ' ' - 1 && c < 0x7f)
		return snprintf(buf, QUOTED_SIZE, "\\%c", c);
	return snprintf(buf, QUOTED_SIZE, "$'\\%03o'", c);
}

static int quoted_length(const char *word)
{
	char buf[QUOTED_SIZE];
	int len = 0;

	for (; *word; word++)
		len += quote((unsigned char)*word, buf);
	return len;
}

/* One word from @column on, broken only if no line could hold it; returns the column. */
static int put_word(FILE *out, const char *word, int column, int width)
{
	char buf[QUOTED_SIZE];

	if (!*word)
		column += fprintf(out, "''");
	for (; *word; word++) {
		int len = quote((unsigned char)*word, buf);

		if (width && column + len > width - 2) {
			fputs("\\\n", out);
			column = 0;
		}
		column += fprintf(out, "%s", buf);
	}
	return column;
}

/*
 * @nr words on @out as one command, ending in a newline; lines of at most @width columns
 * end in a backslash where the command goes on. @width 0: one line.
 */
void shell_command(FILE *out, char *const *words, int nr, int width)
{
	int column = 0;

	for (int i = 0; i < nr; i++) {
		int len = quoted_length(words[i]);

		if (i && width && column + 1 + len > width - 2) {
			fputs(" \\\n", out);
			column = 0;
		} else if (i) {
			column += fprintf(out, " ");
		}
		column = put_word(out, words[i], column, width);
	}
	fputc('\n', out);
}
