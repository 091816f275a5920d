/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one timed driver: arm, settle the roles, read the clock, op, read the
 * clock, verify. Counting and timing are two passes over the same ops, because
 * a tracepoint that fires in an op makes it longer.
 */
#ifndef TLBSYNC_ENGINE_DRIVER_H
#define TLBSYNC_ENGINE_DRIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "case/result.h"
#include "engine/cast.h"
#include "engine/clock.h"
#include "machine/busy.h"
#include "machine/machine.h"
#include "probe/probe.h"
#include "workloads/workload.h"

/* What is to be measured: one case. */
struct case_plan {
	const struct workload *workload;
	const struct placement_choice *placement;
	uint64_t param[WORKLOAD_MAX_PARAMS];
	uint64_t ops;		/* in each pass; 0: as many as fit @budget_ns */
	uint64_t budget_ns;	/* for both passes together */
};

/* How far the measuring process is, for whoever draws a progress bar. */
struct progress {
	atomic_uint_least64_t done, total;	/* ops */
};

#define MAX_KNOWN	64

/* Names of kernel functions that have been looked up in this run. */
struct known_functions {
	struct {
		uint64_t address;
		char name[64];
	} function[MAX_KNOWN];
	int nr;
};

/* What a measurement needs to happen. */
struct bench {
	const struct machine *machine;
	const struct clock *clock;
	struct probe *probe;
	struct settings *settings;
	struct progress *progress;
	struct known_functions *known;
	struct busy_meter *meter;	/* of what others take from the cases; NULL: none */
	bool timed;		/* false: no timing pass, for times would mean nothing */
};

/* One case under way in the measuring process. */
struct measurement {
	const struct workload *workload;
	const struct clock *clock;
	struct workload_ctx ctx;
	struct cast *cast;		/* the other roles; NULL if there are none */
	struct progress *progress;
	bool watched;			/* bystanders count what these ops cost them */
	uint64_t repeated;		/* ops that the kernel refused for the moment */
};

void measure_case(const struct bench *bench, const struct case_plan *plan,
		  struct case_result *result);
int time_ops(struct measurement *m, uint64_t ops, struct histogram *latency);

#endif
