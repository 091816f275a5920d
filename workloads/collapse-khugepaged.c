// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collapse by the daemon: the op offers the range with MADV_HUGEPAGE, wakes
 * khugepaged and ends when khugepaged has collapsed all of it. The daemon sleeps
 * between ops. It is pinned, so that we know which CPUs its flush must reach.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "machine/process.h"
#include "machine/sysfs.h"
#include "workloads/collapse.h"

#define ASLEEP		"3600000"	/* ms between scans nobody asked for */
#define PATIENCE_NS	20000000000ull
#define WAKE_AGAIN_NS	1000000ull

struct khugepaged_state {
	struct collapse_range range;
	int wake_fd;		/* scan_sleep_millisecs: a write wakes the daemon */
	int collapsed_fd;	/* pages_collapsed, of the whole system */
	int pagemap_fd;		/* shows whether our range was collapsed */
	uint64_t armed_pfn[COLLAPSE_MAX_REGIONS];	/* of each first page, before the op */
};

/* A kernel thread, child of kthreadd. */
static bool is_khugepaged(const struct process *process, const void *unused)
{
	(void)unused;
	return process->parent == 2 && !strcmp(process->name, "khugepaged");
}

/* khugepaged's process id, or -ESRCH. After it is enabled it takes a moment to appear. */
static pid_t await_khugepaged(void)
{
	struct process found;

	for (int i = 0; i < 100; i++) {
		if (process_find(is_khugepaged, NULL, &found))
			return found.pid;
		usleep(10000);
	}
	return -ESRCH;
}

static int collapsed(const struct khugepaged_state *state, uint64_t *nr)
{
	char text[32];
	ssize_t got = pread(state->collapsed_fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		return got ? -errno : -EIO;
	text[got] = '\0';
	*nr = strtoull(text, NULL, 10);
	return 0;
}

/* Page frame at @offset of the range, 0 if none is mapped (admin-guide/mm/pagemap). */
static uint64_t frame(const struct khugepaged_state *state, uint64_t offset)
{
	uint64_t entry = 0;
	off_t at = ((uintptr_t)state->range.window.base + offset) / SIZE_4K * sizeof(entry);

	if (pread(state->pagemap_fd, &entry, sizeof(entry), at) != sizeof(entry))
		return 0;
	return entry & ((1ull << 55) - 1);
}

/* A collapse copies each region into a new, aligned and contiguous huge page. */
static bool all_huge(const struct khugepaged_state *state)
{
	for (uint64_t at = 0; at < state->range.size; at += SIZE_2M) {
		uint64_t pfn = frame(state, at);

		if (!pfn || pfn == state->armed_pfn[at / SIZE_2M] || pfn % 512 ||
		    frame(state, at + 511 * SIZE_4K) != pfn + 511)
			return false;
	}
	return true;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/*
 * Wake the daemon until it has collapsed all regions. The wake is repeated every
 * millisecond, for two reasons: a wake during a scan is lost, because
 * khugepaged_wait_work() then sets a new time to sleep, and a scan may leave a region
 * for the next one. We watch the counter first, because a look at our own memory would
 * wait for the lock of the collapse. The counter counts everybody's collapses, so the
 * look at our memory decides.
 */
static int wake_and_wait(const struct khugepaged_state *state, uint64_t before)
{
	uint64_t start = now_ns(), woken = 0, after = before;

	while (after - before < state->range.size / SIZE_2M || !all_huge(state)) {
		uint64_t now = now_ns();
		int error;

		if (now - start > PATIENCE_NS)
			return -ETIMEDOUT;
		if (now - woken > WAKE_AGAIN_NS) {
			if (pwrite(state->wake_fd, ASLEEP, strlen(ASLEEP), 0) < 0)
				return -errno;
			woken = now;
		}
		__builtin_ia32_pause();
		sched_yield();
		error = collapsed(state, &after);
		if (error)
			return error;
	}
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct khugepaged_state *state = ctx->priv;
	uint64_t before;
	int error = collapsed(state, &before);

	if (!error && madvise(state->range.window.base, state->range.size, MADV_HUGEPAGE))
		error = -errno;
	if (!error)
		error = wake_and_wait(state, before);
	return error ? workload_fail(ctx, error, "waiting for khugepaged") : 0;
}

/*
 * khugepaged sleeps unless woken, then looks at every page. It is pinned where it
 * disturbs the roles least. It goes ahead of a responder there: khugepaged() makes
 * itself nice 19, so beside a spinning thread it would hardly run.
 */
static int steer(struct workload_ctx *ctx)
{
	static const char *const settings[][2] = {
		{ SYSFS_KHUGEPAGED "scan_sleep_millisecs", ASLEEP },
		{ SYSFS_KHUGEPAGED "alloc_sleep_millisecs", "10" },
		{ SYSFS_KHUGEPAGED "pages_to_scan", "100000000" },
	};
	pid_t pid;
	int error;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		error = settings_write(ctx->settings, settings[i][0], settings[i][1]);
		if (error)
			return workload_fail(ctx, error, "writing %s", settings[i][0]);
	}
	pid = await_khugepaged();
	if (pid < 0)
		return workload_fail(ctx, -EOPNOTSUPP,
			"khugepaged does not run although THP is enabled");
	error = settings_pin(ctx->settings, pid, ctx->daemon_cpu, -20);
	if (error)
		return workload_fail(ctx, error, "pinning khugepaged to CPU %d",
				     ctx->daemon_cpu);
	ctx->actor = pid;
	ctx->actor_cpu = ctx->daemon_cpu;
	return 0;
}

static int prepare(struct workload_ctx *ctx)
{
	struct khugepaged_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	state->range.size = ctx->param[0] * SIZE_2M;
	state->wake_fd = open(SYSFS_KHUGEPAGED "scan_sleep_millisecs", O_WRONLY | O_CLOEXEC);
	state->collapsed_fd = open(SYSFS_KHUGEPAGED "pages_collapsed", O_RDONLY | O_CLOEXEC);
	state->pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (state->wake_fd < 0 || state->collapsed_fd < 0 || state->pagemap_fd < 0)
		return workload_fail(ctx, -errno, "opening khugepaged's settings or the pagemap");
	error = collapse_range_prepare(ctx, &state->range);
	if (!error)
		error = steer(ctx);
	if (!error)
		error = collapse_range_prove(ctx, &state->range, op);
	return error;
}

/* While the range is armed, khugepaged must leave it alone, even if it is awake. */
static int arm(struct workload_ctx *ctx)
{
	struct khugepaged_state *state = ctx->priv;
	int error;

	if (madvise(state->range.window.base, state->range.size, MADV_NOHUGEPAGE))
		return workload_fail(ctx, -errno, "madvise(MADV_NOHUGEPAGE)");
	error = collapse_range_arm(ctx, &state->range);
	for (uint64_t at = 0; !error && at < state->range.size; at += SIZE_2M) {
		state->armed_pfn[at / SIZE_2M] = frame(state, at);
		if (!state->armed_pfn[at / SIZE_2M])
			error = workload_fail(ctx, -EPERM, "the pagemap hides page frames");
	}
	return error;
}

static int verify(struct workload_ctx *ctx)
{
	struct khugepaged_state *state = ctx->priv;

	return collapse_range_verify(ctx, &state->range);
}

static void cleanup(struct workload_ctx *ctx)
{
	struct khugepaged_state *state = ctx->priv;

	if (!state)
		return;
	window_release(&state->range.window);
	if (state->wake_fd >= 0)
		close(state->wake_fd);
	if (state->collapsed_fd >= 0)
		close(state->collapsed_fd);
	if (state->pagemap_fd >= 0)
		close(state->pagemap_fd);
	free(state);
}

const struct workload collapse_khugepaged_workload = {
	.name = "collapse-khugepaged",
	.family = "THP collapse",
	.summary = "collapse 4 KiB pages into huge pages by waking khugepaged",
	.only_one = "there is one khugepaged, which serves one mm at a time",
	.needs = NEEDS_THP | NEEDS_KHUGEPAGED,
	.core = true,
	.params = { COLLAPSE_REGIONS },
	.bytes = collapse_bytes,
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = collapse_expect,
};
