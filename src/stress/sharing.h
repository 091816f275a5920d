/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The race of a shared page table. The test's process, the keeper, has a hugetlb gigabyte
 * that one or two others share, page table included. These leave, each in some way, while
 * their readers walk the table. The keeper, now its only owner, puts memory of its own
 * there. No reader may ever see that memory: it is another process's.
 */
#ifndef TLBSYNC_STRESS_SHARING_H
#define TLBSYNC_STRESS_SHARING_H

#include "stress/stress.h"
#include "workloads/memory.h"

#define SHARING_MAX_LEAVERS	2
#define SHARING_HUGEPAGES	2	/* of the file; the second tells whether tables are shared */

/* How a leaver stops sharing. After the first four the pages are where they were. */
enum leave_way {
	LEAVE_MUNMAP,
	LEAVE_MPROTECT,
	LEAVE_MREMAP,
	LEAVE_SPLIT,
	NR_QUIET_LEAVE_WAYS,
	LEAVE_PUNCH = NR_QUIET_LEAVE_WAYS,	/* takes the page out of the file as well */
	LEAVE_EXIT,
	NR_LEAVE_WAYS,
};

struct stage;

struct leaver {
	pid_t pid;			/* 0: not running */
	uint32_t step;			/* commands given */
};

struct sharing {
	struct stress_ctx *ctx;
	struct window window, target;	/* target: where mremap moves it to */
	int fd;
	struct stage *stage;		/* of each leaver, shared with it */
	struct leaver leaver[SHARING_MAX_LEAVERS];
	int nr;				/* leavers */
	uint32_t round;
};

int sharing_open(struct sharing *sharing, struct stress_ctx *ctx, int nr);
int sharing_round(struct sharing *sharing, const enum leave_way *way, bool together);
int sharing_close(struct sharing *sharing, int error);
const char *leave_way_name(enum leave_way way);

#endif
