/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the files that report a history share. */
#ifndef TLBSYNC_REPORT_HISTORY_PARTS_H
#define TLBSYNC_REPORT_HISTORY_PARTS_H

#include "report/history.h"

const char *history_verdict(const struct history_change *change);
char *history_case_name(struct report *report, const struct history *h,
			const struct history_line *line, const struct history_case *c);
char *history_line_name(struct report *report, const struct history_line *line);
char *history_kernels(struct report *report, const struct history_change *change);
struct value history_value(const struct history_series *series, double value);
struct cell history_relative(const struct history_change *change);
const char *history_unit_name(enum unit unit);
char *history_graph_id(struct report *report, const struct history_view *view,
		       const struct history_series *series);
double history_axis_unit(const struct history_series *s, const char **name);

void history_figures(struct report *report, const struct history_view *view);
json_t *history_data(const struct history_view *view);

#endif
