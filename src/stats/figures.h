/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one boot says of a case's times: the figures that boots are compared by. Ops of
 * one boot are not independent, so nothing finer ever enters a test.
 */
#ifndef TLBSYNC_STATS_FIGURES_H
#define TLBSYNC_STATS_FIGURES_H

#include "engine/result.h"

enum metric {
	METRIC_P50, METRIC_P99, METRIC_P999,	/* ns */
	METRIC_RATE,		/* ops a second of the op's own time: 1 / mean latency */
	METRIC_STOLEN,		/* ns per op and bystander CPU */
	NR_METRICS,
};

/* NAN: the boot has no such figure. */
struct figures {
	int boot;
	double value[NR_METRICS];
};

const char *metric_name(enum metric metric);
const char *metric_key(enum metric metric);
struct figures figures_of(const struct case_result *c, int boot);

#endif
