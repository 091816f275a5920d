// SPDX-License-Identifier: GPL-2.0-or-later
/* What follows from a plan by itself: how many initiators, what they need, which case it is. */
#include "engine/bench.h"

#include <stdio.h>
#include <string.h>

/* How many run ops at once, whether a rule or a list of roles says so. */
int case_plan_initiators(const struct case_plan *plan)
{
	return plan->placement->rule ? plan->initiators :
	       plan->placement->roles.nr[ROLE_INITIATOR];
}

/* NEEDS_ bits of all workloads of @plan. */
unsigned int case_plan_needs(const struct case_plan *plan)
{
	unsigned int needs = 0;

	for (int i = 0; i < plan->nr_members; i++)
		needs |= plan->member[i].workload->needs;
	return needs;
}

static void add_param(const struct case_plan *plan, const struct case_member *member,
		      int at, struct case_id *id)
{
	const char *name = member->workload->params[at].name;
	struct case_param *param = &id->params[id->nr_params++];

	if (plan->nr_members > 1)
		snprintf(param->name, sizeof(param->name), "%.30s.%.16s",
			 member->workload->name, name);
	else
		snprintf(param->name, sizeof(param->name), "%s", name);
	param->value = member->param[at];
}

/* The identity of the case that @plan is of. */
void case_plan_id(const struct case_plan *plan, struct case_id *id)
{
	size_t used = 0;

	*id = (struct case_id){ .initiators = case_plan_initiators(plan) };
	if (id->initiators > 1)
		id->as = plan->as;
	snprintf(id->placement, sizeof(id->placement), "%s", plan->placement->name);
	for (int i = 0; i < plan->nr_members; i++) {
		const struct case_member *member = &plan->member[i];

		used += (size_t)snprintf(id->workload + used, sizeof(id->workload) - used, "%s%s",
					 i ? "+" : "", member->workload->name);
		for (int at = 0; at < workload_nr_params(member->workload) &&
		     id->nr_params < MAX_PARAMS; at++)
			add_param(plan, member, at, id);
		if (used >= sizeof(id->workload))
			break;
	}
	workload_mark_standard(id);
}

/* Nothing is done yet of @total ops. */
void progress_reset(struct progress *progress, uint64_t total)
{
	for (int i = 0; i < MAX_INITIATORS; i++)
		if (atomic_load_explicit(&progress->of[i].done, memory_order_relaxed))
			atomic_store(&progress->of[i].done, 0);
	atomic_store(&progress->total, total);
}

/* Ops that are done, of all initiators. */
uint64_t progress_done(const struct progress *progress)
{
	uint64_t done = 0;

	for (int i = 0; i < MAX_INITIATORS; i++)
		done += atomic_load_explicit(&progress->of[i].done, memory_order_relaxed);
	return done;
}
