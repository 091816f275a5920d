/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's CPUs as placements need them: a flat array, one entry for each
 * online CPU, filled from hwloc once and read-only from then on. Packages,
 * caches and cores are numbered from 0 in the order of their lowest CPU.
 */
#ifndef TLBSYNC_MACHINE_TOPOLOGY_H
#define TLBSYNC_MACHINE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

struct topo_cpu {
	int cpu;	/* the kernel's CPU number */
	int node;	/* NUMA node (kernel's number); -1 if unknown */
	int package;
	int llc;	/* last-level cache that the CPU shares */
	int core;	/* physical core; SMT siblings have the same one */
	bool allowed;	/* this process may run there (affinity and cpuset) */
	bool in_cpuset;	/* this process's cpuset holds it; the affinity may not */
	bool isolated;	/* isolcpus=: the scheduler leaves it alone */
	bool nohz_full;
	bool reachable;	/* not allowed, but only because it is isolated */
};

struct topology {
	struct topo_cpu *cpus;	/* online CPUs, by rising CPU number */
	int nr_online;		/* entries in @cpus: the N of the formulas */
	int nr_allowed;		/* of these, how many are allowed */
	int nr_reachable;	/* how many are reachable */
	int nr_possible;	/* highest possible CPU number + 1 */
	int *offline;		/* CPUs that are there, but not online; rising */
	int nr_offline;
	int nr_nodes;
};

/* What two CPUs share, from the nearest to the farthest. */
enum distance {
	DISTANCE_CORE,		/* SMT siblings */
	DISTANCE_CACHE,		/* the last-level cache */
	DISTANCE_NODE,		/* the memory node, but no cache */
	DISTANCE_REMOTE,	/* nothing: they are on different nodes */
	NR_DISTANCES,
};

int topology_load(struct topology *topo);
int topology_load_synthetic(struct topology *topo, const char *description,
			    const char *offline);
int topology_mark(struct topology *topo, const char *isolated, const char *nohz_full);
const struct topo_cpu *topology_find(const struct topology *topo, int cpu);
enum distance topology_distance(const struct topology *topo, int a, int b);
const char *distance_name(enum distance distance);
void topology_free(struct topology *topo);

/* May an actor be pinned there? Isolated CPUs are in nobody's affinity by default. */
static inline bool topo_usable(const struct topo_cpu *cpu)
{
	return cpu->allowed || cpu->reachable;
}

/* Was it set apart at boot, for work that nothing may disturb? */
static inline bool topo_set_apart(const struct topo_cpu *cpu)
{
	return cpu->isolated || cpu->nohz_full;
}

#endif
