/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting events through libperf: of one task, which may read them itself around each op,
 * or of some CPUs.
 */
#ifndef TLBSYNC_PROBE_COUNTERS_H
#define TLBSYNC_PROBE_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe/counter-events.h"

/* As the kernel has it (perf_event_open(2)): ns that the event was wanted and was counted. */
struct counter_value {
	uint64_t value, enabled_ns, running_ns;
};

struct counters;

int counters_of_task(const struct counter_list *list, pid_t tid, bool group,
		     struct counters **counters);
int counters_of_cpus(const struct counter_list *list, const int *cpu, int nr,
		     struct counters **counters);
const char *counters_why(const struct counters *counters, int i);
bool counters_by_rdpmc(const struct counters *counters, int i);
void counters_enable(struct counters *counters, bool on);
void counters_read(const struct counters *counters, struct counter_value *value, bool backwards);
double counter_scale(const struct counter_value *sum, double *share);
void counters_close(struct counters *counters);

#endif
