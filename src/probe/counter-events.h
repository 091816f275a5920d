/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of events, as perf has them, and what the kernel is asked for. */
#ifndef TLBSYNC_PROBE_COUNTER_EVENTS_H
#define TLBSYNC_PROBE_COUNTER_EVENTS_H

#include <stdint.h>

#include "case/counter.h"
#include "machine/cpufeat.h"

struct counter_event {
	char name[COUNTER_NAME];	/* as it was asked for */
	uint32_t type;			/* PERF_TYPE_... */
	uint64_t config;
	char why[COUNTER_WHY];		/* this CPU cannot have it; "" */
};

struct counter_list {
	struct counter_event event[MAX_COUNTERS];
	int nr;
};

const char *counter_event_name(int at);
int counter_event_parse(const char *name, const struct cpufeat *feat, struct counter_event *event);

#endif
