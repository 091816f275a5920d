/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests matched with what became of them: queued here, begun and done there. Pure: events
 * and notes come in, a result goes out.
 */
#ifndef TLBSYNC_PROBE_IPI_LATENCY_H
#define TLBSYNC_PROBE_IPI_LATENCY_H

#include "case/ipi-latency.h"
#include "case/roles.h"
#include "probe/probe.h"
#include "probe/rings.h"

struct latency_matcher;

enum latency_class latency_class_of(const struct kernel_symbols *sym, uint64_t func);
struct latency_matcher *latency_matcher_new(const struct machine *machine,
					    const struct roles *roles, bool has_sent);
int latency_match(struct latency_matcher *matcher, const struct event_log *log,
		  struct op_log *logs, int nr);
void latency_report(struct latency_matcher *matcher, struct ipi_latency *latency, int edge_room);
void latency_matcher_free(struct latency_matcher *matcher);

#endif
