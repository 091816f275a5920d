/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initiators of a case: processes, each with an mm of its own, or threads of one. The
 * measuring process is none of them and shares no mm with them. It gives an order, sleeps
 * until all have carried it out, and looks at what they left in memory that all share.
 */
#ifndef TLBSYNC_ENGINE_CREW_H
#define TLBSYNC_ENGINE_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "case/result.h"
#include "engine/bench.h"
#include "engine/cast.h"
#include "engine/op-counters.h"

#define MAX_NOTES	512	/* ops of one initiator between two looks at the trace */
#define MAX_ACTORS	8192	/* tasks that these ops name */

enum order {
	ORDER_ASSEMBLE,		/* bring the roles that serve the mm to life */
	ORDER_PREPARE,		/* the workload's prepare(), one initiator after the other */
	ORDER_SETTLE,		/* pages of one's own; what the source predicts */
	ORDER_WARM_UP,
	ORDER_TRACE,		/* ops with notes for whoever reads the trace */
	ORDER_TIME,
	ORDER_FINISH,		/* the workload's cleanup(); the next order ends the initiator */
};

/* One of them. What it writes while ops run lies in cache lines of its own. */
struct initiator {
	_Alignas(64) int index;
	int cpu;
	pid_t pid;			/* its process */
	const struct case_member *member;
	struct roles roles;		/* itself, and the CPUs that serve its mm */
	struct binding memory;
	uint64_t wanted;		/* the order: so many ops; what they are depends on it */
	atomic_uint_least64_t *progress;

	/* from here on its own word */
	atomic_uint_least64_t ended;	/* ops, of all passes */
	atomic_uint arrived;		/* the number of the last order that it carried out */
	int error;			/* of the last order: -errno */
	char reason[REASON_SIZE];
	pid_t actor;			/* the task that asks for requests */
	struct pinned_task *responder;	/* room for every CPU */
	int nr_responders;
	uint64_t ns_per_op;		/* after ORDER_WARM_UP */
	struct initiator_result *result;
	struct histogram traced;	/* latency of the ops of a pass that was traced */
	uint64_t metric_ops;		/* over which metrics are summed */
	struct workload_metric metric[WORKLOAD_MAX_METRICS];
	int nr_metrics;
	struct op_counts counts;	/* of the timing pass */
	int nr_notes, nr_actors;
	struct op_note note[MAX_NOTES];	/* of ORDER_TRACE */
	pid_t actors[MAX_ACTORS];
};

struct crew {
	const struct bench *bench;
	enum crew_as as;
	struct cast *bystanders;	/* NULL: there are none */
	const struct roles *roles;	/* of all CPUs */
	const struct counter_list *events;	/* that are counted in the timing pass; NULL: none */
	struct ipi_result *total;	/* for a probe that counts around each op */
	bool tell;			/* ORDER_TRACE: let the bystanders know of each op */
	bool learn;			/* ORDER_WARM_UP: find out what an op takes */
	uint64_t until_ns;		/* ORDER_TRACE: no op begins after that, by probe_now_ns(); 0: no limit */
	uint64_t time_ns;		/* ORDER_TIME: so long; 0: until all have what they want */
	int event_fd;			/* tells that all have carried out the order */
	size_t size;			/* of this mapping */
	int nr;
	enum order order;
	int who;			/* ORDER_PREPARE: the only one it is meant for */
	atomic_uint seq;		/* a futex: the number of the order */
	_Alignas(64) atomic_int arrived;	/* have carried it out */
	atomic_int present;		/* stand at the start of a pass */
	_Alignas(64) atomic_int done;	/* of a pass: have all they were to do */
	atomic_bool failed;		/* somebody has an error: come to an end */
	_Alignas(64) struct initiator initiator[];
};

int crew_new(const struct bench *bench, const struct case_plan *plan, struct case_result *result,
	     struct crew **crew);
int crew_start(struct crew *crew, char *why, size_t size);
int crew_order(struct crew *crew, enum order order, char *why, size_t size);
void crew_stop(struct crew *crew);

/* the initiators' side */
enum order crew_await_order(struct crew *crew, unsigned int *seen);
void crew_arrive(struct crew *crew, struct initiator *me);
void crew_meet(struct crew *crew);

#endif
