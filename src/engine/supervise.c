// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who dies, who cleans up: the measuring process dies -> the supervisor kills
 * its process group and restores; the supervisor dies -> the guard's pipe ends,
 * and the guard does the same. The group holds everything a case ever starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/clock.h"
#include "engine/supervise.h"
#include "machine/process.h"

#define TICK_NS		250000000
#define ECHO_NS		50000000	/* so soon, a second signal is the first one's echo */
#define GONE_TRIES	200		/* times 5 ms for killed processes to end */

struct supervisor {
	struct settings *settings;	/* shared */
	atomic_int *group;		/* shared: process group of the case, or 0 */
	int guard_fd;			/* the guard waits for this pipe to end */
	int turn_fd;			/* see turn_take() */
	pid_t guard;
	sigset_t stops;			/* signals that end the run */
	sigset_t signals;		/* those, and SIGCHLD */
	sigset_t old_signals;
	int stopped_by;			/* the signal that ended the run; 0: none */
	bool unrestored;		/* some setting could not be restored */
};

static bool is_alive_in_group(const struct process *process, const void *group)
{
	return process->group == *(const pid_t *)group &&
	       process->state != 'Z' && process->state != 'X';
}

/*
 * Kill all of @group and wait until nothing but zombies is left, however late
 * they are reaped: only then are the hugepages free that they held.
 */
static void kill_group(pid_t group)
{
	if (group <= 0)
		return;
	kill(-group, SIGKILL);
	for (int i = 0; i < GONE_TRIES && process_find(is_alive_in_group, &group, NULL); i++)
		usleep(5000);
}

/* The guard's life: wait for the supervisor to end, then put everything back. */
static void guard(struct supervisor *supervisor, int fd)
{
	char byte;

	setsid();
	prctl(PR_SET_NAME, "tlbsync-guard");
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	while (read(fd, &byte, 1) < 0 && errno == EINTR)
		;
	kill_group(atomic_load(supervisor->group));
	_exit(settings_restore(supervisor->settings) ? 1 : 0);
}

static int start_guard(struct supervisor *supervisor)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	supervisor->guard = fork();
	if (!supervisor->guard) {
		close(ends[1]);
		guard(supervisor, ends[0]);
	}
	close(ends[0]);
	supervisor->guard_fd = ends[1];
	return supervisor->guard < 0 ? -errno : 0;
}

/* What ends a run. Who starts one with nohup wants it to outlive the terminal. */
static void choose_signals(struct supervisor *supervisor)
{
	struct sigaction hup;

	sigemptyset(&supervisor->stops);
	sigaddset(&supervisor->stops, SIGINT);
	sigaddset(&supervisor->stops, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hup) || hup.sa_handler != SIG_IGN)
		sigaddset(&supervisor->stops, SIGHUP);
	supervisor->signals = supervisor->stops;
	sigaddset(&supervisor->signals, SIGCHLD);
}

static int start(struct supervisor *supervisor)
{
	supervisor->settings = settings_new();
	supervisor->group = mmap(NULL, sizeof(*supervisor->group), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!supervisor->settings || supervisor->group == MAP_FAILED)
		return -ENOMEM;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return start_guard(supervisor);
}

/*
 * From here on, until supervisor_stop(), settings changed through
 * supervisor_settings() come back whatever happens, and until supervisor_release()
 * SIGINT, SIGTERM and SIGHUP end the running case instead of this process. Another run is
 * waited for as @turn says. 0; -EBUSY if another run is measuring on this machine, -EINTR when a signal
 * ended the wait, both with @turn telling more; else -errno.
 */
int supervisor_start(struct supervisor **supervisor, struct turn *turn)
{
	struct supervisor *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	choose_signals(new);
	sigprocmask(SIG_BLOCK, &new->signals, &new->old_signals);
	error = turn_take(turn, &new->stops, &new->turn_fd);
	if (!error) {
		error = start(new);
		if (error && new->turn_fd >= 0)
			close(new->turn_fd);
	}
	if (error) {
		sigprocmask(SIG_SETMASK, &new->old_signals, NULL);
		settings_free(new->settings);
		free(new);
		return error;
	}
	*supervisor = new;
	return 0;
}

/* The table of settings; it belongs to the supervisor. */
struct settings *supervisor_settings(const struct supervisor *supervisor)
{
	return supervisor->settings;
}

/* Born on its CPU, so that its mm has never been on any other. */
static pid_t fork_on(int cpu)
{
	cpu_set_t old, one;
	pid_t pid;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_getaffinity(0, sizeof(old), &old);
	if (sched_setaffinity(0, sizeof(one), &one))
		return -1;
	pid = fork();
	if (pid)
		sched_setaffinity(0, sizeof(old), &old);
	return pid;
}

static void run_body(struct supervisor *supervisor, pid_t parent,
		     void (*body)(void *arg), void *arg)
{
	setpgid(0, 0);
	close(supervisor->guard_fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-measure");
	if (getppid() != parent)
		_exit(1);
	sigprocmask(SIG_SETMASK, &supervisor->old_signals, NULL);
	body(arg);
	_exit(0);
}

/* Kill and reap all that is left of the case; orphans come to the subreaper. */
static void bury_group(struct supervisor *supervisor, pid_t group)
{
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
		;
	atomic_store(supervisor->group, 0);
}

/* For a @tick: end the body and all its children now. supervisor_run() then says so. */
void supervisor_kill(const struct supervisor *supervisor)
{
	pid_t group = atomic_load(supervisor->group);

	if (group > 0)
		kill(-group, SIGKILL);
}

/* Take the signals that come within @ns, and those that wait already. */
static void swallow_signals(const struct supervisor *supervisor, uint64_t ns)
{
	uint64_t until = clock_monotonic_ns() + ns, now;
	struct timespec left;

	do {
		now = clock_monotonic_ns();
		left = (struct timespec){ .tv_nsec = now < until ? (long)(until - now) : 0 };
	} while (sigtimedwait(&supervisor->stops, NULL, &left) > 0 || errno == EINTR);
}

/*
 * The run is to end. Its case is killed, and the same signal again, which programs such as
 * timeout send twice, is no second wish: it waits for supervisor_release(). Only a later
 * Ctrl-C ends this process at once, and leaves what there is to restore to the guard.
 */
static int stop_by(struct supervisor *supervisor, int signo)
{
	sigset_t again;

	supervisor->stopped_by = signo;
	supervisor_kill(supervisor);
	swallow_signals(supervisor, ECHO_NS);
	sigemptyset(&again);
	sigaddset(&again, SIGINT);
	sigprocmask(SIG_UNBLOCK, &again, NULL);
	return -EINTR;
}

/*
 * Has a signal asked the run to stop? For between the cases. 0, or -EINTR, and then
 * supervisor_stopped_by() tells which.
 */
int supervisor_check(struct supervisor *supervisor)
{
	const struct timespec now = { 0 };
	int signo;

	if (supervisor->stopped_by)
		return -EINTR;
	signo = sigtimedwait(&supervisor->stops, NULL, &now);
	return signo > 0 ? stop_by(supervisor, signo) : 0;
}

/* The signal that ended the run; 0: none. */
int supervisor_stopped_by(const struct supervisor *supervisor)
{
	return supervisor->stopped_by;
}

/* Has every setting come back, as far as any has been restored? */
bool supervisor_restored(const struct supervisor *supervisor)
{
	return !supervisor->unrestored;
}

/* Restore all settings. 0, or -errno, which is remembered. */
static int restore(struct supervisor *supervisor)
{
	int error = settings_restore(supervisor->settings);

	if (error)
		supervisor->unrestored = true;
	return error;
}

/*
 * Wait for @pid to end. Its wait status in *@status, or -EINTR on a signal. Without
 * a @tick the supervisor never wakes meanwhile: wherever it ran, it would take an
 * idle CPU away from the mm that the CPU holds.
 */
static int await_end(struct supervisor *supervisor, pid_t pid, int *status,
		     void (*tick)(void *arg), void *arg)
{
	const struct timespec patience = { .tv_nsec = TICK_NS };

	for (;;) {
		int signo = sigtimedwait(&supervisor->signals, NULL, tick ? &patience : NULL);

		if (signo > 0 && signo != SIGCHLD)
			return stop_by(supervisor, signo);
		if (waitpid(pid, status, WNOHANG) == pid)
			return 0;
		if (tick)
			tick(arg);
	}
}

/*
 * Run @body(@arg) in a new process that was born on @cpu, calling @tick(@arg),
 * unless NULL, four times a second, then restore every setting it changed. 0 when
 * it ended by itself; -ECHILD with @why when it died; -EINTR when a signal asked us
 * to stop.
 */
int supervisor_run(struct supervisor *supervisor, int cpu, void (*body)(void *arg),
		   void *arg, void (*tick)(void *arg), char *why, size_t size)
{
	pid_t parent = getpid(), pid;
	int status = 0, error;

	if (supervisor_check(supervisor))
		return -EINTR;
	pid = fork_on(cpu);
	if (!pid)
		run_body(supervisor, parent, body, arg);
	if (pid < 0) {
		snprintf(why, size, "cannot start a process on CPU %d: %s", cpu, strerror(errno));
		return -ECHILD;
	}
	setpgid(pid, pid);
	atomic_store(supervisor->group, pid);
	error = await_end(supervisor, pid, &status, tick, arg);
	bury_group(supervisor, pid);
	if (restore(supervisor) && !error) {
		snprintf(why, size, "a system setting could not be restored");
		return -ECHILD;
	}
	if (error || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return error;
	if (WIFEXITED(status))
		snprintf(why, size, "the measuring process ended with exit code %d",
			 WEXITSTATUS(status));
	else
		snprintf(why, size, "the measuring process was ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	return -ECHILD;
}

/*
 * Restore what is left to restore, end the guard and give the turn back. 0 or -errno.
 * Signals wait until supervisor_release(): there is a record to write.
 */
int supervisor_stop(struct supervisor *supervisor)
{
	int error = restore(supervisor);

	close(supervisor->guard_fd);
	while (waitpid(supervisor->guard, NULL, 0) < 0 && errno == EINTR)
		;
	if (supervisor->turn_fd >= 0)
		close(supervisor->turn_fd);
	return error;
}

/*
 * After supervisor_stop(), when nothing may be lost any more: signals do what they did
 * before, and @supervisor is freed. The signal that ended the run, or that has come since;
 * 0: none.
 */
int supervisor_release(struct supervisor *supervisor)
{
	int stopped_by;

	supervisor_check(supervisor);
	stopped_by = supervisor->stopped_by;
	swallow_signals(supervisor, 0);
	sigprocmask(SIG_SETMASK, &supervisor->old_signals, NULL);
	settings_free(supervisor->settings);
	munmap(supervisor->group, sizeof(*supervisor->group));
	free(supervisor);
	return stopped_by;
}
