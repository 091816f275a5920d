// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Another reading of the same IPIs: the median time from csd_queue_cpu to csd_function_entry of
 * the requests that run one function, from the raw pages of an instance of tracefs. The text of
 * a trace has microseconds only, these pages have nanoseconds.
 * usage: trace-median INSTANCE FUNCTION-ADDRESS; prints how many there are, and the median.
 *
 * Pages: kernel/trace/ring_buffer.c, struct buffer_data_page; include/linux/ring_buffer.h,
 * enum ring_buffer_type.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/tracefs.h"

#define PAGE		4096
#define MAX_EVENTS	1000000

enum kind { QUEUE, ENTRY, NR_KINDS };

struct event {
	uint64_t time_ns, csd;
	uint32_t target;	/* the CPU that is asked, or that begins */
	enum kind kind;
};

struct layout {
	int id, func, csd, cpu;	/* offsets in a record; cpu: -1, it has none */
};

static struct layout layout[NR_KINDS];
static uint64_t wanted;
static struct event event[MAX_EVENTS];
static size_t nr_events;

static void give_up(const char *what)
{
	fprintf(stderr, "trace-median: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Where the fields of the event @name are in its records. */
static void learn(int instance, enum kind kind, const char *name, bool has_cpu)
{
	char path[128], format[4096];
	int size;

	snprintf(path, sizeof(path), "events/csd/%s/format", name);
	if (tracefs_read(instance, path, format, sizeof(format)) < 0 ||
	    sscanf(strstr(format, "ID:"), "ID: %d", &layout[kind].id) != 1 ||
	    tracefs_field(format, "func", &layout[kind].func, &size) ||
	    tracefs_field(format, "csd", &layout[kind].csd, &size) ||
	    (has_cpu && tracefs_field(format, "cpu", &layout[kind].cpu, &size)))
		give_up(name);
	if (!has_cpu)
		layout[kind].cpu = -1;
}

static void take(const unsigned char *data, uint64_t time_ns, uint32_t cpu)
{
	struct event one = { .time_ns = time_ns, .target = cpu };
	uint64_t func;
	uint16_t id;

	memcpy(&id, data, sizeof(id));
	for (int kind = 0; kind < NR_KINDS; kind++) {
		if (id != layout[kind].id)
			continue;
		memcpy(&func, data + layout[kind].func, sizeof(func));
		memcpy(&one.csd, data + layout[kind].csd, sizeof(one.csd));
		if (layout[kind].cpu >= 0)
			memcpy(&one.target, data + layout[kind].cpu, sizeof(one.target));
		one.kind = (enum kind)kind;
		if (func == wanted && one.csd && nr_events < MAX_EVENTS)
			event[nr_events++] = one;
	}
}

/* All records of a page, which begins with its time and how much of it is used. */
static void read_page(const unsigned char *page, uint32_t cpu)
{
	uint64_t time_ns, commit;
	uint32_t at = 16, end;

	memcpy(&time_ns, page, sizeof(time_ns));
	memcpy(&commit, page + 8, sizeof(commit));
	end = 16 + (uint32_t)(commit & 0xfffff);
	while (at + 4 <= end && end <= PAGE) {
		uint32_t header, length, first = 0;

		memcpy(&header, page + at, 4);
		if (at + 8 <= end)
			memcpy(&first, page + at + 4, 4);
		at += 4;
		switch (header & 31) {
		case 29:	/* padding */
			if (!(header >> 5))
				return;
			time_ns += header >> 5;
			at += first;
			break;
		case 30:	/* time goes on by more than 27 bits hold */
			time_ns += (header >> 5) + ((uint64_t)first << 27);
			at += 4;
			break;
		case 31:	/* the time itself, but for its highest bits */
			time_ns = (time_ns & 0x1full << 59) | (header >> 5) | (uint64_t)first << 27;
			at += 4;
			break;
		case 0:		/* a long one */
			time_ns += header >> 5;
			take(page + at + 4, time_ns, cpu);
			at += first;
			break;
		default:
			length = (header & 31) * 4;
			time_ns += header >> 5;
			take(page + at, time_ns, cpu);
			at += length;
		}
	}
}

static void read_cpu(int instance, uint32_t cpu)
{
	unsigned char page[PAGE];
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "per_cpu/cpu%u/trace_pipe_raw", cpu);
	fd = openat(instance, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, page, sizeof(page)) > 0)
		read_page(page, cpu);
	close(fd);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Each entry's time since the last queueing of the same data for its CPU, into @ns. */
static size_t match(uint64_t *ns)
{
	size_t nr = 0;

	qsort(event, nr_events, sizeof(*event), by_time);
	for (size_t i = 0; i < nr_events; i++) {
		size_t j = i;

		if (event[i].kind != ENTRY)
			continue;
		while (j-- > 0 && (event[j].kind != QUEUE || event[j].csd != event[i].csd ||
				   event[j].target != event[i].target))
			;
		if (j != (size_t)-1)
			ns[nr++] = event[i].time_ns - event[j].time_ns;
	}
	qsort(ns, nr, sizeof(*ns), rising);
	return nr;
}

int main(int argc, char **argv)
{
	static uint64_t ns[MAX_EVENTS];
	int instance;
	size_t nr;

	if (argc != 3)
		return 2;
	instance = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (instance < 0)
		give_up(argv[1]);
	wanted = strtoull(argv[2], NULL, 16);
	learn(instance, QUEUE, "csd_queue_cpu", true);
	learn(instance, ENTRY, "csd_function_entry", false);
	for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++)
		read_cpu(instance, (uint32_t)cpu);
	nr = match(ns);
	printf("%zu %" PRIu64 "\n", nr, nr ? ns[(nr + 1) / 2 - 1] : 0);
	return 0;
}
