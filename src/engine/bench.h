/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be measured, and with what: a case as planned, and the bench on which all
 * cases of a run are measured.
 */
#ifndef TLBSYNC_ENGINE_BENCH_H
#define TLBSYNC_ENGINE_BENCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "case/case-id.h"
#include "case/result.h"
#include "engine/clock.h"
#include "engine/placement.h"
#include "machine/busy.h"
#include "machine/machine.h"
#include "probe/counter-events.h"
#include "probe/probe.h"
#include "workloads/workload.h"

#define MAX_MEMBERS	8	/* workloads in one mix */
#define MAX_INITIATORS	1024

/* Ways to go through a case's ops; bits. */
enum pass { PASS_COUNT = 1, PASS_TIME = 2, PASS_IPI = 4, PASS_ALL = 7 };

/* A workload and the values of its parameters. */
struct case_member {
	const struct workload *workload;
	uint64_t param[WORKLOAD_MAX_PARAMS];
};

struct case_plan {
	struct case_member member[MAX_MEMBERS];	/* dealt out to the initiators in turn */
	int nr_members;
	int typed;		/* which of those that were asked for; the same may be asked for twice */
	const struct placement_choice *placement;
	int initiators;		/* of a rule; a list of roles has its own */
	enum crew_as as;
	uint64_t ops;		/* of each initiator, in each pass; 0: as many as fit */
	uint64_t time_ns;	/* each pass takes so long; 0: @ops or @budget_ns say */
	uint64_t budget_ns;	/* for all passes together, if neither is given */
};

/* How far the initiators are, for whoever draws a progress bar: each writes its own. */
struct progress {
	atomic_uint_least64_t total;	/* ops of all of them */
	struct {
		_Alignas(64) atomic_uint_least64_t done;
	} of[MAX_INITIATORS];
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
	size_t ring_bytes;	/* of each CPU's trace ring; 0: what suits the machine */
	uint64_t limit_ns;	/* a case in which no op ends for so long has failed */
	const struct counter_list *events;	/* that every case counts; NULL: the next, if core */
	const struct counter_list *core_events;	/* that core workloads count; NULL: none */
	struct settings *settings;
	struct progress *progress;	/* in memory that processes share */
	struct known_functions *known;
	struct busy_meter *meter;	/* of what others take from the cases; NULL: none */
	unsigned int passes;	/* PASS_ bits: those that are wanted */
	bool timed;		/* false: no timing pass, for times would mean nothing */
};

int case_plan_initiators(const struct case_plan *plan);
unsigned int case_plan_needs(const struct case_plan *plan);
void case_plan_id(const struct case_plan *plan, struct case_id *id);
void progress_reset(struct progress *progress, uint64_t total);
uint64_t progress_done(const struct progress *progress);

#endif
