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
#include "probe/ipi.h"

struct probe {
	const struct probe_source *source;
};

/* The requests of one op. */
struct probe_op {
	uint32_t requested[NR_IPI_CLASSES];	/* by the op's task */
	uint32_t foreign[NR_IPI_CLASSES];	/* by anybody else */
};

/* Which tasks' requests are the op's own. */
struct probe_actor {
	bool (*is_actor)(const void *arg, pid_t tid);
	const void *arg;
};

struct probe_source {
	enum ipi_source kind;
	int (*open)(const struct machine *machine, struct probe **probe,
		    char *why, size_t size);
	int (*attach)(struct probe *probe);
	int (*enable)(struct probe *probe);
	int (*disable)(struct probe *probe);
	/* what came since the last end() is @between ops, or nobody's if that is NULL */
	void (*begin)(struct probe *probe, struct ipi_result *between);
	void (*end)(struct probe *probe, const struct probe_actor *actor,
		    struct probe_op *op, struct ipi_result *total);
	void (*close)(struct probe *probe);
};

extern const struct probe_source csd_source, interrupts_source, none_source;

int probe_open(const char *name, const struct machine *machine, struct probe **probe,
	       char *why, size_t size);
void ipi_add_cause(struct ipi_result *total, uint64_t address, bool foreign);

#endif
