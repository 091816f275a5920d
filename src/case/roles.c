// SPDX-License-Identifier: GPL-2.0-or-later
/* The names of the roles, and lists of the CPUs that have them. */
#include "case/roles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const role_names[NR_ROLES] = {
	[ROLE_INITIATOR] = "initiator",
	[ROLE_RESPONDER] = "responder",
	[ROLE_LAZY] = "lazy",
	[ROLE_BYSTANDER] = "bystander",
};

/* The role's name, as records and help spell it. */
const char *role_name(enum role role)
{
	return role_names[role];
}

/* Give @cpu the @role. 0 or -ENOMEM; roles_free() frees the lists. */
int roles_add(struct roles *roles, enum role role, int cpu)
{
	int *cpus = realloc(roles->cpu[role], (roles->nr[role] + 1) * sizeof(*cpus));

	if (!cpus)
		return -ENOMEM;
	cpus[roles->nr[role]++] = cpu;
	roles->cpu[role] = cpus;
	return 0;
}

/* Free the lists of @roles and empty it. */
void roles_free(struct roles *roles)
{
	for (int role = 0; role < NR_ROLES; role++)
		free(roles->cpu[role]);
	memset(roles, 0, sizeof(*roles));
}
