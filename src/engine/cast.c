// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each actor beats its heart in a cache line of its own, in memory that all
 * processes of the case share. cast_settle() waits for one beat of each, which
 * proves that it runs (a responder) or has run and gone idle again (a lazy one)
 * at the moment when the op starts. Every spin holds a pause: a hypervisor or
 * an emulator runs the other CPUs then.
 *
 * That a lazy thread's CPU really idles is known from /proc/self/task/TID/syscall:
 * while the thread blocks, its read returns only after the thread has left its CPU
 * (lib/syscall.c, task_current_syscall(): wait_task_inactive()), and by then the
 * scheduler has made the CPU lazy (kernel/sched/core.c, context_switch()).
 */
#include <errno.h>
#include <fcntl.h>
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

#include "engine/bystander.h"
#include "engine/cast.h"

#define SETTLE_NS	5000000000ull	/* an actor that is silent for so long is gone */
#define IDLE_NS		20000u		/* for a CPU to go idle, where /proc does not tell */
#define IDLE_PAUSES	256		/* before asking: the kernel answers a tick late if it is asked too early */

struct actor {
	_Alignas(64) atomic_uint beat;	/* shared with the initiator */
	atomic_uint call;		/* a lazy actor sleeps on this futex */
	atomic_bool stop;
	enum role role;
	int cpu;
	pid_t pid;			/* of a bystander */
	pid_t tid;			/* of a responder or a lazy one, once it has beaten */
	pthread_t thread;		/* of a responder or a lazy one */
	int syscall_fd;			/* a lazy one's /proc file; -1 */
	struct bystander *watch;	/* a bystander's observations; NULL: it only spins */
	bool started;
};

struct cast {
	struct op_window window;
	const struct clock *clock;	/* of the bystanders; NULL: nothing is timed */
	int nr;
	int silent_cpu;			/* the one that did not beat in time; -1 */
	size_t size;			/* of this mapping */
	struct bystander *watch;	/* shared too; one for each bystander */
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

/* As spin(), with an eye on the clock. */
static void watch(struct actor *actor, const struct cast *cast)
{
	struct bystander_look look;
	unsigned int beat = 0;

	bystander_calibrate(actor->watch, cast->clock);
	look.ticks = clock_read(cast->clock);
	look.word = atomic_load(&cast->window.word);
	while (!atomic_load_explicit(&actor->stop, memory_order_relaxed)) {
		atomic_store_explicit(&actor->beat, ++beat, memory_order_release);
		_mm_pause();
		look = bystander_look(actor->watch, cast->clock, &cast->window, look);
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
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", gettid());
	actor->syscall_fd = open(path, O_RDONLY | O_CLOEXEC);
	while (!atomic_load(&actor->stop)) {
		futex(&actor->call, FUTEX_WAIT, heard);
		heard = atomic_load(&actor->call);
		atomic_store(&actor->beat, heard);
	}
}

static void *thread_main(void *arg)
{
	struct actor *actor = arg;

	actor->tid = gettid();
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

static int start_bystander(struct actor *actor, const struct cast *cast)
{
	pid_t parent = getpid();

	actor->pid = fork();
	if (actor->pid < 0)
		return -errno;
	if (actor->pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-bystand");
	if (getppid() == parent && !pin_to_cpu(actor->cpu)) {
		if (actor->watch)
			watch(actor, cast);
		else
			spin(actor);
	}
	_exit(0);
}

static void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void cast_free(struct cast *cast)
{
	for (int i = 0; i < cast->nr; i++)
		if (cast->actor[i].syscall_fd >= 0)
			close(cast->actor[i].syscall_fd);
	if (cast->watch)
		munmap(cast->watch, cast->nr * sizeof(*cast->watch));
	munmap(cast, cast->size);
}

static struct cast *cast_new(const struct roles *roles, const struct clock *clock)
{
	struct cast *cast;
	size_t size;
	int nr = 0;

	for (int role = ROLE_RESPONDER; role < NR_ROLES; role++)
		nr += roles->nr[role];
	size = sizeof(*cast) + nr * sizeof(cast->actor[0]);
	cast = shared(size);
	if (!cast)
		return NULL;
	cast->size = size;
	cast->clock = clock;
	cast->silent_cpu = -1;
	if (clock && roles->nr[ROLE_BYSTANDER]) {
		cast->watch = shared(nr * sizeof(*cast->watch));
		if (!cast->watch) {
			cast_free(cast);
			return NULL;
		}
	}
	/* bystanders first: a fork copies only what there is */
	for (int role = NR_ROLES - 1; role >= ROLE_RESPONDER; role--)
		for (int i = 0; i < roles->nr[role]; i++) {
			struct actor *actor = &cast->actor[cast->nr];

			actor->role = role;
			actor->cpu = roles->cpu[role][i];
			actor->syscall_fd = -1;
			if (cast->watch && role == ROLE_BYSTANDER) {
				actor->watch = &cast->watch[cast->nr];
				actor->watch->count.cpu = actor->cpu;
			}
			cast->nr++;
		}
	return cast;
}

/*
 * Start everybody but the initiators. Responders and lazies are threads of the caller.
 * Bystanders watch @clock, or only spin if that is NULL. 0 with *@cast, ended by cast_stop(); or -errno with
 * @why, and then nobody runs.
 */
int cast_start(const struct roles *roles, const struct clock *clock,
	       struct cast **cast, char *why, size_t size)
{
	struct cast *new = cast_new(roles, clock);
	int error = new ? 0 : -ENOMEM;

	if (error) {
		snprintf(why, size, "no memory for the roles");
		return error;
	}
	for (int i = 0; !error && i < new->nr; i++) {
		struct actor *actor = &new->actor[i];

		error = actor->role == ROLE_BYSTANDER ? start_bystander(actor, new)
						      : start_thread(actor);
		actor->started = !error;
		if (error)
			snprintf(why, size, "cannot start a %s on CPU %d: %s",
				 role_name(actor->role), actor->cpu, strerror(-error));
	}
	if (!error) {
		error = cast_settle(new);
		if (error)
			snprintf(why, size, "nothing of ours runs on CPU %d",
				 new->silent_cpu);
	}
	if (error) {
		cast_stop(new);
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

/* Wait until @actor's thread has left its CPU, having beaten its heart. */
static int await_idle(struct cast *cast, struct actor *actor)
{
	static const char running[] = "running";
	uint64_t start = clock_monotonic_ns();
	char text[sizeof(running)] = "running";

	for (int i = 0; i < IDLE_PAUSES; i++)
		_mm_pause();
	while (actor->syscall_fd >= 0 && !memcmp(text, running, strlen(running))) {
		if (pread(actor->syscall_fd, text, strlen(running), 0) < 0)
			break;
		if (clock_monotonic_ns() - start > SETTLE_NS) {
			cast->silent_cpu = actor->cpu;
			return -ETIMEDOUT;
		}
	}
	while (actor->syscall_fd < 0 && clock_monotonic_ns() - start < IDLE_NS)
		_mm_pause();
	return 0;
}

/*
 * Return once every responder and bystander runs and every lazy CPU has run
 * this mm and idles again. 0, or -ETIMEDOUT if one of them is silent for five
 * seconds; cast_silent_cpu() says which.
 */
int cast_settle(struct cast *cast)
{
	for (int i = 0; i < cast->nr; i++) {
		struct actor *actor = &cast->actor[i];
		unsigned int old = atomic_load(&actor->beat);
		int error;

		if (actor->role == ROLE_LAZY) {
			atomic_fetch_add(&actor->call, 1);
			futex(&actor->call, FUTEX_WAKE, 1);
		}
		error = await_beat(cast, actor, old);
		if (!error && actor->role == ROLE_LAZY)
			error = await_idle(cast, actor);
		if (error)
			return error;
	}
	return 0;
}

/* The tasks of the responders, up to @room of them into @task; returns how many. */
int cast_responders(const struct cast *cast, struct pinned_task *task, int room)
{
	int nr = 0;

	for (int i = 0; i < cast->nr && nr < room; i++)
		if (cast->actor[i].role == ROLE_RESPONDER)
			task[nr++] = (struct pinned_task){
				.tid = cast->actor[i].tid, .cpu = cast->actor[i].cpu,
			};
	return nr;
}

/* Where initiators tell the bystanders of @cast of their ops. It lives as long as @cast. */
struct op_window *cast_window(struct cast *cast)
{
	return &cast->window;
}

/*
 * Put what the bystanders saw into @result, whose bystander[] has room for as many
 * as it has CPUs. Each writes a gap down after the look that found it, so they are
 * waited for: after one more beat the look is done, after two what it found. 0 or
 * -ETIMEDOUT as cast_settle().
 */
int cast_report(struct cast *cast, struct case_result *result)
{
	int error = cast_settle(cast);

	if (!error)
		error = cast_settle(cast);
	if (error)
		return error;
	hist_init(result->gaps);
	result->nr_bystanders = 0;
	for (int i = 0; i < cast->nr; i++) {
		const struct bystander *seen = cast->actor[i].watch;

		if (!seen)
			continue;
		result->bystander[result->nr_bystanders++] = seen->count;
		hist_merge(result->gaps, &seen->gaps);
	}
	return 0;
}

/*
 * From now on bystanders log the gaps that they find in ops, or do so no more. False: there
 * is none that watches the clock.
 */
bool cast_log_gaps(struct cast *cast, bool on)
{
	bool any = false;

	for (int i = 0; i < cast->nr; i++) {
		struct bystander *watch = cast->actor[i].watch;

		if (!watch)
			continue;
		atomic_store(&watch->log.nr, 0);
		atomic_store(&watch->log.on, on);
		any = true;
	}
	return any;
}

/*
 * What the @i'th actor has logged, and in *@cpu where it lives; NULL: there is none that
 * watches the clock. cast_settle() twice before makes the log whole.
 */
struct gap_log *cast_gaps(struct cast *cast, int i, int *cpu)
{
	if (i >= cast->nr || !cast->actor[i].watch)
		return NULL;
	*cpu = cast->actor[i].cpu;
	return &cast->actor[i].watch->log;
}

/* The CPU whose actor made cast_settle() fail, or -1. */
int cast_silent_cpu(const struct cast *cast)
{
	return cast->silent_cpu;
}

/* End all actors, together, and free @cast. NULL is fine. */
void cast_stop(struct cast *cast)
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
	cast_free(cast);
}
