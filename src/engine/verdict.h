/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tool checks itself: what the kernel source predicts for a case, held
 * against what was counted in each of its ops.
 */
#ifndef TLBSYNC_ENGINE_VERDICT_H
#define TLBSYNC_ENGINE_VERDICT_H

#include "case/result.h"
#include "machine/machine.h"
#include "probe/probe.h"
#include "workloads/workload.h"

void verdict_predict(const struct machine *machine, const struct workload *workload,
		     const struct workload_ctx *ctx, const struct roles *roles, bool shared,
		     struct expectation *expect);
void verdict_add_op(struct case_result *result, struct initiator_result *row,
		    const struct probe_op *op);
void verdict_sum(struct case_result *result);
void verdict_conclude(struct case_result *result);

#endif
