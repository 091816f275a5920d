// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All events of a list are one group, so that they count the same ops. If the PMU has not
 * enough counters for that, each is on its own, and the kernel lets them take turns.
 */
#include "probe/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <perf/core.h>
#include <perf/cpumap.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/threadmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/process.h"
#include "machine/sysfs.h"
#include "probe/libperf.h"

struct counters {
	struct perf_evlist *evlist;
	struct perf_cpu_map *cpus;	/* NULL: any */
	struct perf_thread_map *threads;	/* NULL: none */
	int nr, nr_cpus;
	bool group;
	struct {
		struct perf_evsel *evsel;	/* NULL: it cannot be counted */
		bool rdpmc;
		char why[COUNTER_WHY];
	} event[MAX_COUNTERS];
};

/* ---- opening --------------------------------------------------------------------------------- */

/* Who leads a group is switched on and off for all of it; who is alone leads itself. */
static struct perf_evsel *new_event(const struct counter_event *event, bool leads)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = event->type,
		.config = event->config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.exclude_hv = 1,
		.disabled = leads,
	};

	return perf_evsel__new(&attr);
}

static bool is_hardware(uint32_t type)
{
	return type == PERF_TYPE_HARDWARE || type == PERF_TYPE_HW_CACHE || type == PERF_TYPE_RAW;
}

static bool has_pmu(void)
{
	static const char *const names[] = { "cpu", "cpu_core", "cpu_atom" };
	char path[96], text[32];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", names[i]);
		if (sysfs_read(path, text, sizeof(text)) >= 0)
			return true;
	}
	return false;
}

/* What @error of perf_event_open(2) means, and what can be done about it. */
static void say_why(const struct counter_event *event, int error, char *why, size_t size)
{
	char paranoid[16] = "?";

	if (error == -EACCES || error == -EPERM) {
		sysfs_read("/proc/sys/kernel/perf_event_paranoid", paranoid, sizeof(paranoid));
		snprintf(why, size, "the kernel refuses it (%s; perf_event_paranoid %s); run as root or with "
			 "CAP_PERFMON, and where no seccomp filter forbids perf_event_open",
			 strerror(-error), paranoid);
	} else if (error == -ENOSYS) {
		snprintf(why, size, "perf_event_open is not to be had here: a seccomp filter, or a kernel "
			 "without CONFIG_PERF_EVENTS");
	} else if (is_hardware(event->type) && !has_pmu()) {
		snprintf(why, size, "this machine has no PMU");
	} else if (error == -ENOENT || error == -EOPNOTSUPP || error == -EINVAL) {
		snprintf(why, size, "this CPU's PMU does not have it");
	} else {
		snprintf(why, size, "%s", strerror(-error));
	}
}

/* Can it be counted at all, and alone? 0 or -errno. */
static int try_alone(const struct counters *counters, const struct counter_event *event)
{
	struct perf_evsel *evsel = new_event(event, true);
	int error = evsel ? perf_evsel__open(evsel, counters->cpus, counters->threads) : -ENOMEM;

	if (!error)
		perf_evsel__close(evsel);
	if (evsel)
		perf_evsel__delete(evsel);
	return error;
}

/* Those that can be counted become the events of @counters. */
static int add_events(struct counters *counters, const struct counter_list *list, bool group)
{
	bool leads = true;

	counters->nr = list->nr;
	counters->group = group;
	for (int i = 0; i < list->nr; i++) {
		const struct counter_event *event = &list->event[i];
		int error = *event->why ? -ENOENT : try_alone(counters, event);

		if (*event->why)
			memcpy(counters->event[i].why, event->why, sizeof(event->why));
		else if (error)
			say_why(event, error, counters->event[i].why,
				sizeof(counters->event[i].why));
		if (error)
			continue;
		counters->event[i].evsel = new_event(event, leads);
		if (!counters->event[i].evsel)
			return -ENOMEM;
		leads = !group;
		perf_evlist__add(counters->evlist, counters->event[i].evsel);
	}
	return 0;
}

static int open_all(struct counters *counters)
{
	int error = 0;

	for (int i = 0; !error && i < counters->nr; i++)
		if (counters->event[i].evsel)
			error = perf_evsel__open(counters->event[i].evsel, counters->cpus,
						 counters->threads);
	for (int i = 0; error && i < counters->nr; i++)
		if (counters->event[i].evsel)
			perf_evsel__close(counters->event[i].evsel);
	return error;
}

static void drop_events(struct counters *counters)
{
	for (int i = 0; i < counters->nr; i++) {
		if (!counters->event[i].evsel)
			continue;
		perf_evlist__remove(counters->evlist, counters->event[i].evsel);
		perf_evsel__delete(counters->event[i].evsel);
		counters->event[i].evsel = NULL;
	}
}

static int open_as(struct counters *counters, const struct counter_list *list, bool group)
{
	int error = add_events(counters, list, group);

	if (error)
		return error;
	if (group)
		perf_evlist__set_leader(counters->evlist);
	return open_all(counters);
}

/* None of them is counted. */
static void give_up(struct counters *counters, const struct counter_list *list, int error)
{
	drop_events(counters);
	for (int i = 0; i < list->nr; i++)
		if (!*counters->event[i].why)
			snprintf(counters->event[i].why, COUNTER_WHY, "not with the others: %s; ask for "
				 "fewer events", strerror(-error));
}

/* As one group; a task's also each alone, if that cannot be. 0 or -ENOMEM. */
static int open_counters(struct counters *new, const struct counter_list *list, bool group)
{
	int error;

	libperf_quiet();
	process_allow_many_files();
	new->evlist = perf_evlist__new();
	if (!new->evlist)
		return -ENOMEM;
	error = open_as(new, list, group);
	if (error && group && new->threads) {
		drop_events(new);
		error = open_as(new, list, false);
	}
	if (error)
		give_up(new, list, error);
	return error == -ENOMEM ? error : 0;
}

/* A hardware event of the caller's own may be read without a system call, if the kernel lets us. */
static void map_pages(struct counters *counters, const struct counter_list *list)
{
	for (int i = 0; i < counters->nr; i++) {
		struct perf_evsel *evsel = counters->event[i].evsel;
		const struct perf_event_mmap_page *page;

		if (!evsel || !is_hardware(list->event[i].type) || perf_evsel__mmap(evsel, 0))
			continue;
		page = perf_evsel__mmap_base(evsel, 0, 0);
		counters->event[i].rdpmc = page && page->cap_user_rdpmc;
		if (!counters->event[i].rdpmc)
			perf_evsel__munmap(evsel);
	}
}

/*
 * The events of @list for task @tid of this process, or another one: as one @group if that can
 * be, else each alone, and the kernel lets them take turns. They are off. 0 with *@counters,
 * which counters_close() frees; what cannot be counted says so by counters_why(). Or -ENOMEM.
 * No two threads of a process may be in here.
 */
int counters_of_task(const struct counter_list *list, pid_t tid, bool group,
		     struct counters **counters)
{
	struct counters *new = calloc(1, sizeof(*new));
	int error = new ? 0 : -ENOMEM;

	if (!error) {
		new->threads = perf_thread_map__new_array(1, &tid);
		error = new->threads ? open_counters(new, list, group) : -ENOMEM;
	}
	if (error) {
		counters_close(new);
		return error;
	}
	new->nr_cpus = 1;
	if (tid == gettid())
		map_pages(new, list);
	*counters = new;
	return 0;
}

/* "0,3,5" on the heap; NULL: no memory. */
static char *cpu_list(const int *cpu, int nr)
{
	char *list = NULL;
	size_t size;
	FILE *out = open_memstream(&list, &size);

	for (int i = 0; out && i < nr; i++)
		fprintf(out, "%s%d", i ? "," : "", cpu[i]);
	if (out)
		fclose(out);
	return list;
}

/*
 * As counters_of_task(), for all that runs on the @nr CPUs of @cpu. One group only: events that
 * take turns do so by a timer on those CPUs, which would disturb them.
 */
int counters_of_cpus(const struct counter_list *list, const int *cpu, int nr,
		     struct counters **counters)
{
	struct counters *new = calloc(1, sizeof(*new));
	char *cpus = cpu_list(cpu, nr);
	int error = new && cpus ? 0 : -ENOMEM;

	if (!error) {
		new->nr_cpus = nr;
		new->cpus = perf_cpu_map__new(cpus);
		error = new->cpus ? open_counters(new, list, true) : -ENOMEM;
	}
	free(cpus);
	if (error) {
		counters_close(new);
		return error;
	}
	*counters = new;
	return 0;
}

/* ---- what they say ------------------------------------------------------------------------------ */

/* Why the @i'th event of the list is not counted; "" if it is. */
const char *counters_why(const struct counters *counters, int i)
{
	return counters->event[i].why;
}

/* Is the @i'th event read without a system call? */
bool counters_by_rdpmc(const struct counters *counters, int i)
{
	return counters->event[i].rdpmc;
}

/* From here on they count, or do so no more. NULL is fine. */
void counters_enable(struct counters *counters, bool on)
{
	for (int i = 0; counters && i < counters->nr; i++) {
		if (!counters->event[i].evsel)
			continue;
		(on ? perf_evsel__enable : perf_evsel__disable)(counters->event[i].evsel);
		if (counters->group)
			return;		/* that was the leader */
	}
}

static struct counter_value read_one(const struct counters *counters, int i)
{
	struct counter_value sum = { 0 };
	struct perf_counts_values one;

	for (int cpu = 0; counters->event[i].evsel && cpu < counters->nr_cpus; cpu++) {
		if (perf_evsel__read(counters->event[i].evsel, cpu, 0, &one))
			continue;
		sum.value += one.val;
		sum.enabled_ns += one.ena;
		sum.running_ns += one.run;
	}
	return sum;
}

/*
 * All events of the list into @value, the sum of all CPUs; 0 where one is not counted. They are
 * read in the list's order, or @backwards. NULL counts nothing.
 */
void counters_read(const struct counters *counters, struct counter_value *value, bool backwards)
{
	int nr = counters ? counters->nr : 0;

	for (int i = 0; i < nr; i++) {
		int at = backwards ? nr - 1 - i : i;

		value[at] = read_one(counters, at);
	}
}

/*
 * What would have been counted, had the event been on the PMU all the time, from the value
 * that was: perf_event_open(2). *@share is the part of the time in which it was counted.
 */
double counter_scale(const struct counter_value *sum, double *share)
{
	*share = sum->enabled_ns ? (double)sum->running_ns / (double)sum->enabled_ns : 1;
	return *share > 0 ? (double)sum->value / *share : 0;
}

/* Frees @counters. NULL is fine. */
void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (int i = 0; i < counters->nr; i++) {
		if (!counters->event[i].evsel)
			continue;
		if (counters->event[i].rdpmc)
			perf_evsel__munmap(counters->event[i].evsel);
		perf_evsel__close(counters->event[i].evsel);
	}
	if (counters->evlist) {
		drop_events(counters);
		perf_evlist__delete(counters->evlist);
	}
	perf_cpu_map__put(counters->cpus);
	perf_thread_map__put(counters->threads);
	free(counters);
}
