// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of KTAP. Each line is flushed, so that a reader sees at once that a test has
 * ended, and the line is not lost if the machine dies before the next one. A '#' that
 * is no directive is escaped; a newline begins another diagnostic line.
 */
#include <stdarg.h>

#include "stress/ktap.h"

/* The header: @nr results are to come. */
void ktap_plan(FILE *out, int nr)
{
	fprintf(out, "KTAP version 1\n1..%d\n", nr);
	fflush(out);
}

/* A diagnostic, of one or several lines. */
void ktap_note(FILE *out, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fputs("# ", out);
	for (const char *c = text; *c; c++) {
		fputc(*c, out);
		if (*c == '\n' && c[1])
			fputs("# ", out);
	}
	fputc('\n', out);
	fflush(out);
}

static void put_reason(FILE *out, const char *reason)
{
	for (; *reason; reason++) {
		if (*reason == '#')
			fputc('\\', out);
		fputc(*reason == '\n' ? ' ' : *reason, out);
	}
}

/* The @nr-th result, counted from 1; @reason may be "". */
void ktap_result(FILE *out, int nr, const char *name, enum ktap_status status,
		 const char *reason)
{
	fprintf(out, "%s %d %s", status == KTAP_NOT_OK ? "not ok" : "ok", nr, name);
	if (status == KTAP_SKIP || reason[0])
		fputs(status == KTAP_SKIP ? " # SKIP" : " #", out);
	if (reason[0])
		fputc(' ', out);
	put_reason(out, reason);
	fputc('\n', out);
	fflush(out);
}
