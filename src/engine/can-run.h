/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Can a case run here? The one answer for all who ask: the run before it starts one, the
 * list, and the plan that --dry-run prints. Nothing is done or changed to find it.
 */
#ifndef TLBSYNC_ENGINE_CAN_RUN_H
#define TLBSYNC_ENGINE_CAN_RUN_H

#include "engine/bench.h"

int can_place(const struct placement_choice *choice, const struct machine *machine,
	      int initiators, struct roles *roles, struct binding *memory, char *why, size_t size);
int case_can_run(const struct case_plan *plan, const struct machine *machine,
		 struct roles *roles, struct binding *memory, char *why, size_t size);

#endif
