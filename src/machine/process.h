/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of the machine, as /proc/PID/stat describes them. */
#ifndef TLBSYNC_MACHINE_PROCESS_H
#define TLBSYNC_MACHINE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid, parent, group;
	char state;		/* R, S, D, Z, ... */
	char name[32];
};

bool process_find(bool (*is_it)(const struct process *process, const void *arg),
		  const void *arg, struct process *found);
bool process_clock_is_shifted(void);
void process_allow_many_files(void);

#endif
