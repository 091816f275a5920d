/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of text: declare the columns, add the cells row by row, print. Columns are as wide
 * as their widest cell. Where a line has no room for that, the gaps close first, then
 * columns that may be dropped go, then words wrap within their column; figures never do.
 * Cells are made safe for a terminal on the way in.
 */
#ifndef TLBSYNC_RENDER_TABLE_H
#define TLBSYNC_RENDER_TABLE_H

#include <stdio.h>

#include "render/render.h"

enum tint { TINT_NONE, TINT_GOOD, TINT_BAD, TINT_DIM };

struct column {
	const char *head;
	bool right;	/* figures */
	int drop;	/* the highest goes first; 0: never */
};

struct table;

struct table *table_new(const struct column *columns, int nr_columns);
void table_cell(struct table *table, enum tint tint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void table_heading(struct table *table, const char *text);
int table_print(const struct table *table, FILE *out, const struct style *style);
void table_free(struct table *table);

#endif
