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

bool machine_id_same(const struct machine_id *a, const struct machine_id *b);
int machine_id_order(const struct machine_id *a, const struct machine_id *b);
bool machine_id_emulated(const struct machine_id *id);

#endif
