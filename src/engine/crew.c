// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process is forked on its initiator's CPU, so that its mm has never been on any other.
 * The measuring process lives on the first initiator's CPU, and only while the initiators
 * sleep: on any other CPU it would take an idle one away from the mm that this CPU holds.
 * For that reason it does not look at the clock either, but once in the time limit.
 */
#include "engine/crew.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "engine/initiator.h"

#define GONE_MS		5000	/* for initiators to end by themselves */

/* ---- making one ------------------------------------------------------------------------- */

/* The CPUs of @all that serve the mm of initiator @index: all of them where all share one. */
static int own_roles(const struct roles *all, int index, enum crew_as as, struct roles *own)
{
	int error = 0;

	for (int role = ROLE_INITIATOR; role <= ROLE_LAZY; role++)
		for (int i = 0; !error && i < all->nr[role]; i++)
			if (as == AS_THREAD || roles_owner(all, (enum role)role, i) == index)
				error = roles_add(own, (enum role)role, all->cpu[role][i]);
	return error;
}

static int fill_initiator(struct crew *crew, const struct case_plan *plan,
			  struct case_result *result, int i)
{
	struct initiator *one = &crew->initiator[i];
	char why[REASON_SIZE];

	one->index = i;
	one->cpu = result->roles.cpu[ROLE_INITIATOR][i];
	one->member = &plan->member[i % plan->nr_members];
	one->progress = &crew->bench->progress->of[i].done;
	one->result = &result->initiator[i];
	*one->result = (struct initiator_result){
		.cpu = one->cpu, .member = i % plan->nr_members, .latency = one->result->latency,
	};
	hist_init(one->result->latency);
	hist_init(&one->traced);
	if (own_roles(&result->roles, i, crew->as, &one->roles))
		return -ENOMEM;
	return binding_choose(result->memory.kind, crew->bench->machine, one->cpu, &one->memory,
			      why, sizeof(why));
}

/* What to count: what was asked for, or what core workloads count by themselves. */
static const struct counter_list *events_of(const struct bench *bench, const struct case_plan *plan)
{
	if (bench->events || !bench->timed)
		return bench->timed ? bench->events : NULL;
	for (int i = 0; i < plan->nr_members; i++)
		if (!plan->member[i].workload->core)
			return NULL;
	return bench->core_events;
}

/*
 * The crew of @plan, whose roles are placed in @result already; @result has rows and
 * histograms for all of them. Nobody lives yet. 0 with *@crew, which crew_stop() frees;
 * or -errno.
 */
int crew_new(const struct bench *bench, const struct case_plan *plan, struct case_result *result,
	     struct crew **crew)
{
	int nr = result->roles.nr[ROLE_INITIATOR], cpus = bench->machine->topo.nr_possible;
	size_t slots = sizeof(**crew) + (size_t)nr * sizeof((*crew)->initiator[0]);
	size_t size = slots + (size_t)nr * (size_t)cpus * sizeof(struct pinned_task);
	struct crew *new = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				-1, 0);
	int error = 0;

	if (new == MAP_FAILED)
		return -ENOMEM;
	new->bench = bench;
	new->size = size;
	new->nr = nr;
	new->as = nr > 1 ? plan->as : AS_PROCESS;
	new->roles = &result->roles;
	new->total = &result->ipi;
	new->events = events_of(bench, plan);
	new->event_fd = eventfd(0, EFD_CLOEXEC);
	if (new->event_fd < 0)
		error = -errno;
	for (int i = 0; !error && i < nr; i++) {
		new->initiator[i].responder =
			(struct pinned_task *)((char *)new + slots) + (size_t)i * (size_t)cpus;
		error = fill_initiator(new, plan, result, i);
	}
	if (error)
		crew_stop(new);
	else
		*crew = new;
	return error;
}

/* ---- coming to life ------------------------------------------------------------------------ */

static pid_t start_process(struct crew *crew, struct initiator *one, int nr)
{
	pid_t parent = getpid(), pid;
	int error = pin_to_cpu(one->cpu);

	if (error)
		return error;
	pid = fork();
	if (pid)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-ops");
	if (getppid() == parent)
		initiator_process(crew, one->index, nr);
	_exit(1);
}

/*
 * Fork the initiators; as threads, the one process that starts them. This process is
 * pinned to the first one's CPU. 0 or -errno with @why.
 */
int crew_start(struct crew *crew, char *why, size_t size)
{
	int of_one = crew->as == AS_THREAD ? crew->nr : 1, error = 0;

	for (int i = 0; !error && i < crew->nr; i += of_one) {
		pid_t pid = start_process(crew, &crew->initiator[i], of_one);

		error = pid < 0 ? pid : 0;
		for (int j = i; !error && j < i + of_one; j++)
			crew->initiator[j].pid = pid;
		if (error)
			snprintf(why, size, "cannot start an initiator on CPU %d: %s",
				 crew->initiator[i].cpu, strerror(-error));
	}
	if (!error)
		error = pin_to_cpu(crew->initiator[0].cpu);
	return error;
}

/* ---- orders ----------------------------------------------------------------------------------- */

static long futex(atomic_uint *word, int op, unsigned int value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/* Sleep until there is an order that is not the one last @seen. */
enum order crew_await_order(struct crew *crew, unsigned int *seen)
{
	unsigned int seq;

	while ((seq = atomic_load(&crew->seq)) == *seen)
		futex(&crew->seq, FUTEX_WAIT, seq);
	*seen = seq;
	return crew->order;
}

/* @me, the caller, has carried out the order. */
void crew_arrive(struct crew *crew, struct initiator *me)
{
	const uint64_t one = 1;

	atomic_store(&me->arrived, atomic_load(&crew->seq));
	if (atomic_fetch_add(&crew->arrived, 1) + 1 == crew->nr &&
	    write(crew->event_fd, &one, sizeof(one)) != sizeof(one))
		_exit(1);
}

/* Spin until all initiators stand here: they start a pass together. */
void crew_meet(struct crew *crew)
{
	atomic_fetch_add(&crew->present, 1);
	while (atomic_load_explicit(&crew->present, memory_order_acquire) < crew->nr)
		_mm_pause();
}

/*
 * One that has not carried out the order and has ended no op since the last look, by
 * @before, which this makes anew; NULL: all are alive.
 */
static const struct initiator *silent_one(const struct crew *crew, uint64_t *before)
{
	const struct initiator *silent = NULL;

	for (int i = 0; i < crew->nr; i++) {
		const struct initiator *one = &crew->initiator[i];
		uint64_t ended = atomic_load(&one->ended);

		if (ended == before[i] && atomic_load(&one->arrived) != atomic_load(&crew->seq))
			silent = one;
		before[i] = ended;
	}
	return silent;
}

static void name_death(const struct initiator *one, int status, char *why, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(why, size, "the initiator on CPU %d was ended by signal %d (%s)", one->cpu,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(why, size, "the initiator on CPU %d ended with exit code %d", one->cpu,
			 WEXITSTATUS(status));
}

/* Has the process of an initiator ended, which none does before crew_stop()? */
static bool somebody_died(struct crew *crew, char *why, size_t size)
{
	int status;

	for (int i = 0; i < crew->nr; i++) {
		struct initiator *one = &crew->initiator[i];

		if (one->pid <= 0 || waitpid(one->pid, &status, WNOHANG) != one->pid)
			continue;
		name_death(one, status, why, size);
		for (int j = crew->nr - 1; j >= i; j--)
			if (crew->initiator[j].pid == one->pid)
				crew->initiator[j].pid = 0;
		return true;
	}
	return false;
}

/* A file descriptor for each process, that its end makes readable. Returns how many. */
static int open_pids(const struct crew *crew, struct pollfd *poll_fd)
{
	int nr = 0;

	for (int i = 0; i < crew->nr; i++) {
		pid_t pid = crew->initiator[i].pid;

		if (i && pid == crew->initiator[i - 1].pid)
			continue;
		poll_fd[nr++] = (struct pollfd){
			.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN,
		};
	}
	return nr;
}

/*
 * Wait for all to arrive. @before has room for a number of each. 0; -ECHILD or -ETIMEDOUT
 * with @why.
 */
static int await_all(struct crew *crew, struct pollfd *fds, int nr, uint64_t *before,
		     char *why, size_t size)
{
	int limit_ms = (int)(crew->bench->limit_ns / 1000000);
	uint64_t count;

	silent_one(crew, before);
	for (;;) {
		int ready = poll(fds, (nfds_t)nr, limit_ms);
		const struct initiator *silent;

		if (ready < 0 && errno == EINTR)
			continue;
		if (somebody_died(crew, why, size))
			return -ECHILD;
		if (ready > 0 && fds[nr - 1].revents)
			return read(crew->event_fd, &count, sizeof(count)) < 0 ? -errno : 0;
		silent = ready ? NULL : silent_one(crew, before);
		if (!silent)
			continue;
		snprintf(why, size, "no op of the initiator on CPU %d ended for %.0f seconds; "
			 "--limit gives more time", silent->cpu, (double)crew->bench->limit_ns / 1e9);
		return -ETIMEDOUT;
	}
}

static int first_error(const struct crew *crew, char *why, size_t size)
{
	for (int i = 0; i < crew->nr; i++) {
		const struct initiator *one = &crew->initiator[i];

		if (!one->error)
			continue;
		snprintf(why, size, "%s", one->reason[0] ? one->reason : strerror(-one->error));
		return one->error;
	}
	return 0;
}

/*
 * Have @order carried out by all and wait for it. 0; else the first -errno of an initiator,
 * -ECHILD if one died, -ETIMEDOUT if no op ended in the time limit, all with @why.
 */
int crew_order(struct crew *crew, enum order order, char *why, size_t size)
{
	struct pollfd *fds = calloc((size_t)crew->nr + 1, sizeof(*fds));
	uint64_t *before = calloc((size_t)crew->nr, sizeof(*before));
	int nr, error;

	if (!fds || !before) {
		free(fds);
		free(before);
		return -ENOMEM;
	}
	nr = open_pids(crew, fds);
	fds[nr] = (struct pollfd){ .fd = crew->event_fd, .events = POLLIN };
	crew->order = order;
	atomic_store(&crew->arrived, 0);
	atomic_store(&crew->present, 0);
	atomic_store(&crew->done, 0);
	atomic_fetch_add(&crew->seq, 1);
	futex(&crew->seq, FUTEX_WAKE, INT32_MAX);
	error = await_all(crew, fds, nr + 1, before, why, size);
	while (nr--)
		if (fds[nr].fd >= 0)
			close(fds[nr].fd);
	free(fds);
	free(before);
	if (error == -ECHILD && first_error(crew, why, size))
		return -ECHILD;		/* it said why */
	return error ? error : first_error(crew, why, size);
}

/* ---- the end ------------------------------------------------------------------------------------ */

static bool is_first_of_process(const struct crew *crew, int i)
{
	return crew->initiator[i].pid > 0 &&
	       (!i || crew->initiator[i].pid != crew->initiator[i - 1].pid);
}

/* Give those that have their order to finish the time to do so. */
static void await_end(const struct crew *crew)
{
	for (int ms = 0; ms < GONE_MS; ms++) {
		bool left = false;

		for (int i = 0; i < crew->nr; i++) {
			siginfo_t info = { 0 };

			if (is_first_of_process(crew, i) &&
			    !waitid(P_PID, (id_t)crew->initiator[i].pid, &info,
				    WEXITED | WNOHANG | WNOWAIT))
				left |= !info.si_pid;
		}
		if (!left)
			return;
		usleep(1000);
	}
}

/*
 * End all initiators, those that finished and those that hang, and free @crew. NULL is
 * fine, as is one that was never started.
 */
void crew_stop(struct crew *crew)
{
	if (!crew)
		return;
	if (crew->order == ORDER_FINISH) {
		atomic_fetch_add(&crew->seq, 1);
		futex(&crew->seq, FUTEX_WAKE, INT32_MAX);
		await_end(crew);
	}
	for (int i = 0; i < crew->nr; i++)
		if (is_first_of_process(crew, i))
			kill(crew->initiator[i].pid, SIGKILL);
	for (int i = 0; i < crew->nr; i++) {
		if (is_first_of_process(crew, i))
			waitpid(crew->initiator[i].pid, NULL, 0);
		roles_free(&crew->initiator[i].roles);
	}
	if (crew->event_fd >= 0)
		close(crew->event_fd);
	munmap(crew, crew->size);
}
