// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ticks of /proc/stat are 10 ms, and many kernels count a whole one for whoever runs when
 * it comes; a run's own CPU time is known to a microsecond. So nothing is said of a single
 * case: times are summed up, with their signs, and only the sum is judged.
 */
#include "machine/busy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "machine/process.h"
#include "machine/sysfs.h"

#define LOOK_NS		200000000
#define KTHREADD	2	/* parent of all kernel threads */
#define LINE_SIZE	256	/* more than the line of one CPU takes */

/* ---- from the text of files ------------------------------------------------ */

/* One line; that of all CPUs together, which has no number, is none. */
static bool parse_cpu(const char *line, int *cpu, struct cpu_ticks *ticks)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;

	if (!isdigit((unsigned char)line[3]) ||
	    sscanf(line, "cpu%d %llu %llu %llu %llu %llu %llu %llu %llu", cpu, &user, &nice,
		   &system, &idle, &iowait, &irq, &softirq, &steal) != 9)
		return false;
	ticks->busy = user + nice + system + softirq;
	ticks->steal = steal;
	ticks->there = true;
	return true;
}

/*
 * The CPUs below @nr out of the @text of /proc/stat; those that it lacks are not there.
 * How many it has; -EINVAL if it tells of none.
 */
int busy_parse_stat(const char *text, struct cpu_ticks *ticks, int nr)
{
	int found = 0, cpu;

	memset(ticks, 0, (size_t)nr * sizeof(*ticks));
	for (const char *line = text; line && !strncmp(line, "cpu", 3);) {
		struct cpu_ticks one;

		if (parse_cpu(line, &cpu, &one) && cpu >= 0 && cpu < nr) {
			found += !ticks[cpu].there;
			ticks[cpu] = one;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return found ? found : -EINVAL;
}

/* The load of the last minute out of the text of /proc/loadavg, or BUSY_UNKNOWN. */
double busy_parse_loadavg(const char *text)
{
	double load;

	return sscanf(text, "%lf", &load) == 1 && load >= 0 ? load : BUSY_UNKNOWN;
}

/* ---- from two looks -------------------------------------------------------- */

static uint64_t gone_up(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

static double at_most_one(double share)
{
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/*
 * Shares of @seconds on the CPUs that are there in both looks, @tick_s a tick; all that is
 * busy counts. Unknown where there is no such CPU.
 */
void busy_shares(const struct cpu_ticks *then, const struct cpu_ticks *now, int nr,
		 double seconds, double tick_s, struct busy_sample *sample)
{
	double busy_s = 0, steal_s = 0;
	int cpus = 0;

	sample->before.busy_share = sample->before.steal_share = BUSY_UNKNOWN;
	sample->busiest = -1;
	sample->busiest_share = BUSY_UNKNOWN;
	for (int i = 0; i < nr; i++) {
		double busy, steal;

		if (!then[i].there || !now[i].there)
			continue;
		busy = (double)gone_up(then[i].busy, now[i].busy) * tick_s;
		steal = (double)gone_up(then[i].steal, now[i].steal) * tick_s;
		busy_s += busy;
		steal_s += steal;
		cpus++;
		if (at_most_one((busy + steal) / seconds) > sample->busiest_share) {
			sample->busiest = i;
			sample->busiest_share = at_most_one((busy + steal) / seconds);
		}
	}
	if (!cpus)
		return;
	sample->before.busy_share = at_most_one(busy_s / seconds / cpus);
	sample->before.steal_share = at_most_one(steal_s / seconds / cpus);
}

/* The sums of a run as shares; what is negative by the ticks' error is nothing. */
void busy_sum(double cpu_s, double busy_s, double own_s, double steal_s,
	      struct busy_during *during)
{
	*during = (struct busy_during){
		BUSY_UNKNOWN, BUSY_UNKNOWN, BUSY_UNKNOWN, BUSY_UNKNOWN,
	};
	if (cpu_s <= 0)
		return;
	during->cpu_s = cpu_s;
	during->own_s = own_s;
	during->other_share = at_most_one((busy_s - own_s) / cpu_s);
	during->steal_share = at_most_one(steal_s / cpu_s);
}

/* Did others take so much that times may be off? False where it is unknown. */
bool busy_is(const struct busy_during *during)
{
	double stolen = during->steal_share >= 0 ? during->steal_share : 0;

	return during->other_share >= 0 && during->other_share + stolen > BUSY_LIMIT;
}

/* ---- from this machine ----------------------------------------------------- */

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + now.tv_nsec / 1e9;
}

static double tick_s(void)
{
	return 1.0 / (double)sysconf(_SC_CLK_TCK);
}

/* CPUs come first in /proc/stat; what follows need not fit. */
static int read_stat(struct cpu_ticks *ticks, int nr)
{
	size_t size = (size_t)(nr + 1) * LINE_SIZE;
	char *text = malloc(size);
	int err = text ? sysfs_read("/proc/stat", text, size) : -ENOMEM;

	if (!err || err == -EOVERFLOW)
		err = busy_parse_stat(text, ticks, nr);
	free(text);
	return err < 0 ? err : 0;
}

/*
 * Look for a fifth of a second at what all CPUs do. Meant for before anything of ours runs:
 * what is busy is somebody else. 0, and what could not be found out is unknown in @sample;
 * or -ENOMEM.
 */
int busy_look(const struct topology *topo, struct busy_sample *sample)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	int nr = topo->nr_possible;
	struct cpu_ticks *ticks = calloc(2 * (size_t)nr, sizeof(*ticks));
	char loadavg[64] = "";
	double began;

	if (!ticks)
		return -ENOMEM;
	began = now_s();
	read_stat(ticks, nr);
	nanosleep(&look, NULL);
	read_stat(ticks + nr, nr);
	busy_shares(ticks, ticks + nr, nr, now_s() - began, tick_s(), sample);
	sysfs_read("/proc/loadavg", loadavg, sizeof(loadavg));
	sample->before.loadavg = busy_parse_loadavg(loadavg);
	free(ticks);
	return 0;
}

struct busy_meter {
	int nr;
	struct cpu_ticks *then, *now;	/* of each CPU */
	double began_s, own_began_s;
	int khugepaged;			/* its pid, while it works for the case; else 0 */
	bool known;			/* the look at the beginning */
	double cpu_s, busy_s, own_s, steal_s;
};

/* A meter for CPUs below @nr_cpus, for busy_meter_free(); NULL without memory. */
struct busy_meter *busy_meter_new(int nr_cpus)
{
	struct busy_meter *meter = calloc(1, sizeof(*meter));

	if (!meter)
		return NULL;
	meter->nr = nr_cpus;
	meter->then = calloc((size_t)nr_cpus, sizeof(*meter->then));
	meter->now = calloc((size_t)nr_cpus, sizeof(*meter->now));
	if (meter->then && meter->now)
		return meter;
	busy_meter_free(meter);
	return NULL;
}

/* NULL is fine. */
void busy_meter_free(struct busy_meter *meter)
{
	if (!meter)
		return;
	free(meter->then);
	free(meter->now);
	free(meter);
}

static double timeval_s(const struct timeval *time)
{
	return (double)time->tv_sec + time->tv_usec / 1e6;
}

static double used_s(int who)
{
	struct rusage usage;

	return getrusage(who, &usage) ? 0 :
	       timeval_s(&usage.ru_utime) + timeval_s(&usage.ru_stime);
}

/* The CPU time of a kernel thread; 0 where it is not told. */
static double thread_s(int pid)
{
	unsigned long long ns;
	char path[64], text[128];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	if (!pid || sysfs_read(path, text, sizeof(text)) || sscanf(text, "%llu", &ns) != 1)
		return 0;
	return (double)ns / 1e9;
}

/* All of ours that has ended and been waited for, this process, and who works for us. */
static double own_s(const struct busy_meter *meter)
{
	return used_s(RUSAGE_CHILDREN) + used_s(RUSAGE_SELF) + thread_s(meter->khugepaged);
}

static bool is_khugepaged(const struct process *process, const void *arg)
{
	(void)arg;
	return process->parent == KTHREADD && !strcmp(process->name, "khugepaged");
}

/* A case begins, for which @khugepaged works or not. */
void busy_begin(struct busy_meter *meter, bool khugepaged)
{
	struct process found;

	meter->khugepaged = khugepaged && process_find(is_khugepaged, NULL, &found) ?
			    found.pid : 0;
	meter->own_began_s = own_s(meter);
	meter->known = !read_stat(meter->then, meter->nr);
	meter->began_s = now_s();
}

/*
 * A case that ran on @cpus has ended, and its processes have been waited for: only then is
 * their time known. A case is left out if its CPUs' time is not told.
 */
void busy_end(struct busy_meter *meter, const bool *cpus)
{
	double seconds = now_s() - meter->began_s;
	uint64_t busy = 0, steal = 0;
	int nr = 0;

	if (!meter->known || read_stat(meter->now, meter->nr))
		return;
	for (int i = 0; i < meter->nr; i++) {
		if (!cpus[i])
			continue;
		if (!meter->then[i].there || !meter->now[i].there)
			return;
		busy += gone_up(meter->then[i].busy, meter->now[i].busy);
		steal += gone_up(meter->then[i].steal, meter->now[i].steal);
		nr++;
	}
	meter->cpu_s += seconds * nr;
	meter->busy_s += (double)busy * tick_s();
	meter->steal_s += (double)steal * tick_s();
	meter->own_s += own_s(meter) - meter->own_began_s;
}

/* What the cases so far add up to. */
void busy_during(const struct busy_meter *meter, struct busy_during *during)
{
	busy_sum(meter->cpu_s, meter->busy_s, meter->own_s, meter->steal_s, during);
}
