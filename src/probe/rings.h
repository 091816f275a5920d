/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's trace of interprocessor requests as one stream of events, ordered by time.
 * Every CPU writes into a ring of its own. Reading that memory takes no system call and
 * no IPI. Who makes something of the events sits beside this: count.c, ipi-latency.c.
 */
#ifndef TLBSYNC_PROBE_RINGS_H
#define TLBSYNC_PROBE_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum ring_event_kind {
	EVENT_QUEUE,	/* a request was queued for CPU @target (csd_queue_cpu) */
	EVENT_ENTRY,	/* a target begins to run the function (csd_function_entry) */
	EVENT_EXIT,	/* it has run it (csd_function_exit) */
	EVENT_SENT,	/* @nr interrupts were sent (ipi_send_cpu, ipi_send_cpumask); with
			 * RINGS_EXITS each is an event, to CPU @target */
	EVENT_INTERRUPT,	/* the CPU handles another interrupt: @target is an enum interrupt */
	EVENT_OUT,	/* task @tid leaves the CPU */
	EVENT_IN,	/* task @tid comes to the CPU */
};

/* Interrupts that no request asks for. */
enum interrupt { INTERRUPT_TIMER, INTERRUPT_RESCHEDULE, INTERRUPT_WORK, INTERRUPT_DEVICE };

/* What rings_open() opens beside the requests: where they are queued, sent and begun. */
#define RINGS_SWITCHES		(1u << 0)	/* EVENT_OUT, EVENT_IN */
#define RINGS_EXITS		(1u << 1)	/* EVENT_EXIT */
#define RINGS_INTERRUPTS	(1u << 2)	/* EVENT_INTERRUPT, where the kernel tells */

struct ring_event {
	uint64_t time_ns;	/* by rings_now_ns() */
	uint64_t func;		/* of EVENT_QUEUE, _ENTRY and _EXIT: kernel address */
	uint64_t csd;		/* of the same: the request itself; 0: the sender's own share */
	pid_t pid, tid;		/* who ran on the CPU just then */
	uint32_t cpu;		/* in whose ring it was */
	uint32_t target;
	uint32_t order;		/* events of one CPU at the same time keep their order */
	enum ring_event_kind kind : 8;
	uint32_t nr : 24;
};

/* What a look at the rings has brought. */
struct event_log {
	struct ring_event *event;
	size_t nr, room;
	uint64_t lost;		/* records that a ring had no room for; at least so many */
	size_t fullest;		/* bytes that lay in the fullest ring */
};

struct rings;

int rings_open(unsigned int what, struct rings **rings, char *why, size_t size);
int rings_map(struct rings *rings, size_t bytes);
size_t rings_size(const struct rings *rings);
bool rings_tell_sent(const struct rings *rings);
int rings_enable(struct rings *rings);
int rings_disable(struct rings *rings);
int rings_read(struct rings *rings, struct event_log *log);
uint64_t rings_now_ns(void);
void rings_close(struct rings *rings);
void event_log_free(struct event_log *log);

#endif
