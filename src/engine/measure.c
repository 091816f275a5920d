// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The measuring process: it orders the crew from pass to pass, and between them reads the
 * trace and adds up. It does nothing while ops run.
 */
#include "engine/measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/budget.h"
#include "engine/crew.h"
#include "engine/retry.h"
#include "engine/verdict.h"

struct measurement {
	const struct bench *bench;
	const struct case_plan *plan;
	struct case_result *result;
	struct crew *crew;
	struct op_log *log;		/* of each initiator */
	unsigned int *in_a_row;		/* displaced ops of each */
	uint64_t wanted;		/* ops of each initiator; UINT64_MAX: the time says */
	bool lost_life;			/* somebody died or hangs: there is nobody to order */
};

static int order(struct measurement *m, enum order order)
{
	int error = crew_order(m->crew, order, m->result->reason, sizeof(m->result->reason));

	m->lost_life |= error == -ECHILD || error == -ETIMEDOUT;
	return error;
}

/* ---- counting --------------------------------------------------------------------------------- */

static bool counts_at_all(const struct measurement *m)
{
	const struct probe_source *source = m->bench->probe->source;

	return source->kind != IPI_NONE && !(source->one_initiator && m->crew->nr > 1);
}

static void fill_logs(struct measurement *m)
{
	for (int i = 0; i < m->crew->nr; i++) {
		struct initiator *one = &m->crew->initiator[i];
		const struct initiator *head = m->crew->as == AS_THREAD ?
					       &m->crew->initiator[0] : one;

		m->log[i] = (struct op_log){
			.pid = one->pid, .actor = one->actor, .actors = one->actors,
			.op = one->note, .nr_ops = one->nr_notes,
			.responder = head->responder, .nr_responders = head->nr_responders,
		};
	}
}

/* What was counted in the ops of initiator @i. */
static void judge_ops(struct measurement *m, int i)
{
	struct initiator *one = &m->crew->initiator[i];

	for (int op = 0; op < one->nr_notes; op++) {
		struct op_note *note = &one->note[op];

		note->dropped = retry_displaced(one->result, &note->counts, m->wanted,
						&m->in_a_row[i]);
		if (note->dropped) {
			one->result->repeated_ops++;
			continue;
		}
		m->in_a_row[i] = 0;
		verdict_add_op(m->result, one->result, &note->counts);
	}
}

/* The ops since the last look: read the trace, judge each op, add up. *@fill as collect(). */
static int look(struct measurement *m, double *fill)
{
	struct probe *probe = m->bench->probe;
	int error;

	*fill = 0;
	fill_logs(m);
	if (!probe->source->collect) {
		for (int i = 0; i < m->crew->nr; i++)
			judge_ops(m, i);
		return 0;
	}
	error = probe->source->collect(probe, m->log, m->crew->nr, fill);
	if (error)
		return error;
	for (int i = 0; i < m->crew->nr; i++)
		judge_ops(m, i);
	return probe->source->tally(probe, m->log, m->crew->nr, &m->result->ipi);
}

/* Give each initiator so many ops as it still needs, at most @window. False: none needs any. */
static bool share_out(struct measurement *m, uint64_t window)
{
	bool any = false;

	for (int i = 0; i < m->crew->nr; i++) {
		struct initiator *one = &m->crew->initiator[i];
		uint64_t left = m->wanted - one->result->ops;

		one->wanted = left < window ? left : window;
		any |= left > 0;
	}
	return any;
}

/* A window fills at most half a ring, as far as the last one tells. */
static uint64_t next_window(uint64_t window, double fill)
{
	if (fill > 0.5 && window > 1)
		return window / 2;
	return fill < 0.2 && window < MAX_NOTES ? 2 * window : window;
}

static int count_windows(struct measurement *m)
{
	bool collects = m->bench->probe->source->collect;
	uint64_t window = collects ? 1 : MAX_NOTES;
	uint64_t until = m->plan->time_ns ? probe_now_ns() + m->plan->time_ns : 0;
	double fill = 0;
	int error = 0;

	for (int i = 0; i < m->crew->nr; i++)
		m->crew->initiator[i].nr_notes = 0;
	if (collects) {		/* what came before the first op is nobody's */
		fill_logs(m);
		error = m->bench->probe->source->collect(m->bench->probe, m->log, m->crew->nr,
							 &fill);
	}
	m->crew->until_ns = until;
	while (!error && share_out(m, window) && (!until || probe_now_ns() < until)) {
		error = order(m, ORDER_COUNT);
		if (!error)
			error = look(m, &fill);
		window = next_window(window, fill);
	}
	return error;
}

static uint64_t counted_p50(const struct crew *crew)
{
	struct histogram *all = calloc(1, sizeof(*all));
	uint64_t p50;

	if (!all)
		return 0;
	hist_init(all);
	for (int i = 0; i < crew->nr; i++)
		hist_merge(all, &crew->initiator[i].counted);
	p50 = hist_quantile(all, 0.5);
	free(all);
	return p50;
}

static int count_pass(struct measurement *m)
{
	struct probe *probe = m->bench->probe;
	int error = probe->source->enable(probe);

	if (!error)
		error = count_windows(m);
	probe->source->disable(probe);
	m->result->counted_p50_ns = counted_p50(m->crew);
	return error;
}

/* ---- timing ------------------------------------------------------------------------------------ */

/* Sums of the initiators by name, over the ops of all. */
static void add_metrics(struct case_result *result, const struct initiator *one, uint64_t ops)
{
	for (int i = 0; i < one->nr_metrics; i++) {
		const struct workload_metric *metric = &one->metric[i];
		int at = 0;

		while (at < result->nr_metrics && strcmp(result->metric[at].name, metric->name))
			at++;
		if (at == MAX_METRICS)
			continue;
		if (at == result->nr_metrics) {
			result->metric[at].per_op = 0;
			snprintf(result->metric[at].name, sizeof(result->metric[at].name), "%s",
				 metric->name);
			result->nr_metrics++;
		}
		result->metric[at].per_op += metric->sum / (double)ops;
	}
}

/* A metric is a mean over the ops of those initiators whose workload has it. */
static void keep_metrics(const struct crew *crew, struct case_result *result)
{
	for (int i = 0; i < crew->nr; i++) {
		uint64_t ops = 0;

		for (int j = 0; j < crew->nr; j++)
			if (crew->initiator[j].member == crew->initiator[i].member)
				ops += crew->initiator[j].metric_ops;
		if (ops)
			add_metrics(result, &crew->initiator[i], ops);
	}
}

/* Times, of the ops and of what they cost others; nothing of it where time is emulated. */
static int time_pass(struct measurement *m)
{
	struct crew *crew = m->crew;
	int error;

	if (!m->bench->timed)
		return 0;
	crew->time_ns = m->plan->time_ns;
	for (int i = 0; i < crew->nr; i++)
		crew->initiator[i].wanted = m->wanted;
	error = order(m, ORDER_TIME);
	if (error)
		return error;
	keep_metrics(crew, m->result);
	for (int i = 0; i < crew->nr; i++) {
		hist_merge(m->result->latency, m->result->initiator[i].latency);
		m->result->rate_per_s += initiator_rate(&m->result->initiator[i]);
	}
	return crew->bystanders ? cast_report(crew->bystanders, m->result) : 0;
}

/* ---- from pass to pass ------------------------------------------------------------------------- */

static int prepare(struct measurement *m)
{
	int error = order(m, ORDER_ASSEMBLE);

	for (m->crew->who = 0; !error && m->crew->who < m->crew->nr; m->crew->who++)
		error = order(m, ORDER_PREPARE);
	if (!error)
		error = order(m, ORDER_SETTLE);
	return error;
}

/* Ops of each initiator: what was asked for, or what fits the budget of the slowest. */
static uint64_t ops_of_each(const struct measurement *m)
{
	uint64_t slowest = 1;

	if (m->plan->time_ns)
		return UINT64_MAX;
	for (int i = 0; i < m->crew->nr; i++)
		if (m->crew->initiator[i].ns_per_op > slowest)
			slowest = m->crew->initiator[i].ns_per_op;
	return m->plan->ops ? m->plan->ops : budget_ops(m->plan->budget_ns, slowest);
}

static void announce(struct measurement *m)
{
	uint64_t passes = (uint64_t)counts_at_all(m) + m->bench->timed;

	progress_reset(m->bench->progress, m->wanted == UINT64_MAX ? 0 :
		       passes * m->wanted * (uint64_t)m->crew->nr);
}

/* What the passes did is what the case says. */
static void add_up(struct measurement *m)
{
	struct case_result *result = m->result;

	for (int i = 0; i < m->crew->nr; i++)
		result->repeated_ops += result->initiator[i].repeated_ops;
	if (!result->ops)
		result->ops = result->latency->total;
	verdict_sum(result);
}

static int measure(struct measurement *m)
{
	int error = prepare(m);

	m->crew->learn = !m->plan->ops && !m->plan->time_ns;
	if (!error)
		error = order(m, ORDER_WARM_UP);
	if (error)
		return error;
	m->wanted = ops_of_each(m);
	announce(m);
	for (int i = 0; i < m->crew->nr; i++)
		m->result->initiator[i].repeated_ops = 0;	/* of warming up */
	if (counts_at_all(m))
		error = count_pass(m);
	else
		m->result->ipi.source = IPI_NONE;
	if (!error)
		error = time_pass(m);
	return error;
}

/* Who watches is there before the initiators: a fork copies only what there is. */
static int start_bystanders(struct measurement *m)
{
	struct roles roles = { 0 };
	const struct roles *all = &m->result->roles;

	if (!all->nr[ROLE_BYSTANDER])
		return 0;
	roles.cpu[ROLE_BYSTANDER] = all->cpu[ROLE_BYSTANDER];
	roles.nr[ROLE_BYSTANDER] = all->nr[ROLE_BYSTANDER];
	return cast_start(&roles, m->bench->timed ? m->bench->clock : NULL, &m->crew->bystanders,
			  m->result->reason, sizeof(m->result->reason));
}

static int attach(struct measurement *m)
{
	int error = m->bench->probe->source->attach(m->bench->probe, m->bench->ring_bytes);

	if (error)
		snprintf(m->result->reason, sizeof(m->result->reason),
			 "the trace rings cannot be mapped (%s); choose smaller ones with --ring-size",
			 strerror(-error));
	return error;
}

static int with_crew(struct measurement *m)
{
	int nr = m->result->roles.nr[ROLE_INITIATOR], error;

	m->log = calloc((size_t)nr, sizeof(*m->log));
	m->in_a_row = calloc((size_t)nr, sizeof(*m->in_a_row));
	error = m->log && m->in_a_row ? crew_new(m->bench, m->plan, m->result, &m->crew) : -ENOMEM;
	if (!error)
		error = start_bystanders(m);
	if (!error)
		error = attach(m);
	if (!error)
		error = crew_start(m->crew, m->result->reason, sizeof(m->result->reason));
	if (!error) {
		error = measure(m);
		if (!m->lost_life)
			crew_order(m->crew, ORDER_FINISH, m->result->reason, 0);
		if (!error || error == -EOPNOTSUPP)
			add_up(m);
	}
	return error;
}

/* The user can do something about records that were lost. */
static void advise(const struct bench *bench, struct case_result *result)
{
	size_t used = strlen(result->reason);

	if (result->ipi.lost && bench->probe->ring_bytes)
		snprintf(result->reason + used, sizeof(result->reason) - used,
			 "; choose a larger --ring-size than %zuK", bench->probe->ring_bytes >> 10);
}

static void conclude(int error, const struct bench *bench, struct case_result *result)
{
	if (!error) {
		result->status = CASE_OK;
		result->reason[0] = '\0';
		verdict_conclude(result);
		if (bench->probe->source->one_initiator && result->nr_initiators > 1)
			snprintf(result->reason, sizeof(result->reason), "IPIs were not counted: "
				 "only the csd tracepoints tell those of several initiators apart");
		advise(bench, result);
		return;
	}
	result->status = error == -EOPNOTSUPP ? CASE_SKIP : CASE_FAIL;
	if (!result->reason[0])
		snprintf(result->reason, sizeof(result->reason), "%s", strerror(-error));
}

/*
 * Measure the case @plan into @result, whose roles are placed already and whose
 * status, reason, counts and latencies this fills. The caller is a process of
 * its own that ends afterwards.
 */
void measure_case(const struct bench *bench, const struct case_plan *plan,
		  struct case_result *result)
{
	uint64_t start = clock_monotonic_ns();
	struct measurement m = { .bench = bench, .plan = plan, .result = result };
	struct cast *bystanders;
	int error;

	result->reason[0] = '\0';
	result->ipi.source = bench->probe->source->kind;
	hist_init(result->latency);
	error = with_crew(&m);
	bystanders = m.crew ? m.crew->bystanders : NULL;
	crew_stop(m.crew);
	cast_stop(bystanders);
	free(m.log);
	free(m.in_a_row);
	result->elapsed_ns = clock_monotonic_ns() - start;
	conclude(error, bench, result);
}
