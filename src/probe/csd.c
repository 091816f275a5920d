// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The csd tracepoints through libperf: csd_queue_cpu fires on the CPU that queues a
 * request, once for each target CPU; csd_function_entry fires on the CPU that handles
 * it (kernel/smp.c). Every record lands in its CPU's ring buffer. Reading that memory
 * between ops takes no system call and no IPI, so each op gets its own count, and the
 * observer is in none.
 *
 * An op's records are those between two readings of the clock that also stamps them.
 * This keeps out what reading a ring may cause: when a process that has forked first
 * writes to a page, the page is copied, and that flushes other CPUs.
 *
 * The rings also record when a responder leaves its CPU. A kernel thread that runs
 * there meanwhile borrows the mm, and a flush that spares lazy CPUs spares this one.
 *
 * libperf's public interface has no event filter, so the function in each record is
 * compared here. So we also know the functions of requests that are neither syncs nor
 * flushes.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <perf/core.h>
#include <perf/cpumap.h>
#include <perf/event.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/mmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "machine/tracefs.h"
#include "probe/probe.h"

/*
 * A record takes some 90 bytes. An op on N CPUs makes a few times N records on the
 * initiator's CPU. The rest of a ring is room for the requests of other tasks during a
 * long op. Pages must be a power of two.
 */
#define RING_PAGES_MAX	256	/* 1 MiB a CPU, on up to 8 CPUs */
#define RING_PAGES_MIN	32	/* 128 KiB a CPU, from 64 CPUs on */

/* Where a tracepoint's record keeps a field. */
struct field {
	int offset, size;
};

struct tracepoint {
	int id;
	struct field func;
	struct field csd;	/* csd_function_entry only */
	struct field cpu;	/* csd_queue_cpu only: the target */
};

struct csd_probe {
	struct probe probe;
	struct tracepoint queue, entry;
	uint64_t smp_sync, flush_func;
	struct perf_evlist *evlist;
	int nr_cpus;
	pid_t self;		/* the process that attached */
	uint64_t op_began_ns;
	bool *responder_off;	/* by CPU: its responder is not running there now */
};

/* How the records since the last look are counted. */
struct tally {
	const struct probe_tasks *tasks;
	struct probe_op *op;	/* NULL: every record lies between ops */
	uint64_t began_ns, ended_ns;	/* of @op */
	struct ipi_result *total;	/* NULL: the records are not counted */
};

/* PERF_RECORD_SAMPLE with PERF_SAMPLE_TID | _TIME | _CPU | _RAW. */
struct sample {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t time_ns;
	uint32_t cpu, reserved;
	uint32_t raw_size;
	unsigned char raw[];
} __attribute__((packed));

/*
 * PERF_RECORD_SWITCH_CPU_WIDE with the sample_id of the same bits. pid and tid are of
 * the task that leaves the CPU if the header has PERF_RECORD_MISC_SWITCH_OUT, else of
 * the task that comes.
 */
struct switch_record {
	struct perf_event_header header;
	uint32_t next_prev_pid, next_prev_tid;
	uint32_t pid, tid;
	uint64_t time_ns;
	uint32_t cpu, reserved;
} __attribute__((packed));

static uint64_t raw_field(const struct sample *sample, const struct field *field)
{
	uint64_t value = 0;

	if (field->offset + field->size <= (int)sample->raw_size)
		memcpy(&value, sample->raw + field->offset, field->size);
	return value;
}

static enum ipi_class classify(const struct csd_probe *csd, uint64_t func)
{
	if (func == csd->smp_sync)
		return IPI_SYNC;
	return func == csd->flush_func ? IPI_FLUSH : IPI_OTHER;
}

static bool in_op(const struct tally *tally, uint64_t time_ns)
{
	return tally->op && time_ns >= tally->began_ns && time_ns <= tally->ended_ns;
}

/* The op's own: in all, and by the CPU that it is for. */
static void count_own(const struct csd_probe *csd, const struct sample *sample,
		      enum ipi_class class, const struct tally *tally)
{
	uint64_t target = raw_field(sample, &csd->queue.cpu);

	tally->op->requested[class]++;
	if (target < (uint64_t)csd->nr_cpus)
		tally->total->count[class].own_per_cpu[target]++;
}

static void count_request(const struct csd_probe *csd, const struct sample *sample,
			  const struct tally *tally)
{
	uint64_t func = raw_field(sample, &csd->queue.func);
	enum ipi_class class = classify(csd, func);
	bool foreign;

	if (!in_op(tally, sample->time_ns)) {
		if ((pid_t)sample->pid == csd->self)
			tally->total->count[class].between_ops++;
		return;
	}
	foreign = !tally->tasks->is_actor(tally->tasks->arg, (pid_t)sample->tid);
	if (foreign)
		tally->op->foreign[class]++;
	else
		count_own(csd, sample, class, tally);
	if (class == IPI_OTHER)
		ipi_add_cause(tally->total, func, foreign, 1);
}

/*
 * The sender runs its own share of a broadcast without any IPI. Such a call has no
 * csd (kernel/smp.c, smp_call_function_many_cond()).
 */
static void count_handling(const struct csd_probe *csd, const struct sample *sample,
			   struct ipi_result *total)
{
	enum ipi_class class = classify(csd, raw_field(sample, &csd->entry.func));

	if (!raw_field(sample, &csd->entry.csd))
		return;
	total->count[class].handled++;
	if ((int)sample->cpu < csd->nr_cpus)
		total->count[class].per_cpu[sample->cpu]++;
}

/* A responder that leaves its CPU or comes back displaces the op that is under way. */
static void note_switch(struct csd_probe *csd, const struct switch_record *record,
			const struct tally *tally)
{
	if (!tally->tasks->is_responder(tally->tasks->arg, (pid_t)record->tid) ||
	    (int)record->cpu >= csd->nr_cpus)
		return;
	csd->responder_off[record->cpu] =
		record->header.misc & PERF_RECORD_MISC_SWITCH_OUT;
	if (in_op(tally, record->time_ns))
		tally->op->displaced = true;
}

static void count_record(const struct csd_probe *csd, const union perf_event *event,
			 const struct tally *tally)
{
	const struct sample *sample = (const void *)event;
	uint16_t id;

	if (event->header.type == PERF_RECORD_LOST)
		tally->total->lost += event->lost.lost;
	if (event->header.type != PERF_RECORD_SAMPLE || sample->raw_size < sizeof(id))
		return;
	memcpy(&id, sample->raw, sizeof(id));	/* common_type */
	if (id == csd->queue.id)
		count_request(csd, sample, tally);
	else if (id == csd->entry.id && in_op(tally, sample->time_ns))
		count_handling(csd, sample, tally->total);
}

/* Count every record since the last look. */
static void drain(struct csd_probe *csd, const struct tally *tally)
{
	struct perf_mmap *map;

	perf_evlist__for_each_mmap(csd->evlist, map, false) {
		union perf_event *event;

		if (perf_mmap__read_init(map) < 0)
			continue;
		while ((event = perf_mmap__read_event(map))) {
			if (event->header.type == PERF_RECORD_SWITCH_CPU_WIDE)
				note_switch(csd, (const void *)event, tally);
			else if (tally->total)
				count_record(csd, event, tally);
			perf_mmap__consume(map);
		}
		perf_mmap__read_done(map);
	}
}

/* The clock that stamps the records, see add_event(). */
static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void csd_begin(struct probe *probe, const struct probe_tasks *tasks,
		      struct ipi_result *between)
{
	struct csd_probe *csd = (struct csd_probe *)probe;
	const struct tally tally = { .tasks = tasks, .total = between };

	drain(csd, &tally);
	*(volatile uint64_t *)&csd->op_began_ns = 0;	/* if its page must be copied, then now */
	csd->op_began_ns = now_ns();
}

static void csd_end(struct probe *probe, const struct probe_tasks *tasks,
		    struct probe_op *op, struct ipi_result *total)
{
	struct csd_probe *csd = (struct csd_probe *)probe;
	const struct tally tally = {
		.tasks = tasks, .op = op, .total = total,
		.began_ns = csd->op_began_ns, .ended_ns = now_ns(),
	};

	memset(op, 0, sizeof(*op));
	drain(csd, &tally);
	for (int cpu = 0; cpu < csd->nr_cpus; cpu++)
		op->displaced |= csd->responder_off[cpu];
}

static int csd_attach(struct probe *probe)
{
	struct csd_probe *csd = (struct csd_probe *)probe;
	int pages = RING_PAGES_MAX;

	csd->self = getpid();
	memset(csd->responder_off, 0, csd->nr_cpus * sizeof(*csd->responder_off));
	while (pages > RING_PAGES_MIN && pages * csd->nr_cpus > 8 * RING_PAGES_MAX)
		pages /= 2;
	return perf_evlist__mmap(csd->evlist, pages);
}

static int csd_enable(struct probe *probe)
{
	perf_evlist__enable(((struct csd_probe *)probe)->evlist);
	return 0;
}

static int csd_disable(struct probe *probe)
{
	perf_evlist__disable(((struct csd_probe *)probe)->evlist);
	return 0;
}

static void csd_close(struct probe *probe)
{
	struct csd_probe *csd = (struct csd_probe *)probe;

	if (csd->evlist) {
		perf_evlist__munmap(csd->evlist);
		perf_evlist__close(csd->evlist);
		perf_evlist__delete(csd->evlist);
	}
	free(csd->responder_off);
	free(csd);
}

/* @target: the event names the CPU that a request is for. */
static int find_tracepoint(int tracefs_fd, const char *event, bool target,
			   struct tracepoint *tp)
{
	char path[96], format[4096];
	int error;

	tp->id = tracefs_event_id(tracefs_fd, event);
	if (tp->id < 0)
		return tp->id;
	snprintf(path, sizeof(path), "events/%s/format", event);
	error = tracefs_read(tracefs_fd, path, format, sizeof(format));
	if (error < 0)
		return error;
	error = tracefs_field(format, "csd", &tp->csd.offset, &tp->csd.size);
	if (!error)
		error = tracefs_field(format, "func", &tp->func.offset, &tp->func.size);
	if (!error && (tp->func.size != 8 || tp->csd.size != 8))
		error = -EPROTO;
	if (!error && target)
		error = tracefs_field(format, "cpu", &tp->cpu.offset, &tp->cpu.size);
	return error;
}

static int find_tracepoints(struct csd_probe *csd, char *why, size_t size)
{
	int fd = tracefs_open(), error;

	if (fd < 0) {
		snprintf(why, size, "tracefs cannot be read (%s); run as root", strerror(-fd));
		return fd;
	}
	error = find_tracepoint(fd, "csd/csd_queue_cpu", true, &csd->queue);
	if (!error)
		error = find_tracepoint(fd, "csd/csd_function_entry", false,
					&csd->entry);
	close(fd);
	if (error)
		snprintf(why, size, "the csd tracepoints cannot be read (%s); they need root and Linux 6.6",
			 strerror(-error));
	return error;
}

static int add_event(struct csd_probe *csd, int id, bool switches)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_TRACEPOINT,
		.config = (uint64_t)id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
			       PERF_SAMPLE_RAW,
		.sample_id_all = 1,
		.context_switch = switches,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC_RAW,
		.disabled = 1,
		.watermark = 1,			/* nobody polls: never wake anybody up */
		.wakeup_watermark = UINT32_MAX,
	};
	struct perf_evsel *evsel = perf_evsel__new(&attr);

	if (!evsel)
		return -ENOMEM;
	perf_evlist__add(csd->evlist, evsel);
	return 0;
}

static void allow_many_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Context switches matter only if flushes can be predicted. Otherwise they just fill the rings. */
static int open_events(struct csd_probe *csd, const struct machine *machine)
{
	bool switches = machine->kernel.flush == FLUSH_NATIVE && !machine->cpu.invlpgb;
	struct perf_cpu_map *cpus = perf_cpu_map__new_online_cpus();
	int error = -ENOMEM;

	csd->evlist = perf_evlist__new();
	if (cpus && csd->evlist) {
		error = add_event(csd, csd->queue.id, switches);
		if (!error)
			error = add_event(csd, csd->entry.id, false);
	}
	if (!error) {
		perf_evlist__set_maps(csd->evlist, cpus, NULL);
		allow_many_files();
		error = perf_evlist__open(csd->evlist);
	}
	perf_cpu_map__put(cpus);
	return error;
}

static int no_messages(enum libperf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static int csd_open(const struct machine *machine, struct probe **probe,
		    char *why, size_t size)
{
	struct csd_probe *csd;
	int error;

	if (!machine->kernel.sym.smp_sync || !machine->kernel.sym.flush_func) {
		snprintf(why, size, machine->kernel.sym.readable ?
			 "the kernel has no tlb_remove_table_smp_sync or flush_tlb_func" :
			 "/proc/kallsyms hides addresses; run as root with kernel.kptr_restrict at most 1");
		return -EPERM;
	}
	csd = calloc(1, sizeof(*csd));
	if (!csd)
		return -ENOMEM;
	csd->probe.source = &csd_source;
	csd->smp_sync = machine->kernel.sym.smp_sync;
	csd->flush_func = machine->kernel.sym.flush_func;
	csd->nr_cpus = machine->topo.nr_possible;
	csd->responder_off = calloc(csd->nr_cpus, sizeof(*csd->responder_off));
	if (!csd->responder_off) {
		free(csd);
		return -ENOMEM;
	}
	libperf_init(no_messages);
	error = find_tracepoints(csd, why, size);
	if (!error) {
		error = open_events(csd, machine);
		if (error)
			snprintf(why, size, "perf events on every CPU are refused (%s); run as root or with CAP_PERFMON",
				 strerror(-error));
	}
	if (error) {
		csd_close(&csd->probe);
		return error;
	}
	*probe = &csd->probe;
	return 0;
}

const struct probe_source csd_source = {
	.kind = IPI_CSD,
	.open = csd_open, .attach = csd_attach, .enable = csd_enable,
	.disable = csd_disable, .begin = csd_begin, .end = csd_end,
	.close = csd_close,
};
