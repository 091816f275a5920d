// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of changed settings, on files of a temporary folder: old values come
 * back in reverse order, whoever restores them and however the writer ended.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/settings.h"

static char folder[] = "/tmp/tlbsync-test-settings-XXXXXX";

static const char *path_of(const char *name)
{
	static char paths[8][200];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

/* A file of that name which holds @content; its path. */
static const char *setting(const char *name, const char *content)
{
	const char *path = path_of(name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void holds(const char *path, const char *content)
{
	char text[64] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, content);
}

/* settings_restore() with its complaints, if it has any, kept off the test's output. */
static int restore_quietly(struct settings *settings)
{
	int old = dup(STDERR_FILENO), error;

	assert_non_null(freopen("/dev/null", "w", stderr));
	error = settings_restore(settings);
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	return error;
}

static void old_values_come_back(void **state)
{
	struct settings *settings = settings_new();
	const char *one = setting("one", "10\n"), *two = setting("two", "20\n");

	(void)state;
	assert_int_equal(settings_write(settings, one, "11"), 0);
	assert_int_equal(settings_write(settings, two, "21"), 0);
	holds(one, "11");
	holds(two, "21");
	assert_int_equal(settings_changed(settings), 2);
	assert_int_equal(settings_restore(settings), 0);
	holds(one, "10");
	holds(two, "20");
	assert_int_equal(settings_changed(settings), 0);
	settings_free(settings);
}

/* Two names of one file: only the reverse order ends with the oldest value. */
static void the_last_change_is_undone_first(void **state)
{
	struct settings *settings = settings_new();
	const char *file = setting("file", "first\n"), *link = path_of("link");

	(void)state;
	assert_int_equal(symlink(file, link), 0);
	assert_int_equal(settings_write(settings, file, "second"), 0);
	assert_int_equal(settings_write(settings, link, "third"), 0);
	assert_int_equal(settings_restore(settings), 0);
	holds(file, "first");
	settings_free(settings);
	unlink(link);
}

static void the_value_before_the_first_of_several_changes_comes_back(void **state)
{
	struct settings *settings = settings_new();
	const char *file = setting("file", "0\n");

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(settings_write(settings, file, i % 2 ? "1" : "2"), 0);
	assert_int_equal(settings_changed(settings), 1);
	assert_int_equal(settings_restore(settings), 0);
	holds(file, "0");
	settings_free(settings);
}

static void of_a_choice_the_chosen_word_comes_back(void **state)
{
	struct settings *settings = settings_new();
	const char *file = setting("enabled", "always [madvise] never\n");

	(void)state;
	assert_int_equal(settings_write(settings, file, "never"), 0);
	holds(file, "never");
	assert_int_equal(settings_restore(settings), 0);
	holds(file, "madvise");
	settings_free(settings);
}

static void restoring_twice_changes_nothing_more(void **state)
{
	struct settings *settings = settings_new();
	const char *file = setting("file", "old\n");

	(void)state;
	assert_int_equal(settings_write(settings, file, "new"), 0);
	assert_int_equal(settings_restore(settings), 0);
	setting("file", "somebody else's\n");
	assert_int_equal(settings_restore(settings), 0);
	holds(file, "somebody else's\n");
	settings_free(settings);
}

static void a_file_that_is_not_there_is_not_made(void **state)
{
	struct settings *settings = settings_new();

	(void)state;
	assert_int_equal(settings_write(settings, path_of("missing"), "1"), -ENOENT);
	assert_int_equal(settings_changed(settings), 0);
	assert_int_equal(access(path_of("missing"), F_OK), -1);
	settings_free(settings);
}

/* A file that may be read and not written, by nobody: there is nothing to restore. */
static void a_refused_write_leaves_nothing_to_restore(void **state)
{
	struct settings *settings = settings_new();

	(void)state;
	assert_true(settings_write(settings, "/proc/sys/kernel/ostype", "Minix") < 0);
	assert_int_equal(settings_changed(settings), 0);
	assert_int_equal(restore_quietly(settings), 0);
	settings_free(settings);
}

/* One that was changed before stays in the table. */
static void a_refused_second_write_leaves_the_first_to_restore(void **state)
{
	struct settings *settings = settings_new();
	const char *file = setting("file", "old");

	(void)state;
	assert_int_equal(settings_write(settings, file, "new"), 0);
	unlink(file);
	assert_int_equal(settings_write(settings, file, "newer"), -ENOENT);
	setting("file", "new");
	assert_int_equal(settings_restore(settings), 0);
	holds(file, "old");
	settings_free(settings);
}

static void a_full_table_refuses_and_changes_nothing(void **state)
{
	struct settings *settings = settings_new();
	int nr = 0, error = 0;
	char name[16];

	(void)state;
	while (!error && nr < 10000) {
		snprintf(name, sizeof(name), "full%d", nr);
		error = settings_write(settings, setting(name, "old"), "new");
		nr += !error;
	}
	assert_int_equal(error, -ENOSPC);
	assert_true(nr >= 16);
	holds(path_of(name), "old");
	assert_int_equal(settings_changed(settings), nr);
	assert_int_equal(settings_restore(settings), 0);
	for (int i = 0; i <= nr; i++) {
		snprintf(name, sizeof(name), "full%d", i);
		holds(path_of(name), "old");
		unlink(path_of(name));
	}
	settings_free(settings);
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
	struct settings *settings = settings_new();
	char path[1024];

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	snprintf(path + 500, sizeof(path) - 500, "%s", setting("file", "old"));
	assert_int_equal(settings_write(settings, path, "new"), -ENOSPC);
	holds(path_of("file"), "old");
	assert_int_equal(settings_changed(settings), 0);
	settings_free(settings);
}

static void one_that_cannot_be_restored_does_not_keep_the_others_back(void **state)
{
	struct settings *settings = settings_new();
	const char *one = setting("one", "1"), *gone = setting("gone", "2");
	const char *three = setting("three", "3");

	(void)state;
	assert_int_equal(settings_write(settings, one, "x"), 0);
	assert_int_equal(settings_write(settings, gone, "x"), 0);
	assert_int_equal(settings_write(settings, three, "x"), 0);
	unlink(gone);
	assert_int_equal(restore_quietly(settings), -ENOENT);
	holds(one, "1");
	holds(three, "3");
	settings_free(settings);
}

/* A child that changes @first and @second and is killed at once, without warning. */
static void change_and_die(struct settings *settings, const char *first, const char *second)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (!settings_write(settings, first, "child") &&
		    !settings_write(settings, second, "child"))
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_killed_child_leaves_the_table_to_its_parent(void **state)
{
	struct settings *settings = settings_new();
	const char *one = setting("one", "1"), *two = setting("two", "[2] 3");

	(void)state;
	change_and_die(settings, one, two);
	holds(one, "child");
	holds(two, "child");
	assert_int_equal(settings_changed(settings), 2);
	assert_int_equal(settings_restore(settings), 0);
	holds(one, "1");
	holds(two, "2");
	settings_free(settings);
}

/* Killed again and again, at any moment: the old values always come back. */
static void a_child_killed_at_any_moment_leaves_the_table_usable(void **state)
{
	struct settings *settings = settings_new();
	const char *one = setting("one", "1"), *two = setting("two", "2");

	(void)state;
	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		if (!pid)
			for (;;) {
				settings_write(settings, one, "child");
				settings_write(settings, two, "child");
				settings_restore(settings);
			}
		usleep(500 + i * 37);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(settings_restore(settings), 0);
		holds(one, "1");
		holds(two, "2");
	}
	settings_free(settings);
}

static int is_pinned_to(pid_t pid, int cpu)
{
	cpu_set_t cpus;

	assert_int_equal(sched_getaffinity(pid, sizeof(cpus), &cpus), 0);
	return CPU_COUNT(&cpus) == 1 && CPU_ISSET(cpu, &cpus);
}

static pid_t sleeping_child(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_pinned_process_gets_its_cpus_and_its_nice_value_back(void **state)
{
	struct settings *settings = settings_new();
	pid_t pid = sleeping_child();
	int nice = geteuid() ? 5 : 0;	/* only root may take a nice value back */
	cpu_set_t before, after;

	(void)state;
	assert_int_equal(setpriority(PRIO_PROCESS, pid, 5), 0);
	assert_int_equal(sched_getaffinity(pid, sizeof(before), &before), 0);
	assert_int_equal(settings_pin(settings, pid, sched_getcpu(), nice), 0);
	assert_int_equal(settings_changed(settings), 1);
	assert_int_equal(getpriority(PRIO_PROCESS, pid), nice);
	assert_int_equal(settings_restore(settings), 0);
	assert_int_equal(sched_getaffinity(pid, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	assert_int_equal(getpriority(PRIO_PROCESS, pid), 5);
	end_child(pid);
	settings_free(settings);
}

static void a_pinned_process_runs_on_that_cpu_only(void **state)
{
	struct settings *settings = settings_new();
	pid_t pid = sleeping_child();
	int cpu = sched_getcpu();

	(void)state;
	assert_int_equal(settings_pin(settings, pid, cpu, getpriority(PRIO_PROCESS, 0)), 0);
	assert_true(is_pinned_to(pid, cpu));
	end_child(pid);
	settings_free(settings);
}

static void a_pinned_process_that_has_ended_is_no_error(void **state)
{
	struct settings *settings = settings_new();
	pid_t pid = sleeping_child();

	(void)state;
	assert_int_equal(settings_pin(settings, pid, sched_getcpu(), 0), 0);
	end_child(pid);
	assert_int_equal(settings_restore(settings), 0);
	assert_int_equal(settings_pin(settings, pid, sched_getcpu(), 0), -ESRCH);
	settings_free(settings);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "one", "two", "three", "file", "enabled" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	return rmdir(folder);	/* nothing else may have been left in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_values_come_back),
		cmocka_unit_test(the_last_change_is_undone_first),
		cmocka_unit_test(the_value_before_the_first_of_several_changes_comes_back),
		cmocka_unit_test(of_a_choice_the_chosen_word_comes_back),
		cmocka_unit_test(restoring_twice_changes_nothing_more),
		cmocka_unit_test(a_file_that_is_not_there_is_not_made),
		cmocka_unit_test(a_refused_write_leaves_nothing_to_restore),
		cmocka_unit_test(a_refused_second_write_leaves_the_first_to_restore),
		cmocka_unit_test(a_full_table_refuses_and_changes_nothing),
		cmocka_unit_test(a_path_that_does_not_fit_is_refused),
		cmocka_unit_test(one_that_cannot_be_restored_does_not_keep_the_others_back),
		cmocka_unit_test(a_killed_child_leaves_the_table_to_its_parent),
		cmocka_unit_test(a_child_killed_at_any_moment_leaves_the_table_usable),
		cmocka_unit_test(a_pinned_process_gets_its_cpus_and_its_nice_value_back),
		cmocka_unit_test(a_pinned_process_runs_on_that_cpu_only),
		cmocka_unit_test(a_pinned_process_that_has_ended_is_no_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
