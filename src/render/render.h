/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text tables. A renderer sees records only, never how they were measured.
 */
#ifndef TLBSYNC_RENDER_RENDER_H
#define TLBSYNC_RENDER_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "machine/machine.h"
#include "record/record.h"
#include "stats/compare.h"

struct style {
	bool colour;	/* a terminal, and NO_COLOR is not set */
};

/* A placement on a machine: where its roles are, or why it has none. */
struct placed {
	char name[PLACEMENT_NAME_SIZE];
	struct roles roles;
	struct binding memory;
	char why[REASON_SIZE];	/* "" where it can be had */
};

struct style style_for(FILE *out);
int render_run(FILE *out, const struct style *style, const struct record *rec);
int render_compare(FILE *out, const struct style *style, const struct comparison *cmp);
int render_topology(FILE *out, const struct machine *machine,
		    const struct placed *placed);
json_t *topology_to_json(const struct machine *machine, const struct placed *placed, int nr);
json_t *compare_to_json(const struct comparison *cmp);

#endif
