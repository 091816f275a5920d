// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of lists, and lengths of time in whole seconds. */
#include "cmd/item.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_WIDTH	26	/* what stands behind names is aligned with each other */
#define INDENT		6	/* of the lines below */

__attribute__((format(printf, 2, 3)))
static void print(int indent, const char *format, ...)
{
	va_list args;
	char *line;
	int len;

	va_start(args, format);
	len = vasprintf(&line, format, args);
	va_end(args);
	if (len < 0)
		return;
	text_wrap(stdout, line, ITEM_WIDTH, indent);
	free(line);
}

/* A name, and beside it what it is. */
void item_print(const char *name, const char *what)
{
	print(NAME_WIDTH + 4, "  %-*s  %s", NAME_WIDTH, name, what);
}

/* A line below it. */
void item_more(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	print(INDENT + 2, "%*s%s", INDENT, "", text);
	free(text);
}

/* The line that says why it cannot run here; none if @why is "". */
void item_blocked(const char *why)
{
	if (why[0])
		item_more("cannot run here: %s", why);
}

/* A length of time for a plan: "10 s", "1 min", "1 min 30 s", "10 min". */
const char *item_time(char buf[WORDS_SIZE], uint64_t ns)
{
	unsigned long long s = (ns + 500000000) / 1000000000;

	if (ns && !s)
		snprintf(buf, WORDS_SIZE, "less than 1 s");
	else if (s < 60)
		snprintf(buf, WORDS_SIZE, "%llu s", s);
	else if (s >= 600 || s % 60 == 0)
		snprintf(buf, WORDS_SIZE, "%llu min", (s + 30) / 60);
	else
		snprintf(buf, WORDS_SIZE, "%llu min %llu s", s / 60, s % 60);
	return buf;
}
