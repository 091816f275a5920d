// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who dies, who cleans up: bodies that end, that are killed and that are stopped
 * by a signal, and a supervisor that is killed itself. Each body changes a setting
 * (a file in a temporary folder) and has a child; neither may outlive it.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/clock.h"
#include "engine/supervise.h"

#define PATIENCE	2000	/* times 10 ms, on a machine that is busy with other things */

/* What a body tells; in memory that all processes share. */
static struct story {
	struct settings *settings;
	atomic_int ready;	/* the setting has changed, the child lives */
	pid_t body, child;
	int cpu;		/* where the body was born */
} *story;

static char folder[] = "/tmp/tlbsync-test-supervise-XXXXXX";
static char setting[64];
static struct supervisor *supervisor;
static char why[256];
static int ticks;
static int kill_at_tick;	/* 0: never */

static void write_setting(const char *value)
{
	FILE *file = fopen(setting, "we");

	assert_non_null(file);
	fputs(value, file);
	fclose(file);
}

static int setting_is(const char *value)
{
	char text[32] = "";
	FILE *file = fopen(setting, "re");

	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	return !strcmp(text, value);
}

static int is_gone(pid_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

/* Dead at least: whoever has inherited it may not have reaped it yet. */
static int is_dead(pid_t pid)
{
	char path[64], text[512] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 1;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return !strrchr(text, ')') || strchr("ZX", strrchr(text, ')')[2]) != NULL;
}

/* As good as: nothing of a failed test holds on to the lock for long. */
static void sleep_for_ever(void)
{
	alarm(60);
	for (;;)
		pause();
}

/* Somebody else may be measuring on this machine just now. */
static int start(void **state)
{
	struct turn turn = { 0 };
	int error = -EBUSY;

	(void)state;
	for (int i = 0; error == -EBUSY && i < 3 * PATIENCE; i++) {
		error = supervisor_start(&supervisor, &turn);
		if (error == -EBUSY)
			usleep(10000);
	}
	if (error == -EBUSY) {
		printf("skipped: another run has been measuring for a minute\n");
		exit(77);
	}
	return error;
}

static int stop(void **state)
{
	int error = supervisor_stop(supervisor);

	(void)state;
	supervisor_release(supervisor);
	return error;
}

/* Change the setting, start a child that stays, say so. */
static void make_a_mess(void)
{
	pid_t child;

	story->body = getpid();
	story->cpu = sched_getcpu();
	if (settings_write(story->settings, setting, "changed"))
		_exit(3);
	child = fork();
	if (!child)
		sleep_for_ever();
	story->child = child;
	atomic_store(&story->ready, 1);
}

static void end(void *arg)
{
	(void)arg;
	make_a_mess();
}

static void end_badly(void *arg)
{
	(void)arg;
	make_a_mess();
	_exit(3);
}

static void be_killed(void *arg)
{
	(void)arg;
	make_a_mess();
	raise(SIGKILL);
}

static void stay(void *arg)
{
	(void)arg;
	make_a_mess();
	sleep_for_ever();
}

/* Stay, and ask the supervisor to stop the run. */
static void call_for(void *arg)
{
	make_a_mess();
	kill(getppid(), *(int *)arg);
	sleep_for_ever();
}

static void count_ticks(void *arg)
{
	(void)arg;
	if (++ticks == kill_at_tick)
		supervisor_kill(supervisor);
}

static void tell_late(void *arg)
{
	(void)arg;
	make_a_mess();
	usleep(700000);
}

/* Run @body on the first CPU; whatever it did must be undone afterwards. */
static int run_and_look(void (*body)(void *arg), void *arg)
{
	cpu_set_t cpus;
	int cpu = 0, error;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (!CPU_ISSET(cpu, &cpus))
		cpu++;
	memset(story, 0, sizeof(*story));
	story->settings = supervisor_settings(supervisor);
	why[0] = '\0';
	ticks = 0;
	error = supervisor_run(supervisor, cpu, body, arg, count_ticks, why, sizeof(why));
	assert_int_equal(story->ready, 1);
	assert_int_equal(story->cpu, cpu);
	assert_true(is_gone(story->body));
	assert_true(is_gone(story->child));
	assert_true(setting_is("old"));
	assert_int_equal(settings_changed(story->settings), 0);
	return error;
}

static void a_body_that_ends_leaves_nothing_behind(void **state)
{
	(void)state;
	assert_int_equal(run_and_look(end, NULL), 0);
	assert_string_equal(why, "");
}

static void a_killed_body_is_an_error_and_leaves_nothing_behind(void **state)
{
	(void)state;
	assert_int_equal(run_and_look(be_killed, NULL), -ECHILD);
	assert_non_null(strstr(why, "signal 9"));
}

static void a_body_with_an_exit_code_is_an_error_that_names_it(void **state)
{
	(void)state;
	assert_int_equal(run_and_look(end_badly, NULL), -ECHILD);
	assert_null(strstr(why, "signal"));
	assert_non_null(strstr(why, "3"));
}

static void after_a_killed_body_the_next_one_runs(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(run_and_look(be_killed, NULL), -ECHILD);
		assert_int_equal(run_and_look(end, NULL), 0);
	}
}

static void a_signal_ends_the_body_and_not_the_supervisor(void **state)
{
	static int signals[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		assert_int_equal(run_and_look(call_for, &signals[i]), -EINTR);
		assert_int_equal(supervisor_stopped_by(supervisor), signals[i]);
		assert_int_equal(stop(state), 0);
		assert_int_equal(start(state), 0);
	}
}

static void a_signal_between_bodies_ends_the_run(void **state)
{
	(void)state;
	assert_int_equal(supervisor_check(supervisor), 0);
	assert_int_equal(supervisor_stopped_by(supervisor), 0);
	kill(getpid(), SIGTERM);
	assert_int_equal(supervisor_check(supervisor), -EINTR);
	assert_int_equal(supervisor_stopped_by(supervisor), SIGTERM);
	story->ready = 0;
	assert_int_equal(supervisor_run(supervisor, sched_getcpu(), end, NULL, NULL, why,
					sizeof(why)), -EINTR);
	assert_int_equal(story->ready, 0);
}

/* The last look at signals is over, the record is not written yet. */
static void a_signal_after_the_last_look_waits_and_is_told(void **state)
{
	sigset_t now;

	assert_int_equal(supervisor_check(supervisor), 0);
	kill(getpid(), SIGTERM);
	assert_int_equal(supervisor_stop(supervisor), 0);
	kill(getpid(), SIGTERM);
	assert_int_equal(supervisor_release(supervisor), SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	assert_false(sigismember(&now, SIGTERM) || sigismember(&now, SIGINT));
	assert_int_equal(start(state), 0);
	assert_int_equal(supervisor_stop(supervisor), 0);
	assert_int_equal(supervisor_release(supervisor), 0);
	assert_int_equal(start(state), 0);
}

/* @first stops a run in a process of its own; @again comes late. How it ends. */
static int stop_twice(int first, int again)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		kill(getpid(), first);
		if (supervisor_check(supervisor) != -EINTR)
			_exit(1);
		usleep(100000);
		kill(getpid(), again);
		_exit(supervisor_stopped_by(supervisor) == first ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void however_late_its_echo_is_no_second_wish(void **state)
{
	(void)state;
	assert_int_equal(stop_twice(SIGTERM, SIGTERM), 0);
	assert_int_equal(stop_twice(SIGHUP, SIGHUP), 0);
}

static void a_second_ctrl_c_ends_it_at_once(void **state)
{
	(void)state;
	assert_int_equal(stop_twice(SIGINT, SIGINT), SIGINT);
	assert_int_equal(stop_twice(SIGTERM, SIGINT), SIGINT);
}

/* What cannot be restored while the body is stopped is known to the end. */
static void lose_the_setting(void *arg)
{
	make_a_mess();
	unlink(setting);
	mkdir(setting, 0700);
	kill(getppid(), *(int *)arg);
	sleep_for_ever();
}

static void what_could_not_be_restored_is_told(void **state)
{
	int signo = SIGTERM;

	(void)state;
	assert_true(supervisor_restored(supervisor));
	memset(story, 0, sizeof(*story));
	story->settings = supervisor_settings(supervisor);
	assert_int_equal(supervisor_run(supervisor, sched_getcpu(), lose_the_setting, &signo, NULL,
					why, sizeof(why)), -EINTR);
	rmdir(setting);
	write_setting("old");
	assert_false(supervisor_restored(supervisor));
	assert_int_equal(supervisor_stop(supervisor), 0);
	assert_false(supervisor_restored(supervisor));
	assert_int_equal(supervisor_release(supervisor), SIGTERM);
	assert_int_equal(start(state), 0);
	assert_true(supervisor_restored(supervisor));
}

/* One more file may be opened, which the signals take; none is left for the socket. */
static void without_a_socket_it_is_an_error_and_not_a_turn(void **state)
{
	struct turn turn = { 0 };
	struct rlimit old, few;
	sigset_t none;
	int fd = -1, error, next = dup(0);

	(void)state;
	close(next);
	sigemptyset(&none);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	error = turn_take(&turn, &none, &fd);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(error, -EMFILE);
	assert_int_equal(turn.error, -EMFILE);
}

static void the_supervisor_keeps_its_own_cpus(void **state)
{
	cpu_set_t before, after;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(run_and_look(end, NULL), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

static void it_ticks_while_the_body_runs(void **state)
{
	(void)state;
	assert_int_equal(run_and_look(tell_late, NULL), 0);
	assert_in_range(ticks, 1, 4);
}

static void a_tick_may_end_a_body_that_hangs(void **state)
{
	(void)state;
	kill_at_tick = 2;
	assert_int_equal(run_and_look(stay, NULL), -ECHILD);
	kill_at_tick = 0;
	assert_non_null(strstr(why, "signal 9"));
	assert_in_range(ticks, 2, 4);
}

static void a_cpu_that_is_not_there_is_said(void **state)
{
	(void)state;
	assert_int_equal(supervisor_run(supervisor, CPU_SETSIZE - 1, end, NULL, NULL,
					why, sizeof(why)), -ECHILD);
	assert_non_null(strstr(why, "CPU 1023"));
}

static void a_second_run_is_refused_while_the_first_lives(void **state)
{
	struct supervisor *second = NULL;
	struct turn turn = { 0 };

	(void)state;
	assert_int_equal(supervisor_start(&second, &turn), -EBUSY);
	assert_null(second);
	assert_int_equal(turn.pid, getpid());
	assert_non_null(strstr(turn.command, "test-supervise"));
	assert_int_equal(turn.command[0], 't');
}

static int times_told;

static void count_told(const struct turn *turn)
{
	assert_int_not_equal(turn->pid, 0);
	times_told++;
}

static void a_wait_has_its_limit(void **state)
{
	struct turn turn = { .wait_ns = 300000000, .told = count_told };
	uint64_t began = clock_monotonic_ns();
	struct supervisor *second = NULL;

	(void)state;
	times_told = 0;
	assert_int_equal(supervisor_start(&second, &turn), -EBUSY);
	assert_true(clock_monotonic_ns() - began >= 300000000);
	assert_int_equal(times_told, 1);
}

static void a_wait_ends_on_a_signal(void **state)
{
	struct turn turn = { .wait_ns = TURN_FOR_EVER, .told = count_told };
	struct supervisor *second = NULL;

	(void)state;
	kill(getpid(), SIGINT);		/* blocked, so it is there when the wait begins */
	assert_int_equal(supervisor_start(&second, &turn), -EINTR);
	assert_int_equal(turn.signo, SIGINT);
	assert_int_equal(turn.error, -EINTR);
	assert_int_equal(supervisor_stopped_by(supervisor), 0);
}

/* A run's last process, not the one that took the turn, is what is waited for. */
static void a_wait_ends_with_the_last_process_of_the_run(void **state)
{
	struct turn turn = { 0 }, next = { .wait_ns = TURN_FOR_EVER, .told = count_told };
	uint64_t began = clock_monotonic_ns();
	sigset_t none;
	int fd, next_fd;
	pid_t last;

	assert_int_equal(stop(state), 0);
	sigemptyset(&none);
	assert_int_equal(turn_take(&turn, &none, &fd), 0);
	last = fork();
	if (!last) {
		usleep(500000);
		_exit(0);
	}
	close(fd);
	assert_int_equal(turn_take(&next, &none, &next_fd), 0);
	assert_true(clock_monotonic_ns() - began >= 500000000);
	assert_int_equal(next.pid, getpid());
	assert_int_equal(waitpid(last, NULL, 0), last);
	close(next_fd);
	assert_int_equal(start(state), 0);
}

/* A whole run in a process of its own, which waits for its end. */
static pid_t start_run(void)
{
	struct turn turn = { 0 };
	pid_t pid = fork();

	if (pid)
		return pid;
	for (int i = 0; supervisor_start(&supervisor, &turn) && i < PATIENCE; i++)
		usleep(10000);
	story->settings = supervisor_settings(supervisor);
	supervisor_run(supervisor, sched_getcpu(), stay, NULL, NULL, why, sizeof(why));
	_exit(0);
}

static void a_killed_supervisor_s_guard_cleans_up(void **state)
{
	pid_t pid;
	int tries = 0;

	(void)state;
	assert_int_equal(stop(state), 0);
	memset(story, 0, sizeof(*story));
	pid = start_run();
	while (!atomic_load(&story->ready) && tries++ < PATIENCE)
		usleep(10000);
	assert_true(setting_is("changed"));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (tries = 0; tries < PATIENCE && !setting_is("old"); tries++)
		usleep(10000);
	assert_true(setting_is("old"));
	assert_true(is_dead(story->body));
	assert_true(is_dead(story->child));
}

static int make_folder(void **state)
{
	(void)state;
	story = mmap(NULL, sizeof(*story), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (story == MAP_FAILED || !mkdtemp(folder))
		return -1;
	snprintf(setting, sizeof(setting), "%s/setting", folder);
	write_setting("old");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(setting);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_body_that_ends_leaves_nothing_behind, start, stop),
		cmocka_unit_test_setup_teardown(a_killed_body_is_an_error_and_leaves_nothing_behind, start, stop),
		cmocka_unit_test_setup_teardown(a_body_with_an_exit_code_is_an_error_that_names_it, start, stop),
		cmocka_unit_test_setup_teardown(after_a_killed_body_the_next_one_runs, start, stop),
		cmocka_unit_test_setup_teardown(a_signal_ends_the_body_and_not_the_supervisor, start, stop),
		cmocka_unit_test_setup_teardown(the_supervisor_keeps_its_own_cpus, start, stop),
		cmocka_unit_test_setup_teardown(it_ticks_while_the_body_runs, start, stop),
		cmocka_unit_test_setup_teardown(a_tick_may_end_a_body_that_hangs, start, stop),
		cmocka_unit_test_setup_teardown(a_cpu_that_is_not_there_is_said, start, stop),
		cmocka_unit_test_setup_teardown(a_signal_between_bodies_ends_the_run, start, stop),
		cmocka_unit_test_setup_teardown(a_signal_after_the_last_look_waits_and_is_told, start, stop),
		cmocka_unit_test_setup_teardown(however_late_its_echo_is_no_second_wish, start, stop),
		cmocka_unit_test_setup_teardown(a_second_ctrl_c_ends_it_at_once, start, stop),
		cmocka_unit_test_setup_teardown(what_could_not_be_restored_is_told, start, stop),
		cmocka_unit_test_setup_teardown(without_a_socket_it_is_an_error_and_not_a_turn, start, stop),
		cmocka_unit_test_setup_teardown(a_second_run_is_refused_while_the_first_lives, start, stop),
		cmocka_unit_test_setup_teardown(a_wait_has_its_limit, start, stop),
		cmocka_unit_test_setup_teardown(a_wait_ends_on_a_signal, start, stop),
		cmocka_unit_test_setup_teardown(a_wait_ends_with_the_last_process_of_the_run, start, stop),
		cmocka_unit_test_setup(a_killed_supervisor_s_guard_cleans_up, start),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
