/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interprocessor requests by class, as the probes count them inside ops and as
 * a record keeps them.
 */
#ifndef TLBSYNC_CASE_IPI_H
#define TLBSYNC_CASE_IPI_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_CAUSES	8

enum ipi_source { IPI_NONE, IPI_CSD, IPI_INTERRUPTS };
enum ipi_class { IPI_SYNC, IPI_FLUSH, IPI_OTHER, NR_IPI_CLASSES };

/* Interprocessor requests of one class, inside the ops of a case. */
struct ipi_count {
	bool has_requested;	/* false for /proc/interrupts: it cannot tell */
	uint64_t requested;	/* queued by the task that performs the op */
	uint64_t foreign;	/* queued meanwhile by anybody else */
	bool has_sent;		/* false: the kernel does not tell */
	uint64_t sent;		/* interrupts for @requested; requests to a CPU may share one */
	uint64_t handled;	/* functions run on the targets, whoever asked */
	uint32_t min_per_op;	/* of @requested */
	uint32_t max_per_op;
	uint64_t between_ops;	/* queued by the tool itself from op to op */
	uint64_t unexpected_ops;	/* ops whose own count differs from expect */
	uint64_t *per_cpu;	/* @handled by CPU number, nr_possible entries */
	uint64_t *own_per_cpu;	/* @requested by target CPU; NULL: not known */
};

/* Who asked for the IPIs of class other: the function that they ran. */
struct ipi_cause {
	uint64_t address;	/* of the function; not kept in records */
	char func[64];		/* its kernel symbol, or the address in hex */
	uint64_t requested;	/* by the op's task */
	uint64_t foreign;
};

struct ipi_result {
	enum ipi_source source;
	struct ipi_count count[NR_IPI_CLASSES];
	struct ipi_cause cause[MAX_CAUSES];
	int nr_causes;
	uint64_t lost;		/* trace records that the ring could not hold */
};

#endif
