// SPDX-License-Identifier: GPL-2.0-or-later
/* The timing pass: no trace is on. Events that were asked for are counted. */
#include <stdio.h>
#include <string.h>

#include "engine/measurement.h"
#include "engine/role-counters.h"

/* Sums of the initiators by name, over the ops of all. */
static void add_metrics(struct case_result *result, const struct initiator *one, uint64_t ops)
{
	for (int i = 0; i < one->nr_metrics; i++) {
		const struct workload_metric *metric = &one->metric[i];
		int at = 0;

		while (at < result->nr_metrics && strcmp(result->metric[at].name, metric->name))
			at++;
		if (at == MAX_METRICS)
			continue;
		if (at == result->nr_metrics) {
			result->metric[at].per_op = 0;
			snprintf(result->metric[at].name, sizeof(result->metric[at].name), "%s",
				 metric->name);
			result->nr_metrics++;
		}
		result->metric[at].per_op += metric->sum / (double)ops;
	}
}

/* A metric is a mean over the ops of those initiators whose workload has it. */
static void keep_metrics(const struct crew *crew, struct case_result *result)
{
	for (int i = 0; i < crew->nr; i++) {
		uint64_t ops = 0;

		for (int j = 0; j < crew->nr; j++)
			if (crew->initiator[j].member == crew->initiator[i].member)
				ops += crew->initiator[j].metric_ops;
		if (ops)
			add_metrics(result, &crew->initiator[i], ops);
	}
}

/* Into the result: times, of the ops and of what they cost others. */
int time_pass(struct measurement *m)
{
	struct role_counters *counters = NULL;
	struct crew *crew = m->crew;
	int error = 0;

	crew->time_ns = m->plan->time_ns;
	for (int i = 0; i < crew->nr; i++)
		crew->initiator[i].wanted = m->wanted;
	if (crew->events)
		error = role_counters_start(crew, &counters);
	if (!error)
		error = measurement_order(m, ORDER_TIME);
	if (!error && counters)
		role_counters_report(counters, crew, m->result);
	role_counters_free(counters);
	if (error)
		return error;
	keep_metrics(crew, m->result);
	for (int i = 0; i < crew->nr; i++) {
		hist_merge(m->result->latency, m->result->initiator[i].latency);
		m->result->rate_per_s += initiator_rate(&m->result->initiator[i]);
	}
	return crew->bystanders ? cast_report(crew->bystanders, m->result) : 0;
}
