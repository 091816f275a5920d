/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the files that report a run share. */
#ifndef TLBSYNC_REPORT_RUN_PARTS_H
#define TLBSYNC_REPORT_RUN_PARTS_H

#include "record/record.h"
#include "report/report.h"

void run_headline(struct report *report, const struct record *rec);
void run_crews(struct report *report, const struct record *rec);
void run_latency(struct report *report, const struct record *rec, bool usual);
struct cell quantile_cell(const struct histogram *latency, double q);
struct cell expected_cell(const struct expectation *expect);
void run_notes(struct report *report, const struct record *rec);

#endif
