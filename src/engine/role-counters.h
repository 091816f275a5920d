/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting events of the CPUs that do not run ops, while others do. */
#ifndef TLBSYNC_ENGINE_ROLE_COUNTERS_H
#define TLBSYNC_ENGINE_ROLE_COUNTERS_H

#include "engine/crew.h"

struct role_counters;

int role_counters_start(const struct crew *crew, struct role_counters **counters);
void role_counters_report(struct role_counters *counters, const struct crew *crew,
			  struct case_result *result);
void role_counters_free(struct role_counters *counters);

#endif
