/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forms in which a report is printed. They see the report only: never records, nor how
 * anything was measured.
 */
#ifndef TLBSYNC_RENDER_RENDER_H
#define TLBSYNC_RENDER_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

enum form {
	FORM_TEXT, FORM_MAIL, FORM_MARKDOWN, FORM_HTML, FORM_SVG, FORM_CSV, FORM_JSON, NR_FORMS,
};

enum detail { DETAIL_HEADLINE, DETAIL_USUAL, DETAIL_ALL };

struct style {
	bool colour;	/* a terminal, and NO_COLOR is not set */
	int width;	/* columns of a line; 0: as many as it takes */
};

struct plots;

struct style style_for(FILE *out);
const char *form_name(enum form form);
int form_parse(const char *name, enum form *form);
bool form_draws(enum form form);

int render_text(FILE *out, const struct style *style, const struct report *report,
		enum detail detail);
int render_mail(FILE *out, const struct report *report);
int render_markdown(FILE *out, const struct report *report);
int render_csv(FILE *out, const struct report *report);
int render_json(FILE *out, const struct report *report);
int render_html(FILE *out, const struct report *report, const struct plots *plots);
int render_svg(FILE *out, const struct report *report, const struct plots *plots);

#endif
