// SPDX-License-Identifier: GPL-2.0-or-later
/* The placements there are, and the lists of CPUs that they fill. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/placement.h"

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

/* The first CPU that we may use initiates; every placement starts like this. */
static int place_initiator(const struct topology *topo, struct roles *roles,
			   char *why, size_t size)
{
	for (int i = 0; i < topo->nr_online; i++)
		if (topo->cpus[i].allowed)
			return roles_add(roles, ROLE_INITIATOR, topo->cpus[i].cpu);
	snprintf(why, size, "no online CPU is allowed to this process");
	return -ENOENT;
}

static int place_alone(const struct topology *topo, struct roles *roles,
		       char *why, size_t size)
{
	return place_initiator(topo, roles, why, size);
}

static int place_all(const struct topology *topo, struct roles *roles,
		     char *why, size_t size)
{
	int error = place_initiator(topo, roles, why, size);

	for (int i = 0; !error && i < topo->nr_online; i++)
		if (topo->cpus[i].allowed &&
		    topo->cpus[i].cpu != roles->cpu[ROLE_INITIATOR][0])
			error = roles_add(roles, ROLE_RESPONDER, topo->cpus[i].cpu);
	if (!error && !roles->nr[ROLE_RESPONDER]) {
		snprintf(why, size, "only one CPU is %s; 'all' needs a second one for a responder",
			 topo->nr_online > 1 ? "allowed to this process" : "online");
		error = -ENOENT;
	}
	return error;
}

static const struct placement alone = {
	.name = "alone",
	.summary = "the initiator only; every other CPU is left to itself",
	.place = place_alone,
};

static const struct placement all = {
	.name = "all",
	.summary = "responders spin in the same mm on every other allowed CPU",
	.place = place_all,
};

const struct placement *const placements[] = { &alone, &all, NULL };

/* The placement called @name, or NULL. */
const struct placement *placement_find(const char *name)
{
	for (int i = 0; placements[i]; i++)
		if (!strcmp(placements[i]->name, name))
			return placements[i];
	return NULL;
}
