// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * K initiators against K bare loops of the same system calls, processes and threads. Both
 * crews live all the while, pinned to the same CPUs, and one sleeps while the other runs.
 * The model of a bare loop is will-it-scale: a task counts up, nothing else.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/cast.h"
#include "tests/bench/bench.h"
#include "workloads/memory.h"

#define TURN_NS		20000000	/* of each side, in each pair */
#define AT_LEAST	0.97		/* of the bare loops' ops/s */
#define LIMIT_NS	60000000000ull
#define CREWS		11	/* odd */

/* ---- bare loops -------------------------------------------------------------------------------- */

struct task {
	_Alignas(64) int cpu;
	pid_t pid;
	pthread_t thread;
	struct herd *herd;
	uint64_t ops;		/* of the last turn */
	uint64_t ns;		/* that it took */
	bool broken;
};

struct herd {
	int (*op)(char *at);
	bool threads;
	int nr;
	_Alignas(64) atomic_uint turn;	/* a futex */
	_Alignas(64) atomic_int present, finished;
	_Alignas(64) atomic_bool stop;
	bool over;
	struct task task[];
};

/* munmap of 64 KiB as the workload does it: map, touch, unmap, see that it is gone. */
static int bare_munmap(char *at)
{
	const size_t size = 64 << 10;
	unsigned char resident;

	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) != at)
		return -errno;
	for (size_t page = 0; page < size; page += SIZE_4K)
		*(volatile uint64_t *)(at + page) = page;
	if (munmap(at, size))
		return -errno;
	if (!mincore(at + size - SIZE_4K, SIZE_4K, &resident) || errno != ENOMEM ||
	    !mincore(at, SIZE_4K, &resident) || errno != ENOMEM)
		return -EBADMSG;
	return 0;
}

/* MADV_DONTNEED of a page: touch, drop, see that it is gone. */
static int bare_dontneed(char *at)
{
	unsigned char resident;

	*(volatile uint64_t *)at = 1;
	if (madvise(at, SIZE_4K, MADV_DONTNEED))
		return -errno;
	if (mincore(at, SIZE_4K, &resident) || resident & 1)
		return -EBADMSG;
	return 0;
}

static void take_turn(struct task *task, char *at)
{
	struct herd *herd = task->herd;
	uint64_t start, ops = 0;

	atomic_fetch_add(&herd->present, 1);
	while (atomic_load(&herd->present) < herd->nr)
		_mm_pause();
	start = clock_monotonic_ns();
	while (!atomic_load_explicit(&herd->stop, memory_order_relaxed)) {
		if (herd->op(at)) {
			task->broken = true;
			break;
		}
		ops++;
	}
	task->ns = clock_monotonic_ns() - start;
	task->ops = ops;
	atomic_fetch_add(&herd->finished, 1);
	syscall(SYS_futex, &herd->finished, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *live(void *arg)
{
	struct task *task = arg;
	struct herd *herd = task->herd;
	struct window window = { 0 };
	unsigned int seen = 0;

	task->broken = pin_to_cpu(task->cpu) || window_reserve(&window);
	if (!task->broken && herd->op == bare_munmap)
		task->broken = munmap(window.base, SIZE_1G);
	else if (!task->broken)
		task->broken = mmap(window.base, SIZE_4K, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED;
	while (!herd->over) {
		while (atomic_load(&herd->turn) == seen)
			syscall(SYS_futex, &herd->turn, FUTEX_WAIT, seen, NULL, NULL, 0);
		seen = atomic_load(&herd->turn);
		if (!herd->over)
			take_turn(task, window.base);
	}
	return NULL;
}

/* All of them as threads of one process that is forked for it, or as processes. */
static int start_tasks(struct herd *herd)
{
	pid_t parent = getpid();

	for (int i = 0; i < (herd->threads ? 1 : herd->nr); i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		herd->task[i].pid = pid;
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		for (int j = 1; herd->threads && j < herd->nr; j++)
			if (pthread_create(&herd->task[j].thread, NULL, live, &herd->task[j]))
				_exit(1);
		live(&herd->task[i]);
		for (int j = 1; herd->threads && j < herd->nr; j++)
			pthread_join(herd->task[j].thread, NULL);
		_exit(0);
	}
	return 0;
}

static struct herd *herd_start(int (*op)(char *at), const struct crew *crew)
{
	size_t size = sizeof(struct herd) + (size_t)crew->nr * sizeof(struct task);
	struct herd *herd = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				 -1, 0);

	if (herd == MAP_FAILED)
		return NULL;
	herd->op = op;
	herd->threads = crew->as == AS_THREAD;
	herd->nr = crew->nr;
	for (int i = 0; i < herd->nr; i++)
		herd->task[i] = (struct task){ .cpu = crew->initiator[i].cpu, .herd = herd };
	return start_tasks(herd) ? NULL : herd;
}

static void wake(struct herd *herd)
{
	atomic_store(&herd->present, 0);
	atomic_store(&herd->finished, 0);
	atomic_store(&herd->stop, false);
	atomic_fetch_add(&herd->turn, 1);
	syscall(SYS_futex, &herd->turn, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static void herd_stop(struct herd *herd)
{
	herd->over = true;
	wake(herd);
	for (int i = 0; i < herd->nr; i++)
		if (herd->task[i].pid)
			waitpid(herd->task[i].pid, NULL, 0);
}

/* Ops a second of all bare loops in one turn; 0 after an error. */
static double herd_rate(struct herd *herd)
{
	const struct timespec turn = { .tv_nsec = TURN_NS };
	double rate = 0;
	int finished;

	wake(herd);
	nanosleep(&turn, NULL);
	atomic_store(&herd->stop, true);
	while ((finished = atomic_load(&herd->finished)) < herd->nr)
		syscall(SYS_futex, &herd->finished, FUTEX_WAIT, finished, NULL, NULL, 0);
	for (int i = 0; i < herd->nr; i++) {
		if (herd->task[i].broken)
			return 0;
		rate += (double)herd->task[i].ops * 1e9 / (double)herd->task[i].ns;
	}
	return rate;
}

/* ---- initiators --------------------------------------------------------------------------------- */

struct storm {
	struct bench bench;
	struct clock clock;
	struct case_plan plan;
	struct case_result result;
	struct crew *crew;
	char why[REASON_SIZE];
};

static int order(struct storm *storm, enum order order)
{
	int error = crew_order(storm->crew, order, storm->why, sizeof(storm->why));

	if (error)
		fprintf(stderr, "storm: %s\n", storm->why);
	return error;
}

static int storm_start(struct storm *storm, const struct machine *machine,
		       const struct placement_choice *alone)
{
	struct binding *memory = &storm->result.memory;
	int nr = storm->plan.initiators, error;

	storm->bench.progress = mmap(NULL, sizeof(struct progress), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	storm->result.initiator = mmap(NULL, (size_t)nr * (sizeof(struct initiator_result) +
							   sizeof(struct histogram)),
				       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm->bench.progress == MAP_FAILED || storm->result.initiator == MAP_FAILED)
		return -ENOMEM;
	for (int i = 0; i < nr; i++)
		storm->result.initiator[i].latency =
			(struct histogram *)&storm->result.initiator[nr] + i;
	storm->plan.placement = alone;
	storm->bench.machine = machine;
	storm->bench.limit_ns = LIMIT_NS;
	storm->bench.clock = &storm->clock;
	error = clock_init(&storm->clock, machine->cpu.invariant_tsc);
	if (!error)
		error = placement_apply(alone, &machine->topo, nr, &storm->result.roles, storm->why,
					sizeof(storm->why));
	memory->kind = MEMORY_ANY;
	if (!error)
		error = crew_new(&storm->bench, &storm->plan, &storm->result, &storm->crew);
	if (!error)
		error = crew_start(storm->crew, storm->why, sizeof(storm->why));
	if (!error)
		error = order(storm, ORDER_ASSEMBLE);
	for (int i = 0; !error && i < nr; i++) {
		storm->crew->who = i;
		error = order(storm, ORDER_PREPARE);
	}
	if (!error)
		error = order(storm, ORDER_SETTLE);
	return error;
}

static double storm_rate(struct storm *storm)
{
	double rate = 0;

	storm->crew->time_ns = TURN_NS;
	if (order(storm, ORDER_TIME))
		return 0;
	for (int i = 0; i < storm->crew->nr; i++)
		rate += initiator_rate(&storm->result.initiator[i]);
	return rate;
}

static void storm_stop(struct storm *storm)
{
	if (storm->crew)
		order(storm, ORDER_FINISH);
	crew_stop(storm->crew);
	roles_free(&storm->result.roles);
}

/* ---- both ---------------------------------------------------------------------------------------- */

struct pairs {
	double *ours, *bare, *ratio;	/* ops/s, and ours of bare */
	int nr;
};

/* @nr pairs of two crews that live meanwhile, added to @pairs. */
static int run_pairs(struct storm *storm, struct herd *herd, int nr, struct pairs *pairs)
{
	for (int i = -2; i < nr; i++) {		/* two pairs to warm up */
		double ours = i % 2 ? storm_rate(storm) : 0, bare = herd_rate(herd);

		if (!(i % 2))
			ours = storm_rate(storm);
		if (!(ours > 0) || !(bare > 0))
			return -EIO;
		if (i < 0)
			continue;
		pairs->ours[pairs->nr] = ours;
		pairs->bare[pairs->nr] = bare;
		pairs->ratio[pairs->nr++] = ours / bare;
	}
	return 0;
}

struct row {
	const char *workload;
	uint64_t size;
	int (*op)(char *at);
};

/* Two fresh crews: where their memory lies is chance, and their speeds differ by it. */
static int one_storm(const struct machine *machine, const struct row *row, int initiators,
		     enum crew_as as, int nr, struct pairs *pairs)
{
	struct placement_choice alone = { .name = "alone", .rule = placement_find("alone") };
	struct storm storm = {
		.plan = {
			.member = { { .workload = workload_find(row->workload), .param = { row->size } } },
			.nr_members = 1, .initiators = initiators, .as = as,
		},
	};
	struct herd *herd = NULL;
	int error = storm_start(&storm, machine, &alone);

	if (!error) {
		herd = herd_start(row->op, storm.crew);
		error = herd ? run_pairs(&storm, herd, nr, pairs) : -ENOMEM;
	}
	if (herd)
		herd_stop(herd);
	storm_stop(&storm);
	return error;
}

static int judge(const struct row *row, int initiators, enum crew_as as, const struct pairs *pairs)
{
	double mid = median(pairs->ratio, pairs->nr);
	bool missed = mid < AT_LEAST;

	printf("           %s %u KiB, %d %s: %.0f ops/s, bare %.0f; ratio %.3f (at least %.2f, %s)\n",
	       row->workload, (unsigned int)(row->size >> 10), initiators,
	       initiators == 1 ? "process" : as == AS_THREAD ? "threads" : "processes",
	       median(pairs->ours, pairs->nr), median(pairs->bare, pairs->nr), mid, AT_LEAST,
	       judged(!missed));
	return missed;
}

static int bench_row(const struct machine *machine, const struct row *row, int initiators,
		     enum crew_as as, int nr)
{
	size_t room = (size_t)nr * CREWS;
	struct pairs pairs = {
		calloc(room, sizeof(double)), calloc(room, sizeof(double)),
		calloc(room, sizeof(double)), 0,
	};
	int error = pairs.ours && pairs.bare && pairs.ratio ? 0 : -ENOMEM;

	for (int i = 0; i < CREWS && !error; i++)
		error = one_storm(machine, row, initiators, as, nr, &pairs);
	if (!error)
		error = judge(row, initiators, as, &pairs);
	free(pairs.ours);
	free(pairs.bare);
	free(pairs.ratio);
	return error;
}

/* One initiator, and as many as there are CPUs. */
int bench_storm(const struct machine *machine, int nr_pairs)
{
	static const struct row rows[] = {
		{ "munmap", 64 << 10, bare_munmap }, { "madvise-dontneed", 4 << 10, bare_dontneed },
	};
	int all = placement_room(&machine->topo), nr = nr_pairs / 100 | 1, status = 0;

	printf("storm      initiators through the engine against bare loops of the same system calls,\n"
	       "           median of %d interleaved pairs, %d each of %d crews\n", nr * CREWS, nr, CREWS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int crew = 0; crew < (all > 1 ? 3 : 1); crew++) {
			int error = bench_row(machine, &rows[i], crew ? all : 1,
					      crew == 2 ? AS_THREAD : AS_PROCESS, nr);

			if (error < 0)
				return error;
			status |= error;
		}
	return status;
}
