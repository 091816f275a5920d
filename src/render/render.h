/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text tables. A renderer sees records only, never how they were measured.
 */
#ifndef TLBSYNC_RENDER_RENDER_H
#define TLBSYNC_RENDER_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "record/record.h"
#include "stats/compare.h"

struct style {
	bool colour;	/* a terminal, and NO_COLOR is not set */
};

struct style style_for(FILE *out);
int render_run(FILE *out, const struct style *style, const struct record *rec);
int render_compare(FILE *out, const struct style *style, const struct comparison *cmp);
json_t *compare_to_json(const struct comparison *cmp);

#endif
