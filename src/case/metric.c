// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts come from the counting pass, times of ops from the timing pass, those of IPIs from
 * the ipi pass. A case's elapsed time is not used: it holds all passes, and what is done
 * between the ops.
 */
#include "case/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct metric builtin[METRIC_OWN] = {
	{ METRIC_SYNC, "sync", "sync_per_op", UNIT_COUNT, ROLE_INITIATOR, BETTER_LESS },
	{ METRIC_FLUSH, "flush", "flush_per_op", UNIT_COUNT, ROLE_INITIATOR, BETTER_LESS },
	{ METRIC_OTHER, "other", "other_per_op", UNIT_COUNT, ROLE_INITIATOR, BETTER_LESS },
	{ METRIC_P50, "p50", "p50_ns", UNIT_NS, ROLE_INITIATOR, BETTER_LESS },
	{ METRIC_P99, "p99", "p99_ns", UNIT_NS, ROLE_INITIATOR, BETTER_LESS },
	{ METRIC_P999, "p99.9", "p999_ns", UNIT_NS, ROLE_INITIATOR, BETTER_LESS },
	{ METRIC_RATE, "ops/s", "ops_per_s", UNIT_RATE, ROLE_INITIATOR, BETTER_MORE },
	{ METRIC_STOLEN, "stolen", "stolen_ns_per_op", UNIT_NS, ROLE_BYSTANDER, BETTER_LESS },
	{ METRIC_CREW_RATE, "rate", "rate_per_s", UNIT_RATE, ROLE_INITIATOR, BETTER_MORE },
	{ METRIC_SYNC_DELIVERY_P50, "sync-delivery-p50", "sync_delivery_p50_ns", UNIT_NS,
	  ROLE_RESPONDER, BETTER_LESS },
	{ METRIC_SYNC_DELIVERY_P99, "sync-delivery-p99", "sync_delivery_p99_ns", UNIT_NS,
	  ROLE_RESPONDER, BETTER_LESS },
	{ METRIC_FLUSH_DELIVERY_P50, "flush-delivery-p50", "flush_delivery_p50_ns", UNIT_NS,
	  ROLE_RESPONDER, BETTER_LESS },
	{ METRIC_FLUSH_DELIVERY_P99, "flush-delivery-p99", "flush_delivery_p99_ns", UNIT_NS,
	  ROLE_RESPONDER, BETTER_LESS },
};

/* What is known of the metric @id, which is not METRIC_OWN. */
const struct metric *metric_builtin(enum metric_id id)
{
	return &builtin[id];
}

/* Is it a time or made of times? Emulation has none, and counts need no test. */
bool metric_is_time(const struct metric *metric)
{
	return metric->unit != UNIT_COUNT;
}

/* 1: @change is for the worse, -1: for the better, 0: nobody can say, or there is none. */
int metric_direction(const struct metric *metric, double change)
{
	int sign = (change > 0) - (change < 0);

	return metric->better == BETTER_LESS ? sign : metric->better == BETTER_MORE ? -sign : 0;
}

static double per_op(const struct case_result *c, enum ipi_class cls)
{
	const struct ipi_count *count = &c->ipi.count[cls];

	if (c->ipi.source == IPI_NONE || c->ipi.lost || !count->has_requested || !c->ops)
		return NAN;
	return (double)count->requested / (double)c->ops;
}

/* Bystanders watch the timing pass. */
static double stolen_per_op(const struct case_result *c)
{
	uint64_t timed = c->latency && c->latency->total ? c->latency->total : c->ops, all = 0;
	double stolen = 0;

	for (int i = 0; i < c->nr_initiators; i++)	/* those that went on until all had enough */
		all += c->initiator[i].window_ops;
	timed = all > timed ? all : timed;
	for (int i = 0; i < c->nr_bystanders; i++)
		stolen += (double)c->bystander[i].stolen_ns;
	return c->nr_bystanders && timed ?
	       stolen / c->nr_bystanders / (double)timed : NAN;
}

static void add_times(const struct case_result *c, double value[])
{
	double mean;

	value[METRIC_STOLEN] = stolen_per_op(c);
	if (case_id_initiators(&c->id) > 1 && c->rate_per_s > 0)
		value[METRIC_CREW_RATE] = c->rate_per_s;
	if (!c->latency || !c->latency->total)
		return;
	value[METRIC_P50] = (double)hist_quantile(c->latency, 0.5);
	value[METRIC_P99] = (double)hist_quantile(c->latency, 0.99);
	value[METRIC_P999] = (double)hist_quantile(c->latency, 0.999);
	mean = hist_mean(c->latency);
	if (mean > 0)
		value[METRIC_RATE] = 1e9 / mean;
}

/* From the ipi pass; nothing of it under emulation. */
static void add_deliveries(const struct ipi_latency *latency, double value[])
{
	static const enum metric_id first[] = {
		[LATENCY_SYNC] = METRIC_SYNC_DELIVERY_P50, [LATENCY_FLUSH] = METRIC_FLUSH_DELIVERY_P50,
	};

	for (int cls = LATENCY_SYNC; latency && latency->timed && cls <= LATENCY_FLUSH; cls++) {
		const struct spread *delivery = &latency->of[cls].delivery;

		if (!delivery->n)
			continue;
		value[first[cls]] = (double)delivery->p50;
		value[first[cls] + 1] = (double)delivery->p99;
	}
}

/* Its name tells its unit ("pin_ns_per_page"): a time is the worse the longer it is. */
static struct metric own_metric(const char *name)
{
	bool time = strstr(name, "_ns");
	struct metric metric = {
		.id = METRIC_OWN, .role = ROLE_INITIATOR,
		.unit = time ? UNIT_NS : UNIT_COUNT, .better = time ? BETTER_LESS : BETTER_UNKNOWN,
	};

	snprintf(metric.name, sizeof(metric.name), "%s", name);
	snprintf(metric.key, sizeof(metric.key), "%s", name);
	return metric;
}

/* All figures of @c, which was measured. Counts that are estimates or too low are NAN. */
void case_metrics_of(const struct case_result *c, struct case_metrics *metrics)
{
	memcpy(metrics->metric, builtin, sizeof(builtin));
	for (int i = 0; i < CASE_MAX_METRICS; i++)
		metrics->value[i] = NAN;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		metrics->value[METRIC_SYNC + cls] = per_op(c, (enum ipi_class)cls);
	add_times(c, metrics->value);
	add_deliveries(c->ipi_latency, metrics->value);
	metrics->nr = METRIC_OWN;
	for (int i = 0; i < c->nr_metrics; i++) {
		metrics->metric[metrics->nr] = own_metric(c->metric[i].name);
		metrics->value[metrics->nr++] = c->metric[i].per_op;
	}
}
