/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this machine is, gathered once at start and read-only from then on.
 * Everything that a reader needs to distrust a measurement is in here.
 */
#ifndef TLBSYNC_MACHINE_MACHINE_H
#define TLBSYNC_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/capabilities.h"
#include "machine/cpufeat.h"
#include "machine/kernel.h"
#include "machine/topology.h"

struct machine_node {
	int node;
	uint64_t bytes_total;	/* 0: a node without memory */
	uint64_t bytes_free;
	uint64_t hugepages_free;	/* in the 2 MiB pool */
	int nr_cpus;
	bool barred;		/* the cpuset allows no memory from here */
};

struct machine {
	char host[65];
	struct topology topo;
	char online[1024];		/* the CPUs of @topo, as the kernel lists them */
	struct cpufeat cpu;
	struct kernel kernel;
	struct machine_node *nodes;	/* libnuma's; at least topo.nr_nodes entries */
	int nr_nodes;			/* of these, how many libnuma knows */
	char microcode[32];		/* "" if unknown */
	char governor[32];		/* the first CPU's cpufreq governor, "" if none */
	char smt[16];			/* /sys/devices/system/cpu/smt/control */
	char isolated[1024];		/* CPU lists as the kernel prints them */
	char nohz_full[1024];
	char thp_enabled[16];		/* "always", "madvise", "never", "" */
	char shmem_thp[16];		/* "always", "within_size", "advise", ... */
	int perf_event_paranoid;
	int kptr_restrict;
	bool privileged;		/* effective uid 0 */
	bool cap_perfmon;		/* CAP_PERFMON or CAP_SYS_ADMIN */
	uint64_t hugepages_total;	/* 2 MiB pool: nr_hugepages */
	uint64_t hugepages_free;
	uint64_t hugepages_reserved;	/* of the free ones */
	bool hugetlb_2m;		/* the kernel has a 2 MiB pool */
	bool khugepaged;		/* khugepaged's settings are there */
	uint64_t mem_available;		/* bytes */
	uint64_t pipe_max;		/* bytes in a pipe of this process; 0: any number */
	struct refusals refused;
};

int machine_load(struct machine *machine);
bool machine_cpus_changed(const struct machine *machine, char *now, size_t size);
int machine_reload_cpus(struct machine *machine);
void machine_free(struct machine *machine);

#endif
