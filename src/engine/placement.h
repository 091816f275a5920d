/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placements: rules that turn a topology into roles. Pure functions of the
 * topology, so that they can be tested on machines that are not there.
 */
#ifndef TLBSYNC_ENGINE_PLACEMENT_H
#define TLBSYNC_ENGINE_PLACEMENT_H

#include <stddef.h>

#include "machine/topology.h"

enum role {
	ROLE_INITIATOR,	/* runs the op */
	ROLE_RESPONDER,	/* spins in the same mm */
	ROLE_LAZY,	/* ran the mm, now idle */
	ROLE_BYSTANDER,	/* another process, not in mm_cpumask */
	NR_ROLES,
};

/* CPU numbers by role, rising; each CPU in one role at most. */
struct roles {
	int *cpu[NR_ROLES];
	int nr[NR_ROLES];
};

struct placement {
	const char *name;
	const char *summary;
	/* 0; -ENOENT with @why filled when this topology cannot hold it; -ENOMEM */
	int (*place)(const struct topology *topo, struct roles *roles,
		     char *why, size_t size);
};

extern const struct placement *const placements[];	/* NULL-terminated */

const char *role_name(enum role role);
const struct placement *placement_find(const char *name);
int roles_add(struct roles *roles, enum role role, int cpu);
void roles_free(struct roles *roles);

#endif
