// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each actor beats its heart in a cache line of its own, in memory that all
 * processes of the case share. roles_settle() waits for one beat of each, which
 * proves that it runs (a responder) or has run and gone idle again (a lazy one)
 * at the moment when the op starts. Every spin holds a pause: a hypervisor or
 * an emulator runs the other CPUs then.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <x86intrin.h>

#include "engine/clock.h"
#include "engine/roles.h"

#define SETTLE_NS	5000000000ull	/* an actor that is silent for so long is gone */
#define IDLE_NS		20000u		/* from a lazy thread's last beat to its CPU's idle task */

struct actor {
	_Alignas(64) atomic_uint beat;	/* shared with the initiator */
	atomic_uint call;		/* a lazy actor sleeps on this futex */
	atomic_bool stop;
	enum role role;
	int cpu;
	pid_t pid;			/* of a bystander */
	pthread_t thread;		/* of a responder or a lazy one */
	bool started;
};

struct cast {
	int nr;
	int silent_cpu;			/* the one that did not beat in time; -1 */
	size_t size;			/* of this mapping */
	struct actor actor[];
};

/* Run only on @cpu from now on. 0 or -errno. */
int pin_to_cpu(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus) ? -errno : 0;
}

static void spin(struct actor *actor)
{
	unsigned int beat = 0;

	while (!atomic_load_explicit(&actor->stop, memory_order_relaxed)) {
		atomic_store_explicit(&actor->beat, ++beat, memory_order_release);
		for (int i = 0; i < 16; i++)
			_mm_pause();
	}
}

/* Private for the threads of one mm: bystanders never sleep. */
static long futex(atomic_uint *word, int op, unsigned int value)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/* Run the mm for a moment whenever called, then leave the CPU idle. */
static void doze(struct actor *actor)
{
	unsigned int heard = 0;

	while (!atomic_load(&actor->stop)) {
		futex(&actor->call, FUTEX_WAIT, heard);
		heard = atomic_load(&actor->call);
		atomic_store(&actor->beat, heard);
	}
}

static void *thread_main(void *arg)
{
	struct actor *actor = arg;

	if (actor->role == ROLE_LAZY)
		doze(actor);
	else
		spin(actor);
	return NULL;
}

static int start_thread(struct actor *actor)
{
	pthread_attr_t attr;
	cpu_set_t cpus;
	int error;

	CPU_ZERO(&cpus);
	CPU_SET(actor->cpu, &cpus);
	error = pthread_attr_init(&attr);
	if (error)
		return -error;
	pthread_attr_setstacksize(&attr, 256 << 10);
	error = pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (!error)
		error = pthread_create(&actor->thread, &attr, thread_main, actor);
	pthread_attr_destroy(&attr);
	return -error;
}

static int start_bystander(struct actor *actor)
{
	pid_t parent = getpid();

	actor->pid = fork();
	if (actor->pid < 0)
		return -errno;
	if (actor->pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-bystand");
	if (getppid() == parent && !pin_to_cpu(actor->cpu))
		spin(actor);
	_exit(0);
}

static struct cast *cast_new(const struct roles *roles)
{
	struct cast *cast;
	size_t size;
	int nr = 0;

	for (int role = ROLE_RESPONDER; role < NR_ROLES; role++)
		nr += roles->nr[role];
	size = sizeof(*cast) + nr * sizeof(cast->actor[0]);
	cast = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cast == MAP_FAILED)
		return NULL;
	cast->size = size;
	cast->silent_cpu = -1;
	/* bystanders first: a fork copies only what there is */
	for (int role = NR_ROLES - 1; role >= ROLE_RESPONDER; role--)
		for (int i = 0; i < roles->nr[role]; i++) {
			cast->actor[cast->nr].role = role;
			cast->actor[cast->nr++].cpu = roles->cpu[role][i];
		}
	return cast;
}

/*
 * Start everybody but the initiator, which is the caller. 0 with *@cast, ended
 * by roles_stop(); or -errno with @why, and then nobody runs.
 */
int roles_start(const struct roles *roles, struct cast **cast, char *why, size_t size)
{
	struct cast *new = cast_new(roles);
	int error = new ? 0 : -ENOMEM;

	if (error) {
		snprintf(why, size, "no memory for the roles");
		return error;
	}
	for (int i = 0; !error && i < new->nr; i++) {
		struct actor *actor = &new->actor[i];

		error = actor->role == ROLE_BYSTANDER ? start_bystander(actor)
						      : start_thread(actor);
		actor->started = !error;
		if (error)
			snprintf(why, size, "cannot start a %s on CPU %d: %s",
				 role_name(actor->role), actor->cpu, strerror(-error));
	}
	if (!error) {
		error = roles_settle(new);
		if (error)
			snprintf(why, size, "nothing of ours runs on CPU %d",
				 new->silent_cpu);
	}
	if (error) {
		roles_stop(new);
		return error;
	}
	*cast = new;
	return 0;
}

/* Wait until @actor's beat is not @old any more. */
static int await_beat(struct cast *cast, struct actor *actor, unsigned int old)
{
	uint64_t start = 0;

	for (unsigned int i = 0; atomic_load_explicit(&actor->beat,
						      memory_order_acquire) == old; i++) {
		_mm_pause();
		if (i % 4096)
			continue;
		if (!start)
			start = clock_monotonic_ns();
		else if (clock_monotonic_ns() - start > SETTLE_NS) {
			cast->silent_cpu = actor->cpu;
			return -ETIMEDOUT;
		}
	}
	return 0;
}

/* One heartbeat of all; at the end the lazy CPUs idle. 0 or -ETIMEDOUT. */
static int settle_once(struct cast *cast, bool *lazy)
{
	uint64_t last_lazy = 0;

	for (int i = 0; i < cast->nr; i++) {
		struct actor *actor = &cast->actor[i];
		unsigned int old = atomic_load(&actor->beat);
		int error;

		if (actor->role == ROLE_LAZY) {
			atomic_fetch_add(&actor->call, 1);
			futex(&actor->call, FUTEX_WAKE, 1);
		}
		error = await_beat(cast, actor, old);
		if (error)
			return error;
		if (actor->role == ROLE_LAZY)
			last_lazy = clock_monotonic_ns();
	}
	while (last_lazy && clock_monotonic_ns() - last_lazy < IDLE_NS)
		_mm_pause();
	*lazy = last_lazy;
	return 0;
}

/*
 * Return once every responder and bystander runs and every lazy CPU has run
 * this mm and idles again. Lazy threads run twice: if a child was forked, they
 * first copy their stacks' pages, and the flush of one may catch another when it
 * has just gone idle and wake its CPU out of this mm. 0, or -ETIMEDOUT if one of
 * them is silent for five seconds; roles_silent_cpu() says which.
 */
int roles_settle(struct cast *cast)
{
	bool lazy;
	int error = settle_once(cast, &lazy);

	return !error && lazy ? settle_once(cast, &lazy) : error;
}

/* The CPU whose actor made roles_settle() fail, or -1. */
int roles_silent_cpu(const struct cast *cast)
{
	return cast->silent_cpu;
}

/* End all actors, together, and free @cast. NULL is fine. */
void roles_stop(struct cast *cast)
{
	if (!cast)
		return;
	for (int i = 0; i < cast->nr; i++) {
		struct actor *actor = &cast->actor[i];

		atomic_store(&actor->stop, true);
		atomic_fetch_add(&actor->call, 1);
		if (actor->role == ROLE_LAZY)
			futex(&actor->call, FUTEX_WAKE, 1);
	}
	for (int i = 0; i < cast->nr; i++) {
		struct actor *actor = &cast->actor[i];

		if (actor->started && actor->role == ROLE_BYSTANDER)
			waitpid(actor->pid, NULL, 0);
		else if (actor->started)
			pthread_join(actor->thread, NULL);
	}
	munmap(cast, cast->size);
}
