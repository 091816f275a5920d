/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which machine a record is from, and when two are from the same. Records of different
 * machines are never compared, nor put into one history.
 */
#ifndef TLBSYNC_CASE_MACHINE_ID_H
#define TLBSYNC_CASE_MACHINE_ID_H

#include <stdbool.h>

struct machine_id {
	const char *host;
	const char *cpu;	/* its model */
	const char *hypervisor;	/* "" on the bare machine */
	int cpus_online;
	int nodes;
};

/* What makes a machine that machine; in the order in which they sort. */
enum machine_fact {
	MACHINE_HOST, MACHINE_CPU, MACHINE_CPUS_ONLINE, MACHINE_HYPERVISOR, MACHINE_NODES,
	NR_MACHINE_FACTS,
};

#define FACT_SIZE	16	/* room for a number */

const char *machine_fact_name(enum machine_fact fact);
const char *machine_fact_value(const struct machine_id *id, enum machine_fact fact,
			       char buf[FACT_SIZE]);
bool machine_id_same(const struct machine_id *a, const struct machine_id *b);
int machine_id_order(const struct machine_id *a, const struct machine_id *b);
bool machine_id_emulated(const struct machine_id *id);

#endif
