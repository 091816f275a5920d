/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other CPUs' roles brought to life: responders and lazies are threads of an
 * initiator's process, bystanders processes of their own, each pinned before it
 * runs its first instruction of ours, all of them there until cast_stop().
 */
#ifndef TLBSYNC_ENGINE_CAST_H
#define TLBSYNC_ENGINE_CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "engine/bystander.h"
#include "engine/clock.h"
#include "engine/placement.h"
#include "case/result.h"
#include "probe/probe.h"

struct cast;

int cast_start(const struct roles *roles, const struct clock *clock,
	       struct cast **cast, char *why, size_t size);
int cast_settle(struct cast *cast);
int cast_responders(const struct cast *cast, struct pinned_task *task, int room);
struct op_window *cast_window(struct cast *cast);
int cast_report(struct cast *cast, struct case_result *result);
bool cast_log_gaps(struct cast *cast, bool on);
struct gap_log *cast_gaps(struct cast *cast, int i, int *cpu);
int cast_silent_cpu(const struct cast *cast);
void cast_stop(struct cast *cast);
int pin_to_cpu(int cpu);

#endif
