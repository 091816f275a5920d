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
#include "stats/scale.h"
#include "stats/shifts.h"

struct style {
	bool colour;	/* a terminal, and NO_COLOR is not set */
	bool dense;	/* columns one space apart, not two */
};

/* A placement on a machine: where its roles are, or why it has none. */
struct placed {
	char name[PLACEMENT_NAME_SIZE];
	struct roles roles;
	struct binding memory;
	char why[REASON_SIZE];	/* "" where it can be had */
};

/*
 * All that is told of a comparison. With shifts->halves it is none: boots of one kernel,
 * all on the base side, whose noise floor is told.
 */
struct compare_view {
	const struct comparison *cmp;
	const struct shifts *shifts;
	const struct comparison *noise;	/* what the floor is from, or NULL */
	const struct scale *scale;	/* the same kernels on other machines, or NULL */
	char **words;		/* the command's arguments, for who repeats it */
	int nr_words;
};

struct style style_for(FILE *out);
int render_run(FILE *out, const struct style *style, const struct record *rec);
int render_compare(FILE *out, const struct style *style, const struct compare_view *view);
int render_compare_mail(FILE *out, const struct compare_view *view);
int render_compare_markdown(FILE *out, const struct compare_view *view);
struct compare_page;
int compare_page_new(struct compare_page **page, const struct compare_view *view,
		     char *why, size_t size);
int compare_page_print(FILE *out, const struct compare_page *page);
bool compare_page_has_graph(const struct compare_page *page);
void compare_graph_print(FILE *out, const struct compare_page *page);
void compare_page_free(struct compare_page *page);
int render_topology(FILE *out, const struct machine *machine,
		    const struct placed *placed);
json_t *topology_to_json(const struct machine *machine, const struct placed *placed, int nr);
json_t *compare_to_json(const struct compare_view *view);

#endif
