// SPDX-License-Identifier: GPL-2.0-or-later
/* From typed cells to words. What is unknown is "-", in an expectation "?". */
#include "render/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/words.h"

#define LONGEST_RATE	9	/* of a rate or a total as exact figures; then it is rounded */
#define LONGEST_COUNT	16

/* p with three figures at most: "0.34", "0.002", "4e-05". */
static void p_words(char *buf, double p)
{
	snprintf(buf, WORDS_SIZE, p >= 0.0995 ? "%.2f" : p >= 0.00095 ? "%.3f" : "%.0e", p);
}

static void number_words(char *buf, const struct value *value)
{
	switch (value->quantity) {
	case QUANTITY_COUNT:
		words_count(buf, value->count);
		break;
	case QUANTITY_PER_OP:
		words_per_op(buf, value->count, value->ops);
		break;
	case QUANTITY_NS:
		words_time(buf, value->number);
		break;
	case QUANTITY_RATE:
		words_rate(buf, value->number);
		break;
	case QUANTITY_SHARE:
		words_percent(buf, value->number, value->sign);
		break;
	case QUANTITY_P:
		p_words(buf, value->number);
		break;
	default:
		words_plain(buf, value->number);
	}
	if ((value->quantity == QUANTITY_COUNT && strlen(buf) > LONGEST_COUNT) ||
	    (value->quantity == QUANTITY_PER_OP && strlen(buf) > LONGEST_RATE))
		snprintf(buf, WORDS_SIZE, "%.3g", value->number);
}

/* "7", "~7", "1.23 us", "+5.2%", "-". */
const char *value_words(char buf[VALUE_SIZE], const struct value *value)
{
	buf[0] = '\0';
	if (!value->known)
		return strcpy(buf, "-");
	if (value->estimate)
		*buf = '~';
	number_words(buf + value->estimate, value);
	return buf;
}

static void put_value(FILE *out, const struct value *value)
{
	char buf[VALUE_SIZE];

	fputs(value_words(buf, value), out);
}

/* "7 / 0", "7 / 1-5", "7 / ?", or "varies". */
static void put_expectation(FILE *out, const struct value v[2], const struct value *least,
			    bool varies)
{
	char sync[VALUE_SIZE], flush[VALUE_SIZE], low[VALUE_SIZE];

	if (varies)
		fputs("varies", out);
	else
		fprintf(out, "%s / %s%s%s", v[0].known ? value_words(sync, &v[0]) : "?",
			least->known ? value_words(low, least) : "", least->known ? "-" : "",
			v[1].known ? value_words(flush, &v[1]) : "?");
}

/* "-2.0%..+1.0%" */
static void put_range(FILE *out, const struct value v[2])
{
	char lo[VALUE_SIZE], hi[VALUE_SIZE];

	value_words(lo, &v[0]);
	value_words(hi, &v[1]);
	if (!v[0].sign && !strcmp(lo, hi))
		fputs(lo, out);
	else
		fprintf(out, v[0].sign ? "%s..%s" : "%s to %s", lo, hi);
}

/* "same", "all gone", "x823 fewer", "+1.4%"; @buf says "same" only where they are equal. */
static const char *change_words(char buf[WORDS_SIZE], const struct change *change)
{
	static const char *const words[] = {
		[CHANGE_UNKNOWN] = "-", [CHANGE_SAME] = "same", [CHANGE_GONE] = "all gone",
		[CHANGE_NEW] = "new",
	};
	double more = change->factor, fewer = more > 0 ? 1 / more : 0;
	double percent = (more - 1) * 100;

	if (change->kind < CHANGE_FACTOR)
		return words[change->kind];
	if (change->kind == CHANGE_SHARE && fabs(percent) < 0.05)
		snprintf(buf, WORDS_SIZE, percent < 0 ? "below -0.1%%" : "below +0.1%%");
	else if (change->kind == CHANGE_SHARE)
		snprintf(buf, WORDS_SIZE, "%+.1f%%", percent);
	else if (more < 1)
		snprintf(buf, WORDS_SIZE, fewer < 9.95 ? "x%.1f fewer" :
			 fewer < 1e6 ? "x%.0f fewer" : "x%.1e fewer", fewer);
	else
		snprintf(buf, WORDS_SIZE, more < 9.95 ? "x%.1f more" :
			 more < 1e6 ? "x%.0f more" : "x%.1e more", more);
	return buf;
}

/* The syncs' change, and the flushes' if they changed. */
static void put_changes(FILE *out, const struct change change[2])
{
	char sync[WORDS_SIZE], flush[WORDS_SIZE];

	fputs(change_words(sync, &change[0]), out);
	if (change[1].kind != CHANGE_SAME && change[1].kind != CHANGE_UNKNOWN)
		fprintf(out, "; flush %s", change_words(flush, &change[1]));
}

static const char *said_words(enum said said)
{
	static const char *const words[] = {
		[SAID_NOTHING] = "-", [SAID_YES] = "yes", [SAID_NO] = "NO",
		[SAID_NO_BASE] = "NO: base", [SAID_NO_PATCHED] = "NO: patched",
		[SAID_NO_BOTH] = "NO: both", [SAID_SKIPPED] = "skipped",
		[SAID_FAILED] = "FAILED",
	};

	return words[said];
}

static void put_cell(FILE *out, const struct cell *cell, const char *arrow)
{
	switch (cell->kind) {
	case CELL_EMPTY:
		fputs("-", out);
		break;
	case CELL_TEXT:
		fputs(cell->text, out);
		break;
	case CELL_VALUE:
		put_value(out, &cell->v[0]);
		break;
	case CELL_PAIR:
	case CELL_BOTH:
		put_value(out, &cell->v[0]);
		if (cell->kind == CELL_BOTH && cell->v[0].count == cell->v[1].count)
			break;
		fputs(cell->kind == CELL_BOTH ? "+" : arrow, out);
		put_value(out, &cell->v[1]);
		break;
	case CELL_EXPECT:
		put_expectation(out, cell->v, &cell->least[0], cell->varies[0]);
		break;
	case CELL_EXPECTS:
		put_expectation(out, cell->v, &cell->least[0], cell->varies[0]);
		fputs(arrow, out);
		put_expectation(out, cell->v + 2, &cell->least[1], cell->varies[1]);
		break;
	case CELL_RANGE:
		put_range(out, cell->v);
		break;
	case CELL_CHANGES:
		put_changes(out, cell->change);
		break;
	case CELL_UNTOLD:
		fputs("~", out);
		break;
	case CELL_VERDICT:
		fputs(said_words(cell->said), out);
	}
}

/* What @cell says, on the heap, pairs parted by @arrow; NULL without memory. */
char *cell_words(const struct cell *cell, const char *arrow)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_cell(out, cell, arrow);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
