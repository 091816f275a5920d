// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The names are those of perf-list(1), but for dtlb_walk, which no architecture has under
 * one name: page walks that data accesses caused. Its numbers are those of the kernel's
 * tools/perf/pmu-events/arch/x86: DTLB_LOAD_MISSES.WALK_COMPLETED of Intel's CPUs
 * (virtual-memory.json), ls_l1_d_tlb_miss.all_l2_miss of AMD's (amdzen4/memory.json; the
 * same bits by page size in older ones).
 */
#include "probe/counter-events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/tracefs.h"

#define CACHE(cache, op, result) \
	(PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_##op << 8 | \
	 PERF_COUNT_HW_CACHE_RESULT_##result << 16)

static const struct {
	const char *name;
	uint32_t type;
	uint64_t config;
} known[] = {
	{ "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "ref-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES },
	{ "branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
	{ "cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
	{ "cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "L1-dcache-load-misses", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, MISS) },
	{ "LLC-load-misses", PERF_TYPE_HW_CACHE, CACHE(LL, READ, MISS) },
	{ "dTLB-loads", PERF_TYPE_HW_CACHE, CACHE(DTLB, READ, ACCESS) },
	{ "dTLB-load-misses", PERF_TYPE_HW_CACHE, CACHE(DTLB, READ, MISS) },
	{ "dTLB-store-misses", PERF_TYPE_HW_CACHE, CACHE(DTLB, WRITE, MISS) },
	{ "iTLB-load-misses", PERF_TYPE_HW_CACHE, CACHE(ITLB, READ, MISS) },
	{ "dtlb_walk", PERF_TYPE_RAW, 0 },
	{ "context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
	{ "major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
	{ "task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
	{ "cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
	{ "alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS },
};

enum { NR_KNOWN = sizeof(known) / sizeof(known[0]) };

/* The at'th name that needs no number; NULL behind the last. */
const char *counter_event_name(int at)
{
	return at < NR_KNOWN ? known[at].name : NULL;
}

/* Models of family 6 whose number is 0x12: Golden Cove and later. */
static bool is_golden_cove(int model)
{
	static const int models[] = {
		0x8f, 0x97, 0x9a, 0xaa, 0xac, 0xad, 0xae, 0xb7, 0xba, 0xbd, 0xbf, 0xcf,
	};

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i] == model)
			return true;
	return false;
}

/* Haswell, Broadwell, Skylake, Ice Lake and what came with them; Tremont and later. */
static bool is_haswell_or_later(int model)
{
	static const int models[] = {
		0x3c, 0x3d, 0x3f, 0x45, 0x46, 0x47, 0x4e, 0x4f, 0x55, 0x56, 0x5e, 0x6a, 0x6c, 0x7d,
		0x7e, 0x86, 0x8c, 0x8d, 0x8e, 0x96, 0x9c, 0x9e, 0xa5, 0xa6, 0xa7, 0xaf, 0xb6, 0xbe,
	};

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i] == model)
			return true;
	return false;
}

/* The raw number of page walks on this CPU; 0: not known. */
static uint64_t walk_config(const struct cpufeat *feat)
{
	if (!strcmp(feat->vendor, "AuthenticAMD") && feat->family >= 0x17)
		return 0xf045;
	if (strcmp(feat->vendor, "GenuineIntel") || feat->family != 6)
		return 0;
	if (is_golden_cove(feat->model))
		return 0x0e12;
	return is_haswell_or_later(feat->model) ? 0x0e08 : 0;
}

static int parse_walk(const struct cpufeat *feat, struct counter_event *event)
{
	event->config = walk_config(feat);
	if (!event->config)
		snprintf(event->why, sizeof(event->why), "which event counts page walks on this CPU is not "
			 "known; give its number instead, rNNN");
	return 0;
}

/* "r0e08": what the CPU's manual has, umask and event. */
static int parse_raw(const char *name, struct counter_event *event)
{
	char *end;

	errno = 0;
	event->type = PERF_TYPE_RAW;
	event->config = strtoull(name + 1, &end, 16);
	return name[0] == 'r' && name[1] && strspn(name + 1, "0123456789abcdefABCDEF") ==
	       strlen(name + 1) && !errno && !*end ? 0 : -EINVAL;
}

/* "tlb:tlb_flush": a tracepoint, with slashes in tracefs. */
static int parse_tracepoint(const char *name, struct counter_event *event)
{
	char path[COUNTER_NAME];
	int fd, id;

	snprintf(path, sizeof(path), "%s", name);
	*strchr(path, ':') = '/';
	event->type = PERF_TYPE_TRACEPOINT;
	fd = tracefs_open();
	id = fd < 0 ? fd : tracefs_event_id(fd, path);
	if (fd >= 0)
		close(fd);
	if (id >= 0)
		event->config = (uint64_t)id;
	else if (id == -ENOENT)
		snprintf(event->why, sizeof(event->why), "this kernel has no such tracepoint");
	else
		snprintf(event->why, sizeof(event->why), "tracefs cannot be read (%s); run as root",
			 strerror(-id));
	return 0;
}

/*
 * What the kernel is asked for under @name, into @event: a name of the table, "rNNN" or
 * "system:tracepoint". 0, also where this machine cannot have it: event->why; or -EINVAL
 * for a name that is none.
 */
int counter_event_parse(const char *name, const struct cpufeat *feat, struct counter_event *event)
{
	*event = (struct counter_event){ .type = 0 };
	if (!*name || strlen(name) >= sizeof(event->name))
		return -EINVAL;
	strcpy(event->name, name);
	if (strchr(name, ':') && !strchr(name, '/') && !strstr(name, ".."))
		return parse_tracepoint(name, event);
	for (int i = 0; i < NR_KNOWN; i++) {
		if (strcmp(known[i].name, name))
			continue;
		event->type = known[i].type;
		event->config = known[i].config;
		return event->type == PERF_TYPE_RAW ? parse_walk(feat, event) : 0;
	}
	return parse_raw(name, event);
}
