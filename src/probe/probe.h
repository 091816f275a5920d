/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counter sources behind one small interface. A probe is opened once for a run,
 * attached in each measuring process, and asked around every op of the counting
 * pass: what was requested and handled between begin and end?
 */
#ifndef TLBSYNC_PROBE_PROBE_H
#define TLBSYNC_PROBE_PROBE_H

#include <stddef.h>
#include <sys/types.h>

#include "machine/machine.h"
#include "case/ipi.h"

struct probe {
	const struct probe_source *source;
};

/* The requests of one op, and whether its responders stayed in place. */
struct probe_op {
	uint32_t requested[NR_IPI_CLASSES];	/* by the op's task */
	uint32_t foreign[NR_IPI_CLASSES];	/* by anybody else */
	bool displaced;		/* a responder was not on its CPU all the time */
};

/* Whose tasks are whose. */
struct probe_tasks {
	bool (*is_actor)(const void *arg, pid_t tid);	/* its requests are the op's own */
	bool (*is_responder)(const void *arg, pid_t tid);
	const void *arg;
};

struct probe_source {
	enum ipi_source kind;
	int (*open)(const struct machine *machine, struct probe **probe,
		    char *why, size_t size);
	int (*attach)(struct probe *probe);
	int (*enable)(struct probe *probe);
	int (*disable)(struct probe *probe);
	/* requests since the last end() go to @between, or are dropped if that is NULL */
	void (*begin)(struct probe *probe, const struct probe_tasks *tasks,
		      struct ipi_result *between);
	/* adds to @total */
	void (*end)(struct probe *probe, const struct probe_tasks *tasks,
		    struct probe_op *op, struct ipi_result *total);
	void (*close)(struct probe *probe);
};

extern const struct probe_source csd_source, interrupts_source, none_source;

int probe_open(const char *name, const struct machine *machine, struct probe **probe,
	       char *why, size_t size);
#define IPI_ARRAYS	(2 * NR_IPI_CLASSES)	/* of each CPU a number, in a result */

void ipi_place(struct ipi_result *counts, uint64_t *memory, int nr_cpus);
void ipi_clear(struct ipi_result *counts, int nr_cpus);
void ipi_add(struct ipi_result *to, const struct ipi_result *from, int nr_cpus);
void ipi_add_cause(struct ipi_result *total, uint64_t address, bool foreign, uint64_t nr);

#endif
