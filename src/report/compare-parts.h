/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the files that report a comparison share. */
#ifndef TLBSYNC_REPORT_COMPARE_PARTS_H
#define TLBSYNC_REPORT_COMPARE_PARTS_H

#include "report/compare.h"

struct value side_rate(const struct compare_side *side, enum ipi_class cls);
struct value shift_value(const struct shift *shift, double value, bool sign);

void compare_headline(struct report *report, const struct compare_view *view);
void compare_counts(struct report *report, const struct compare_view *view);
void compare_times(struct report *report, const struct compare_view *view);
void compare_latency(struct report *report, const struct compare_view *view);
void compare_latency_figures(struct report *report, const struct compare_view *view);
void compare_figures(struct report *report, const struct compare_view *view);
void compare_notes(struct report *report, const struct compare_view *view);
json_t *compare_data(const struct compare_view *view);

#endif
