/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much the pass does that looks at each request, and the memory of its result. */
#ifndef TLBSYNC_ENGINE_IPI_PASS_H
#define TLBSYNC_ENGINE_IPI_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "case/ipi-latency.h"

#define IPI_PASS_OPS	1000u	/* of each initiator, at most */
#define EDGES_MOST	(1 << 18)

/* Pairs of CPUs that a result has room for, of all classes together. */
#define MAX_EDGES(nr_cpus) \
	((nr_cpus) * (nr_cpus) <= EDGES_MOST / NR_LATENCY_CLASSES ? \
	 NR_LATENCY_CLASSES * (nr_cpus) * (nr_cpus) : EDGES_MOST)

/* Ops of each initiator in this pass, where the others have @wanted. */
static inline uint64_t ipi_pass_ops(uint64_t wanted)
{
	return wanted < IPI_PASS_OPS ? wanted : IPI_PASS_OPS;
}

size_t ipi_latency_size(int nr_cpus);
struct ipi_latency *ipi_latency_place(void *memory, int nr_cpus);

#endif
