// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ipi pass: how long each request took on its way. It has rings of its own, which are
 * opened after the ops have been counted and timed: a tracepoint that somebody has open costs
 * time even while it is off.
 */
#include "engine/ipi-pass.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/measurement.h"
#include "probe/gaps.h"
#include "probe/ipi-latency.h"
#include "probe/rings.h"

struct tracer {
	struct rings *rings;
	struct event_log log;
	struct latency_matcher *matcher;
	bool watched;		/* bystanders log their gaps */
	bool failed;		/* the trace could not be read: what was measured before holds */
};

/* ---- gaps ----------------------------------------------------------------------------------- */

static int settle(struct measurement *m)
{
	int error = cast_settle(m->crew->bystanders);

	if (error)
		snprintf(m->result->reason, sizeof(m->result->reason),
			 "nothing of ours runs on CPU %d", cast_silent_cpu(m->crew->bystanders));
	return error;
}

/* Each writes a gap down after the look that found it: see cast_report(). */
static int explain_gaps(struct measurement *m, const struct tracer *tracer)
{
	struct ipi_latency *latency = m->result->ipi_latency;
	struct gap_log *gaps;
	int error = settle(m), cpu;

	if (!error)
		error = settle(m);
	for (int i = 0; !error && (gaps = cast_gaps(m->crew->bystanders, i, &cpu)); i++) {
		gaps_explain(gaps->gap, (int)atomic_load(&gaps->nr), cpu, &tracer->log,
			     &m->bench->machine->kernel.sym, latency->stolen);
		latency->gaps_left_off += atomic_exchange(&gaps->left_off, 0);
		atomic_store(&gaps->nr, 0);
	}
	return error;
}

/* ---- the pass ---------------------------------------------------------------------------------- */

static uint64_t done(const struct measurement *m, int i)
{
	return m->ipi_ops[i];
}

static int forget(struct measurement *m, void *arg)
{
	struct tracer *tracer = arg;

	(void)m;
	return rings_read(tracer->rings, &tracer->log);
}

static int look(struct measurement *m, void *arg, double *fill)
{
	struct tracer *tracer = arg;
	int error = rings_read(tracer->rings, &tracer->log);

	for (int i = 0; i < m->crew->nr; i++)
		m->ipi_ops[i] += (uint64_t)m->crew->initiator[i].nr_notes;
	if (!error) {
		*fill = (double)tracer->log.fullest / (double)rings_size(tracer->rings);
		error = latency_match(tracer->matcher, &tracer->log, m->log, m->crew->nr);
	}
	if (!error && tracer->watched)
		error = explain_gaps(m, tracer);
	tracer->failed = error;
	return error;
}

/* There is no latency, but all else of the case is as it was. */
static int give_up(struct measurement *m, int error)
{
	struct case_result *result = m->result;

	snprintf(result->ipi_latency->why, sizeof(result->ipi_latency->why), "%s",
		 *result->reason ? result->reason : strerror(-error));
	result->reason[0] = '\0';
	return 0;
}

static int run(struct measurement *m, struct tracer *tracer)
{
	struct ipi_latency *latency = m->result->ipi_latency;
	const struct windows windows = {
		.wanted = ipi_pass_ops(m->wanted), .collects = true, .done = done, .look = look,
		.forget = forget, .arg = tracer,
	};
	int error;

	memset(m->ipi_ops, 0, (size_t)m->crew->nr * sizeof(*m->ipi_ops));
	tracer->watched = m->crew->bystanders && m->bench->timed &&
			  cast_log_gaps(m->crew->bystanders, true);
	m->crew->tell = tracer->watched;
	latency->has_stolen = tracer->watched;
	rings_enable(tracer->rings);
	error = windows_run(m, &windows);
	rings_disable(tracer->rings);
	if (tracer->watched)
		cast_log_gaps(m->crew->bystanders, false);
	if (error)
		return tracer->failed ? give_up(m, error) : error;
	latency_report(tracer->matcher, latency, MAX_EDGES(m->bench->machine->topo.nr_possible));
	latency->timed = m->bench->timed;
	latency->traced_p50_ns = windows_p50(m);
	return 0;
}

/* 0, or -errno with the reason in the result's latency: the pass cannot be made here. */
static int open_tracer(struct measurement *m, struct tracer *tracer)
{
	struct ipi_latency *latency = m->result->ipi_latency;
	bool watch = m->crew->bystanders && m->bench->timed;
	unsigned int what = RINGS_EXITS | (watch ? RINGS_INTERRUPTS | RINGS_SWITCHES : 0);
	int error = rings_open(what, &tracer->rings, latency->why, sizeof(latency->why));

	if (error)
		return error;
	error = rings_map(tracer->rings, m->bench->ring_bytes);
	if (!error) {
		tracer->matcher = latency_matcher_new(m->bench->machine, &m->result->roles,
						      rings_tell_sent(tracer->rings));
		error = tracer->matcher ? 0 : -ENOMEM;
	}
	if (error)
		snprintf(latency->why, sizeof(latency->why), "there is no memory for its trace (%s); "
			 "choose smaller rings with --ring-size", strerror(-error));
	return error;
}

/* Into the result: the latency of each request, or why it cannot be had. 0 or -errno. */
int ipi_pass(struct measurement *m)
{
	struct tracer tracer = { 0 };
	int error = 0;

	if (!open_tracer(m, &tracer))
		error = run(m, &tracer);
	latency_matcher_free(tracer.matcher);
	if (tracer.rings)
		rings_close(tracer.rings);
	event_log_free(&tracer.log);
	return error;
}

/* ---- memory ------------------------------------------------------------------------------------- */

enum { SPREADS = 4 };		/* of each class, with buckets */

/* Bytes of what ipi_latency_place() places, for CPUs below @nr_cpus. */
size_t ipi_latency_size(int nr_cpus)
{
	return sizeof(struct ipi_latency) +
	       NR_LATENCY_CLASSES * (SPREADS * HIST_BUCKETS * sizeof(struct spread_bucket) +
				     (size_t)nr_cpus * sizeof(struct last_target)) +
	       (size_t)MAX_EDGES(nr_cpus) * sizeof(struct ipi_edge);
}

/* The result of an ipi pass in @memory, which is zeroed and has ipi_latency_size(). */
struct ipi_latency *ipi_latency_place(void *memory, int nr_cpus)
{
	struct ipi_latency *latency = memory;
	struct spread_bucket *bucket = (void *)(latency + 1);
	struct last_target *last = (void *)(bucket + NR_LATENCY_CLASSES * SPREADS * HIST_BUCKETS);

	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		struct class_latency *one = &latency->of[cls];
		struct spread *spread[SPREADS] = {
			&one->delivery, &one->merged_delivery, &one->handler, &one->wait,
		};

		for (int i = 0; i < SPREADS; i++, bucket += HIST_BUCKETS)
			spread[i]->bucket = bucket;
		one->last = last;
		last += nr_cpus;
	}
	latency->edge = (void *)last;
	return latency;
}
