// SPDX-License-Identifier: GPL-2.0-or-later
/* One initiator has the daemon for itself: workloads that need one say only_one. */
#include "engine/daemon-cpu.h"

static bool has_role(const struct roles *roles, int cpu)
{
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; i < roles->nr[role]; i++)
			if (roles->cpu[role][i] == cpu)
				return true;
	return false;
}

/* A CPU without one of @roles, not set apart; else a responder's; else the initiator's. */
int daemon_cpu(const struct topology *topo, const struct roles *roles)
{
	for (int i = 0; i < topo->nr_online; i++)
		if (topo->cpus[i].allowed && !topo_set_apart(&topo->cpus[i]) &&
		    !has_role(roles, topo->cpus[i].cpu))
			return topo->cpus[i].cpu;
	if (roles->nr[ROLE_RESPONDER])
		return roles->cpu[ROLE_RESPONDER][roles->nr[ROLE_RESPONDER] - 1];
	return roles->cpu[ROLE_INITIATOR][0];
}
