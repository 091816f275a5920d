/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a case that boots and nights are compared by. Those that every case may
 * have stand at a fixed place; a workload's own follow them. All take this one path.
 */
#ifndef TLBSYNC_CASE_METRIC_H
#define TLBSYNC_CASE_METRIC_H

#include "case/result.h"

enum metric_id {
	METRIC_SYNC, METRIC_FLUSH, METRIC_OTHER,	/* exact requests per op */
	METRIC_P50, METRIC_P99, METRIC_P999,	/* latency of the op, ns */
	METRIC_RATE,		/* ops a second of the op's own time: 1 / mean latency */
	METRIC_STOLEN,		/* ns per op that a bystander's CPU lost */
	METRIC_CREW_RATE,	/* ops a second of several initiators together, all they do included */
	METRIC_SYNC_DELIVERY_P50, METRIC_SYNC_DELIVERY_P99,	/* of an IPI: queue to entry, ns */
	METRIC_FLUSH_DELIVERY_P50, METRIC_FLUSH_DELIVERY_P99,
	METRIC_OWN,		/* a workload's own, and the number of those before */
};

#define CASE_MAX_METRICS	(METRIC_OWN + MAX_METRICS)

enum unit { UNIT_COUNT, UNIT_NS, UNIT_RATE };

enum better { BETTER_UNKNOWN, BETTER_LESS, BETTER_MORE };

struct metric {
	enum metric_id id;
	char name[32];		/* as tables and options name it: "p99.9" */
	char key[40];		/* as JSON names it, with its unit: "p999_ns" */
	enum unit unit;
	enum role role;		/* whose figure it is */
	enum better better;
};

/* NAN: the case has no such figure. */
struct case_metrics {
	struct metric metric[CASE_MAX_METRICS];
	double value[CASE_MAX_METRICS];
	int nr;			/* at least METRIC_OWN */
};

const struct metric *metric_builtin(enum metric_id id);
bool metric_is_time(const struct metric *metric);
int metric_direction(const struct metric *metric, double change);
void case_metrics_of(const struct case_result *c, struct case_metrics *metrics);

#endif
