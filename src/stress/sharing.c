// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why unsharing is dangerous: hugetlb (mm/hugetlb.c, huge_pmd_unshare()) clears the
 * leaver's PUD entry and drops its reference to the PMD table, which then is the
 * keeper's alone. The keeper unmaps the first 2 MiB and faults in 4 KiB pages there. Now
 * the same PMD table points to a PTE table with the keeper's private memory. A walker of
 * the leaver that has read the PUD entry before goes on into that memory, unless the
 * kernel waited for it.
 *
 * Keeper and leaver take steps in turns, through a stage in shared memory.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/clock.h"
#include "stress/sharing-parts.h"
#include "stress/stamp.h"
#include "workloads/hugetlb-pool.h"
#include "workloads/hugetlb.h"

#define HUGE_PAGES	2	/* of the file; the second tells whether tables are shared */
#define SEEN_MS		2000	/* how long it waits for the readers */
#define SETTLE_US	50	/* besides the windows, that a walker may be under way */

const char *leave_way_name(enum leave_way way)
{
	static const char *const names[] = {
		[LEAVE_MUNMAP] = "munmap", [LEAVE_MPROTECT] = "mprotect",
		[LEAVE_MREMAP] = "mremap", [LEAVE_SPLIT] = "split",
		[LEAVE_PUNCH] = "punch-hole", [LEAVE_EXIT] = "exit",
	};

	return names[way];
}

/* Map the shared gigabyte, untouched. 0 or -errno. */
int sharing_map(const struct sharing *sharing)
{
	return mmap(sharing->window.base, SIZE_1G, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_NORESERVE | MAP_FIXED, sharing->fd, 0) == MAP_FAILED ?
		-errno : 0;
}

/* Replace @gigabyte by reserved addresses. 0 or -errno. */
int sharing_empty(char *gigabyte)
{
	return mmap(gigabyte, SIZE_1G, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED ?
		-errno : 0;
}

static int start_leaver(struct sharing *sharing, int nth)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid)
		sharing_be_leaver(sharing, nth, parent);
	if (pid < 0)
		return workload_fail(&sharing->ctx->work, -errno, "fork");
	sharing->leaver[nth].pid = pid;
	return 0;
}

static int died(struct sharing *sharing, int nth, int status)
{
	sharing->leaver[nth].pid = 0;
	if (WIFSIGNALED(status))
		return workload_fail(&sharing->ctx->work, -ECHILD,
				     "a sharing process was ended by signal %d (%s)",
				     WTERMSIG(status), strsignal(WTERMSIG(status)));
	return workload_fail(&sharing->ctx->work, -ECHILD,
			     "a sharing process ended with exit code %d", WEXITSTATUS(status));
}

/* Wait for the leaver's @gate to be at its present step. 0 or -errno. */
static int await(struct sharing *sharing, int nth, gate_t *gate)
{
	struct leaver *leaver = &sharing->leaver[nth];
	struct stage *stage = &sharing->stage[nth];
	int status;

	while (!gate_await(gate, leaver->step, SHARING_LOOK_MS))
		if (waitpid(leaver->pid, &status, WNOHANG) == leaver->pid)
			return died(sharing, nth, status);
	if (gate == &stage->done && stage->error)
		return workload_fail(&sharing->ctx->work, stage->error, "%s", stage->reason);
	return 0;
}

static void tell(struct sharing *sharing, int nth, enum stage_command command)
{
	struct leaver *leaver = &sharing->leaver[nth];
	struct stage *stage = &sharing->stage[nth];

	stage->command = command;
	gate_raise(&stage->told, ++leaver->step);
}

/* Wait until the leaver has left: it says so, or its process has ended. */
static int await_left(struct sharing *sharing, int nth)
{
	struct leaver *leaver = &sharing->leaver[nth];
	int status;

	if (sharing->stage[nth].way != LEAVE_EXIT)
		return await(sharing, nth, &sharing->stage[nth].done);
	while (waitpid(leaver->pid, &status, 0) != leaver->pid)
		if (errno != EINTR)
			return -errno;
	if (status)
		return died(sharing, nth, status);
	leaver->pid = 0;
	gate_raise(&sharing->stage[nth].done, leaver->step);
	return 0;
}

/* The keeper has the page table first, so that the others share it. */
static int keep(struct sharing *sharing)
{
	int error = sharing_map(sharing);

	if (error)
		return workload_fail(&sharing->ctx->work, error, "mmap of 1 GiB of hugetlb");
	for (uint32_t page = 0; page < SHARING_PAGES; page++)
		if (*sharing_word(sharing, page * SIZE_4K) != stamp(STAMP_OURS, page, 0))
			*sharing_word(sharing, page * SIZE_4K) = stamp(STAMP_OURS, page, 0);
	(void)*sharing_word(sharing, SIZE_2M);
	return 0;
}

/* Wait until each leaver's readers have seen the page: they are walking when it goes. */
static void await_readers(struct sharing *sharing, const unsigned int *before)
{
	uint64_t end = clock_monotonic_ns() + SEEN_MS * 1000000ull;

	for (int nth = 0; nth < sharing->nr; nth++)
		while (atomic_load(&sharing->stage[nth].seen) == before[nth]) {
			if (clock_monotonic_ns() > end) {
				stress_count(sharing->ctx, "unwatched", 1);
				return;
			}
			stress_pause_us(10);
		}
}

static int gather(struct sharing *sharing)
{
	unsigned int before[SHARING_MAX_LEAVERS];
	int error = keep(sharing);

	for (int nth = 0; !error && nth < sharing->nr; nth++) {
		struct stage *stage = &sharing->stage[nth];

		atomic_store(&stage->round, sharing->round);
		before[nth] = atomic_load(&stage->seen);
		if (!sharing->leaver[nth].pid)
			error = start_leaver(sharing, nth);
		if (error)
			break;
		tell(sharing, nth, ATTACH);
		error = await(sharing, nth, &stage->done);
		if (!error && stage->shared)
			stress_count(sharing->ctx, "shared", 1);
	}
	if (!error)
		await_readers(sharing, before);
	return error;
}

/* Put memory of our own where the shared page was. The race is for these lines. */
static int reuse(struct sharing *sharing)
{
	char *at = mmap(sharing->window.base, SIZE_2M, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (at == MAP_FAILED)
		return workload_fail(&sharing->ctx->work, -errno, "mmap of 2 MiB");
	madvise(at, SIZE_2M, MADV_NOHUGEPAGE);
	for (uint32_t page = 0; page < SHARING_PAGES; page++)
		*sharing_word(sharing, page * SIZE_4K) = stamp(STAMP_OTHERS, page, sharing->round);
	return 0;
}

static void check_own(struct sharing *sharing)
{
	for (uint32_t page = 0; page < SHARING_PAGES; page++) {
		uint64_t word = *sharing_word(sharing, page * SIZE_4K);

		if (word != stamp(STAMP_OTHERS, page, sharing->round))
			stress_find(sharing->ctx, "the keeper's own page %u changed to 0x%llx",
				    page, (unsigned long long)word);
	}
}

static void spin_ns(uint64_t ns)
{
	uint64_t end = clock_monotonic_ns() + ns;

	while (clock_monotonic_ns() < end)
		__builtin_ia32_pause();
}

/* Wait for a random moment of the other's call: early, late, or just after it. */
static uint64_t some_moment(struct sharing *sharing, int nth)
{
	uint64_t longest = sharing->stage[nth].leave_ns * 3 / 2 + 2000;

	return random_below(&sharing->ctx->random, longest < UINT32_MAX ? longest : UINT32_MAX);
}

static int part(struct sharing *sharing, const enum leave_way *way, bool together)
{
	int error = 0;

	for (int nth = 0; !error && nth < sharing->nr; nth++) {
		struct stage *stage = &sharing->stage[nth];

		stage->way = way[nth];
		if (way[nth] == LEAVE_PUNCH)
			for (int all = 0; all < sharing->nr; all++)
				atomic_store(&sharing->stage[all].punched, sharing->round);
		tell(sharing, nth, LEAVE);
		error = await(sharing, nth, &stage->ready);
		gate_raise(&stage->go, sharing->leaver[nth].step);
		if (!error && together)
			spin_ns(some_moment(sharing, nth));
		else if (!error)
			error = await_left(sharing, nth);
		stress_count(sharing->ctx, leave_way_name(way[nth]), 1);
	}
	return error;
}

/* All end as they began: with nothing mapped. */
static int disperse(struct sharing *sharing)
{
	int error = sharing_empty(sharing->window.base);

	for (int nth = 0; !error && nth < sharing->nr; nth++) {
		if (!sharing->leaver[nth].pid)
			continue;
		tell(sharing, nth, DETACH);
		error = await(sharing, nth, &sharing->stage[nth].done);
	}
	return error;
}

/*
 * One round: all share, the leavers leave one after the other by @way[], the keeper acts:
 * @together with their calls, or after the last has returned. 0 or -errno with a reason.
 */
int sharing_round(struct sharing *sharing, const enum leave_way *way, bool together)
{
	const struct stress_options *options = sharing->ctx->options;
	int error;

	sharing->round++;
	error = gather(sharing);
	if (!error)
		error = part(sharing, way, together);
	if (!error)
		error = reuse(sharing);
	for (int nth = 0; together && !error && nth < sharing->nr; nth++)
		error = await_left(sharing, nth);
	if (error)
		return error;
	stress_pause_us(SETTLE_US + (options->windows ?
			options->window_pmd_us + options->window_pte_us : 0));
	check_own(sharing);
	error = disperse(sharing);
	stress_count(sharing->ctx, together ? "together" : "after", 1);
	atomic_fetch_add(&sharing->ctx->tally->iterations, 1);
	return error;
}

/*
 * Make the file and room for it, for @nr leavers, which start with the first round. 0
 * or -errno with a reason, -EOPNOTSUPP if the pool is too small. The caller calls
 * sharing_close() in any case.
 */
int sharing_open(struct sharing *sharing, struct stress_ctx *ctx, int nr)
{
	int error;

	memset(sharing, 0, sizeof(*sharing));
	sharing->ctx = ctx;
	sharing->nr = nr;
	sharing->fd = -1;
	sharing->stage = mmap(NULL, nr * sizeof(*sharing->stage), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sharing->stage == MAP_FAILED) {
		sharing->stage = NULL;
		return workload_fail(&ctx->work, -errno, "mmap");
	}
	error = hugetlb_pool_prepare(&ctx->work, SHARING_HUGEPAGES);
	if (error)
		return error;
	error = window_reserve(&sharing->window);
	if (!error)
		error = window_reserve(&sharing->target);
	if (error)
		return workload_fail(&ctx->work, error, "cannot reserve 6 GiB of address space");
	sharing->fd = memfd_create("tlbsync", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
	if (sharing->fd < 0 || ftruncate(sharing->fd, SIZE_1G))
		return workload_fail(&ctx->work, -errno, "a hugetlb memfd of 1 GiB");
	stress_pin_to(ctx, 0);
	return 0;
}

/* End the leavers and give all back; after an @error they are killed. Returns @error. */
int sharing_close(struct sharing *sharing, int error)
{
	for (int nth = 0; nth < sharing->nr; nth++) {
		pid_t pid = sharing->leaver[nth].pid;

		if (pid && error)
			kill(pid, SIGKILL);
		else if (pid)
			tell(sharing, nth, QUIT);
		if (pid)
			waitpid(pid, NULL, 0);
	}
	window_release(&sharing->window);
	window_release(&sharing->target);
	if (sharing->fd >= 0)
		close(sharing->fd);
	if (sharing->stage)
		munmap(sharing->stage, sharing->nr * sizeof(*sharing->stage));
	return error;
}
