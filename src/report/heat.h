/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From pairs of CPUs to a map of who took how long to reach whom, in the topology's order. */
#ifndef TLBSYNC_REPORT_HEAT_H
#define TLBSYNC_REPORT_HEAT_H

#include "record/record.h"
#include "report/report.h"

struct heat;

int heat_new(const struct record *rec, struct heat **heat);
void heat_add(struct heat *heat, int side, const struct ipi_latency *latency, enum latency_class cls);
void heat_figure(struct heat *heat, struct report *report, const struct case_id *id,
		 enum latency_class cls);
void heat_free(struct heat *heat);
void heat_of_case(struct report *report, const struct record *rec, const struct case_result *c);

#endif
