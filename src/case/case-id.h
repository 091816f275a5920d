/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which case a result is of, and when two results are of the same case. Everybody who
 * matches cases asks here: compare, history, the graph against N.
 */
#ifndef TLBSYNC_CASE_CASE_ID_H
#define TLBSYNC_CASE_CASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_PARAMS		16	/* of all workloads of a case together */
#define PLACEMENT_NAME_SIZE	192
#define WORKLOAD_NAME_SIZE	192

/* What several initiators are to each other. */
enum crew_as {
	AS_PROCESS,	/* each is a process with an mm of its own */
	AS_THREAD,	/* threads of one process, which share its mm */
};

struct case_param {
	char name[48];
	uint64_t value;
	bool standard;	/* what the workload takes if nothing is said */
};

struct case_id {
	char workload[WORKLOAD_NAME_SIZE];	/* "munmap+fork-exit": in turn, initiator by initiator */
	char placement[PLACEMENT_NAME_SIZE];
	int initiators;		/* 0 means 1, as in records from before there were several */
	enum crew_as as;	/* of several */
	struct case_param params[MAX_PARAMS];
	int nr_params;
};

int case_id_initiators(const struct case_id *id);
bool case_id_is_mix(const struct case_id *id);
const char *crew_as_name(enum crew_as as);
int crew_as_parse(const char *name, enum crew_as *as);
bool case_id_same(const struct case_id *a, const struct case_id *b);
int case_id_order(const struct case_id *a, const struct case_id *b);

#endif
