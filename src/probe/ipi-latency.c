// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A request is named by its call single data and its target. The trace has it three times:
 * csd_queue_cpu on the sender, just before it enters the target's queue; csd_function_entry
 * and csd_function_exit on the target, around the function (kernel/smp.c,
 * smp_call_function_many_cond(), csd_do_func()). The record of the interrupt that was sent
 * lies between the first two. A request without one came with another's: the queue was not
 * empty, or its idle CPU polls.
 *
 * A data may be queued again as soon as its function has begun, if nobody waits for it. So
 * from its begin on a request is known by the CPU that runs it.
 */
#include "probe/ipi-latency.h"

#include <errno.h>
#include <stdlib.h>

#include "probe/attribute.h"
#include "probe/edges.h"
#include "probe/requests.h"

/* The histograms of a class. */
struct class_match {
	uint64_t requested, matched, merged;
	struct histogram delivery, merged_delivery, handler, wait;
	struct histogram by_distance[NR_DISTANCES][NR_TARGET_STATES];
	double wait_ns;			/* of all ops */
	uint64_t *last;			/* by CPU: for how many ops it was the last */
};

/* Of one op and class: while requests are open it waits. */
struct op_wait {
	uint32_t open;
	int last_cpu;
	uint64_t since_ns;
	uint64_t total_ns;
};

struct cpu_match {
	struct request runs;		/* its function has begun here; csd 0: none has */
	uint64_t entry_ns;
	uint64_t *queued;		/* by target: the data that this CPU queued there last, until it sends */
	bool idles;			/* by its role */
};

struct latency_matcher {
	const struct machine *machine;
	int nr_cpus;
	bool has_sent;
	uint32_t window;		/* looks at the trace so far */
	uint64_t ops, lost;
	double op_ns;			/* of all ops */
	struct requests requests;
	struct edges *edges;
	struct cpu_match *cpu;
	uint64_t *queued;
	struct op_wait *wait;		/* of the window: by class and op */
	size_t nr_waits, wait_room;
	size_t *first_op;		/* of each initiator, among the window's ops */
	struct class_match of[NR_LATENCY_CLASSES];
};

/* The class of requests that run @func; NR_LATENCY_CLASSES: none of those. */
enum latency_class latency_class_of(const struct kernel_symbols *sym, uint64_t func)
{
	if (func == sym->smp_sync)
		return LATENCY_SYNC;
	if (func == sym->flush_func)
		return LATENCY_FLUSH;
	return func && (func == sym->flush_all || func == sym->flush_range) ? LATENCY_KERNEL :
	       NR_LATENCY_CLASSES;
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void init_class(struct class_match *one)
{
	hist_init(&one->delivery);
	hist_init(&one->merged_delivery);
	hist_init(&one->handler);
	hist_init(&one->wait);
	for (int distance = 0; distance < NR_DISTANCES; distance++)
		for (int state = 0; state < NR_TARGET_STATES; state++)
			hist_init(&one->by_distance[distance][state]);
}

/* A CPU that holds the mm lazily, and one that has no role, wait for work. */
static void mark_idle(struct latency_matcher *matcher, const struct roles *roles)
{
	for (int cpu = 0; cpu < matcher->nr_cpus; cpu++)
		matcher->cpu[cpu].idles = true;
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; role != ROLE_LAZY && i < roles->nr[role]; i++)
			if (roles->cpu[role][i] < matcher->nr_cpus)
				matcher->cpu[roles->cpu[role][i]].idles = false;
}

/*
 * For ops on @machine whose CPUs have @roles. @has_sent: the trace tells of interrupts that
 * are sent. latency_matcher_free() frees it. NULL: no memory.
 */
struct latency_matcher *latency_matcher_new(const struct machine *machine,
					    const struct roles *roles, bool has_sent)
{
	struct latency_matcher *new = calloc(1, sizeof(*new));
	size_t nr = (size_t)machine->topo.nr_possible, initiators = (size_t)roles->nr[ROLE_INITIATOR];
	bool all = new;

	if (!new)
		return NULL;
	new->machine = machine;
	new->nr_cpus = (int)nr;
	new->has_sent = has_sent;
	new->edges = edges_new((int)nr);
	new->cpu = calloc(nr, sizeof(*new->cpu));
	new->queued = calloc(nr * nr, sizeof(*new->queued));
	new->first_op = calloc(initiators, sizeof(*new->first_op));
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		init_class(&new->of[cls]);
		new->of[cls].last = calloc(nr, sizeof(*new->of[cls].last));
		all &= new->of[cls].last != NULL;
	}
	if (!all || !new->edges || !new->cpu || !new->queued || !new->first_op) {
		latency_matcher_free(new);
		return NULL;
	}
	for (size_t cpu = 0; cpu < nr; cpu++)
		new->cpu[cpu].queued = &new->queued[cpu * nr];
	mark_idle(new, roles);
	return new;
}

/* NULL is fine. */
void latency_matcher_free(struct latency_matcher *matcher)
{
	if (!matcher)
		return;
	edges_free(matcher->edges);
	requests_free(&matcher->requests);
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
		free(matcher->of[cls].last);
	free(matcher->wait);
	free(matcher->first_op);
	free(matcher->cpu);
	free(matcher->queued);
	free(matcher);
}

/* ---- an op's wait ---------------------------------------------------------------------------- */

/* Room for the waits of the ops of @logs, all of them 0. */
static int begin_waits(struct latency_matcher *matcher, const struct op_log *logs, int nr)
{
	size_t ops = 0;

	for (int i = 0; i < nr; i++) {
		matcher->first_op[i] = ops;
		ops += (size_t)logs[i].nr_ops;
	}
	matcher->nr_waits = ops * NR_LATENCY_CLASSES;
	if (matcher->nr_waits > matcher->wait_room) {
		free(matcher->wait);
		matcher->wait_room = 0;
		matcher->wait = malloc(matcher->nr_waits * sizeof(*matcher->wait));
		if (!matcher->wait)
			return -ENOMEM;
		matcher->wait_room = matcher->nr_waits;
	}
	for (size_t i = 0; i < matcher->nr_waits; i++)
		matcher->wait[i] = (struct op_wait){ .last_cpu = -1 };
	return 0;
}

static struct op_wait *wait_of(const struct latency_matcher *matcher, const struct request *request)
{
	size_t at = (size_t)request->op * NR_LATENCY_CLASSES + request->cls;

	return request->window == matcher->window ? &matcher->wait[at] : NULL;
}

static void open_wait(const struct latency_matcher *matcher, const struct request *request)
{
	struct op_wait *wait = wait_of(matcher, request);

	if (!wait->open++)
		wait->since_ns = request->queued_ns;
}

static void close_wait(const struct latency_matcher *matcher, const struct request *request,
		       uint64_t time_ns)
{
	struct op_wait *wait = wait_of(matcher, request);

	if (!wait || !wait->open)
		return;
	wait->last_cpu = (int)request->target;
	if (!--wait->open)
		wait->total_ns += time_ns - wait->since_ns;
}

/* The ops of the window are over. A wait whose end was not seen is not kept. */
static void end_waits(struct latency_matcher *matcher, const struct op_log *logs, int nr)
{
	for (size_t i = 0; i < matcher->nr_waits; i++) {
		const struct op_wait *wait = &matcher->wait[i];
		struct class_match *one = &matcher->of[i % NR_LATENCY_CLASSES];

		if (wait->open || wait->last_cpu < 0)
			continue;
		hist_add(&one->wait, wait->total_ns);
		one->wait_ns += (double)wait->total_ns;
		one->last[wait->last_cpu]++;
	}
	for (int i = 0; i < nr; i++) {
		matcher->ops += (uint64_t)logs[i].nr_ops;
		for (int op = 0; op < logs[i].nr_ops; op++)
			matcher->op_ns += (double)(logs[i].op[op].ended_ns - logs[i].op[op].began_ns);
	}
}

/* ---- a request's way ---------------------------------------------------------------------------- */

static int take_queued(struct latency_matcher *matcher, const struct ring_event *event,
		       struct op_log *logs, int nr)
{
	enum latency_class cls = latency_class_of(&matcher->machine->kernel.sym, event->func);
	struct request *request;
	int whose = 0;
	const struct op_note *op;

	if (!event->csd || (int)event->target >= matcher->nr_cpus)
		return 0;
	matcher->cpu[event->cpu].queued[event->target] = event->csd;
	request = requests_get(&matcher->requests, event->csd, event->target);
	if (request)
		request->queued_ns = 0;		/* it is another one now */
	op = cls < NR_LATENCY_CLASSES ? op_logs_own(logs, nr, event, &whose) : NULL;
	if (!op || op->dropped)
		return 0;
	request = requests_put(&matcher->requests, event->csd, event->target);
	if (!request)
		return -ENOMEM;
	request->from = event->cpu;
	request->cls = (uint8_t)cls;
	request->sent = !matcher->has_sent;
	request->queued_ns = event->time_ns;
	request->window = matcher->window;
	request->op = (uint32_t)(matcher->first_op[whose] + (size_t)(op - logs[whose].op));
	matcher->of[cls].requested++;
	open_wait(matcher, request);
	return 0;
}

/*
 * Requests of a broadcast enter their queues first, then the interrupts leave: each is for
 * what its sender queued there last. Another one may come in between, from an interrupt on
 * the sender.
 */
static void take_sent(struct latency_matcher *matcher, const struct ring_event *event)
{
	struct request *request;
	uint64_t *queued;

	if ((int)event->target >= matcher->nr_cpus)
		return;
	queued = &matcher->cpu[event->cpu].queued[event->target];
	request = requests_get(&matcher->requests, *queued, event->target);
	if (request)
		request->sent = true;
	*queued = 0;
}

static void take_entry(struct latency_matcher *matcher, const struct ring_event *event)
{
	struct cpu_match *cpu = &matcher->cpu[event->cpu];
	struct request *request = event->csd ?
				  requests_get(&matcher->requests, event->csd, event->cpu) : NULL;

	cpu->runs.csd = 0;
	if (!request || !request->queued_ns)
		return;
	cpu->runs = *request;
	cpu->entry_ns = event->time_ns;
	request->queued_ns = 0;
}

static int take_exit(struct latency_matcher *matcher, const struct ring_event *event)
{
	struct cpu_match *cpu = &matcher->cpu[event->cpu];
	const struct request *request = &cpu->runs;
	struct class_match *one;
	uint64_t delivery;
	int error;

	if (!request->csd || request->csd != event->csd)
		return 0;
	one = &matcher->of[request->cls];
	delivery = cpu->entry_ns - request->queued_ns;
	one->matched++;
	one->merged += !request->sent;
	hist_add(request->sent ? &one->delivery : &one->merged_delivery, delivery);
	if (request->sent)
		hist_add(&one->by_distance[topology_distance(&matcher->machine->topo,
							     (int)request->from, (int)event->cpu)]
			 [cpu->idles ? TARGET_IDLE : TARGET_BUSY], delivery);
	hist_add(&one->handler, event->time_ns - cpu->entry_ns);
	close_wait(matcher, request, event->time_ns);
	error = edges_add(matcher->edges, (enum latency_class)request->cls, (int)request->from,
			  (int)event->cpu, delivery);
	cpu->runs.csd = 0;
	return error;
}

static int take(struct latency_matcher *matcher, const struct ring_event *event,
		struct op_log *logs, int nr)
{
	switch (event->kind) {
	case EVENT_QUEUE:
		return take_queued(matcher, event, logs, nr);
	case EVENT_SENT:
		take_sent(matcher, event);
		return 0;
	case EVENT_ENTRY:
		take_entry(matcher, event);
		return 0;
	case EVENT_EXIT:
		return take_exit(matcher, event);
	default:
		return 0;
	}
}

/*
 * Match the requests that the ops of @logs asked for with what @log tells of them. All ops
 * are over, and their requests with them. 0 or -ENOMEM.
 */
int latency_match(struct latency_matcher *matcher, const struct event_log *log,
		  struct op_log *logs, int nr)
{
	int error = begin_waits(matcher, logs, nr);

	matcher->window++;
	matcher->lost += log->lost;
	op_logs_rewind(logs, nr);
	for (size_t i = 0; i < log->nr && !error; i++)
		if ((int)log->event[i].cpu < matcher->nr_cpus)
			error = take(matcher, &log->event[i], logs, nr);
	if (!error)
		end_waits(matcher, logs, nr);
	return error;
}

/* ---- the result ----------------------------------------------------------------------------------- */

static void report_class(const struct latency_matcher *matcher, const struct class_match *match,
			 struct class_latency *one)
{
	one->requested = match->requested;
	one->matched = match->matched;
	one->merged = match->merged;
	spread_fold(&one->delivery, &match->delivery);
	spread_fold(&one->merged_delivery, &match->merged_delivery);
	spread_fold(&one->handler, &match->handler);
	spread_fold(&one->wait, &match->wait);
	one->wait_share = matcher->op_ns > 0 ? match->wait_ns / matcher->op_ns : 0;
	for (int distance = 0; distance < NR_DISTANCES; distance++)
		for (int state = 0; state < NR_TARGET_STATES; state++)
			spread_fold(&one->by_distance[distance][state],
				    &match->by_distance[distance][state]);
	one->nr_last = 0;
	for (int cpu = 0; cpu < matcher->nr_cpus; cpu++)
		if (match->last[cpu])
			one->last[one->nr_last++] = (struct last_target){ cpu, match->last[cpu] };
}

/*
 * What was found, into @latency, whose arrays have room: buckets for HIST_BUCKETS, last for
 * every CPU, edge for @edge_room. Nothing may be matched any more.
 */
void latency_report(struct latency_matcher *matcher, struct ipi_latency *latency, int edge_room)
{
	latency->ops = matcher->ops;
	latency->lost = matcher->lost;
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
		report_class(matcher, &matcher->of[cls], &latency->of[cls]);
	edges_report(matcher->edges, latency, edge_room);
}
