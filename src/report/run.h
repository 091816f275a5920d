/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of one run. */
#ifndef TLBSYNC_REPORT_RUN_H
#define TLBSYNC_REPORT_RUN_H

#include "record/record.h"
#include "report/report.h"

int report_run(struct report *report, const struct record *rec, bool latency);

#endif
