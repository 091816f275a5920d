// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands in the way of a case, in the order in which a user would see to it. */
#include "engine/can-run.h"

#include <errno.h>
#include <stdio.h>

/* "300 MiB", "1.5 GiB": whole MiB, rounded up. */
static void name_bytes(uint64_t bytes, char *text, size_t size)
{
	uint64_t mib = (bytes + (1 << 20) - 1) >> 20;

	if (mib < 1024)
		snprintf(text, size, "%llu MiB", (unsigned long long)mib);
	else
		snprintf(text, size, "%.1f GiB", mib / 1024.0);
}

/* Bytes of memory that all initiators of @plan take together. */
static uint64_t bytes_of(const struct case_plan *plan)
{
	uint64_t bytes = 0;

	for (int i = 0; i < case_plan_initiators(plan); i++) {
		const struct case_member *member = &plan->member[i % plan->nr_members];

		if (member->workload->bytes)
			bytes += member->workload->bytes(member->param);
	}
	return bytes;
}

/* 0, or -EOPNOTSUPP with @why when the case takes more memory than there is. */
static int memory_blocked(const struct case_plan *plan, const struct machine *machine,
			  char *why, size_t size)
{
	uint64_t needs = bytes_of(plan);
	char need_text[24], there_text[24];

	if (!machine->mem_available || needs <= machine->mem_available)
		return 0;
	name_bytes(needs, need_text, sizeof(need_text));
	name_bytes(machine->mem_available, there_text, sizeof(there_text));
	snprintf(why, size, "needs %s of memory, %s are available; free some, or choose a smaller case",
		 need_text, there_text);
	return -EOPNOTSUPP;
}

/* What the workloads of @plan need for so many initiators. As case_can_run(). */
static int workloads_blocked(const struct case_plan *plan, const struct machine *machine,
			     const struct binding *memory, char *why, size_t size)
{
	int initiators = case_plan_initiators(plan), error = 0;

	if (initiators < plan->nr_members) {
		snprintf(why, size, "%d workloads need as many initiators; here %s %d",
			 plan->nr_members, initiators == 1 ? "is" : "are", initiators);
		return -EOPNOTSUPP;
	}
	for (int i = 0; !error && i < plan->nr_members; i++) {
		const struct case_member *member = &plan->member[i];

		int own = (initiators - i - 1) / plan->nr_members + 1;	/* that run this member */

		error = workload_crew_blocked(member->workload, initiators, plan->as, why, size);
		if (!error)
			error = workload_blocked(member->workload, member->param, own,
						 machine, memory->node, memory->nr, why, size);
	}
	return error;
}

/* Add to @memory the nodes on which that of the initiator on @cpu lies. As can_place(). */
static int add_nodes(enum memory_kind kind, const struct machine *machine, int cpu,
		     struct binding *memory, char *why, size_t size)
{
	struct binding own;
	int error = binding_choose(kind, machine, cpu, &own, why, size);

	if (!error)
		error = binding_blocked(&own, machine, why, size);
	for (int i = 0; !error && i < own.nr; i++)
		binding_add(memory, own.node[i]);
	return error;
}

/*
 * Where the roles and the memory of @choice, by a rule with @initiators of them, are on
 * @machine: in @roles, to be freed with roles_free(), and @memory, the nodes of all
 * initiators. 0; -EOPNOTSUPP with @why where they cannot be had; -ENOMEM. After an error
 * there are no roles.
 */
int can_place(const struct placement_choice *choice, const struct machine *machine,
	      int initiators, struct roles *roles, struct binding *memory, char *why, size_t size)
{
	int error = placement_apply(choice, &machine->topo, initiators, roles, why, size);

	*memory = (struct binding){ .kind = choice->memory };
	for (int i = 0; !error && i < roles->nr[ROLE_INITIATOR]; i++)
		error = add_nodes(choice->memory, machine, roles->cpu[ROLE_INITIATOR][i], memory,
				  why, size);
	if (error)
		roles_free(roles);	/* half placed is not placed */
	return error == -ENOENT ? -EOPNOTSUPP : error;
}

/*
 * Can @plan be measured on @machine, as far as that can be known without doing it? As
 * can_place(); what is in the way is the placement, the workloads' needs, the 2 MiB pool,
 * or the size of memory. Only the roles of a placement that cannot be had are missing.
 */
int case_can_run(const struct case_plan *plan, const struct machine *machine,
		 struct roles *roles, struct binding *memory, char *why, size_t size)
{
	int error = can_place(plan->placement, machine, plan->initiators, roles, memory, why, size);

	if (!error)
		error = workloads_blocked(plan, machine, memory, why, size);
	return error ? error : memory_blocked(plan, machine, why, size);
}
