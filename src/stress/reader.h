/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers: threads that read the same memory in several ways, again and again, and
 * compare what they find with what may be there. Pins by GUP-fast are the walks that
 * the kernel's sync protects. Loads go through the TLB. process_vm_readv goes through
 * the slow path, which cannot race.
 */
#ifndef TLBSYNC_STRESS_READER_H
#define TLBSYNC_STRESS_READER_H

#include <pthread.h>

#include "stress/stamp.h"
#include "stress/stress.h"

/* One read: where, and what may be found there. */
struct aim {
	const char *at;			/* the start of a page; its first word is read */
	struct stamp_want want;
	uint32_t round;			/* the target's own: the round of the read */
};

/* What readers read. */
struct target {
	/* Before a read: choose a page, and say how old its stamp may be. */
	void (*aim)(void *arg, struct random *random, struct aim *aim);
	/* After it: how new it may be. NULL: as aim() said. */
	void (*bound)(void *arg, struct aim *aim);
	/* It was right. NULL: nobody waits for that. */
	void (*seen)(void *arg);
	void *arg;
	/* For perf's walker: the memory, and the page sizes that may be there. */
	const char *base;
	size_t size;
	uint64_t page_sizes;		/* ored together: 4 KiB | 2 MiB */
};

struct reader {
	struct readers *all;
	int nr;
	pthread_t thread;
};

struct readers {
	struct stress_ctx *ctx;
	const struct target *target;
	uint64_t seed_nr;		/* another one for the readers of each process */
	int first_cpu;			/* reader i is pinned to CPU first_cpu + i */
	atomic_bool stop;
	atomic_int ready;		/* have opened what they need */
	int nr;
	struct reader reader[STRESS_MAX_READERS];
};

int readers_start(struct readers *readers, struct stress_ctx *ctx, int nr,
		  const struct target *target);
void readers_stop(struct readers *readers);
bool reader_judge(struct stress_ctx *ctx, enum read_way way, uint64_t word,
		  const struct aim *aim);
const char *read_way_name(enum read_way way);

#endif
