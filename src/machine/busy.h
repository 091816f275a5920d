/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How busy this machine is with something else than the run: CPU time of /proc/stat that
 * the run's own processes did not use, and time that a hypervisor took. What /proc does not
 * tell is unknown, a negative number, never 0.
 *
 * Time in interrupt handlers is no other job's: on the measured CPUs it is the op's own
 * IPIs. Nor is khugepaged's while it works for an op.
 */
#ifndef TLBSYNC_MACHINE_BUSY_H
#define TLBSYNC_MACHINE_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/topology.h"

#define BUSY_LIMIT	0.05	/* of the CPU time; beyond it times may be off */
#define BUSY_UNKNOWN	(-1.0)

/* One CPU since the boot, in ticks of 1 / sysconf(_SC_CLK_TCK) s. */
struct cpu_ticks {
	uint64_t busy;		/* in tasks and softirqs, whosever */
	uint64_t steal;		/* the hypervisor ran something else */
	bool there;		/* /proc/stat has the CPU */
};

/* Shares are of the CPU time that there was, from 0 to 1; or BUSY_UNKNOWN. */
struct busy_before {
	double loadavg;		/* of the last minute */
	double busy_share, steal_share;
};

struct busy_during {
	double cpu_s;		/* CPU time that there was on the cases' CPUs */
	double own_s;		/* used by the run's processes, and by who worked for them */
	double other_share, steal_share;
};

struct busy_load {
	struct busy_before before;	/* all CPUs, in a moment before the first case */
	struct busy_during during;	/* all cases, each on the CPUs of its roles */
};

int busy_parse_stat(const char *text, struct cpu_ticks *ticks, int nr);
double busy_parse_loadavg(const char *text);

/* What CPUs did between two looks. */
struct busy_sample {
	struct busy_before before;
	int busiest;		/* the CPU with the largest share of busy and stolen time */
	double busiest_share;
};

void busy_shares(const struct cpu_ticks *then, const struct cpu_ticks *now, int nr,
		 double seconds, double tick_s, struct busy_sample *sample);
int busy_look(const struct topology *topo, struct busy_sample *sample);

/* Sums over the cases of a run. */
struct busy_meter;

struct busy_meter *busy_meter_new(int nr_cpus);
void busy_meter_free(struct busy_meter *meter);
void busy_begin(struct busy_meter *meter, bool khugepaged);
void busy_end(struct busy_meter *meter, const bool *cpus);
void busy_during(const struct busy_meter *meter, struct busy_during *during);
void busy_sum(double cpu_s, double busy_s, double own_s, double steal_s,
	      struct busy_during *during);
bool busy_is(const struct busy_during *during);

#endif
