// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exact counts: who asked for what, after the fact. Initiators note when each op began and
 * ended, by the clock that stamps the trace. A request belongs to the op whose task made it
 * between these two stamps. So reading the trace, which is done between ops, is in no count,
 * nor is what it may cause: when a process that has forked first writes to a page, the page
 * is copied, and that flushes other CPUs.
 *
 * The trace also tells when a responder leaves its CPU. A kernel thread that runs there
 * meanwhile borrows the mm, and a flush that spares lazy CPUs spares this one.
 *
 * The function in each record is compared here. So the functions of requests that are
 * neither syncs nor flushes are known too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/process.h"
#include "probe/attribute.h"
#include "probe/probe.h"
#include "probe/requests.h"
#include "probe/rings.h"

struct csd_probe {
	struct probe probe;
	struct rings *rings;
	struct event_log log;
	uint64_t smp_sync, flush_func;
	int nr_cpus;
	struct requests requests;	/* that were seen queued, and whether they are in a count */
	uint64_t first_op_ns;		/* of the pass; 0: none has begun */
	uint64_t *off_since;		/* by CPU: its responder is away since then; 0: it is there */
	enum ipi_class *last_class;	/* by CPU: of the last request that was queued there */
};

static enum ipi_class classify(const struct csd_probe *csd, uint64_t func)
{
	if (func == csd->smp_sync)
		return IPI_SYNC;
	return func == csd->flush_func ? IPI_FLUSH : IPI_OTHER;
}

/* What came before is nobody's: the tool got ready. */
static void note_first_op(struct csd_probe *csd, const struct op_log *logs, int nr)
{
	uint64_t first = UINT64_MAX;

	for (int i = 0; i < nr && !csd->first_op_ns; i++)
		if (logs[i].nr_ops && logs[i].op[0].began_ns < first)
			first = logs[i].op[0].began_ns;
	if (first != UINT64_MAX)
		csd->first_op_ns = first;
}

/* ---- responders that were away -------------------------------------------------------------- */

/* Every op of @log that overlaps with @from to @to, not only the one under way. */
static void displace(struct op_log *log, uint64_t from, uint64_t to)
{
	for (int i = 0; i < log->nr_ops; i++)
		if (log->op[i].began_ns <= to && log->op[i].ended_ns >= from)
			log->op[i].counts.displaced = true;
}

static const struct pinned_task *responder_of(const struct op_log *log, pid_t tid)
{
	for (int i = 0; i < log->nr_responders; i++)
		if (log->responder[i].tid == tid)
			return &log->responder[i];
	return NULL;
}

/* A responder that leaves its CPU or comes back displaces the ops that were under way. */
static void note_switch(struct csd_probe *csd, struct op_log *logs, int nr,
			const struct ring_event *event)
{
	uint64_t *since, from;

	if ((int)event->cpu >= csd->nr_cpus)
		return;
	since = &csd->off_since[event->cpu];
	from = event->kind == EVENT_IN && *since ? *since : event->time_ns;
	for (int i = 0; i < nr; i++) {	/* several, if they share the mm */
		if (!responder_of(&logs[i], event->tid))
			continue;
		displace(&logs[i], from, event->time_ns);
		*since = event->kind == EVENT_OUT ? event->time_ns : 0;
	}
}

/* Those that are still away have displaced every op since they left. */
static void note_absent(const struct csd_probe *csd, struct op_log *log)
{
	for (int i = 0; i < log->nr_responders; i++) {
		int cpu = log->responder[i].cpu;

		if (cpu < csd->nr_cpus && csd->off_since[cpu])
			displace(log, csd->off_since[cpu], UINT64_MAX);
	}
}

/* ---- counting ------------------------------------------------------------------------------ */

static int csd_collect(struct probe *probe, struct op_log *logs, int nr, double *fill)
{
	struct csd_probe *csd = (struct csd_probe *)probe;
	const struct event_log *log = &csd->log;
	int error = rings_read(csd->rings, &csd->log);

	if (error)
		return error;
	*fill = (double)log->fullest / (double)rings_size(csd->rings);
	op_logs_rewind(logs, nr);
	for (size_t i = 0; i < log->nr; i++) {
		const struct ring_event *event = &log->event[i];
		struct op_note *op;

		if (event->kind == EVENT_OUT || event->kind == EVENT_IN) {
			note_switch(csd, logs, nr, event);
		} else if (event->kind == EVENT_QUEUE) {
			op = op_logs_own(logs, nr, event, NULL);
			if (op)
				op->counts.requested[classify(csd, event->func)]++;
		}
	}
	for (int i = 0; i < nr; i++)
		note_absent(csd, &logs[i]);
	return 0;
}

/* How a request is counted that is in no op of its own task. True if it is in the figures. */
static bool tally_stray(const struct csd_probe *csd, struct op_log *logs, int nr,
			const struct ring_event *event, struct ipi_count *count)
{
	if (!op_logs_initiator(logs, nr, event) && op_logs_any(logs, nr, event->time_ns)) {
		count->foreign++;
		return true;
	}
	if (op_logs_process(logs, nr, event->pid) && csd->first_op_ns && event->time_ns >= csd->first_op_ns)
		count->between_ops++;
	return false;
}

static int note_request(struct csd_probe *csd, const struct ring_event *event, bool counted)
{
	struct request *request;

	if (!event->csd)
		return 0;
	request = requests_put(&csd->requests, event->csd, event->target);
	if (request)
		request->counted = counted;
	return request ? 0 : -ENOMEM;
}

static int tally_request(struct csd_probe *csd, struct op_log *logs, int nr,
			 const struct ring_event *event, struct ipi_result *total)
{
	enum ipi_class class = classify(csd, event->func);
	struct ipi_count *count = &total->count[class];
	const struct op_note *op = op_logs_own(logs, nr, event, NULL);
	bool counted = op && !op->dropped;

	if ((int)event->cpu < csd->nr_cpus)
		csd->last_class[event->cpu] = class;
	if (!op)
		counted = tally_stray(csd, logs, nr, event, count);
	else if (counted && (int)event->target < csd->nr_cpus)
		count->own_per_cpu[event->target]++;
	if (counted && class == IPI_OTHER)
		ipi_add_cause(total, event->func, !op, 1);
	return note_request(csd, event, counted);
}

/*
 * What a target ran counts if its request did. The sender runs its own share of a broadcast
 * without any IPI. Such a call has no csd (kernel/smp.c, smp_call_function_many_cond()).
 */
static void tally_handling(const struct csd_probe *csd, const struct ring_event *event,
			   struct ipi_result *total)
{
	struct ipi_count *count = &total->count[classify(csd, event->func)];
	const struct request *request = requests_get(&csd->requests, event->csd, event->cpu);

	if (!request || !request->counted)
		return;
	count->handled++;
	if ((int)event->cpu < csd->nr_cpus)
		count->per_cpu[event->cpu]++;
}

/*
 * Interrupts leave after their requests were queued, on the same CPU, and preemption is
 * off in between (kernel/smp.c, smp_call_function_many_cond()): they are of that class.
 */
static void tally_sent(const struct csd_probe *csd, struct op_log *logs, int nr,
		       const struct ring_event *event, struct ipi_result *total)
{
	const struct op_note *op = op_logs_own(logs, nr, event, NULL);

	if (op && !op->dropped && (int)event->cpu < csd->nr_cpus)
		total->count[csd->last_class[event->cpu]].sent += event->nr;
}

static int csd_tally(struct probe *probe, struct op_log *logs, int nr,
		     struct ipi_result *total)
{
	struct csd_probe *csd = (struct csd_probe *)probe;
	int error = 0;

	op_logs_rewind(logs, nr);
	note_first_op(csd, logs, nr);
	for (size_t i = 0; i < csd->log.nr && !error; i++) {
		const struct ring_event *event = &csd->log.event[i];

		if (event->kind == EVENT_QUEUE)
			error = tally_request(csd, logs, nr, event, total);
		else if (event->kind == EVENT_ENTRY)
			tally_handling(csd, event, total);
		else if (event->kind == EVENT_SENT)
			tally_sent(csd, logs, nr, event, total);
	}
	for (int class = 0; class < NR_IPI_CLASSES; class++)
		total->count[class].has_sent = rings_tell_sent(csd->rings);
	total->lost += csd->log.lost;
	return error;
}

/* ---- opening and closing ----------------------------------------------------------------------- */

static int csd_attach(struct probe *probe, size_t ring_bytes)
{
	struct csd_probe *csd = (struct csd_probe *)probe;

	int error = rings_map(csd->rings, ring_bytes);

	memset(csd->off_since, 0, csd->nr_cpus * sizeof(*csd->off_since));
	probe->ring_bytes = rings_size(csd->rings);
	csd->first_op_ns = 0;
	return error;
}

static int csd_enable(struct probe *probe)
{
	return rings_enable(((struct csd_probe *)probe)->rings);
}

static int csd_disable(struct probe *probe)
{
	return rings_disable(((struct csd_probe *)probe)->rings);
}

static void csd_close(struct probe *probe)
{
	struct csd_probe *csd = (struct csd_probe *)probe;

	if (csd->rings)
		rings_close(csd->rings);
	event_log_free(&csd->log);
	requests_free(&csd->requests);
	free(csd->off_since);
	free(csd->last_class);
	free(csd);
}

/* Context switches matter only if flushes can be predicted. Otherwise they just fill the rings. */
static int open_rings(struct csd_probe *csd, const struct machine *machine, char *why, size_t size)
{
	bool switches = machine->kernel.flush == FLUSH_NATIVE && !machine->cpu.invlpgb;

	csd->smp_sync = machine->kernel.sym.smp_sync;
	csd->flush_func = machine->kernel.sym.flush_func;
	csd->nr_cpus = machine->topo.nr_possible;
	csd->off_since = calloc(csd->nr_cpus, sizeof(*csd->off_since));
	csd->last_class = calloc(csd->nr_cpus, sizeof(*csd->last_class));
	if (!csd->off_since || !csd->last_class)
		return -ENOMEM;
	return rings_open(switches ? RINGS_SWITCHES : 0, &csd->rings, why, size);
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
	if (process_clock_is_shifted()) {
		snprintf(why, size, "this time namespace has a monotonic clock of its own, and the trace has not; "
			 "leave the namespace");
		return -EOPNOTSUPP;
	}
	csd = calloc(1, sizeof(*csd));
	if (!csd)
		return -ENOMEM;
	csd->probe.source = &csd_source;
	error = open_rings(csd, machine, why, size);
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
	.disable = csd_disable, .collect = csd_collect, .tally = csd_tally,
	.close = csd_close,
};
