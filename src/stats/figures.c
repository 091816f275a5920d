// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything from the timing pass. A case's elapsed time is not used: it holds the
 * counting pass, and what is done between the ops.
 */
#include "stats/figures.h"

#include <math.h>

/* As tables and options name it: "p99.9". */
const char *metric_name(enum metric metric)
{
	static const char *const names[NR_METRICS] = {
		[METRIC_P50] = "p50", [METRIC_P99] = "p99", [METRIC_P999] = "p99.9",
		[METRIC_RATE] = "ops/s", [METRIC_STOLEN] = "stolen",
	};

	return names[metric];
}

/* As JSON names it, with its unit: "p999_ns". */
const char *metric_key(enum metric metric)
{
	static const char *const keys[NR_METRICS] = {
		[METRIC_P50] = "p50_ns", [METRIC_P99] = "p99_ns", [METRIC_P999] = "p999_ns",
		[METRIC_RATE] = "ops_per_s", [METRIC_STOLEN] = "stolen_ns_per_op",
	};

	return keys[metric];
}

static double stolen_per_op(const struct case_result *c)
{
	double stolen = 0;

	for (int i = 0; i < c->nr_bystanders; i++)
		stolen += (double)c->bystander[i].stolen_ns;
	return c->nr_bystanders && c->ops ?
	       stolen / c->nr_bystanders / (double)c->ops : NAN;
}

/* The figures of @c in the boot number @boot of its side. */
struct figures figures_of(const struct case_result *c, int boot)
{
	struct figures figures = { boot, { NAN, NAN, NAN, NAN, stolen_per_op(c) } };
	double mean;

	if (!c->latency || !c->latency->total)
		return figures;
	figures.value[METRIC_P50] = (double)hist_quantile(c->latency, 0.5);
	figures.value[METRIC_P99] = (double)hist_quantile(c->latency, 0.99);
	figures.value[METRIC_P999] = (double)hist_quantile(c->latency, 0.999);
	mean = hist_mean(c->latency);
	if (mean > 0)
		figures.value[METRIC_RATE] = 1e9 / mean;
	return figures;
}
