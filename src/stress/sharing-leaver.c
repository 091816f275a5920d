// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A leaver: a process that maps the shared gigabyte when it is told to, has readers walk
 * its page table, and stops sharing in the way that it is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/clock.h"
#include "stress/reader.h"
#include "stress/sharing-parts.h"
#include "stress/storm.h"

/* A leaver's own side. */
struct life {
	struct sharing *sharing;
	struct stage *stage;
	struct readers readers;
	struct storm storm;
	struct target target;
};

/* Stamps never change; a hole makes zeros right from its round on. */
static void aim(void *arg, struct random *random, struct aim *aim)
{
	const struct life *life = arg;
	uint32_t page = random_below(random, SHARING_PAGES);

	*aim = (struct aim){
		.at = life->sharing->window.base + page * SIZE_4K,
		.want = { .tag = STAMP_OURS, .page = page },
		.round = atomic_load(&life->stage->round),
	};
}

static void bound(void *arg, struct aim *aim)
{
	const struct life *life = arg;

	aim->want.fresh = atomic_load(&life->stage->punched) >= aim->round;
}

static void seen(void *arg)
{
	struct life *life = arg;

	atomic_fetch_add_explicit(&life->stage->seen, 1, memory_order_relaxed);
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

/*
 * Map the gigabyte and touch it. The keeper has faulted in both its pages. If the second
 * page is there without a fault in this process, the page table is the keeper's.
 */
static int attach(struct life *life)
{
	struct sharing *sharing = life->sharing;
	int error = sharing_map(sharing);
	long before;

	if (error)
		return error;
	if (*sharing_word(sharing, 0) != stamp(STAMP_OURS, 0, 0))
		stress_find(sharing->ctx, "newly mapped, the shared page held 0x%llx",
			    (unsigned long long)*sharing_word(sharing, 0));
	before = faults();
	(void)*sharing_word(sharing, SIZE_2M);
	life->stage->shared = faults() == before;
	return 0;
}

/*
 * The move does not go to a whole gigabyte. If no other process shares the table by then,
 * the kernel would look for one to share at the new place, and wait for ever for a lock
 * that it holds itself. (mm/hugetlb.c, seen on 6.12, 6.18 and 7.2:
 * move_hugetlb_page_tables() has i_mmap_rwsem for writing, huge_pmd_share() takes it for
 * reading.)
 */
static char *move_to(const struct sharing *sharing)
{
	return sharing->target.base + SIZE_2M;
}

static int leave_by(const struct life *life, enum leave_way way)
{
	const struct sharing *sharing = life->sharing;
	char *base = sharing->window.base;

	switch (way) {
	case LEAVE_MUNMAP:
		return munmap(base, SIZE_1G);
	case LEAVE_MPROTECT:
		return mprotect(base, SIZE_1G, PROT_READ);
	case LEAVE_MREMAP:
		return mremap(base, SIZE_1G, SIZE_1G, MREMAP_MAYMOVE | MREMAP_FIXED,
			      move_to(sharing)) == MAP_FAILED;
	case LEAVE_SPLIT:
		return madvise(base + SIZE_1G / 2, SIZE_1G / 2, MADV_DONTFORK);
	case LEAVE_PUNCH:
		return fallocate(sharing->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				 SIZE_1G);
	default:
		_exit(0);
	}
}

static int leave(struct life *life, uint32_t step)
{
	struct stage *stage = life->stage;
	uint64_t began, took;
	int failed;

	gate_raise(&stage->ready, step);
	gate_race(&stage->go, step);
	began = clock_monotonic_ns();
	failed = leave_by(life, stage->way);
	took = clock_monotonic_ns() - began;
	stage->leave_ns = stage->leave_ns ? (7 * stage->leave_ns + took) / 8 : took;
	return failed ? -errno : 0;
}

static int detach(const struct life *life)
{
	int error = sharing_empty(life->sharing->window.base);

	return error ? error : sharing_empty(move_to(life->sharing));
}

/* A leaver's life: @first is the step that it begins with. */
static void live(struct life *life, uint32_t first)
{
	struct stage *stage = life->stage;

	for (uint32_t step = first;; step++) {
		int error = 0;

		while (!gate_await(&stage->told, step, SHARING_LOOK_MS))
			;
		if (stage->command == ATTACH)
			error = attach(life);
		else if (stage->command == LEAVE)
			error = leave(life, step);
		else if (stage->command == DETACH)
			error = detach(life);
		else
			break;
		if (error)
			snprintf(stage->reason, sizeof(stage->reason), "%s: %s",
				 stage->command == LEAVE ? leave_way_name(stage->way) : "mmap",
				 strerror(-error));
		stage->error = error;
		gate_raise(&stage->done, step);
	}
}

/* The life of the @nth leaver, child of @parent. */
void sharing_be_leaver(struct sharing *sharing, int nth, pid_t parent)
{
	static struct life life;
	struct stress_ctx *ctx = sharing->ctx;
	int share = (ctx->nr_readers + nth) / sharing->nr;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-sharer");
	if (getppid() != parent)
		_exit(1);
	stress_pin_to(ctx, 1 + nth);
	life = (struct life){ .sharing = sharing, .stage = &sharing->stage[nth] };
	life.target = (struct target){
		.aim = aim, .bound = bound, .seen = seen, .arg = &life,
		.base = sharing->window.base, .size = SIZE_2M, .page_sizes = SIZE_2M,
	};
	life.readers.seed_nr = 2 * sharing->round + nth;
	life.readers.first_cpu = 2 + nth * (ctx->nr_readers / sharing->nr);
	if (readers_start(&life.readers, ctx, share ? share : 1, &life.target) ||
	    storm_start(&life.storm, ctx))
		_exit(1);
	live(&life, sharing->leaver[nth].step + 1);
	readers_stop(&life.readers);
	storm_stop(&life.storm);
	_exit(0);
}
