/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine drawn, and where a placement's roles are on it. */
#ifndef TLBSYNC_RENDER_TOPOLOGY_H
#define TLBSYNC_RENDER_TOPOLOGY_H

#include <jansson.h>
#include <stdio.h>

#include "case/result.h"
#include "machine/machine.h"

/* A placement on a machine: where its roles are, or why it has none. */
struct placed {
	char name[PLACEMENT_NAME_SIZE];
	struct roles roles;
	struct binding memory;
	char why[REASON_SIZE];	/* "" where it can be had */
};

int render_topology(FILE *out, const struct machine *machine, const struct placed *placed);
json_t *topology_to_json(const struct machine *machine, const struct placed *placed, int nr);

#endif
