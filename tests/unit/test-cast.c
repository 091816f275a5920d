// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Roles brought to life on the CPUs that this machine has, watched through /proc:
 * who runs where, who has run before settling returns, who is left at the end.
 * The engine's patience is counted on this file's clock, which can be hurried.
 */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/clock.h"
#include "engine/cast.h"

#define MAX_CPUS	16	/* of a large machine: so many are enough */

static int cpu[MAX_CPUS], nr_cpus;
static cpu_set_t before;
static const struct clock raw = { .hz = 1e9, .mult = 1ull << 32 };	/* MONOTONIC_RAW */
static unsigned int hurry = 1;	/* how many times faster the engine's clock goes */

/* Stands in for the one in engine/clock.c. */
uint64_t clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return hurry * ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

/* One line of /proc's status file @path, behind "@key:"; 0 or -1. */
static int status_line(const char *path, const char *key, char *value, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[512];
	int found = -1;

	while (file && found && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':') {
			snprintf(value, size, "%s", line + strlen(key) + 2);
			value[strcspn(value, "\n")] = '\0';
			found = 0;
		}
	if (file)
		fclose(file);
	return found;
}

/* Threads of this process but the first, or its children with @children. */
static int others(pid_t *tid, int max, int children)
{
	DIR *dir = opendir(children ? "/proc" : "/proc/self/task");
	struct dirent *entry;
	int nr = 0;

	assert_non_null(dir);
	while (nr < max && (entry = readdir(dir))) {
		pid_t one = atoi(entry->d_name);
		char path[64], parent[32];

		if (one <= 0 || one == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/%d/status", one);
		if (children && (status_line(path, "PPid", parent, sizeof(parent)) ||
				 atoi(parent) != getpid()))
			continue;
		tid[nr++] = one;
	}
	closedir(dir);
	return nr;
}

static int allowed_cpu(pid_t tid)
{
	cpu_set_t cpus;

	assert_int_equal(sched_getaffinity(tid, sizeof(cpus), &cpus), 0);
	assert_int_equal(CPU_COUNT(&cpus), 1);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &cpus))
			return i;
	return -1;
}

static char state_of(pid_t tid)
{
	char path[64], value[32] = "?";

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status_line(path, "State", value, sizeof(value));
	return value[0];
}

/* How often @tid has gone to sleep by itself. */
static unsigned long sleeps_of(pid_t tid)
{
	char path[64], value[32] = "0";

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status_line(path, "voluntary_ctxt_switches", value, sizeof(value));
	return strtoul(value, NULL, 10);
}

/* @role on every CPU but the first, which is the initiator's. */
static struct cast *started(enum role role)
{
	struct roles roles = { 0 };
	struct cast *cast = NULL;
	char why[256] = "";

	if (nr_cpus < 2)
		skip();
	assert_int_equal(pin_to_cpu(cpu[0]), 0);
	roles_add(&roles, ROLE_INITIATOR, cpu[0]);
	for (int i = 1; i < nr_cpus; i++)
		roles_add(&roles, role, cpu[i]);
	if (cast_start(&roles, &raw, &cast, why, sizeof(why)))
		fail_msg("%s", why);
	roles_free(&roles);
	return cast;
}

/* One of @tid is pinned to each CPU but the first, and to no other. */
static void each_has_its_cpu(const pid_t *tid, int nr)
{
	int taken[MAX_CPUS] = { 0 };

	assert_int_equal(nr, nr_cpus - 1);
	for (int i = 0; i < nr; i++)
		for (int j = 1; j < nr_cpus; j++)
			taken[j] += allowed_cpu(tid[i]) == cpu[j];
	for (int j = 1; j < nr_cpus; j++)
		assert_int_equal(taken[j], 1);
}

static void nobody_is_left(void)
{
	pid_t tid[MAX_CPUS];

	assert_int_equal(others(tid, MAX_CPUS, 0), 0);
	assert_int_equal(others(tid, MAX_CPUS, 1), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_responder_spins_in_this_process_on_each_cpu(void **state)
{
	struct cast *cast = started(ROLE_RESPONDER);
	pid_t tid[MAX_CPUS];
	int nr = others(tid, MAX_CPUS, 0);

	(void)state;
	each_has_its_cpu(tid, nr);
	for (int i = 0; i < nr; i++)
		assert_int_equal(state_of(tid[i]), 'R');
	assert_int_equal(cast_settle(cast), 0);
	cast_stop(cast);
	nobody_is_left();
}

static void a_bystander_is_another_process_that_spins_on_each_cpu(void **state)
{
	struct cast *cast = started(ROLE_BYSTANDER);
	pid_t pid[MAX_CPUS];
	int nr = others(pid, MAX_CPUS, 1);

	(void)state;
	each_has_its_cpu(pid, nr);
	assert_int_equal(others(pid + nr, MAX_CPUS - nr, 0), 0);
	for (int i = 0; i < nr; i++)
		assert_int_equal(state_of(pid[i]), 'R');
	assert_int_equal(cast_settle(cast), 0);
	cast_stop(cast);
	nobody_is_left();
}

static void a_lazy_one_has_run_and_sleeps_again_when_settling_returns(void **state)
{
	struct cast *cast = started(ROLE_LAZY);
	pid_t tid[MAX_CPUS];
	int nr = others(tid, MAX_CPUS, 0), asleep = 0;

	(void)state;
	each_has_its_cpu(tid, nr);
	for (int round = 0; round < 20; round++) {
		unsigned long sleeps[MAX_CPUS];

		for (int i = 0; i < nr; i++)
			sleeps[i] = sleeps_of(tid[i]);
		assert_int_equal(cast_settle(cast), 0);
		for (int i = 0; i < nr; i++)
			asleep += state_of(tid[i]) == 'S' && sleeps_of(tid[i]) > sleeps[i];
	}
	assert_int_equal(asleep, 20 * nr);
	cast_stop(cast);
	nobody_is_left();
}

static void settling_again_and_again_works_for_every_role(void **state)
{
	(void)state;
	for (int role = ROLE_RESPONDER; role < NR_ROLES; role++) {
		struct cast *cast = started(role);

		for (int i = 0; i < 50; i++)
			assert_int_equal(cast_settle(cast), 0);
		assert_int_equal(cast_silent_cpu(cast), -1);
		cast_stop(cast);
	}
	nobody_is_left();
}

/* Responder, lazy and bystander together, on one CPU if there are only two. */
static void all_roles_live_side_by_side(void **state)
{
	struct roles roles = { 0 };
	struct cast *cast = NULL;
	pid_t tid[MAX_CPUS];
	char why[256];

	(void)state;
	if (nr_cpus < 2)
		skip();
	for (int role = ROLE_RESPONDER; role < NR_ROLES; role++)
		roles_add(&roles, role, cpu[1 + role % (nr_cpus - 1)]);
	assert_int_equal(cast_start(&roles, &raw, &cast, why, sizeof(why)), 0);
	roles_free(&roles);
	assert_int_equal(others(tid, MAX_CPUS, 0), 2);
	assert_int_equal(others(tid, MAX_CPUS, 1), 1);
	assert_int_equal(cast_settle(cast), 0);
	cast_stop(cast);
	nobody_is_left();
}

static void the_cpu_of_one_that_does_not_run_is_named(void **state)
{
	struct cast *cast = started(ROLE_BYSTANDER);
	pid_t pid[MAX_CPUS];

	(void)state;
	assert_int_equal(others(pid, MAX_CPUS, 1), nr_cpus - 1);
	kill(pid[0], SIGSTOP);
	while (state_of(pid[0]) != 'T')
		usleep(1000);
	hurry = 20;
	assert_int_equal(cast_settle(cast), -ETIMEDOUT);
	hurry = 1;
	assert_int_equal(cast_silent_cpu(cast), allowed_cpu(pid[0]));
	kill(pid[0], SIGCONT);
	assert_int_equal(cast_settle(cast), 0);
	cast_stop(cast);
	nobody_is_left();
}

/* Stop the first bystander for @ms, with or without an op under way; gaps it counted. */
static uint64_t gaps_of_a_stop(bool in_op, unsigned int ms, uint64_t *longest_ns)
{
	struct cast *cast = started(ROLE_BYSTANDER);
	struct bystander_count count[MAX_CPUS];
	struct histogram gaps;
	struct case_result result = { .bystander = count, .gaps = &gaps };
	pid_t pid[MAX_CPUS];

	assert_int_equal(others(pid, MAX_CPUS, 1), nr_cpus - 1);
	if (in_op)
		op_window_begin(cast_window(cast));
	kill(pid[0], SIGSTOP);
	usleep(ms * 1000);
	kill(pid[0], SIGCONT);
	usleep(1000);
	if (in_op)
		op_window_end(cast_window(cast), false);
	assert_int_equal(cast_report(cast, &result), 0);
	cast_stop(cast);
	assert_int_equal(result.nr_bystanders, nr_cpus - 1);
	*longest_ns = 0;
	for (int i = 0; i < result.nr_bystanders; i++) {
		assert_int_equal(count[i].cpu, cpu[i + 1]);
		assert_true(count[i].threshold_ns > count[i].bias_ns);
		if (count[i].longest_ns > *longest_ns)
			*longest_ns = count[i].longest_ns;
	}
	return gaps.total;
}

static void a_bystander_counts_what_it_misses_during_an_op_and_only_then(void **state)
{
	uint64_t longest_ns;

	(void)state;
	assert_int_equal(gaps_of_a_stop(false, 30, &longest_ns), 0);
	assert_int_equal(longest_ns, 0);
	assert_true(gaps_of_a_stop(true, 30, &longest_ns) > 0);
	assert_true(longest_ns >= 30000000);
	nobody_is_left();
}

static void a_bystander_dies_with_its_parent(void **state)
{
	pid_t bystander[MAX_CPUS] = { 0 };
	int ends[2], nr = nr_cpus - 1;
	pid_t pid;

	(void)state;
	if (nr_cpus < 2)
		skip();
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		started(ROLE_BYSTANDER);
		others(bystander, MAX_CPUS, 1);
		_exit(write(ends[1], bystander, sizeof(bystander)) > 0 ? raise(SIGKILL) : 1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], bystander, sizeof(bystander)), sizeof(bystander));
	close(ends[0]);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < nr; i++)
		for (int tries = 0; !strchr("?ZX", state_of(bystander[i])); tries++) {
			assert_true(tries < 500);
			usleep(10000);
		}
}

static void where_one_cannot_start_nobody_runs(void **state)
{
	struct roles roles = { 0 };
	struct cast *cast = NULL;
	char why[256] = "";

	(void)state;
	roles_add(&roles, ROLE_RESPONDER, cpu[nr_cpus - 1]);
	roles_add(&roles, ROLE_RESPONDER, CPU_SETSIZE - 1);	/* there is no such CPU */
	assert_true(cast_start(&roles, &raw, &cast, why, sizeof(why)) < 0);
	roles_free(&roles);
	assert_non_null(strstr(why, "responder on CPU 1023"));
	assert_null(cast);
	nobody_is_left();
}

static void without_other_roles_there_is_nothing_to_settle(void **state)
{
	struct roles roles = { 0 };
	struct cast *cast = NULL;
	char why[256];

	(void)state;
	roles_add(&roles, ROLE_INITIATOR, cpu[0]);
	assert_int_equal(cast_start(&roles, &raw, &cast, why, sizeof(why)), 0);
	assert_int_equal(cast_settle(cast), 0);
	cast_stop(cast);
	cast_stop(NULL);
	roles_free(&roles);
}

static void pinning_leaves_one_cpu_and_refuses_one_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(pin_to_cpu(cpu[nr_cpus - 1]), 0);
	assert_int_equal(allowed_cpu(0), cpu[nr_cpus - 1]);
	assert_int_equal(sched_getcpu(), cpu[nr_cpus - 1]);
	assert_int_equal(pin_to_cpu(CPU_SETSIZE - 1), -EINVAL);
	assert_int_equal(allowed_cpu(0), cpu[nr_cpus - 1]);
}

static int give_cpus_back(void **state)
{
	(void)state;
	return sched_setaffinity(0, sizeof(before), &before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_responder_spins_in_this_process_on_each_cpu, give_cpus_back),
		cmocka_unit_test_teardown(a_bystander_is_another_process_that_spins_on_each_cpu, give_cpus_back),
		cmocka_unit_test_teardown(a_lazy_one_has_run_and_sleeps_again_when_settling_returns, give_cpus_back),
		cmocka_unit_test_teardown(settling_again_and_again_works_for_every_role, give_cpus_back),
		cmocka_unit_test_teardown(all_roles_live_side_by_side, give_cpus_back),
		cmocka_unit_test_teardown(the_cpu_of_one_that_does_not_run_is_named, give_cpus_back),
		cmocka_unit_test_teardown(a_bystander_counts_what_it_misses_during_an_op_and_only_then, give_cpus_back),
		cmocka_unit_test_teardown(a_bystander_dies_with_its_parent, give_cpus_back),
		cmocka_unit_test_teardown(where_one_cannot_start_nobody_runs, give_cpus_back),
		cmocka_unit_test_teardown(without_other_roles_there_is_nothing_to_settle, give_cpus_back),
		cmocka_unit_test_teardown(pinning_leaves_one_cpu_and_refuses_one_that_is_not_there, give_cpus_back),
	};

	if (sched_getaffinity(0, sizeof(before), &before))
		return 1;
	for (int i = 0; i < CPU_SETSIZE && nr_cpus < MAX_CPUS; i++)
		if (CPU_ISSET(i, &before))
			cpu[nr_cpus++] = i;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
