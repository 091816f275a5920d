/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what was typed to the list of cases: workloads and their parameters,
 * times placements, and how long each may take.
 */
#ifndef TLBSYNC_CMD_PLAN_H
#define TLBSYNC_CMD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/choose.h"
#include "engine/bench.h"

/* A choice of cases with a name. */
struct profile {
	const char *name;
	uint64_t budget_ns;	/* of all cases together */
	bool core_only;		/* of the workloads, those declared core */
	bool variants;		/* all standard values of a parameter, not just the first */
	const char *placements;	/* without -p */
};

extern const struct profile run_profiles[];	/* the last has no name */

struct plan {
	struct choices choices;		/* that the cases point at */
	struct case_plan *cases;
	int nr;
	uint64_t budget_ns;		/* of all cases together */
};

/* What the user chose; a NULL list is the profile's. */
struct selection {
	const char *workloads;	/* "munmap:size=64K,collapse-madvise" */
	const char *placements;	/* "alone,initiator=0,lazy=1" */
	const char *profile;	/* "quick", "default", "full" */
	const char *initiators;	/* "1,2,nodes,all"; NULL: one, or as many as a mix has workloads */
	const char *as;		/* "processes,threads"; NULL: processes */
	uint64_t ops;		/* 0: as many as fit the profile's time */
	uint64_t time_ns;	/* of each pass of a case; 0: @ops */
};

int plan_build(const struct selection *selection, struct plan *plan,
	       char *why, size_t size);
void plan_settle(struct plan *plan, const struct topology *topo);
const char *plan_as_name(int at);
int profile_cases(const struct profile *profile);
const char *profile_name(int at);
int parse_number(const char *text, uint64_t *value);
void plan_free(struct plan *plan);

#endif
