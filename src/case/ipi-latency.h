/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long interprocessor requests took on their way, as the ipi pass sees it: from being
 * queued to the begin of their function on the target (delivery), and from there to its end
 * (the handler). Only what the ops themselves asked for.
 */
#ifndef TLBSYNC_CASE_IPI_LATENCY_H
#define TLBSYNC_CASE_IPI_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "case/spread.h"
#include "machine/topology.h"

/* Requests of one kind of function; the third flushes the kernel's own addresses. */
enum latency_class { LATENCY_SYNC, LATENCY_FLUSH, LATENCY_KERNEL, NR_LATENCY_CLASSES };

/* What a target did just before: it waited for work, or it ran something. */
enum target_state { TARGET_IDLE, TARGET_BUSY, NR_TARGET_STATES };

/* For how many ops a CPU was the last to be done. */
struct last_target {
	int cpu;
	uint64_t ops;
};

struct class_latency {
	uint64_t requested;		/* by the ops */
	uint64_t matched;		/* of these, whose entry and exit were seen */
	uint64_t merged;		/* of these, that came without an interrupt of their own */
	struct spread delivery;		/* ns, of those with an interrupt of their own */
	struct spread merged_delivery;	/* ns, of the others */
	struct spread handler;		/* ns */
	struct spread wait;		/* ns per op: while at least one of its requests was not done */
	double wait_share;		/* of the ops' time, all such waits together */
	struct spread by_distance[NR_DISTANCES][NR_TARGET_STATES];	/* delivery; no buckets */
	struct last_target *last;	/* by rising CPU number */
	int nr_last;
};

/* From one CPU to another. */
struct ipi_edge {
	enum latency_class cls;
	int from, to;
	uint64_t n;			/* requests that were matched */
	uint64_t p50, p99, max;		/* delivery, ns; merged ones too */
};

/* What a gap of a bystander held. */
enum gap_cause {
	GAP_SYNC, GAP_FLUSH, GAP_KERNEL_FLUSH, GAP_REQUEST, GAP_TIMER, GAP_RESCHEDULE, GAP_WORK,
	GAP_DEVICE, GAP_TASK, GAP_UNSEEN, NR_GAP_CAUSES,
};

struct stolen_time {
	double gaps;		/* one with two causes is half of each */
	double ns;
};

struct ipi_latency {
	uint64_t ops;			/* 0: there was no such pass */
	char why[256];			/* why not, if it was wanted */
	bool timed;			/* false: under emulation, where times mean nothing */
	uint64_t lost;			/* trace records that the ring could not hold */
	uint64_t traced_p50_ns;		/* of the op in this pass: what tracing costs */
	struct class_latency of[NR_LATENCY_CLASSES];
	struct ipi_edge *edge;		/* by class, sender, target */
	int nr_edges;
	uint64_t edges_left_off;	/* there was no room for them */
	bool has_stolen;		/* bystanders watched this pass */
	struct stolen_time stolen[NR_GAP_CAUSES];	/* of all bystanders together */
	uint64_t gaps_left_off;		/* there was no room for them */
};

const char *latency_class_name(enum latency_class cls);
const char *gap_cause_name(enum gap_cause cause);
int gap_cause_parse(const char *name, enum gap_cause *cause);
const char *target_state_name(enum target_state state);
int ipi_latency_copy(struct ipi_latency **to, const struct ipi_latency *from);
void ipi_latency_free(struct ipi_latency *latency);

#endif
