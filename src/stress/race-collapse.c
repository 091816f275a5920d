// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two regions of 4 KiB pages are collapsed into huge pages and split again, one by
 * MADV_COLLAPSE, the other by khugepaged if this process may steer it. All the while
 * writers count up a stamp in each page, and readers pin pages. A stamp that is too old
 * shows one of two faults: a write went to the old page after it was copied, or a reader
 * pinned a page that is not mapped any more.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/clock.h"
#include "machine/sysfs.h"
#include "stress/reader.h"
#include "stress/storm.h"
#include "workloads/collapse.h"
#include "workloads/memory.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define REGIONS		2
#define MADVISED	0		/* region that MADV_COLLAPSE collapses */
#define OFFERED		1		/* region that khugepaged collapses */
#define STAMPED		32		/* pages with stamps in each region */
#define PAGES		(REGIONS * STAMPED)
#define APART		15		/* pages between them; the last of a region has none */
#define LAST_PAGE	(SIZE_2M - SIZE_4K)
#define WRITERS		2
#define BUSY_NS		5000000	/* that a writer goes on without rest: the collapse needs CPUs too */
#define PATIENCE	64		/* a collapse is tried so often: a pinned page stops it */

/* A page's writes. Each page has one writer. */
struct page {
	atomic_uint begun, done;
};

struct race {
	struct stress_ctx *ctx;
	struct collapse_range range;
	struct page page[PAGES];
	struct readers readers;
	struct storm storm;
	atomic_bool stop;
	atomic_bool collapsing;		/* writers hardly rest meanwhile */
	atomic_uint named;
	pthread_t writer[WRITERS];
	int nr_writers;
	bool khugepaged;
	uint64_t collapsed_before;
};

static char *region(const struct race *race, int nr)
{
	return race->range.window.base + nr * SIZE_2M;
}

static char *address(const struct race *race, uint32_t page)
{
	return region(race, page / STAMPED) + page % STAMPED * APART * SIZE_4K;
}

/* ---- readers and writers ---------------------------------------------------- */

static void aim(void *arg, struct random *random, struct aim *aim)
{
	struct race *race = arg;
	uint32_t page = random_below(random, PAGES);

	*aim = (struct aim){
		.at = address(race, page),
		.want = { .tag = STAMP_OURS, .page = page,
			  .oldest = atomic_load(&race->page[page].done) },
		.round = page,
	};
}

static void bound(void *arg, struct aim *aim)
{
	struct race *race = arg;

	aim->want.newest = atomic_load(&race->page[aim->round].begun);
}

/* Check that the last write is still there, then write the next one. */
static void write_page(struct race *race, uint32_t nr)
{
	struct page *page = &race->page[nr];
	volatile uint64_t *word = (volatile uint64_t *)address(race, nr);
	uint32_t last = atomic_load(&page->done);
	uint64_t found = *word;

	if (found != stamp(STAMP_OURS, nr, last))
		stress_find(race->ctx, "a lost write: page %u at %p held 0x%llx, its writer had "
			    "written %u", nr, (void *)word, (unsigned long long)found, last);
	atomic_store(&page->begun, last + 1);
	*word = stamp(STAMP_OURS, nr, last + 1);
	atomic_store(&page->done, last + 1);
}

/*
 * Write over and over while a collapse is under way: the flush must end a TLB entry that
 * is in use. A writer that slept would come back by a context switch, with a fresh TLB.
 */
static void *write_all(void *arg)
{
	struct race *race = arg;
	uint32_t first = atomic_fetch_add(&race->named, 1);
	uint64_t writes = 0, rested = 0;
	struct random random;

	stress_reseed(&random, race->ctx->options->seed, "writer", first);
	stress_pin_to(race->ctx, 1 + first);
	while (!atomic_load(&race->stop)) {
		for (uint32_t nr = first; nr < PAGES; nr += WRITERS)
			write_page(race, nr);
		writes += PAGES / WRITERS;
		if (atomic_load(&race->collapsing) && clock_monotonic_ns() - rested < BUSY_NS)
			continue;
		stress_pause_us(random_below(&random, 100));
		rested = clock_monotonic_ns();
	}
	stress_count(race->ctx, "writes", writes);
	return NULL;
}

/* ---- collapse and split ----------------------------------------------------- */

/* Split by dropping the last page, which nobody uses, or by protecting it for a moment. */
static int split(struct race *race, int nr)
{
	char *last = region(race, nr) + LAST_PAGE;
	int failed;

	if (random_below(&race->ctx->random, 2)) {
		failed = madvise(last, SIZE_4K, MADV_DONTNEED);
	} else {
		failed = mprotect(last, SIZE_4K, PROT_READ) ||
			 mprotect(last, SIZE_4K, PROT_READ | PROT_WRITE);
	}
	stress_count(race->ctx, "splits", !failed);
	return failed && errno != ENOMEM ?
		workload_fail(&race->ctx->work, -errno, "splitting a huge page") : 0;
}

/* 0: it was collapsed; 1: others were in the way; -errno: it cannot be collapsed. */
static int collapse(struct race *race)
{
	for (int i = 0; i < PATIENCE && !stress_over(race->ctx); i++) {
		int failed;

		atomic_store(&race->collapsing, true);
		failed = madvise(region(race, MADVISED), SIZE_2M, MADV_COLLAPSE);
		atomic_store(&race->collapsing, false);
		if (!failed)
			return 0;
		if (errno != EAGAIN && errno != EBUSY && errno != ENOMEM)
			return workload_fail(&race->ctx->work, errno == EINVAL ? -EOPNOTSUPP : -errno,
					     "MADV_COLLAPSE is refused: %s", strerror(errno));
		stress_count(race->ctx, "in the way", 1);
		sched_yield();
	}
	return 1;
}

static int once(struct race *race)
{
	int error = collapse(race);

	if (error < 0)
		return error;
	if (!error)
		atomic_fetch_add(&race->ctx->tally->iterations, 1);
	error = split(race, MADVISED);
	/* khugepaged takes its time: it gets some */
	if (!error && race->khugepaged && !random_below(&race->ctx->random, 16))
		error = split(race, OFFERED);
	return error;
}

/* Make khugepaged scan all the time. It is no failure if it may not be steered. */
static void steer_khugepaged(struct race *race)
{
	static const char *const settings[][2] = {
		{ SYSFS_KHUGEPAGED "scan_sleep_millisecs", "1" },
		{ SYSFS_KHUGEPAGED "alloc_sleep_millisecs", "1" },
		{ SYSFS_KHUGEPAGED "pages_to_scan", "100000" },
	};
	struct stress_ctx *ctx = race->ctx;
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(settings) / sizeof(settings[0]); i++)
		error = settings_write(ctx->work.settings, settings[i][0], settings[i][1]);
	if (!error && madvise(region(race, OFFERED), SIZE_2M, MADV_HUGEPAGE))
		error = -errno;
	if (!error)
		error = sysfs_read_u64(SYSFS_KHUGEPAGED "pages_collapsed", &race->collapsed_before);
	race->khugepaged = !error;
	if (error)
		stress_note(ctx, "khugepaged takes no part: %s", strerror(-error));
}

/* Everything starts as 4 KiB pages with stamps. */
static int fill(struct race *race)
{
	char *base;
	int error;

	race->range.size = REGIONS * SIZE_2M;
	error = collapse_range_prepare(&race->ctx->work, &race->range);
	if (error)
		return error;
	base = region(race, 0);
	madvise(base, race->range.size, MADV_NOHUGEPAGE);
	for (uint64_t at = 0; at < race->range.size; at += SIZE_4K)
		base[at] = 0;
	madvise(region(race, MADVISED), SIZE_2M, MADV_HUGEPAGE);
	for (uint32_t nr = 0; nr < PAGES; nr++)
		*(volatile uint64_t *)address(race, nr) = stamp(STAMP_OURS, nr, 0);
	return 0;
}

static int start(struct race *race, struct target *target)
{
	struct stress_ctx *ctx = race->ctx;
	int error = fill(race);

	if (error)
		return error;
	steer_khugepaged(race);
	target->base = region(race, 0);
	race->readers.first_cpu = 2;
	while (!error && race->nr_writers < WRITERS) {
		error = -pthread_create(&race->writer[race->nr_writers], NULL, write_all, race);
		race->nr_writers += !error;
	}
	if (!error)
		error = readers_start(&race->readers, ctx, ctx->nr_readers, target);
	if (!error)
		error = storm_start(&race->storm, ctx);
	return error ? workload_fail(&ctx->work, error, "starting threads") : 0;
}

static void finish(struct race *race)
{
	uint64_t collapsed;

	atomic_store(&race->stop, true);
	while (race->nr_writers)
		pthread_join(race->writer[--race->nr_writers], NULL);
	readers_stop(&race->readers);
	storm_stop(&race->storm);
	if (race->khugepaged &&
	    !sysfs_read_u64(SYSFS_KHUGEPAGED "pages_collapsed", &collapsed))
		stress_count(race->ctx, "by khugepaged", collapsed - race->collapsed_before);
	window_release(&race->range.window);
}

static int run(struct stress_ctx *ctx)
{
	static struct race race;
	struct target target = {
		.aim = aim, .bound = bound, .arg = &race,
		.size = REGIONS * SIZE_2M, .page_sizes = SIZE_4K | SIZE_2M,
	};
	int error;

	memset(&race, 0, sizeof(race));
	race.ctx = ctx;
	stress_pin_to(ctx, 0);
	error = start(&race, &target);
	while (!error && !stress_over(ctx))
		error = once(&race);
	finish(&race);
	return error;
}

const struct stress_test race_collapse_test = {
	.name = "race-collapse",
	.summary = "pages are collapsed and split again under their pins and writes",
	.needs = NEEDS_THP | NEEDS_MADV_COLLAPSE,
	.run = run,
};
