/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placements: rules that turn a topology into roles, and roles that a user lists.
 * Pure functions of the topology, so that they can be tested on machines that are
 * not there.
 */
#ifndef TLBSYNC_ENGINE_PLACEMENT_H
#define TLBSYNC_ENGINE_PLACEMENT_H

#include <stddef.h>

#include "case/case-id.h"
#include "case/roles.h"
#include "engine/binding.h"
#include "machine/topology.h"

struct deal;

struct placement {
	const char *name;
	const char *summary;
	/*
	 * The roles beside the initiators, which are dealt already. 0; -ENOENT with @why
	 * filled when this topology cannot hold them; -ENOMEM.
	 */
	int (*place)(struct deal *deal, char *why, size_t size);
};

extern const struct placement *const placements[];	/* NULL-terminated */

/* What a user asked for: a rule or a list of roles, and where memory lies. */
struct placement_choice {
	char name[PLACEMENT_NAME_SIZE];	/* canonical: one text for one choice */
	const struct placement *rule;	/* NULL: the roles are listed */
	struct roles roles;
	enum memory_kind memory;
};

const struct placement *placement_find(const char *name);
int placement_check(const struct placement_choice *choice, const struct topology *topo,
		    char *why, size_t size);
int placement_room(const struct topology *topo);
int placement_nodes(const struct topology *topo);
int placement_place(const struct placement *rule, const struct topology *topo, int initiators,
		    struct roles *roles, char *why, size_t size);
int placement_apply(const struct placement_choice *choice, const struct topology *topo,
		    int initiators, struct roles *roles, char *why, size_t size);

#endif
