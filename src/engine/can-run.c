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

/* 0, or -EOPNOTSUPP with @why when the case takes more memory than there is. */
static int memory_blocked(const struct case_plan *plan, const struct machine *machine,
			  char *why, size_t size)
{
	uint64_t needs = plan->workload->bytes ? plan->workload->bytes(plan->param) : 0;
	char need_text[24], there_text[24];

	if (!machine->mem_available || needs <= machine->mem_available)
		return 0;
	name_bytes(needs, need_text, sizeof(need_text));
	name_bytes(machine->mem_available, there_text, sizeof(there_text));
	snprintf(why, size, "needs %s of memory, %s are available; free some, or choose a smaller case",
		 need_text, there_text);
	return -EOPNOTSUPP;
}

/*
 * Where the roles and the memory of @choice are on @machine: in @roles, to be freed with
 * roles_free(), and @memory. 0; -EOPNOTSUPP with @why where they cannot be had; -ENOMEM.
 * After an error there are no roles.
 */
int can_place(const struct placement_choice *choice, const struct machine *machine,
	      struct roles *roles, struct binding *memory, char *why, size_t size)
{
	int error = placement_apply(choice, &machine->topo, roles, why, size);

	if (!error)
		error = binding_choose(choice->memory, machine, roles->cpu[ROLE_INITIATOR][0],
				       memory, why, size);
	if (!error)
		error = binding_blocked(memory, machine, why, size);
	if (error)
		roles_free(roles);	/* half placed is not placed */
	return error == -ENOENT ? -EOPNOTSUPP : error;
}

/*
 * Can @plan be measured on @machine, as far as that can be known without doing it? As
 * can_place(); what is in the way is the placement, the workload's needs, the 2 MiB pool,
 * or the size of memory. Only the roles of a placement that cannot be had are missing.
 */
int case_can_run(const struct case_plan *plan, const struct machine *machine,
		 struct roles *roles, struct binding *memory, char *why, size_t size)
{
	int error = can_place(plan->placement, machine, roles, memory, why, size);

	if (!error)
		error = workload_blocked(plan->workload, plan->param, machine, memory->node,
					 memory->nr, why, size);
	return error ? error : memory_blocked(plan, machine, why, size);
}
