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
#include "engine/ipi-pass.h"
#include "engine/measurement.h"
#include "engine/verdict.h"

/* Have @order carried out. 0, or -errno with the reason in the result. */
int measurement_order(struct measurement *m, enum order order)
{
	int error = crew_order(m->crew, order, m->result->reason, sizeof(m->result->reason));

	m->lost_life |= error == -ECHILD || error == -ETIMEDOUT;
	return error;
}

/* Is the pass wanted, and can it be made with this probe on this machine? */
static bool makes(const struct measurement *m, enum pass pass)
{
	const struct probe_source *source = m->bench->probe->source;

	if (!(m->bench->passes & pass))
		return false;
	if (pass == PASS_TIME)
		return m->bench->timed;
	if (pass == PASS_IPI)
		return source->kind == IPI_CSD;
	return source->kind != IPI_NONE && !(source->one_initiator && m->crew->nr > 1);
}

static int prepare(struct measurement *m)
{
	int error = measurement_order(m, ORDER_ASSEMBLE);

	for (m->crew->who = 0; !error && m->crew->who < m->crew->nr; m->crew->who++)
		error = measurement_order(m, ORDER_PREPARE);
	if (!error)
		error = measurement_order(m, ORDER_SETTLE);
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
	return m->plan->ops ? m->plan->ops :
	       budget_ops(m->plan->budget_ns, slowest, makes(m, PASS_IPI) ? IPI_PASS_OPS : 0);
}

static void announce(struct measurement *m)
{
	uint64_t passes = (uint64_t)makes(m, PASS_COUNT) + makes(m, PASS_TIME), ops;

	ops = passes * m->wanted;
	if (makes(m, PASS_IPI))
		ops += ipi_pass_ops(m->wanted);
	progress_reset(m->bench->progress, m->wanted == UINT64_MAX ? 0 :
		       ops * (uint64_t)m->crew->nr);
}

/* What the passes did is what the case says. */
static void add_up(struct measurement *m)
{
	struct case_result *result = m->result;

	for (int i = 0; i < m->crew->nr; i++)
		result->repeated_ops += result->initiator[i].repeated_ops;
	if (!result->ops)
		result->ops = result->latency->total;
	if (!result->ops)
		result->ops = result->ipi_latency->ops;
	verdict_sum(result);
}

/* A case of which nothing was measured has a reason, and is skipped. 0 or -EOPNOTSUPP. */
static int need_a_pass(const struct measurement *m)
{
	struct case_result *result = m->result;

	if (makes(m, PASS_COUNT) || makes(m, PASS_TIME) || result->ipi_latency->ops)
		return 0;
	snprintf(result->reason, sizeof(result->reason), "%s", *result->ipi_latency->why ?
		 result->ipi_latency->why : "only the csd tracepoints tell the IPIs of several "
		 "initiators apart, and no other pass was asked for");
	return -EOPNOTSUPP;
}

/* Events that were asked for are counted in the timing pass. */
static void miss_events(struct measurement *m)
{
	const struct counter_list *list = m->bench->events;

	for (int i = 0; list && i < list->nr; i++) {
		struct case_counter *row = &m->result->counter[m->result->nr_counters++];

		memcpy(row->event, list->event[i].name, sizeof(row->event));
		snprintf(row->why, sizeof(row->why), "there is no timing pass%s",
			 m->bench->timed ? "" : " under emulation");
	}
}

static int measure(struct measurement *m)
{
	int error = prepare(m);

	m->crew->learn = !m->plan->ops && !m->plan->time_ns;
	if (!error)
		error = measurement_order(m, ORDER_WARM_UP);
	if (error)
		return error;
	m->wanted = ops_of_each(m);
	announce(m);
	for (int i = 0; i < m->crew->nr; i++)
		m->result->initiator[i].repeated_ops = 0;	/* of warming up */
	if (makes(m, PASS_COUNT))
		error = count_pass(m);
	else
		m->result->ipi.source = IPI_NONE;
	if (!error && makes(m, PASS_TIME))
		error = time_pass(m);
	else if (!error)
		miss_events(m);
	if (!error && makes(m, PASS_IPI))
		error = ipi_pass(m);
	return error ? error : need_a_pass(m);
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
	m->ipi_ops = calloc((size_t)nr, sizeof(*m->ipi_ops));
	error = m->log && m->in_a_row && m->ipi_ops ? crew_new(m->bench, m->plan, m->result, &m->crew) : -ENOMEM;
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
	free(m.ipi_ops);
	result->elapsed_ns = clock_monotonic_ns() - start;
	conclude(error, bench, result);
}
