// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text for a terminal. Widths and control characters are judged by Unicode code
 * point, not by the locale, so a table looks the same in every environment.
 */
#include "render/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/* C0, DEL, C1, line separators, and what turns the direction of writing. */
static const struct range unsafe[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
};

static const struct range narrow[] = {	/* combining: no column of their own */
	{ 0x0300, 0x036f }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
};

static const struct range wide[] = {	/* East Asian and emoji: two columns */
	{ 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
	{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

#define IN(code, ranges) within(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool within(uint32_t code, const struct range *ranges, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Decodes one code point and returns its bytes; 0 where @s is no valid UTF-8. */
static int decode(const char *s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s[0];
	int len = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;

	if (len <= 1) {
		*code = c;
		return len;
	}
	*code = c & (0x7fu >> len);
	for (int i = 1; i < len; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

/* Makes @text safe to print, in place: whatever could steer a terminal becomes '?'. */
void text_clean(char *text)
{
	char *to = text;
	uint32_t code;

	while (*text) {
		int len = decode(text, &code);

		if (!len || IN(code, unsafe)) {
			*to++ = '?';
			text += len ? len : 1;
		} else {
			memmove(to, text, (size_t)len);
			to += len;
			text += len;
		}
	}
	*to = '\0';
}

/* Columns that @text takes on a terminal; it must have been cleaned. */
int text_width(const char *text)
{
	uint32_t code;
	int width = 0;

	while (*text) {
		int len = decode(text, &code);

		width += IN(code, narrow) ? 0 : IN(code, wide) ? 2 : 1;
		text += len ? len : 1;
	}
	return width;
}

/* Leaves only ASCII in cleaned @text, in place: any other character becomes '?'. */
void text_ascii(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			*to++ = (unsigned char)*text < 0x80 ? *text : '?';
	*to = '\0';
}

/*
 * An ASCII @line and a newline on @out, broken at spaces into lines of at most @width
 * columns, those after the first begun by @indent spaces; a word that does not fit into
 * a line is broken too.
 */
void text_wrap(FILE *out, const char *line, int width, int indent)
{
	int room = width;

	while ((int)strlen(line) > room) {
		int at = room;

		while (at > 0 && line[at] != ' ')
			at--;
		if (strspn(line, " ") >= (size_t)at)
			at = room;
		fprintf(out, "%.*s\n%*s", at, line, indent, "");
		line += at;
		line += strspn(line, " ");
		room = width - indent;
	}
	fprintf(out, "%s\n", line);
}

/* One cleaned line on @out; the newline is added. */
void text_line(FILE *out, const char *format, ...)
{
	va_list args;
	char *line;
	int len;

	va_start(args, format);
	len = vasprintf(&line, format, args);
	va_end(args);
	if (len < 0)
		return;
	text_clean(line);
	fprintf(out, "%s\n", line);
	free(line);
}

/* A time in ns with three figures and its unit: "812 ns", "1.23 us", "45.6 ms". */
const char *text_ns(char buf[TEXT_SIZE], uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	int unit = 0;

	while (value >= 999.5 && unit < 3) {
		value /= 1000;
		unit++;
	}
	snprintf(buf, TEXT_SIZE, "%.*f %s",
		 !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, units[unit]);
	return buf;
}

/* As text_ns(), with fractions of a nanosecond and a sign: "0.43 ns". */
const char *text_time(char buf[TEXT_SIZE], double ns)
{
	double size = fabs(ns);

	if (size >= 99.95 && size < 9e18)
		text_ns(buf + (ns < 0), (uint64_t)(size + 0.5));
	else
		snprintf(buf + (ns < 0), TEXT_SIZE - 1, "%.*f ns",
			 size >= 9.995 ? 1 : 2, size);
	if (ns < 0)
		buf[0] = '-';
	return buf;
}

/* A figure without a unit, with four figures. */
const char *text_plain(char buf[TEXT_SIZE], double value)
{
	snprintf(buf, TEXT_SIZE, "%.4g", value);
	return buf;
}

/* Events a second with three figures: "812/s", "12.3k/s", "1.23M/s". */
const char *text_rate(char buf[TEXT_SIZE], double per_second)
{
	static const char units[] = " kMGT";
	double size = fabs(per_second);
	int unit = 0;

	while (size >= 999.5 && unit < 4) {
		size /= 1000;
		unit++;
	}
	snprintf(buf, TEXT_SIZE, size >= 999.5 ? "%s%.*e%.1s/s" : "%s%.*f%.1s/s",
		 per_second < 0 ? "-" : "",
		 size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2, size, unit ? units + unit : "");
	return buf;
}

/* @part of one as "5.2%", with its sign if @sign: "+5.2%". */
const char *text_percent(char buf[TEXT_SIZE], double part, bool sign)
{
	double percent = 100 * part, size = fabs(percent);
	const char *format = size < 99.95 ? (sign ? "%+.1f%%" : "%.1f%%") :
			     size < 9999.5 ? (sign ? "%+.0f%%" : "%.0f%%") :
			     sign ? "%+.0e%%" : "%.0e%%";

	snprintf(buf, TEXT_SIZE, format, percent);
	return buf;
}

/* An exact count with its thousands apart: "646,316". */
const char *text_count(char buf[TEXT_SIZE], uint64_t count)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *to = buf;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return buf;
}

/* A parameter's value, binary multiples shortened: "64K", "1G", "1000". */
const char *text_bytes(char buf[TEXT_SIZE], uint64_t value)
{
	static const char units[] = "KMGT";
	int unit = -1;

	while (unit < 3 && value >= (unit < 0 ? 4096u : 1024u) && value % 1024 == 0) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, TEXT_SIZE, "%" PRIu64 "%.1s", value, unit < 0 ? "" : units + unit);
	return buf;
}

/*
 * @total divided by @ops: a whole number where it is one ("7"), else with decimals
 * ("7.00" is not exactly 7), enough to tell it from 0; "-" without ops.
 */
const char *text_per_op(char buf[TEXT_SIZE], uint64_t total, uint64_t ops)
{
	double ratio = ops ? (double)total / (double)ops : 0;

	if (!ops)
		snprintf(buf, TEXT_SIZE, "-");
	else if (total % ops == 0)
		snprintf(buf, TEXT_SIZE, "%" PRIu64, total / ops);
	else
		snprintf(buf, TEXT_SIZE, ratio < 0.01 ? "%.1g" : "%.2f", ratio);
	return buf;
}

static void expected_value(char *buf, bool known, double value)
{
	if (!known)
		strcpy(buf, "?");
	else
		snprintf(buf, 12, value < 1e6 && value == (uint64_t)value ? "%.0f" : "%.2g",
			 value);
}

/* "sync / flush" per op as predicted, "?" for what is not known. */
const char *text_expected(char buf[TEXT_SIZE], const struct expectation *expect)
{
	char sync[12], flush[12];

	expected_value(sync, expect->has_sync, expect->sync_per_op);
	expected_value(flush, expect->has_flush, expect->flush_per_op);
	snprintf(buf, TEXT_SIZE, "%s / %s", sync, flush);
	return buf;
}

/* "munmap size=64K" on the heap, the caller's to free; NULL without memory. */
char *text_case(const char *workload, const struct case_param *params, int nr_params)
{
	char value[TEXT_SIZE], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(workload, out);
	for (int i = 0; i < nr_params; i++)
		fprintf(out, " %s=%s", params[i].name, text_bytes(value, params[i].value));
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* @text itself, or "unknown" where there is none. */
const char *text_or_unknown(const char *text)
{
	return text && *text ? text : "unknown";
}
