/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of the time from one CPU to another, for each pair that has any. The quantiles of
 * a pair are those of its first EDGE_SAMPLES samples, exactly.
 */
#ifndef TLBSYNC_PROBE_EDGES_H
#define TLBSYNC_PROBE_EDGES_H

#include "case/ipi-latency.h"

#define EDGE_SAMPLES	4096

struct edges;

struct edges *edges_new(int nr_cpus);
int edges_add(struct edges *edges, enum latency_class cls, int from, int to, uint64_t ns);
void edges_report(struct edges *edges, struct ipi_latency *latency, int room);
void edges_free(struct edges *edges);

#endif
