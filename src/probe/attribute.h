/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which op an event of the trace belongs to: initiators note when each op began and ended,
 * and which tasks act in it. Events are asked about by rising time; op_logs_rewind() starts
 * again.
 */
#ifndef TLBSYNC_PROBE_ATTRIBUTE_H
#define TLBSYNC_PROBE_ATTRIBUTE_H

#include "probe/probe.h"
#include "probe/rings.h"

void op_logs_rewind(struct op_log *logs, int nr);
struct op_note *op_logs_own(struct op_log *logs, int nr, const struct ring_event *event, int *whose);
bool op_logs_any(struct op_log *logs, int nr, uint64_t time_ns);
bool op_logs_process(const struct op_log *logs, int nr, pid_t pid);
bool op_logs_initiator(const struct op_log *logs, int nr, const struct ring_event *event);

#endif
