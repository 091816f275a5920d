// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells and the figures in them. */
#include "report/report.h"

#include <math.h>

/* A cell of words, which takes @text over; NULL is an empty one. */
struct cell cell_text(char *text)
{
	return (struct cell){ .kind = text ? CELL_TEXT : CELL_EMPTY, .text = text };
}

struct cell cell_value(struct value value)
{
	return (struct cell){ .kind = CELL_VALUE, .v = { value } };
}

struct cell cell_pair(struct value base, struct value patched)
{
	return (struct cell){ .kind = CELL_PAIR, .v = { base, patched } };
}

struct cell cell_said(enum said said)
{
	return (struct cell){
		.kind = CELL_VERDICT, .said = said,
		.direction = said >= SAID_NO && said <= SAID_NO_BOTH ? 1 :
			     said == SAID_FAILED ? 1 : said == SAID_YES ? -1 : 0,
	};
}

/* A figure that is not there. */
struct value value_unknown(void)
{
	return (struct value){ .quantity = QUANTITY_PLAIN };
}

struct value value_count(uint64_t count)
{
	return (struct value){
		.quantity = QUANTITY_COUNT, .known = true, .count = count,
		.number = (double)count,
	};
}

/* @count in @ops; unknown without ops. */
struct value value_per_op(uint64_t count, uint64_t ops)
{
	return (struct value){
		.quantity = QUANTITY_PER_OP, .known = ops > 0, .count = count, .ops = ops,
		.number = ops ? (double)count / (double)ops : 0,
	};
}

/* A figure in its own unit; unknown if it is NAN. */
struct value value_of(enum quantity quantity, double number)
{
	return (struct value){
		.quantity = quantity, .known = !isnan(number), .number = number,
	};
}

/* From one rate to another. They are compared as whole numbers: "same" is exact. */
struct change change_of(struct value base, struct value patched)
{
	unsigned __int128 b = (unsigned __int128)base.count * patched.ops;
	unsigned __int128 p = (unsigned __int128)patched.count * base.ops;
	struct change change = { .kind = CHANGE_UNKNOWN };

	if (!base.known || !patched.known)
		return change;
	if (b == p)
		change.kind = CHANGE_SAME;
	else if (!p)
		change.kind = CHANGE_GONE;
	else if (!b)
		change.kind = CHANGE_NEW;
	else
		change.factor = (double)p / (double)b;
	if (change.kind == CHANGE_UNKNOWN)
		change.kind = change.factor >= 2 || change.factor <= 0.5 ? CHANGE_FACTOR :
			      CHANGE_SHARE;
	return change;
}

/* 1: there are more IPIs, -1: fewer, 0: as many, or nobody knows. */
int change_direction(const struct change *change)
{
	switch (change->kind) {
	case CHANGE_GONE:
		return -1;
	case CHANGE_NEW:
		return 1;
	case CHANGE_FACTOR:
	case CHANGE_SHARE:
		return change->factor > 1 ? 1 : -1;
	default:
		return 0;
	}
}
