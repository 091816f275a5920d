// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text for a terminal. Widths and control characters are judged by Unicode code
 * point, not by the locale, so a table looks the same in every environment.
 */
#include "render/text.h"

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

static const struct range wide_ranges[] = {	/* East Asian and emoji: two columns */
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

		width += IN(code, narrow) ? 0 : IN(code, wide_ranges) ? 2 : 1;
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

/* May a line end behind this character, within a word? */
static bool ends_part(uint32_t code)
{
	return code == '-' || code == ',' || code == ';' || code == '/' || code == '=';
}

/*
 * How many bytes of cleaned @text make a line of at most @width columns, 0 for no end, and
 * in *@columns how many it takes. It ends at a space; else behind a hyphen or the like;
 * else where it must. What follows may begin with spaces.
 */
int text_break(const char *text, int width, int *columns)
{
	int at = 0, taken = 0, space = 0, space_taken = 0, part = 0, part_taken = 0;
	uint32_t code;

	while (text[at]) {
		int len = decode(text + at, &code);
		int wide = IN(code, narrow) ? 0 : IN(code, wide_ranges) ? 2 : 1;

		len = len ? len : 1;
		if (code == ' ' && at > (int)strspn(text, " ")) {
			space = at;
			space_taken = taken;
		}
		if (width && taken + wide > width) {
			*columns = space ? space_taken : part ? part_taken : taken;
			return space ? space : part ? part : at ? at : len;
		}
		at += len;
		taken += wide;
		if (ends_part(code) && taken > 2) {
			part = at;
			part_taken = taken;
		}
	}
	*columns = taken;
	return at;
}

/* Columns of the longest part of cleaned @text that text_break() keeps whole if it can. */
int text_longest_part(const char *text)
{
	int longest = 0, taken = 0;
	uint32_t code;

	while (*text) {
		int len = decode(text, &code);

		taken += code == ' ' || IN(code, narrow) ? 0 : IN(code, wide_ranges) ? 2 : 1;
		if (taken > longest)
			longest = taken;
		if (code == ' ' || (ends_part(code) && taken > 2))
			taken = 0;
		text += len ? len : 1;
	}
	return longest;
}

/*
 * Cleaned @text and a newline on @out, from column @at on, broken into lines of at most
 * @width columns, 0 for no end; those after the first begin with @indent spaces.
 */
void text_wrap_at(FILE *out, const char *text, int at, int indent, int width)
{
	int columns, bytes = text_break(text, width ? width - at : 0, &columns);

	fprintf(out, "%.*s\n", bytes, text);
	for (;;) {
		text += bytes;
		text += strspn(text, " ");
		if (!*text)
			return;
		bytes = text_break(text, width - indent, &columns);
		fprintf(out, "%*s%.*s\n", indent, "", bytes, text);
	}
}

/* The same from the line's begin on. */
void text_wrap(FILE *out, const char *line, int width, int indent)
{
	text_wrap_at(out, line, 0, indent, width);
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
