/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ops are made again, and neither timed nor counted. */
#ifndef TLBSYNC_ENGINE_RETRY_H
#define TLBSYNC_ENGINE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "case/result.h"
#include "probe/probe.h"
#include "workloads/workload.h"

bool retry_refused(struct workload_ctx *ctx, int error, unsigned int *in_a_row);
bool retry_displaced(const struct initiator_result *row, const struct probe_op *counts,
		     uint64_t wanted, unsigned int *in_a_row);

#endif
