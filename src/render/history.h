/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A finished history as a table, as JSON and as an HTML page.
 */
#ifndef TLBSYNC_RENDER_HISTORY_H
#define TLBSYNC_RENDER_HISTORY_H

#include "render/render.h"
#include "render/text.h"
#include "stats/history.h"

/* What there is to tell, worst first. */
struct history_report {
	const char *folder;
	const struct history *history;
	const struct history_change *changes;
	int nr_changes;
	int passed_over;	/* files that are no records, or broken */
};

struct plots;

int render_history(FILE *out, const struct style *style, const struct history_report *report);
json_t *history_to_json(const struct history_report *report);
struct plots *history_plots(const struct history *h, char *why, size_t size);
void history_page(FILE *out, const struct history_report *report, const struct plots *plots);

bool history_has_plot(const struct history_series *s);
double history_axis_unit(const struct history_series *s, const char **name);

/* Words that table and page share; on the heap those that are not const. */
const char *history_value(char buf[TEXT_SIZE], enum unit unit, double value);
const char *history_relative(char buf[TEXT_SIZE], const struct change_point *point);
const char *history_verdict(const struct history_change *change);
const char *history_nothing(const struct history *h);
char *history_case_name(const struct history_case *c);
char *history_kernels(const struct history_change *change, bool page);
char *history_machine_name(const struct history_machine *m);

#endif
