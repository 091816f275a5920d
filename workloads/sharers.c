// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The gate is a pipe that nobody writes to: when its last write end is closed, the
 * read of every reader ends at once. A sharer is forked on the initiator's CPU and
 * stays there, so its mm has been on no other CPU, unless it visits some.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/memory.h"
#include "workloads/sharers.h"

static int run_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus);
}

static int visit_lazy_cpus(const struct workload_ctx *ctx)
{
	for (int i = 0; i < ctx->nr_lazy; i++)
		if (run_on(ctx->lazy_cpu[i]))
			return -errno;
	return ctx->nr_lazy ? run_on(ctx->initiator_cpu) : 0;
}

struct sharer {
	const struct workload_ctx *ctx;
	int fd;
	void *at;
	enum sharers_visit visit;
	int ready, gate;
};

/* A sharer's life, and its exit code. */
static int live(const struct sharer *sharer)
{
	char *memory = mmap(sharer->at, SIZE_1G, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_NORESERVE | MAP_FIXED, sharer->fd, 0);
	char byte;

	if (memory == MAP_FAILED || pattern_check(memory, SIZE_4K, 0))
		return 1;
	if (sharer->visit == VISIT_FIRST && visit_lazy_cpus(sharer->ctx))
		return 1;
	if (write(sharer->ready, "r", 1) != 1)
		return 1;
	if (read(sharer->gate, &byte, 1))
		return 1;
	return sharer->visit == VISIT_LAST && visit_lazy_cpus(sharer->ctx);
}

/* In the child. It dies with its parent and closes every pipe end that others wait on. */
static void be(struct sharer *sharer, int open_gate, int ready_end, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-sharer");
	close(open_gate);
	close(ready_end);
	_exit(getppid() == parent ? live(sharer) : 1);
}

/* Start one and wait until it shares. 0 or -errno. */
static int start_one(struct sharers *sharers, struct sharer *sharer)
{
	pid_t parent = getpid(), pid;
	int ready[2], error = 0;
	char byte;

	if (pipe(ready))
		return -errno;
	sharer->ready = ready[1];
	pid = fork();
	if (!pid)
		be(sharer, sharers->gate, ready[0], parent);
	if (pid < 0)
		error = -errno;
	else
		sharers->pid[sharers->nr++] = pid;
	close(ready[1]);
	if (!error && read(ready[0], &byte, 1) != 1)
		error = -ECHILD;
	close(ready[0]);
	return error;
}

static int why_not(struct workload_ctx *ctx, int error, int started, int nr)
{
	if (error == -EAGAIN)
		return workload_fail(ctx, -EOPNOTSUPP,
			"started %d of %d processes, no more are allowed; raise ulimit -u, the cgroup's pids.max or kernel.pid_max",
			started, nr);
	if (error == -ENOMEM)
		return workload_fail(ctx, -EOPNOTSUPP,
			"started %d of %d processes, then memory was short; free some", started, nr);
	if (error == -ECHILD)
		return workload_fail(ctx, -EIO, "sharer %d could not fault its mapping in",
				     started);
	return workload_fail(ctx, error, "starting sharer %d of %d", started + 1, nr);
}

/*
 * Start @nr sharers that map the first gigabyte of @fd at @at, where each must
 * find pattern 0. Then they wait for sharers_leave(). 0; -EOPNOTSUPP if so many
 * processes are not allowed; or -errno. After an error the caller must kill those
 * that run.
 */
int sharers_start(struct workload_ctx *ctx, struct sharers *sharers, int nr,
		  int fd, void *at, enum sharers_visit visit)
{
	struct sharer sharer = { .ctx = ctx, .fd = fd, .at = at, .visit = visit };
	int gate[2], error = 0;

	if (pipe(gate))
		return workload_fail(ctx, -errno, "pipe");
	sharers->gate = gate[1];
	sharers->running = true;
	sharers->nr = 0;
	sharer.gate = gate[0];
	while (!error && sharers->nr < nr)
		error = start_one(sharers, &sharer);
	close(gate[0]);
	return error ? why_not(ctx, error, sharers->nr, nr) : 0;
}

/* Open the gate and wait until all have exited. 0, or -ECHILD if one failed. */
int sharers_leave(struct sharers *sharers)
{
	int error = 0, status;

	close(sharers->gate);
	for (int i = 0; i < sharers->nr; i++)
		if (waitpid(sharers->pid[i], &status, 0) < 0 || status)
			error = -ECHILD;
	sharers->running = false;
	return error;
}

/* End all sharers that run, also after a failed start, and wait for them. */
void sharers_kill(struct sharers *sharers)
{
	if (!sharers->running)
		return;
	for (int i = 0; i < sharers->nr; i++)
		kill(sharers->pid[i], SIGKILL);
	sharers_leave(sharers);
}

/* The sharers that were started last, whether they have left or not: up to @room of them. */
int sharers_list(const struct sharers *sharers, pid_t *pid, int room)
{
	int nr = sharers->nr < room ? sharers->nr : room;

	memcpy(pid, sharers->pid, (size_t)nr * sizeof(*pid));
	return nr;
}
