// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs inside the measuring process, pinned to the initiator's CPU, whose mm is
 * used by nobody but the roles of the case.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/driver.h"
#include "engine/verdict.h"
#include "workloads/memory.h"

#define WARMUP_OPS	5
#define WARMUP_NS	50000000ull	/* at most so long to learn what an op takes */
#define MIN_OPS		20
#define MAX_OPS		1000000
#define MAX_REPEATS	100	/* of one op */

/* Arm the next op and bring everybody to their places. */
static int make_ready(struct measurement *m)
{
	int error = m->workload->arm ? m->workload->arm(&m->ctx) : 0;

	if (!error && m->cast) {
		error = cast_settle(m->cast);
		if (error)
			workload_fail(&m->ctx, error, "nothing of ours runs on CPU %d",
				      cast_silent_cpu(m->cast));
	}
	return error;
}

static inline int check(struct measurement *m)
{
	if (m->progress)
		atomic_fetch_add_explicit(&m->progress->done, 1, memory_order_relaxed);
	return m->workload->verify ? m->workload->verify(&m->ctx) : 0;
}

/* The timed op: nothing but it lies between the two reads. */
static inline int timed_op(struct measurement *m, uint64_t *ns)
{
	uint64_t start = clock_read(m->clock), end;
	int error = m->workload->op(&m->ctx);

	end = clock_read(m->clock);
	*ns = clock_ns(m->clock, end - start);
	return error;
}

/*
 * The kernel may refuse an op for a passing reason (-EAGAIN: a page that just
 * then is isolated or locked by somebody else). Then it is armed and tried
 * again, counted apart, and neither timed nor counted. True if it may be.
 */
static bool try_again(struct measurement *m, int error, unsigned int *in_a_row)
{
	if (error != -EAGAIN || ++*in_a_row > MAX_REPEATS)
		return false;
	m->repeated++;
	m->ctx.reason[0] = '\0';
	return true;
}

/*
 * The timing pass: @ops ops into @latency (nanoseconds), no probe on. 0, or
 * -errno of the step that failed, with its reason in m->ctx.
 */
int time_ops(struct measurement *m, uint64_t ops, struct histogram *latency)
{
	unsigned int repeats = 0;

	for (uint64_t i = 0; i < ops; ) {
		uint64_t ns = 0;
		int error = make_ready(m);

		if (!error) {
			if (m->watched)
				cast_op_begins(m->cast);
			error = timed_op(m, &ns);
			if (m->watched)
				cast_op_ended(m->cast);
			if (try_again(m, error, &repeats))
				continue;
		}
		if (!error)
			error = check(m);
		if (error)
			return error;
		hist_add(latency, ns);
		repeats = 0;
		i++;
	}
	return 0;
}

static bool is_actor(const void *arg, pid_t tid)
{
	const struct measurement *m = arg;

	return m->workload->is_actor ? m->workload->is_actor(&m->ctx, tid) :
				       tid == m->ctx.actor;
}

static bool is_responder(const void *arg, pid_t tid)
{
	const struct measurement *m = arg;

	return m->cast && tid != m->ctx.actor && cast_is_responder(m->cast, tid);
}

/*
 * Was the op's scene another than the one predicted for? A kernel thread that runs
 * where a responder should borrows the mm, so that CPU is spared as a lazy one. Such
 * an op, if its flushes are too few, is counted again; one whose syncs differ never is.
 * Nor is any, once as many were repeated as the case has ops: that is no passing reason.
 */
static bool try_displaced_again(struct measurement *m, const struct probe_op *counts,
				const struct case_result *result, unsigned int *in_a_row)
{
	const struct expectation *expect = &result->expect;

	if (!counts->displaced || !expect->has_flush ||
	    counts->requested[IPI_FLUSH] >= expect->flush_per_op ||
	    (expect->has_sync && counts->requested[IPI_SYNC] != expect->sync_per_op) ||
	    m->repeated >= result->ops || ++*in_a_row > MAX_REPEATS)
		return false;
	m->repeated++;
	return true;
}

/* One op with the probe looking before and after it. -EAGAIN: refused for the moment. */
static int count_op(struct measurement *m, struct probe *probe, const struct probe_tasks *tasks,
		    struct ipi_result *between, struct probe_op *counts,
		    struct ipi_result *total, uint64_t *ns)
{
	int error = make_ready(m);

	if (error)
		return error;
	probe->source->begin(probe, tasks, between);
	error = timed_op(m, ns);
	if (error != -EAGAIN)	/* then its requests count as made between ops */
		probe->source->end(probe, tasks, counts, total);
	return error ? error : check(m);
}

/* The counting pass. @one has arrays as long as those of the result's counts. */
static int count_ops(struct measurement *m, struct probe *probe, uint64_t ops,
		     struct case_result *result, struct ipi_result *one,
		     struct histogram *latency)
{
	const struct probe_tasks tasks = { is_actor, is_responder, m };
	unsigned int repeats = 0;

	for (uint64_t i = 0; i < ops; ) {
		struct probe_op counts;
		uint64_t ns = 0;
		int error;

		ipi_clear(one, result->nr_cpus);
		error = count_op(m, probe, &tasks, i ? &result->ipi : NULL, &counts, one, &ns);
		if (try_again(m, error, &repeats))
			continue;
		if (error)
			return error;
		if (try_displaced_again(m, &counts, result, &repeats))
			continue;
		ipi_add(&result->ipi, one, result->nr_cpus);
		verdict_add_op(result, &counts, !i);
		hist_add(latency, ns);
		repeats = 0;
		i++;
	}
	return 0;
}

/* Nobody's first op is like the others: pages, caches and stale CPUs. */
static int warm_up(struct measurement *m, bool learn, uint64_t *ns_per_op)
{
	uint64_t start = clock_monotonic_ns(), ops = 0, spent;
	struct histogram *unused = malloc(sizeof(*unused));
	int error = unused ? 0 : -ENOMEM;

	if (!error)
		hist_init(unused);
	do {
		if (!error)
			error = time_ops(m, WARMUP_OPS, unused);
		ops += WARMUP_OPS;
		spent = clock_monotonic_ns() - start;
	} while (!error && learn && spent < WARMUP_NS);
	free(unused);
	*ns_per_op = spent / ops + 1;
	return error;
}

/* As many ops as fit half the budget, to two digits so that runs resemble each other. */
static uint64_t ops_for(uint64_t budget_ns, uint64_t ns_per_op)
{
	uint64_t ops = budget_ns / 2 / ns_per_op, unit = 1;

	if (ops < MIN_OPS)
		return MIN_OPS;
	if (ops > MAX_OPS)
		return MAX_OPS;
	while (ops / unit >= 100)
		unit *= 10;
	return ops / unit * unit;
}

static int count_pass(const struct bench *bench, struct measurement *m,
		      struct case_result *result)
{
	const struct probe_source *source = bench->probe->source;
	struct histogram *latency = malloc(sizeof(*latency));
	uint64_t *per_cpu = calloc(IPI_ARRAYS * (size_t)result->nr_cpus, sizeof(*per_cpu));
	struct ipi_result one = { 0 };
	int error = latency && per_cpu ? 0 : -ENOMEM;

	if (!error) {
		hist_init(latency);
		ipi_place(&one, per_cpu, result->nr_cpus);
		error = source->enable(bench->probe);
		if (!error)
			error = count_ops(m, bench->probe, result->ops, result, &one, latency);
		source->disable(bench->probe);
		result->counted_p50_ns = hist_quantile(latency, 0.5);
	}
	free(per_cpu);
	free(latency);
	return error;
}

static void keep_metrics(const struct measurement *m, struct case_result *result)
{
	for (int i = 0; i < m->ctx.nr_metrics && i < MAX_METRICS; i++) {
		struct case_metric *metric = &result->metric[result->nr_metrics++];

		snprintf(metric->name, sizeof(metric->name), "%s", m->ctx.metric[i].name);
		metric->per_op = m->ctx.metric[i].sum / (double)result->ops;
	}
}

/* Times, of the ops and of what they cost others; nothing of it where time is emulated. */
static int time_pass(const struct bench *bench, struct measurement *m,
		     struct case_result *result)
{
	int error;

	if (!bench->timed)
		return 0;
	m->ctx.nr_metrics = 0;
	m->watched = m->cast;
	error = time_ops(m, result->ops, result->latency);
	if (error)
		return error;
	keep_metrics(m, result);
	return m->cast ? cast_report(m->cast, result) : 0;
}

static int measure(const struct bench *bench, const struct case_plan *plan,
		   struct measurement *m, struct case_result *result)
{
	uint64_t ns_per_op;
	int error = bench->probe->source->attach(bench->probe);

	if (error)
		return workload_fail(&m->ctx, error, "mapping the trace buffers");
	error = m->workload->prepare ? m->workload->prepare(&m->ctx) : 0;
	if (!error) {
		memory_unshare();
		error = warm_up(m, !plan->ops, &ns_per_op);
	}
	if (error)
		return error;
	verdict_predict(bench->machine, m->workload, &m->ctx, result);
	result->ops = plan->ops ? plan->ops : ops_for(plan->budget_ns, ns_per_op);
	m->progress = bench->progress;
	atomic_store(&bench->progress->total, (1 + bench->timed) * result->ops);
	error = bench->probe->source->kind == IPI_NONE ? 0 : count_pass(bench, m, result);
	return error ? error : time_pass(bench, m, result);
}

/* A CPU for kernel daemons: one without a role, else a responder's. */
static int daemon_cpu(const struct topology *topo, const struct roles *roles)
{
	int last = roles->cpu[ROLE_INITIATOR][0];

	for (int i = 0; i < topo->nr_online; i++) {
		bool taken = !topo->cpus[i].allowed || topo_set_apart(&topo->cpus[i]);

		for (int role = 0; role < NR_ROLES; role++)
			for (int j = 0; j < roles->nr[role]; j++)
				taken |= roles->cpu[role][j] == topo->cpus[i].cpu;
		if (!taken)
			return topo->cpus[i].cpu;
	}
	if (roles->nr[ROLE_RESPONDER])
		last = roles->cpu[ROLE_RESPONDER][roles->nr[ROLE_RESPONDER] - 1];
	return last;
}

static void conclude(int error, const struct measurement *m, struct case_result *result)
{
	if (!error) {
		result->status = CASE_OK;
		verdict_conclude(result);
		return;
	}
	result->status = error == -EOPNOTSUPP ? CASE_SKIP : CASE_FAIL;
	snprintf(result->reason, sizeof(result->reason), "%s",
		 m->ctx.reason[0] ? m->ctx.reason : strerror(-error));
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
	struct measurement m = {
		.workload = plan->workload,
		.clock = bench->clock,
		.ctx = {
			.machine = bench->machine,
			.settings = bench->settings,
			.lazy_cpu = result->roles.cpu[ROLE_LAZY],
			.nr_lazy = result->roles.nr[ROLE_LAZY],
			.memory_node = result->memory.node,
			.nr_memory_nodes = result->memory.nr,
			.initiator_cpu = result->roles.cpu[ROLE_INITIATOR][0],
			.actor = gettid(),
		},
	};
	int error;

	memcpy(m.ctx.param, plan->param, sizeof(m.ctx.param));
	m.ctx.actor_cpu = m.ctx.initiator_cpu;
	m.ctx.daemon_cpu = daemon_cpu(&bench->machine->topo, &result->roles);
	result->ipi.source = bench->probe->source->kind;
	hist_init(result->latency);
	error = pin_to_cpu(m.ctx.initiator_cpu);
	if (error)
		workload_fail(&m.ctx, error, "pinning to CPU %d", m.ctx.initiator_cpu);
	if (!error)
		error = binding_apply(&result->memory, m.ctx.reason, sizeof(m.ctx.reason));
	if (!error)
		error = cast_start(&result->roles, bench->timed ? bench->clock : NULL,
				   &m.cast, m.ctx.reason, sizeof(m.ctx.reason));
	if (!error) {
		error = measure(bench, plan, &m, result);
		if (m.workload->cleanup)
			m.workload->cleanup(&m.ctx);
	}
	cast_stop(m.cast);
	result->repeated_ops = m.repeated;
	result->elapsed_ns = clock_monotonic_ns() - start;
	conclude(error, &m, result);
}
