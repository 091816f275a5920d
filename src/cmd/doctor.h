/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the doctor's facts have in common. A fact is one function and one entry in a
 * table; a table is a file. Nothing is changed by looking. "missing" is kept for what no
 * run can do without; a "warning" leaves something out or makes it less exact.
 */
#ifndef TLBSYNC_CMD_DOCTOR_H
#define TLBSYNC_CMD_DOCTOR_H

#include "machine/machine.h"

#define AS_ROOT		"run as root"

enum state { STATE_OK, STATE_WARNING, STATE_MISSING, NR_STATES };

struct finding {
	const char *fact;	/* its name: the check's */
	enum state state;
	char value[512];
	const char *mend;	/* static; NULL where the state is ok */
};

struct check {
	const char *fact;
	void (*look)(const struct machine *machine, struct finding *finding);
};

/* In the order in which they are told; each ends with a NULL fact. */
extern const struct check doctor_cpus[], doctor_kernel[], doctor_counters[], doctor_memory[];

void finding_is(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_mend(struct finding *finding, enum state state, const char *how);

#endif
