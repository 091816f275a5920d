/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which case a result is of, and when two results are of the same case. Everybody who
 * matches cases asks here: compare, history, the graph against N.
 */
#ifndef TLBSYNC_CASE_CASE_ID_H
#define TLBSYNC_CASE_CASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_PARAMS		5
#define PLACEMENT_NAME_SIZE	192

struct case_param {
	char name[24];
	uint64_t value;
	bool standard;	/* what the workload takes if nothing is said */
};

struct case_id {
	char workload[48];
	char placement[PLACEMENT_NAME_SIZE];
	struct case_param params[MAX_PARAMS];
	int nr_params;
};

bool case_id_same(const struct case_id *a, const struct case_id *b);
int case_id_order(const struct case_id *a, const struct case_id *b);

#endif
