// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every subcommand says in the same way: a message on standard error, its own
 * command line, and the name that a mistyped word may have meant.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "engine/clock.h"
#include "record/build.h"
#include "render/text.h"

#define MAX_WORD	63	/* a longer word is no typing error */

/* One line "tlbsync COMMAND: MESSAGE" on standard error; @format is printf's. */
void cmd_error(const char *command, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	text_clean(text);
	fprintf(stderr, "tlbsync %s: %s\n", command, text);
	free(text);
}

/* "tlbsync ARGUMENT..." as records hold it, for free(); NULL without memory. */
char *cmd_line(int argc, char **argv)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return NULL;
	fputs("tlbsync", out);
	for (int i = 0; i < argc; i++)
		fprintf(out, " %s", argv[i]);
	return fclose(out) ? NULL : line;
}

int cmd_begin_record(struct record *rec, const struct machine *machine,
		     const struct clock *clock)
{
	struct record_clock how = { .cost_ns = clock->cost_ns, .hz = clock->hz };

	snprintf(how.source, sizeof(how.source), "%s", clock_name(clock));
	return record_begin(rec, machine, &how);
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

/*
 * How many insertions, deletions, replacements and swaps of neighbours lead from
 * @a to @b, both at most MAX_WORD long: row i, column j of the table is the
 * distance of a's first i letters from b's first j.
 */
static int distance(const char *a, const char *b)
{
	int table[MAX_WORD + 1][MAX_WORD + 1];
	int rows = strlen(a), columns = strlen(b);

	for (int i = 0; i <= rows; i++)
		table[i][0] = i;
	for (int j = 0; j <= columns; j++)
		table[0][j] = j;
	for (int i = 1; i <= rows; i++) {
		for (int j = 1; j <= columns; j++) {
			int best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			best = min(best, table[i - 1][j] + 1);
			best = min(best, table[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = min(best, table[i - 2][j - 2] + 1);
			table[i][j] = best;
		}
	}
	return table[rows][columns];
}

/*
 * The nearest of the NULL-terminated @names to a mistyped @word, the first of
 * several; NULL if none is near. Near is a third of the word's letters wrong, or
 * one letter of a short word.
 */
const char *cmd_nearest(const char *word, const char *const *names)
{
	size_t len = strlen(word);
	int limit = len < 6 ? 1 : (int)len / 3;
	const char *nearest = NULL;

	if (len < 2 || len > MAX_WORD)
		return NULL;
	for (; *names; names++) {
		int d;

		if (strlen(*names) > MAX_WORD)
			continue;
		d = distance(word, *names);
		if (d > limit)
			continue;
		nearest = *names;
		limit = d - 1;
	}
	return nearest;
}

/*
 * Say into @why that @word is none of the NULL-terminated @names of this @kind, and
 * which it may have meant.
 */
void cmd_unknown(const char *kind, const char *word, const char *const *names,
		 char *why, size_t size)
{
	const char *near = cmd_nearest(word, names);

	if (near)
		snprintf(why, size, "unknown %s '%s'; did you mean '%s'?", kind, word, near);
	else
		snprintf(why, size, "unknown %s '%s' (see tlbsync list)", kind, word);
}
