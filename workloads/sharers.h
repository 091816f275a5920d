/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that map a file, fault it in and stay until they are told to leave. Then
 * all exit at once. They are processes because only another mm can share a page table.
 */
#ifndef TLBSYNC_WORKLOADS_SHARERS_H
#define TLBSYNC_WORKLOADS_SHARERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "workloads/workload.h"

#define SHARERS_MAX	256

/* When a sharer runs on each lazy CPU for a moment, which puts them into its mm's mask. */
enum sharers_visit {
	VISIT_NEVER,
	VISIT_FIRST,	/* before the op */
	VISIT_LAST,	/* when told to leave: the CPUs idle with its mm while it exits */
};

struct sharers {
	bool running;
	int gate;		/* write end of the pipe they wait on; closing it opens */
	int nr;
	pid_t pid[SHARERS_MAX];
};

int sharers_start(struct workload_ctx *ctx, struct sharers *sharers, int nr,
		  int fd, void *at, enum sharers_visit visit);
int sharers_leave(struct sharers *sharers);
void sharers_kill(struct sharers *sharers);
int sharers_list(const struct sharers *sharers, pid_t *pid, int room);

#endif
