// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The races once more, while threads of the same processes block and wake on every CPU,
 * so that page tables are freed which idle CPUs still have loaded. In a variant of its
 * own a CPU comes and goes meanwhile, in another the kernel's allocations that may not
 * wait fail, so that it takes the fallbacks.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/sysfs.h"
#include "stress/all-races.h"
#include "stress/storm.h"
#include "workloads/fail-alloc.h"

static int run(struct stress_ctx *ctx)
{
	int error;

	ctx->storm = true;
	error = all_races(ctx);
	if (!error && !stress_counted(ctx->tally, "wakes"))
		return workload_fail(&ctx->work, -EPROTO, "proved nothing: no thread ever woke");
	return error;
}

const struct stress_test lazy_storm_test = {
	.name = "lazy-storm",
	.summary = "all the races, while threads block and wake on every CPU",
	.run = run,
};

/* ---- CPUs that come and go -------------------------------------------------- */

struct hotplug {
	struct stress_ctx *ctx;
	char path[64];
	sem_t started;
	atomic_bool stop;
	uint64_t times;
};

static void *come_and_go(void *arg)
{
	struct hotplug *hotplug = arg;
	struct random random;

	stress_pin_to(hotplug->ctx, 0);
	stress_reseed(&random, hotplug->ctx->options->seed, "hotplug", 0);
	sem_post(&hotplug->started);
	while (!atomic_load(&hotplug->stop)) {
		int error = sysfs_write(hotplug->path, "0");

		stress_pause_us(random_below(&random, 50000));
		hotplug->times += !error && !sysfs_write(hotplug->path, "1");
		stress_pause_us(random_below(&random, 100000));
	}
	return NULL;
}

static int refuse(int cpu, int error, char *why, size_t size)
{
	snprintf(why, size, "cannot take CPU %d away and back (%s); run as root on a kernel "
		 "with CONFIG_HOTPLUG_CPU", cpu, strerror(-error));
	return -EOPNOTSUPP;
}

static void path_of(int cpu, char *path, size_t size)
{
	snprintf(path, size, "/sys/devices/system/cpu/cpu%d/online", cpu);
}

/* What is known before: is there another CPU, and may its file be written? */
static int hotplug_blocked(const struct machine *machine, char *why, size_t size)
{
	char path[64];
	int nr = 0, last = -1, fd;

	for (int i = 0; i < machine->topo.nr_online; i++)
		if (machine->topo.cpus[i].allowed) {
			last = machine->topo.cpus[i].cpu;
			nr++;
		}
	if (nr < 2) {
		snprintf(why, size, "there is no second CPU that could go; boot a machine "
			 "with more, or allow more to this process (taskset)");
		return -EOPNOTSUPP;
	}
	path_of(last, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(last, -errno, why, size);
	close(fd);
	return 0;
}

/* The last CPU goes; from the settings' table it comes back, whatever happens. */
static int choose(struct hotplug *hotplug)
{
	struct stress_ctx *ctx = hotplug->ctx;
	int cpu = ctx->cpu[ctx->nr_cpus - 1], error;

	path_of(cpu, hotplug->path, sizeof(hotplug->path));
	error = settings_write(ctx->work.settings, hotplug->path, "0");
	if (!error)
		error = sysfs_write(hotplug->path, "1");
	return error ? refuse(cpu, error, ctx->work.reason, sizeof(ctx->work.reason)) : 0;
}

static int run_hotplug(struct stress_ctx *ctx)
{
	static struct hotplug hotplug;
	pthread_t thread;
	int error;

	hotplug = (struct hotplug){ .ctx = ctx };
	error = choose(&hotplug);
	if (error)
		return error;
	sem_init(&hotplug.started, 0, 0);
	error = -pthread_create(&thread, NULL, come_and_go, &hotplug);
	if (error)
		return workload_fail(&ctx->work, error, "starting a thread");
	/* The races fork at once. A child that is forked while a thread starts may
	 * inherit a lock of its runtime, held for ever (AddressSanitizer's of gcc 12). */
	while (sem_wait(&hotplug.started) && errno == EINTR)
		;
	error = run(ctx);
	atomic_store(&hotplug.stop, true);
	pthread_join(thread, NULL);
	stress_count(ctx, "CPU came and went", hotplug.times);
	if (!error && !hotplug.times)
		return workload_fail(&ctx->work, -EPROTO, "proved nothing: the CPU never went");
	return error;
}

const struct stress_test lazy_storm_hotplug_test = {
	.name = "lazy-storm-hotplug",
	.summary = "the same, while the last CPU goes offline and comes back",
	.blocked = hotplug_blocked, .run = run_hotplug,
};

/* ---- memory that cannot be had ---------------------------------------------- */

/* Not every one fails: what follows a success, and what follows a failure, is tried. */
#define PROBABILITY	"/sys/kernel/debug/fail_page_alloc/probability"

static int run_fail_alloc(struct stress_ctx *ctx)
{
	struct fail_alloc fail = { 0 };
	uint64_t failed = 0;
	int error = fail_alloc_prepare(&ctx->work, &fail);

	if (!error && settings_write(ctx->work.settings, PROBABILITY, "30"))
		error = workload_fail(&ctx->work, -EIO, "writing " PROBABILITY);
	if (!error)
		error = fail_alloc_start(&ctx->work, &fail);	/* threads and children too */
	if (!error)
		error = run(ctx);
	if (!error)
		error = fail_alloc_stop(&ctx->work, &fail, &failed);
	fail_alloc_cleanup(&fail);
	if (error)
		return error;
	stress_count(ctx, "allocations failed", failed);
	if (!failed)
		return workload_fail(&ctx->work, -EPROTO, "proved nothing: no allocation failed");
	return error;
}

const struct stress_test lazy_storm_fail_alloc_test = {
	.name = "lazy-storm-fail-alloc",
	.summary = "the same, while allocations of memory fail (fail_page_alloc)",
	.needs = NEEDS_FAIL_ALLOC,
	.run = run_fail_alloc,
};
