// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's facts of counting: what may be read, and how exact it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/doctor.h"
#include "machine/tracefs.h"
#include "probe/counters.h"

static void check_kallsyms(const struct machine *machine, struct finding *finding)
{
	finding_is(finding, "%s (kptr_restrict %d)", machine->kernel.sym.readable ?
		   "addresses can be read" : "addresses are hidden", machine->kptr_restrict);
	if (!machine->kernel.sym.readable)
		finding_mend(finding, STATE_WARNING, machine->kptr_restrict > 1 ?
			     "sysctl kernel.kptr_restrict=1, and run as root" : AS_ROOT);
}

/* The kernel lets all read trace records below 0 (perf_event_paranoid, sysctl/kernel.rst). */
static bool may_trace(const struct machine *machine)
{
	return machine->cap_perfmon || machine->perf_event_paranoid < 0;
}

static void check_perf(const struct machine *machine, struct finding *finding)
{
	finding_is(finding, "%s CAP_PERFMON, perf_event_paranoid %d",
		   machine->cap_perfmon ? "has" : "no", machine->perf_event_paranoid);
	if (!may_trace(machine))
		finding_mend(finding, STATE_WARNING, AS_ROOT);
}

/* Why something in tracefs cannot be used, and what to do about it. */
static void no_tracefs(struct finding *finding, int err)
{
	finding_is(finding, "%s", strerror(-err));
	finding_mend(finding, STATE_WARNING, err == -EPERM || err == -EACCES ? AS_ROOT :
		     "boot a kernel with the csd tracepoints and CONFIG_ENABLE_DEFAULT_TRACERS");
}

static void check_tracefs(const struct machine *machine, struct finding *finding)
{
	char path[256];
	int fd = tracefs_open();

	(void)machine;
	if (fd < 0) {
		no_tracefs(finding, fd);
		return;
	}
	close(fd);
	if (tracefs_find_mount("/proc/self/mounts", path, sizeof(path)))
		finding_is(finding, "not mounted; root mounts it for itself");
	else
		finding_is(finding, "%s", path);
}

/* The number of tracepoint @event, or -errno. */
static int event_id(const char *event)
{
	int fd = tracefs_open();
	int id;

	if (fd < 0)
		return fd;
	id = tracefs_event_id(fd, event);
	close(fd);
	return id;
}

static void check_event(struct finding *finding, const char *event)
{
	int id = event_id(event);

	if (id < 0)
		no_tracefs(finding, id);
	else
		finding_is(finding, "tracepoint %d", id);
}

static void check_queue(const struct machine *machine, struct finding *finding)
{
	(void)machine;
	check_event(finding, "csd/csd_queue_cpu");
}

static void check_entry(const struct machine *machine, struct finding *finding)
{
	(void)machine;
	check_event(finding, "csd/csd_function_entry");
}

static void check_exit(const struct machine *machine, struct finding *finding)
{
	(void)machine;
	check_event(finding, "csd/csd_function_exit");
}

static bool interrupts_count_calls(void)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char *line = NULL;
	size_t size = 0;
	bool has = false;

	while (file && !has && getline(&line, &size, file) > 0)
		has = !strncmp(line + strspn(line, " "), "CAL:", 4);
	free(line);
	if (file)
		fclose(file);
	return has;
}

static void check_counter(const struct machine *machine, struct finding *finding)
{
	bool csd = may_trace(machine) && machine->kernel.sym.readable &&
		event_id("csd/csd_queue_cpu") > 0 && event_id("csd/csd_function_entry") > 0;

	if (csd) {
		finding_is(finding, "csd tracepoints: exact");
	} else if (interrupts_count_calls()) {
		finding_is(finding, "/proc/interrupts: an estimate");
		finding_mend(finding, STATE_WARNING,
			     "mend kallsyms, perf and csd above for exact counts");
	} else {
		finding_is(finding, "no csd tracepoints, no CAL line in /proc/interrupts");
		finding_mend(finding, STATE_MISSING, "mount /proc, or run as root");
	}
}

/* Can this process count the @at'th event? If not, @why. */
static bool can_count(const struct machine *machine, int at, bool *rdpmc, char *why, size_t size)
{
	struct counter_list one = { .nr = 1 };
	struct counters *counters;
	bool can;

	why[0] = '\0';
	if (counter_event_parse(counter_event_name(at), &machine->cpu, &one.event[0]) ||
	    counters_of_task(&one, gettid(), true, &counters))
		return false;
	snprintf(why, size, "%s", counters_why(counters, 0));
	can = !*why;
	*rdpmc |= can && counters_by_rdpmc(counters, 0);
	counters_close(counters);
	return can;
}

/* What run --events can count here. */
static void check_events(const struct machine *machine, struct finding *finding)
{
	char names[512] = "", first[COUNTER_WHY] = "", why[COUNTER_WHY];
	size_t used = 0;
	bool rdpmc = false;

	for (int at = 0; counter_event_name(at) && used < sizeof(names); at++) {
		if (can_count(machine, at, &rdpmc, why, sizeof(why)))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? ", " : "", counter_event_name(at));
		else if (!*first)
			memcpy(first, why, sizeof(first));
	}
	finding_is(finding, "%s%s%s%s", *names ? names : "none", rdpmc ? "; read by rdpmc" : "",
		   *first ? "; not the others: " : "", first);
	if (!*names)
		finding_mend(finding, STATE_WARNING, AS_ROOT);
}

const struct check doctor_counters[] = {
	{ "kallsyms", check_kallsyms },
	{ "perf", check_perf },
	{ "tracefs", check_tracefs },
	{ "csd_queue_cpu", check_queue },
	{ "csd_function_entry", check_entry },
	{ "csd_function_exit", check_exit },
	{ "counter", check_counter },
	{ "events", check_events },
	{ 0 },
};
