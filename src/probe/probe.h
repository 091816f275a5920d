/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counter sources behind one small interface. A probe is opened once for a run and
 * attached in each measuring process. In the counting pass it answers: what was requested
 * and handled in each op?
 */
#ifndef TLBSYNC_PROBE_PROBE_H
#define TLBSYNC_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "machine/machine.h"
#include "case/ipi.h"

struct probe {
	const struct probe_source *source;
	size_t ring_bytes;	/* of each CPU's trace ring, once attached; 0: it has none */
};

/* The requests of one op, and whether its responders stayed in place. */
struct probe_op {
	uint32_t requested[NR_IPI_CLASSES];	/* by the op's tasks */
	bool displaced;		/* a responder was not on its CPU all the time */
};

/* An op as the initiator noted it, and what was asked for in it. */
struct op_note {
	uint64_t began_ns, ended_ns;	/* by probe_now_ns() */
	int first_actor, nr_actors;	/* of op_log.actors; none: op_log.actor alone */
	bool dropped;			/* it is not to be tallied */
	struct probe_op counts;		/* filled by collect() */
};

/* A task that is to stay on its CPU. */
struct pinned_task {
	pid_t tid;
	int cpu;
};

/* What one initiator did since the last collect(), in the order in which it did it. */
struct op_log {
	pid_t pid;			/* its process */
	pid_t actor;			/* the task that asks, if an op names no others */
	const struct pinned_task *responder;
	int nr_responders;
	struct op_note *op;
	int nr_ops;
	pid_t *actors;			/* that the ops name */
	int at;				/* collect() and tally(): the op under way */
};

struct probe_source {
	enum ipi_source kind;
	bool one_initiator;	/* it cannot tell several apart */
	int (*open)(const struct machine *machine, struct probe **probe,
		    char *why, size_t size);
	/* @ring_bytes: of each CPU's trace ring, 0: what suits this machine */
	int (*attach)(struct probe *probe, size_t ring_bytes);
	int (*enable)(struct probe *probe);
	int (*disable)(struct probe *probe);
	/* around each op, on its CPU; end() adds to @total. Both may be NULL. */
	void (*begin)(struct probe *probe);
	void (*end)(struct probe *probe, struct ipi_result *total);
	/*
	 * After ops are done, elsewhere: what was asked for in each op of @logs, or between
	 * them. Then tally() adds all but the dropped ones to @total. *@fill is how full the
	 * fullest ring was, of 1. 0 or -errno. Both may be NULL.
	 */
	int (*collect)(struct probe *probe, struct op_log *logs, int nr, double *fill);
	int (*tally)(struct probe *probe, struct op_log *logs, int nr,
		     struct ipi_result *total);
	void (*close)(struct probe *probe);
};

extern const struct probe_source csd_source, interrupts_source, none_source;

uint64_t probe_now_ns(void);
int probe_open(const char *name, const struct machine *machine, struct probe **probe,
	       char *why, size_t size);
#define IPI_ARRAYS	(2 * NR_IPI_CLASSES)	/* of each CPU a number, in a result */

void ipi_place(struct ipi_result *counts, uint64_t *memory, int nr_cpus);
void ipi_add_cause(struct ipi_result *total, uint64_t address, bool foreign, uint64_t nr);

#endif
