/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One case from plan to result: place the roles, measure in a process of its
 * own, bring the result back through shared memory.
 */
#ifndef TLBSYNC_ENGINE_RUN_CASE_H
#define TLBSYNC_ENGINE_RUN_CASE_H

#include "engine/bench.h"
#include "engine/supervise.h"

int run_case(const struct bench *bench, struct supervisor *supervisor,
	     const struct case_plan *plan, void (*tick)(void *arg), void *tick_arg,
	     struct case_result **result);
void run_result_free(struct case_result *result);

#endif
