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

/* As roles_add(), of a CPU that belongs to the mm of initiator @owner, from 0 on. */
int roles_add_owned(struct roles *roles, enum role role, int cpu, int owner)
{
	size_t size = (size_t)(roles->nr[role] + 1) * sizeof(int);
	int *cpus = realloc(roles->cpu[role], size), *owners;

	if (!cpus)
		return -ENOMEM;
	roles->cpu[role] = cpus;
	owners = realloc(roles->owner[role], size);
	if (!owners)
		return -ENOMEM;
	roles->owner[role] = owners;
	owners[roles->nr[role]] = owner;
	cpus[roles->nr[role]++] = cpu;
	return 0;
}

/* Give @cpu the @role. 0 or -ENOMEM; roles_free() frees the lists. */
int roles_add(struct roles *roles, enum role role, int cpu)
{
	return roles_add_owned(roles, role, cpu, 0);
}

/* To which initiator the @i'th CPU with @role belongs. */
int roles_owner(const struct roles *roles, enum role role, int i)
{
	return roles->owner[role] ? roles->owner[role][i] : 0;
}

/* Deep copy of @from into @to, whose old content is overwritten. 0, or -ENOMEM and nothing to free. */
int roles_copy(struct roles *to, const struct roles *from)
{
	int error = 0;

	memset(to, 0, sizeof(*to));
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; !error && i < from->nr[role]; i++)
			error = roles_add_owned(to, (enum role)role, from->cpu[role][i],
						roles_owner(from, (enum role)role, i));
	if (error)
		roles_free(to);
	return error;
}

/* Free the lists of @roles and empty it. */
void roles_free(struct roles *roles)
{
	for (int role = 0; role < NR_ROLES; role++) {
		free(roles->cpu[role]);
		free(roles->owner[role]);
	}
	memset(roles, 0, sizeof(*roles));
}
