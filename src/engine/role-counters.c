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

/* Of the initiators together: what their ops held. */
static void report_initiators(const struct crew *crew, const struct counter_list *list, int i,
			      struct case_result *result)
{
	struct case_counter *row = new_row(result, list, i, ROLE_INITIATOR);
	struct counter_value sum = { 0 };
	double ops = 0;

	for (int j = 0; j < crew->nr; j++) {
		const struct initiator *one = &crew->initiator[j];

		if (*one->counter_why[i])
			memcpy(row->why, one->counter_why[i], sizeof(row->why));
		sum.value += one->counter[i].value;
		sum.enabled_ns += one->counter[i].enabled_ns;
		sum.running_ns += one->counter[i].running_ns;
		ops += (double)one->counter_ops;
		row->rdpmc |= one->counter_rdpmc[i];
	}
	row->per_op = ops > 0 ? counter_scale(&sum, &row->counted_share) / ops : 0;
}

static void report_role(const struct role_counters *counters, const struct crew *crew, int i,
			enum role role, const struct counter_value *value, struct case_result *result)
{
	double per = ops_of_all(crew) * crew->roles->nr[role];
	struct case_counter *row;

	if (*counters_why(counters->of[role], i) || !(per > 0))
		return;		/* the initiators' row says why */
	row = new_row(result, counters->list, i, role);
	row->per_op = counter_scale(value, &row->counted_share) / per;
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
		counters_read(counters->of[role], value[role]);
	}
	for (int i = 0; i < counters->list->nr; i++) {
		report_initiators(crew, counters->list, i, result);
		for (int role = 0; role < NR_ROLES; role++)
			if (counters->of[role])
				report_role(counters, crew, i, (enum role)role, &value[role][i],
					    result);
	}
}
