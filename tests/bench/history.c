// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long `tlbsync history --html` takes over 10,000 records, and how much memory: a year
 * and a month of 25 machines, with the cases, CPUs and histograms that a record of a run
 * on 8 CPUs has. They are made up, of seeded noise and a few steps, and removed again.
 */
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/record.h"
#include "tests/bench/bench.h"

#define NR_HOSTS	25
#define NR_NIGHTS	400
#define NR_CASES	14
#define NR_CPUS		8
#define OPS		300	/* timed ones: they fill about 60 buckets */
#define KERNEL_NIGHTS	20	/* until the next version */
#define FIRST_NIGHT	1735689600	/* 2025-01-01 */
#define MOST_SECONDS	5.0
#define MOST_MEGABYTES	300.0

static uint64_t seed;

/* xorshift64*, in [0, 1) */
static double uniform(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (double)((seed * 0x2545f4914f6cdd1dull) >> 11) * 0x1p-53;
}

/* Each host's cases have levels of their own; every fifth steps once. */
static double level(int host, int night, int index)
{
	double base = 2000.0 * (index + 1) + 100.0 * host;
	int place = host + index;

	return place % 5 == 0 && night >= 100 + 10 * place ? 1.2 * base : base;
}

static void fill_case(struct case_result *c, uint64_t *per_cpu, int host, int night, int index)
{
	double of_night = level(host, night, index) * (1 + 0.03 * (uniform() + uniform() - 1));

	hist_init(c->latency);
	for (int i = 0; i < OPS; i++)
		hist_add(c->latency, (uint64_t)(of_night * (0.9 + 0.1 / (1.02 - uniform()))));
	c->ops = OPS;
	c->elapsed_ns = (uint64_t)(of_night * 3 * OPS);
	c->counted_p50_ns = (uint64_t)of_night;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		c->ipi.count[cls] = (struct ipi_count){
			.has_requested = true, .per_cpu = per_cpu,
			.requested = cls == IPI_OTHER ? (uint64_t)(3 * uniform()) : 7 * OPS,
			.handled = 7 * OPS,
		};
	}
}

static int write_record(const char *folder, struct record *rec, uint64_t *per_cpu, int host,
			int night)
{
	time_t start = FIRST_NIGHT + (time_t)night * 86400;
	char path[256], started[32], id[64], release[32], name[16];
	struct tm tm;
	FILE *out;
	int err;

	gmtime_r(&start, &tm);
	strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(name, sizeof(name), "host%02d", host);
	snprintf(id, sizeof(id), "%s-%s", started, name);
	snprintf(release, sizeof(release), "7.2.%d", night / KERNEL_NIGHTS);
	rec->started = started;
	rec->host = name;
	rec->id = rec->kernel.boot_id = id;
	rec->kernel.release = release;
	for (int i = 0; i < NR_CASES; i++)
		fill_case(&rec->cases[i], per_cpu, host, night, i);
	snprintf(path, sizeof(path), "%s/%s/%s.json", folder, name, id);
	out = fopen(path, "w");
	if (!out)
		return -errno;
	err = record_print(rec, out);
	return fclose(out) && !err ? -errno : err;
}

/* The parts that all records share; strings are literals, never freed. */
static void begin_record(struct record *rec, struct case_result *cases, int *cpus)
{
	*rec = (struct record){
		.tool = "tlbsync bench", .command = "tlbsync run", .profile = "default",
		.kernel = { .cmdline = "ro quiet", .static_key_why = "", .flush_why = "" },
		.machine = {
			.cpus_online = NR_CPUS, .cpus_allowed = NR_CPUS, .nodes = 2,
			.cpu = "made up", .hypervisor = "", .microcode = "0x1",
			.governor = "performance", .smt = "off", .isolated = "",
			.nohz_full = "", .invariant_tsc = 1, .memory_bytes = 1ull << 35,
		},
		.clock = { .source = "tsc", .cost_ns = 12, .hz = 3e9 },
		.counter = "csd", .counter_why = "", .cases = cases, .nr_cases = NR_CASES,
	};
	for (int i = 0; i < NR_CASES; i++) {
		struct case_result *c = &cases[i];

		snprintf(c->id.workload, sizeof(c->id.workload), "workload-%d", i / 2);
		strcpy(c->id.placement, i % 2 ? "all" : "alone");
		c->roles.cpu[ROLE_INITIATOR] = cpus;
		c->roles.nr[ROLE_INITIATOR] = 1;
		c->roles.cpu[ROLE_RESPONDER] = cpus + 1;
		c->roles.nr[ROLE_RESPONDER] = i % 2 ? NR_CPUS - 1 : 0;
		c->ipi.source = IPI_CSD;
		c->nr_cpus = NR_CPUS;
		c->expect.has_sync = c->expect.has_flush = true;
		c->expect.sync_per_op = c->expect.flush_per_op = 7;
		c->as_expected = VERDICT_TRUE;
	}
}

static int write_all(const char *folder)
{
	struct case_result cases[NR_CASES] = { 0 };
	uint64_t per_cpu[NR_CPUS] = { 0, OPS, OPS, OPS, OPS, OPS, OPS, OPS };
	int cpus[NR_CPUS] = { 0, 1, 2, 3, 4, 5, 6, 7 }, err = 0;
	struct histogram *latency = malloc(NR_CASES * sizeof(*latency));
	struct record rec;

	if (!latency)
		return -ENOMEM;
	seed = 42;
	begin_record(&rec, cases, cpus);
	for (int i = 0; i < NR_CASES; i++)
		cases[i].latency = &latency[i];
	for (int host = 0; host < NR_HOSTS && !err; host++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/host%02d", folder, host);
		if (mkdir(path, 0700))
			err = -errno;
		for (int night = 0; night < NR_NIGHTS && !err; night++)
			err = write_record(folder, &rec, per_cpu, host, night);
	}
	free(latency);
	return err;
}

static double bytes_in_all;

static int add_size(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	if (type == FTW_F)
		bytes_in_all += (double)st->st_size;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The harness pins itself; the program may use every CPU. */
static void unpin(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

struct cost {
	double seconds, cpu_seconds, megabytes;
};

/* What a history of @folder takes. Its exit status, or -errno. */
static int time_history(const char *folder, struct cost *cost)
{
	uint64_t start = clock_monotonic_ns();
	struct rusage usage;
	char page[256];
	int status;
	pid_t pid;

	snprintf(page, sizeof(page), "%s/history.html", folder);
	pid = fork();
	if (!pid) {
		unpin();
		execl("./tlbsync", "tlbsync", "history", "--html", page, folder, NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return -errno;
	cost->seconds = (double)(clock_monotonic_ns() - start) / 1e9;
	cost->cpu_seconds = seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
	cost->megabytes = (double)usage.ru_maxrss * 1024 / 1e6;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Run this in the build folder, where ./tlbsync is. */
int bench_history(void)
{
	char folder[] = "/tmp/tlbsync-history-XXXXXX";
	struct cost cost = { 0 };
	int status;

	if (!mkdtemp(folder))
		return -errno;
	status = write_all(folder);
	if (!status) {
		bytes_in_all = 0;
		nftw(folder, add_size, 16, FTW_PHYS);
		status = time_history(folder, &cost);
	}
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (status) {
		fprintf(stderr, "history: %s\n", status < 0 ? strerror(-status) : "it failed");
		return status;
	}
	printf("history of %d records, %.0f KB each: %.2f s (at most %.0f: %s; CPU time %.2f s), "
	       "%.0f MB (at most %.0f: %s)\n", NR_HOSTS * NR_NIGHTS,
	       bytes_in_all / (NR_HOSTS * NR_NIGHTS) / 1e3, cost.seconds, MOST_SECONDS,
	       judged(cost.seconds < MOST_SECONDS), cost.cpu_seconds, cost.megabytes,
	       MOST_MEGABYTES, judged(cost.megabytes < MOST_MEGABYTES));
	return cost.seconds >= MOST_SECONDS || cost.megabytes >= MOST_MEGABYTES;
}
