// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tracepoints and context switches through libperf. csd_queue_cpu fires on the CPU that
 * queues a request, once for each target CPU; csd_function_entry fires on the CPU that
 * handles it, csd_function_exit when it has; ipi_send_cpu and ipi_send_cpumask fire just
 * before the interrupts leave (kernel/smp.c). libperf's public interface has no event filter,
 * so all of them come here.
 */
#include "probe/rings.h"

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
#include <time.h>
#include <unistd.h>

#include "machine/process.h"
#include "machine/tracefs.h"
#include "probe/libperf.h"

/*
 * A record takes some 90 bytes. An op on N CPUs makes a few times N records on the
 * initiator's CPU. A ring is 1 MiB a CPU on up to 8 CPUs, and 128 KiB from 64 CPUs on.
 */
#define RING_MOST	(1u << 20)
#define RING_LEAST	(128u << 10)
#define RINGS_MEMORY	(8u << 20)
#define RECORD_MOST	512	/* no record here is longer, but for masks of 2048 CPUs and more */

/* Where a tracepoint's record keeps a field. */
struct field {
	int offset, size;
};

struct tracepoint {
	const char *name;
	const char *func_name, *csd_name, *target_name;	/* of its fields; NULL: it has none */
	bool optional;
	unsigned int what;	/* it is opened if one of these RINGS_ bits is asked for; 0: always */
	enum interrupt interrupt;
	enum ring_event_kind kind;
	int id;			/* -1: not to be had */
	struct field func, csd, target;
};

enum {
	TP_QUEUE, TP_ENTRY, TP_EXIT, TP_SEND_CPU, TP_SEND_MASK, TP_TIMER, TP_RESCHEDULE, TP_WORK,
	TP_DEVICE, NR_TRACEPOINTS,
};

static const struct tracepoint known[NR_TRACEPOINTS] = {
	[TP_QUEUE] = {
		.name = "csd/csd_queue_cpu", .kind = EVENT_QUEUE,
		.func_name = "func", .csd_name = "csd", .target_name = "cpu",
	},
	[TP_ENTRY] = {
		.name = "csd/csd_function_entry", .kind = EVENT_ENTRY,
		.func_name = "func", .csd_name = "csd",
	},
	[TP_EXIT] = {
		.name = "csd/csd_function_exit", .kind = EVENT_EXIT, .what = RINGS_EXITS,
		.func_name = "func", .csd_name = "csd",
	},
	[TP_SEND_CPU] = {
		.name = "ipi/ipi_send_cpu", .kind = EVENT_SENT, .optional = true,
		.func_name = "callback", .target_name = "cpu",
	},
	[TP_SEND_MASK] = {
		.name = "ipi/ipi_send_cpumask", .kind = EVENT_SENT, .optional = true,
		.func_name = "callback", .target_name = "cpumask",
	},
	[TP_TIMER] = {
		.name = "irq_vectors/local_timer_entry", .kind = EVENT_INTERRUPT, .optional = true,
		.what = RINGS_INTERRUPTS, .interrupt = INTERRUPT_TIMER,
	},
	[TP_RESCHEDULE] = {
		.name = "irq_vectors/reschedule_entry", .kind = EVENT_INTERRUPT, .optional = true,
		.what = RINGS_INTERRUPTS, .interrupt = INTERRUPT_RESCHEDULE,
	},
	[TP_WORK] = {
		.name = "irq_vectors/irq_work_entry", .kind = EVENT_INTERRUPT, .optional = true,
		.what = RINGS_INTERRUPTS, .interrupt = INTERRUPT_WORK,
	},
	[TP_DEVICE] = {
		.name = "irq/irq_handler_entry", .kind = EVENT_INTERRUPT, .optional = true,
		.what = RINGS_INTERRUPTS, .interrupt = INTERRUPT_DEVICE,
	},
};

struct rings {
	struct tracepoint tracepoint[NR_TRACEPOINTS];
	struct perf_evlist *evlist;
	int nr_cpus;
	bool each_target;	/* of interrupts that are sent is told */
	size_t size;		/* bytes of each CPU's ring; 0: not mapped */
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

/* ---- from records to events ----------------------------------------------------------- */

static uint64_t raw_field(const struct sample *sample, const struct field *field)
{
	uint64_t value = 0;

	if (field->size > 0 && field->offset + field->size <= (int)sample->raw_size)
		memcpy(&value, sample->raw + field->offset, field->size);
	return value;
}

/* The tracepoint that made @sample; NULL: none that is known here. */
static const struct tracepoint *tracepoint_of(const struct rings *rings,
					      const struct sample *sample)
{
	uint16_t id;

	if (sample->raw_size < sizeof(id))
		return NULL;
	memcpy(&id, sample->raw, sizeof(id));	/* common_type */
	for (int i = 0; i < NR_TRACEPOINTS; i++)
		if (rings->tracepoint[i].id == id)
			return &rings->tracepoint[i];
	return NULL;
}

static int append(struct event_log *log, struct ring_event event)
{
	if (log->nr == log->room) {
		size_t room = log->room ? 2 * log->room : 1024;
		struct ring_event *more = realloc(log->event, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		log->event = more;
		log->room = room;
	}
	event.order = (uint32_t)log->nr;
	log->event[log->nr++] = event;
	return 0;
}

/*
 * An event for each CPU of a mask, or one for all. The field says where it lies: offset, and
 * size << 16.
 */
static int append_mask(const struct rings *rings, struct event_log *log,
		       const struct sample *sample, const struct field *field,
		       struct ring_event event)
{
	uint64_t where = raw_field(sample, field);
	uint32_t offset = where & 0xffff, size = (uint32_t)where >> 16;
	int error = 0;

	event.nr = rings->each_target;
	for (uint32_t bit = 0; !error && bit < 8 * size && offset + bit / 8 < sample->raw_size; bit++) {
		if (!(sample->raw[offset + bit / 8] >> bit % 8 & 1))
			continue;
		event.target = bit;
		if (rings->each_target)
			error = append(log, event);
		else
			event.nr++;
	}
	return error || rings->each_target ? error : append(log, event);
}

static int take_sample(const struct rings *rings, const struct sample *sample,
		       struct event_log *log)
{
	const struct tracepoint *tp = tracepoint_of(rings, sample);
	struct ring_event event;

	if (!tp)
		return 0;
	event = (struct ring_event){
		.time_ns = sample->time_ns, .pid = (pid_t)sample->pid, .tid = (pid_t)sample->tid,
		.cpu = sample->cpu, .nr = 1, .kind = tp->kind, .func = raw_field(sample, &tp->func),
		.csd = raw_field(sample, &tp->csd),
	};
	/* reschedule interrupts have no callback (include/linux/sched.h, scheduler_ipi()) */
	if (tp->kind == EVENT_SENT && !event.func)
		return 0;
	if (tp == &rings->tracepoint[TP_SEND_MASK])
		return append_mask(rings, log, sample, &tp->target, event);
	event.target = tp->kind == EVENT_INTERRUPT ? tp->interrupt :
		       (uint32_t)raw_field(sample, &tp->target);
	return append(log, event);
}

static int take_switch(const struct switch_record *record, struct event_log *log)
{
	bool out = record->header.misc & PERF_RECORD_MISC_SWITCH_OUT;

	return append(log, (struct ring_event){
		.time_ns = record->time_ns, .pid = (pid_t)record->pid, .tid = (pid_t)record->tid,
		.cpu = record->cpu, .kind = out ? EVENT_OUT : EVENT_IN,
	});
}

/* The events that @record tells of go into @log. 0 or -ENOMEM. */
static int take(const struct rings *rings, const union perf_event *record, struct event_log *log)
{
	switch (record->header.type) {
	case PERF_RECORD_LOST:
		log->lost += record->lost.lost;
		return 0;
	case PERF_RECORD_SWITCH_CPU_WIDE:
		return take_switch((const void *)record, log);
	case PERF_RECORD_SAMPLE:
		return take_sample(rings, (const void *)record, log);
	default:
		return 0;
	}
}

/* Empty one ring into @log. A ring that was full to the brim may have lost records. */
static int read_ring(const struct rings *rings, struct perf_mmap *map, struct event_log *log)
{
	const union perf_event *record;
	size_t bytes = 0;
	int error = 0;

	if (perf_mmap__read_init(map) < 0)
		return 0;
	while (!error && (record = perf_mmap__read_event(map))) {
		error = take(rings, record, log);
		bytes += record->header.size;
		perf_mmap__consume(map);
	}
	perf_mmap__read_done(map);
	if (bytes + RECORD_MOST > rings->size)
		log->lost++;
	if (bytes > log->fullest)
		log->fullest = bytes;
	return error;
}

static int by_time(const void *a, const void *b)
{
	const struct ring_event *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * Empty all rings: @log holds their events by rising time and nothing else. 0 or -ENOMEM.
 * event_log_free() frees what it holds.
 */
int rings_read(struct rings *rings, struct event_log *log)
{
	struct perf_mmap *map;
	int error = 0;

	log->nr = log->fullest = 0;
	log->lost = 0;
	perf_evlist__for_each_mmap(rings->evlist, map, false) {
		error = read_ring(rings, map, log);
		if (error)
			return error;
	}
	if (log->nr)
		qsort(log->event, log->nr, sizeof(*log->event), by_time);
	return 0;
}

/* Frees what @log holds, not the struct. */
void event_log_free(struct event_log *log)
{
	free(log->event);
	*log = (struct event_log){ 0 };
}

/* The clock that stamps the events, see add_event(). */
uint64_t rings_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- opening and closing ---------------------------------------------------------------- */

static int find_fields(int tracefs_fd, struct tracepoint *tp)
{
	char path[96], format[4096];
	int error;

	snprintf(path, sizeof(path), "events/%s/format", tp->name);
	error = tracefs_read(tracefs_fd, path, format, sizeof(format));
	if (error < 0)
		return error;
	error = 0;
	if (tp->func_name)
		error = tracefs_field(format, tp->func_name, &tp->func.offset, &tp->func.size);
	if (!error && tp->csd_name)
		error = tracefs_field(format, tp->csd_name, &tp->csd.offset, &tp->csd.size);
	if (!error && tp->target_name)
		error = tracefs_field(format, tp->target_name, &tp->target.offset, &tp->target.size);
	if (!error && ((tp->func_name && tp->func.size != 8) || (tp->csd_name && tp->csd.size != 8) ||
		       (tp->target_name && tp->target.size != 4)))
		error = -EPROTO;
	return error;
}

static int find_tracepoints(struct rings *rings, unsigned int what, char *why, size_t size)
{
	int fd = tracefs_open(), error = 0;

	if (fd < 0) {
		snprintf(why, size, "tracefs cannot be read (%s); run as root", strerror(-fd));
		return fd;
	}
	for (int i = 0; !error && i < NR_TRACEPOINTS; i++) {
		struct tracepoint *tp = &rings->tracepoint[i];

		*tp = known[i];
		tp->id = -1;
		if (tp->what && !(tp->what & what))
			continue;
		tp->id = tracefs_event_id(fd, tp->name);
		error = tp->id < 0 ? tp->id : find_fields(fd, tp);
		if (!error)
			continue;
		tp->id = -1;
		if (tp->optional)
			error = 0;
	}
	close(fd);
	if (error)
		snprintf(why, size, "the csd tracepoints cannot be read (%s); they need root and Linux 6.6",
			 strerror(-error));
	return error;
}

static int add_event(struct rings *rings, int id, bool switches)
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
	perf_evlist__add(rings->evlist, evsel);
	return 0;
}

static int open_events(struct rings *rings, unsigned int what)
{
	struct perf_cpu_map *cpus = perf_cpu_map__new_online_cpus();
	int error = 0;

	rings->evlist = perf_evlist__new();
	if (!cpus || !rings->evlist)
		error = -ENOMEM;
	for (int i = 0; !error && i < NR_TRACEPOINTS; i++)
		if (rings->tracepoint[i].id >= 0)
			error = add_event(rings, rings->tracepoint[i].id,
					  what & RINGS_SWITCHES && i == TP_QUEUE);
	if (!error) {
		rings->nr_cpus = perf_cpu_map__nr(cpus);
		perf_evlist__set_maps(rings->evlist, cpus, NULL);
		process_allow_many_files();
		error = perf_evlist__open(rings->evlist);
	}
	perf_cpu_map__put(cpus);
	return error;
}

/*
 * Open the tracepoints on all online CPUs: those of requests, and what the RINGS_ bits of
 * @what add. They are off and have no memory yet: rings_map(), rings_enable(). 0 with
 * *@rings, which rings_close() frees; or -errno with @why.
 */
int rings_open(unsigned int what, struct rings **rings, char *why, size_t size)
{
	struct rings *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	libperf_quiet();
	new->each_target = what & RINGS_EXITS;
	error = find_tracepoints(new, what, why, size);
	if (!error) {
		error = open_events(new, what);
		if (error)
			snprintf(why, size, "perf events on every CPU are refused (%s); run as root or with CAP_PERFMON",
				 strerror(-error));
	}
	if (error) {
		rings_close(new);
		return error;
	}
	*rings = new;
	return 0;
}

/*
 * Give each CPU's ring its memory: @bytes, a power of two and at least a page, or 0 for
 * what suits the number of CPUs. 0 or -errno (mmap(2) of a perf event: the limit is
 * kernel.perf_event_mlock_kb).
 */
int rings_map(struct rings *rings, size_t bytes)
{
	int error;

	for (rings->size = bytes ? bytes : RING_MOST;
	     !bytes && rings->size > RING_LEAST && rings->size * rings->nr_cpus > RINGS_MEMORY; )
		rings->size /= 2;
	error = perf_evlist__mmap(rings->evlist, (int)(rings->size / (size_t)sysconf(_SC_PAGESIZE)));
	if (error)
		rings->size = 0;
	return error;
}

/* Bytes of one CPU's ring; 0 before rings_map(). */
size_t rings_size(const struct rings *rings)
{
	return rings->size;
}

/* Does this kernel tell of the interrupts that were sent, EVENT_SENT? */
bool rings_tell_sent(const struct rings *rings)
{
	return rings->tracepoint[TP_SEND_CPU].id >= 0 && rings->tracepoint[TP_SEND_MASK].id >= 0;
}

/* From here on the rings fill. 0. */
int rings_enable(struct rings *rings)
{
	perf_evlist__enable(rings->evlist);
	return 0;
}

/* The rings keep what they hold and get nothing new. 0. */
int rings_disable(struct rings *rings)
{
	perf_evlist__disable(rings->evlist);
	return 0;
}

/* Close all events and free @rings. */
void rings_close(struct rings *rings)
{
	if (rings->evlist) {
		perf_evlist__munmap(rings->evlist);
		perf_evlist__close(rings->evlist);
		perf_evlist__delete(rings->evlist);
	}
	free(rings);
}
