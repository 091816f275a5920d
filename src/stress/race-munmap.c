// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory is unmapped and mapped again at the same addresses while it is pinned. It fills
 * its gigabyte, so every unmap frees its page tables. Another process maps and unmaps
 * all the time and takes the freed pages, as tables and as memory.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress/reader.h"
#include "stress/storm.h"
#include "workloads/memory.h"

#define PAGES		8		/* that hold stamps, a table apart */
#define STRIDE		SIZE_2M
#define LONGEST_US	200		/* that a mapping lasts */

struct race {
	struct stress_ctx *ctx;
	struct window window;
	atomic_uint begun;		/* mappings, and writes: the write number of stamps */
	struct readers readers;
	struct storm storm;
	pid_t taker;
};

/* A pinned page belongs to the last mapping or a later one. A page not written yet is fresh. */
static void aim(void *arg, struct random *random, struct aim *aim)
{
	struct race *race = arg;
	uint32_t page = random_below(random, PAGES);

	*aim = (struct aim){
		.at = race->window.base + page * STRIDE,
		.want = { .tag = STAMP_OURS, .page = page,
			  .oldest = atomic_load(&race->begun), .fresh = true },
	};
}

static void bound(void *arg, struct aim *aim)
{
	struct race *race = arg;

	aim->want.newest = atomic_load(&race->begun);
}

/* Replace the mapping by a fresh gigabyte, or with PROT_NONE by reserved addresses. */
static int map(const struct race *race, int protection)
{
	return mmap(race->window.base, SIZE_1G, protection,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED ?
		-errno : 0;
}

/*
 * Map, write and unmap: the old mapping is gone before the next write begins. The
 * addresses stay reserved. Otherwise a thread's stack might be mapped there.
 */
static int once(struct race *race)
{
	char *at = race->window.base;
	int error = map(race, PROT_READ | PROT_WRITE);
	uint32_t write;

	if (error)
		return error;
	madvise(at, SIZE_1G, MADV_NOHUGEPAGE);
	write = atomic_fetch_add(&race->begun, 1) + 1;
	for (uint32_t page = 0; page < PAGES; page++)
		*(volatile uint64_t *)(at + page * STRIDE) = stamp(STAMP_OURS, page, write);
	stress_pause_us(random_below(&race->ctx->random, LONGEST_US));
	for (uint32_t page = 0; page < PAGES; page++) {
		uint64_t word = *(volatile uint64_t *)(at + page * STRIDE);

		if (word != stamp(STAMP_OURS, page, write))
			stress_find(race->ctx, "page %u of mapping %u changed to 0x%llx", page,
				    write, (unsigned long long)word);
	}
	return map(race, PROT_NONE);
}

/* Another process: the freed pages become its tables and its memory. */
static void take(const struct race *race, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-taker");
	stress_pin_to(race->ctx, 1);
	while (getppid() == parent) {
		char *at = race->window.base;

		if (map(race, PROT_READ | PROT_WRITE))
			continue;
		for (uint32_t page = 0; page < PAGES; page++)
			*(volatile uint64_t *)(at + page * STRIDE) = stamp(STAMP_OTHERS, page, 1);
		munmap(at, SIZE_1G);	/* no other thread here to mind */
		stress_pause_us(50);
	}
	_exit(0);
}

static int start(struct race *race, struct target *target)
{
	struct stress_ctx *ctx = race->ctx;
	pid_t parent = getpid();
	int error = window_reserve(&race->window);

	if (error)
		return workload_fail(&ctx->work, error, "cannot reserve 3 GiB of address space");
	target->base = race->window.base;
	race->taker = fork();
	if (!race->taker)
		take(race, parent);
	if (race->taker < 0)
		return workload_fail(&ctx->work, -errno, "fork");
	race->readers.first_cpu = 2;
	error = readers_start(&race->readers, ctx, ctx->nr_readers, target);
	if (!error)
		error = storm_start(&race->storm, ctx);
	return error ? workload_fail(&ctx->work, error, "starting threads") : 0;
}

static void finish(struct race *race)
{
	readers_stop(&race->readers);
	storm_stop(&race->storm);
	if (race->taker > 0) {
		kill(race->taker, SIGKILL);
		waitpid(race->taker, NULL, 0);
	}
	window_release(&race->window);
}

static int run(struct stress_ctx *ctx)
{
	static struct race race;
	struct target target = {
		.aim = aim, .bound = bound, .arg = &race, .size = SIZE_1G,
		.page_sizes = SIZE_4K,
	};
	int error;

	memset(&race, 0, sizeof(race));
	race.ctx = ctx;
	stress_pin_to(ctx, 0);
	error = start(&race, &target);
	while (!error && !stress_over(ctx)) {
		error = once(&race);
		if (error == -ENOMEM)	/* under memory pressure */
			error = 0;
		else if (!error)
			atomic_fetch_add(&ctx->tally->iterations, 1);
	}
	finish(&race);
	return error;
}

const struct stress_test race_munmap_test = {
	.name = "race-munmap",
	.summary = "memory is unmapped and mapped anew under its pins, tables freed and reused",
	.run = run,
};
