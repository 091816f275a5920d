// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One group a role: of the initiators each has its own and reads it around its ops, see
 * pass_time(); of the other roles' CPUs the measuring process counts all that runs there,
 * from the first op to the last.
 */
#include "engine/role-counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/counters.h"

struct role_counters {
	const struct counter_list *list;
	struct counters *of[NR_ROLES];
};

/* Switch on the counters of all CPUs that are no initiators'. 0 with *@counters, or -errno. */
int role_counters_start(const struct crew *crew, struct role_counters **counters)
{
	struct role_counters *new = calloc(1, sizeof(*new));
	int error = new ? 0 : -ENOMEM;

	for (int role = ROLE_RESPONDER; !error && role < NR_ROLES; role++)
		if (crew->roles->nr[role])
			error = counters_of_cpus(crew->events, crew->roles->cpu[role],
						 crew->roles->nr[role], &new->of[role]);
	if (error) {
		role_counters_free(new);
		return error;
	}
	new->list = crew->events;
	for (int role = 0; role < NR_ROLES; role++)
		if (new->of[role])
			counters_enable(new->of[role], true);
	*counters = new;
	return 0;
}

/* Frees @counters. NULL is fine. */
void role_counters_free(struct role_counters *counters)
{
	for (int role = 0; counters && role < NR_ROLES; role++)
		counters_close(counters->of[role]);
	free(counters);
}

/* Ops of all initiators in the pass. */
static double ops_of_all(const struct crew *crew)
{
	double ops = 0;

	for (int i = 0; i < crew->nr; i++)
		ops += (double)crew->initiator[i].metric_ops;
	return ops;
}

/* Room for one more row of @result, as result_new() has it. */
static struct case_counter *new_row(struct case_result *result, const struct counter_list *list, int i,
				    enum role role)
{
	struct case_counter *row = &result->counter[result->nr_counters++];

	*row = (struct case_counter){ .role = role };
	memcpy(row->event, list->event[i].name, sizeof(row->event));
	return row;
}

/* It was on, but not once on the PMU: somebody else holds it. */
static bool is_left_out(const struct counter_value *value)
{
	return value->enabled_ns && !value->running_ns;
}

static void fill_row(struct case_counter *row, const struct counter_value *value, double ops,
		     double bias)
{
	double per_op = ops > 0 ? counter_scale(value, &row->counted_share) / ops - bias : 0;

	row->per_op = per_op > 0 ? per_op : 0;
	if (!*row->why && is_left_out(value))
		snprintf(row->why, sizeof(row->why), "it never got onto the PMU; ask for fewer events, or "
			 "free it: sysctl kernel.nmi_watchdog=0");
}

/* Of the initiators together: what their ops held. */
static void report_initiators(const struct crew *crew, const struct counter_list *list, int i,
			      struct case_result *result)
{
	struct case_counter *row = new_row(result, list, i, ROLE_INITIATOR);
	struct counter_value sum = { 0 };
	double ops = 0, bias = 0;

	for (int j = 0; j < crew->nr; j++) {
		const struct op_counts *counts = &crew->initiator[j].counts;

		if (*counts->why[i])
			memcpy(row->why, counts->why[i], sizeof(row->why));
		sum.value += counts->sum[i].value;
		sum.enabled_ns += counts->sum[i].enabled_ns;
		sum.running_ns += counts->sum[i].running_ns;
		ops += (double)counts->ops;
		bias += counts->bias[i] * (double)counts->ops;
		row->rdpmc |= counts->rdpmc[i];
	}
	fill_row(row, &sum, ops, ops > 0 ? bias / ops : 0);
}

static void report_role(const struct role_counters *counters, const struct crew *crew, int i,
			enum role role, const struct counter_value *value, struct case_result *result)
{
	struct case_counter *row = new_row(result, counters->list, i, role);

	snprintf(row->why, sizeof(row->why), "%s", counters_why(counters->of[role], i));
	fill_row(row, value, ops_of_all(crew) * crew->roles->nr[role], 0);
}

/* The timing pass is over: what all roles counted goes into @result. */
void role_counters_report(struct role_counters *counters, const struct crew *crew,
			  struct case_result *result)
{
	struct counter_value value[NR_ROLES][MAX_COUNTERS];

	for (int role = 0; role < NR_ROLES; role++) {
		if (!counters->of[role])
			continue;
		counters_enable(counters->of[role], false);
		counters_read(counters->of[role], value[role], false);
	}
	for (int i = 0; i < counters->list->nr; i++) {
		report_initiators(crew, counters->list, i, result);
		for (int role = 0; role < NR_ROLES; role++)
			if (counters->of[role])
				report_role(counters, crew, i, (enum role)role, &value[role][i],
					    result);
	}
}
