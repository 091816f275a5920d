/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far the CPUs of a machine are from each other, as the IPIs of a run found it. */
#ifndef TLBSYNC_REPORT_DISTANCES_H
#define TLBSYNC_REPORT_DISTANCES_H

#include "record/record.h"
#include "report/report.h"

int report_distances(struct report *report, const struct record *rec, char *why, size_t size);

#endif
