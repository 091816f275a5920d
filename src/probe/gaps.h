/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What took a bystander's CPU away: each gap in its reading of the clock is laid beside what
 * the trace tells of that CPU in the meantime.
 */
#ifndef TLBSYNC_PROBE_GAPS_H
#define TLBSYNC_PROBE_GAPS_H

#include "case/ipi-latency.h"
#include "probe/rings.h"

struct kernel_symbols;

struct gap {
	uint64_t begin_ns, end_ns;	/* by rings_now_ns(): whatever took the CPU came in between */
	uint64_t ns;			/* that were stolen */
};

void gaps_explain(struct gap *gap, int nr, int cpu, const struct event_log *log,
		 const struct kernel_symbols *sym, struct stolen_time stolen[NR_GAP_CAUSES]);

#endif
