/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the forms that are lines of text share: terminal and mail. */
#ifndef TLBSYNC_RENDER_REPORT_LINES_H
#define TLBSYNC_RENDER_REPORT_LINES_H

#include "render/cell.h"
#include "render/render.h"
#include "render/table.h"

#define LINES_LABEL	9	/* columns of a fact's label */
#define LINES_CASES	6	/* that a note names, where details are not wanted */

int lines_table(FILE *out, const struct style *style, const struct report_table *from,
		bool fold);
void lines_put(FILE *out, const char *text, int width, int indent);
void lines_facts(FILE *out, const struct report *report, int width);
char *lines_note(const struct report_note *note, int most);
void lines_notes(FILE *out, const struct report *report, int width, enum detail detail);
int lines_unchanged(const struct report_table *table);
bool lines_has_notes(const struct report *report, enum detail detail);

#endif
