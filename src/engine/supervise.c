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
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/supervise.h"
#include "machine/process.h"

#define TICK_NS		250000000
#define GONE_TRIES	200		/* times 5 ms for killed processes to end */

struct supervisor {
	struct settings *settings;	/* shared */
	atomic_int *group;		/* shared: process group of the case, or 0 */
	int guard_fd;			/* the guard waits for this pipe to end */
	int lock_fd;			/* see lock_machine() */
	pid_t guard;
	sigset_t signals;		/* that the supervisor waits for */
	sigset_t old_signals;
};

/*
 * Two runs at once would disturb each other's counts and restore each other's
 * settings. The lock is an abstract socket name: it takes no file, works for
 * every user, and lasts until the last process of the run has ended. Its fd in
 * *@fd, -1 on a kernel without UNIX sockets; -EBUSY if another run holds it.
 */
static int lock_machine(int *fd)
{
	static const struct sockaddr_un name = {
		.sun_family = AF_UNIX, .sun_path = "\0tlbsync-is-measuring",
	};

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return 0;
	if (!bind(*fd, (const struct sockaddr *)&name,
		  offsetof(struct sockaddr_un, sun_path) + sizeof("tlbsync-is-measuring")))
		return 0;
	close(*fd);
	return errno == EADDRINUSE ? -EBUSY : -errno;
}

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

/*
 * From here on, until supervisor_stop(), settings changed through
 * supervisor_settings() come back whatever happens, and SIGINT, SIGTERM and
 * SIGHUP end the running case instead of this process. 0; -EBUSY if another run
 * is measuring on this machine; else -errno.
 */
int supervisor_start(struct supervisor **supervisor)
{
	struct supervisor *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	error = lock_machine(&new->lock_fd);
	if (error) {
		free(new);
		return error;
	}
	new->settings = settings_new();
	new->group = mmap(NULL, sizeof(*new->group), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!new->settings || new->group == MAP_FAILED)
		error = -ENOMEM;
	if (!error) {
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		sigemptyset(&new->signals);
		sigaddset(&new->signals, SIGINT);
		sigaddset(&new->signals, SIGTERM);
		sigaddset(&new->signals, SIGHUP);
		sigaddset(&new->signals, SIGCHLD);
		sigprocmask(SIG_BLOCK, &new->signals, &new->old_signals);
		error = start_guard(new);
	}
	if (error) {
		settings_free(new->settings);
		if (new->lock_fd >= 0)
			close(new->lock_fd);
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
			return -EINTR;
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
	pid_t parent = getpid(), pid = fork_on(cpu);
	int status = 0, error;

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
	if (settings_restore(supervisor->settings) && !error) {
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

/* For a @tick: end the body and all its children now. supervisor_run() then says so. */
void supervisor_kill(const struct supervisor *supervisor)
{
	pid_t group = atomic_load(supervisor->group);

	if (group > 0)
		kill(-group, SIGKILL);
}

/* Restore what is left to restore and end the guard. 0 or -errno. */
int supervisor_stop(struct supervisor *supervisor)
{
	int error = settings_restore(supervisor->settings);

	close(supervisor->guard_fd);
	while (waitpid(supervisor->guard, NULL, 0) < 0 && errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, &supervisor->old_signals, NULL);
	if (supervisor->lock_fd >= 0)
		close(supervisor->lock_fd);
	settings_free(supervisor->settings);
	munmap(supervisor->group, sizeof(*supervisor->group));
	free(supervisor);
	return error;
}
