/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many ops fit the time that a case may take. */
#ifndef TLBSYNC_ENGINE_BUDGET_H
#define TLBSYNC_ENGINE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

bool budget_warms_up(uint64_t ops, uint64_t spent_ns, bool learn);
uint64_t budget_ops(uint64_t budget_ns, uint64_t ns_per_op, uint64_t third);

#endif
