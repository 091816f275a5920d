// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a reader. A pin is vmsplice() of one word: the kernel takes hold of the
 * page by GUP-fast (lib/iov_iter.c, iov_iter_get_pages2()), and reading the pipe copies
 * from that page, even if it has a new owner by then. Nothing is retried: foreign content
 * may be seen only once.
 */
#include "stress/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "machine/lab.h"
#include "stress/perf-walk.h"
#include "workloads/memory.h"

#define BLOCK	4096		/* of an O_DIRECT write */
#define BURST	8		/* reads between rests, so that others get the CPU, */
#define REST_US	100		/* under emulation the real time is shorter */

/* A reader's own means. */
struct means {
	int pipe[2];
	int direct;		/* file without a name, O_DIRECT; -1: cannot be had */
	void *block;		/* to read the file back into */
	struct perf_walk walk;
	struct random random;
};

const char *read_way_name(enum read_way way)
{
	static const char *const names[] = {
		[READ_PIN] = "pin", [READ_LOAD] = "load", [READ_SLOW] = "slow",
		[READ_DIRECT] = "direct",
	};

	return names[way];
}

/*
 * Count @word as verified, and report it if @aim does not allow it. True if it is right.
 * A fresh page and a torn word are neither right nor a finding: they prove nothing.
 */
bool reader_judge(struct stress_ctx *ctx, enum read_way way, uint64_t word,
		  const struct aim *aim)
{
	enum stamp_verdict verdict = stamp_judge(word, &aim->want);
	char got[32], oldest[32];

	if (verdict == STAMP_FRESH || verdict == STAMP_TORN) {
		atomic_fetch_add_explicit(verdict == STAMP_FRESH ? &ctx->tally->fresh :
					  &ctx->tally->torn, 1, memory_order_relaxed);
		return false;
	}
	atomic_fetch_add_explicit(&ctx->tally->read[way], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&ctx->tally->bytes, sizeof(word), memory_order_relaxed);
	if (verdict == STAMP_RIGHT)
		return true;
	stamp_tell(word, got, sizeof(got));
	stamp_tell(stamp(aim->want.tag, aim->want.page, aim->want.oldest), oldest,
		   sizeof(oldest));
	stress_find(ctx, "%s on CPU %d by %s at %p: found %s, wanted %s to write %u",
		    stamp_verdict_name(verdict), sched_getcpu(), read_way_name(way),
		    (const void *)aim->at, got, oldest, aim->want.newest);
	return false;
}

static int read_pin(struct means *means, const char *at, uint64_t *word)
{
	const struct iovec page = { (void *)at, sizeof(*word) };

	if (vmsplice(means->pipe[1], &page, 1, 0) != sizeof(*word))
		return -errno;
	return read(means->pipe[0], word, sizeof(*word)) == sizeof(*word) ? 0 : -EIO;
}

static int read_load(struct means *means, const char *at, uint64_t *word)
{
	if (write(means->pipe[1], at, sizeof(*word)) != sizeof(*word))
		return -errno;
	return read(means->pipe[0], word, sizeof(*word)) == sizeof(*word) ? 0 : -EIO;
}

static int read_slow(const char *at, uint64_t *word)
{
	const struct iovec to = { word, sizeof(*word) }, from = { (void *)at, sizeof(*word) };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == sizeof(*word) ? 0 : -errno;
}

static int read_direct(struct means *means, const char *at, uint64_t *word)
{
	if (pwrite(means->direct, at, BLOCK, 0) != BLOCK ||
	    pread(means->direct, means->block, BLOCK, 0) != BLOCK)
		return -errno;
	memcpy(word, means->block, sizeof(*word));
	return 0;
}

/* Mostly pins. A write to a file takes a disk's time, so it is rare. */
static enum read_way choose_way(struct means *means)
{
	uint32_t dice = random_below(&means->random, 256);

	if (means->direct >= 0 && dice < 2)
		return READ_DIRECT;
	if (dice < 12)
		return READ_SLOW;
	return dice < 64 ? READ_LOAD : READ_PIN;
}

static int read_by(enum read_way way, struct means *means, const char *at, uint64_t *word)
{
	switch (way) {
	case READ_PIN:
		return read_pin(means, at, word);
	case READ_LOAD:
		return read_load(means, at, word);
	case READ_SLOW:
		return read_slow(at, word);
	default:
		return read_direct(means, at, word);
	}
}

static void read_once(struct readers *readers, struct means *means)
{
	const struct target *target = readers->target;
	struct stress_ctx *ctx = readers->ctx;
	enum read_way way = choose_way(means);
	struct aim aim;
	uint64_t word;
	int error;

	target->aim(target->arg, &means->random, &aim);
	error = read_by(way, means, aim.at, &word);
	if (error) {
		atomic_fetch_add_explicit(&ctx->tally->refused, 1, memory_order_relaxed);
		stress_pause_us(20);	/* there is nothing mapped just now */
		return;
	}
	if (target->bound)
		target->bound(target->arg, &aim);
	if (reader_judge(ctx, way, word, &aim) && target->seen)
		target->seen(target->arg);
	if (!random_below(&means->random, BURST))
		stress_pause_us(random_below(&means->random, REST_US));
}

/*
 * An O_DIRECT file without a name; -1 and errno if @folder cannot have one. On tmpfs an
 * O_DIRECT write copies, which does no harm. On 9p it pins, but 9p has no nameless files.
 */
static int nameless_file(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
	char path[4096];

	if (fd >= 0 || errno != EOPNOTSUPP)
		return fd;
	snprintf(path, sizeof(path), "%s/tlbsync-XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return fd;
	unlink(path);
	if (!fcntl(fd, F_SETFL, O_DIRECT))
		return fd;
	close(fd);
	return -1;
}

static int open_direct(struct stress_ctx *ctx, struct means *means)
{
	const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp";
	int fd = nameless_file(folder);

	if (fd >= 0 && posix_memalign(&means->block, BLOCK, BLOCK))
		means->block = NULL;
	if (fd >= 0 && means->block)
		memset(means->block, 0, BLOCK);
	if (fd >= 0 && (!means->block || pwrite(fd, means->block, BLOCK, 0) != BLOCK)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		stress_note(ctx, "no O_DIRECT writes: none to a file in %s", folder);
	return fd;
}

static int means_open(struct readers *readers, struct means *means, int nr)
{
	struct stress_ctx *ctx = readers->ctx;

	memset(means, 0, sizeof(*means));
	if (pipe2(means->pipe, O_CLOEXEC))
		return -errno;
	means->direct = open_direct(ctx, means);
	stress_reseed(&means->random, ctx->options->seed, "reader",
		      readers->seed_nr * STRESS_MAX_READERS + nr);
	if (ctx->walk)
		perf_walk_open(&means->walk, ctx);
	return ctx->options->windows ? lab_enter_window() : 0;
}

static void means_close(struct means *means)
{
	perf_walk_close(&means->walk);
	if (means->direct >= 0)
		close(means->direct);
	free(means->block);
	close(means->pipe[0]);
	close(means->pipe[1]);
}

static void *live(void *arg)
{
	const struct reader *reader = arg;
	struct readers *readers = reader->all;
	struct means means;
	int error;

	prctl(PR_SET_NAME, "tlbsync-reader");
	stress_pin_to(readers->ctx, readers->first_cpu + reader->nr);
	error = means_open(readers, &means, reader->nr);
	atomic_fetch_add(&readers->ready, 1);
	if (error)
		stress_find(readers->ctx, "reader %d cannot start: %s", reader->nr,
			    strerror(-error));
	for (unsigned int i = 0; !error && !atomic_load(&readers->stop); i++) {
		read_once(readers, &means);
		if (i % 16 == 0)
			perf_walk_drain(&means.walk, readers->ctx, readers->target);
	}
	means_close(&means);
	return NULL;
}

/*
 * Start @nr readers of @target, which stays the caller's. The caller sets ->seed_nr and
 * ->first_cpu before. On return the readers have all the memory and files that they need:
 * a later mapping of theirs might land where the caller unmaps. 0 or -errno; the caller
 * calls readers_stop() in any case.
 */
int readers_start(struct readers *readers, struct stress_ctx *ctx, int nr,
		  const struct target *target)
{
	readers->ctx = ctx;
	readers->target = target;
	readers->nr = 0;
	atomic_store(&readers->stop, false);
	atomic_store(&readers->ready, 0);
	while (readers->nr < nr) {
		struct reader *reader = &readers->reader[readers->nr];
		int error;

		*reader = (struct reader){ .all = readers, .nr = readers->nr };
		error = pthread_create(&reader->thread, NULL, live, reader);
		if (error)
			return -error;
		readers->nr++;
	}
	while (atomic_load(&readers->ready) < nr)
		stress_pause_us(100);
	return 0;
}

/* End them all. */
void readers_stop(struct readers *readers)
{
	atomic_store(&readers->stop, true);
	while (readers->nr)
		pthread_join(readers->reader[--readers->nr].thread, NULL);
}
