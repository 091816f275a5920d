// SPDX-License-Identifier: GPL-2.0-or-later
/* Prediction, per-op comparison, verdict. */
#include <stdio.h>
#include <string.h>

#include "engine/verdict.h"

/* Other CPUs of @role than the one on which the requests are made. */
static int others(const struct workload_ctx *ctx, const struct roles *roles, enum role role)
{
	int nr = 0;

	for (int i = 0; i < roles->nr[role]; i++)
		nr += roles->cpu[role][i] != ctx->actor_cpu;
	return nr;
}

/* L and Z, counted from the CPU on which the requests are made. */
static void set_scene(const struct machine *machine, const struct workload_ctx *ctx,
		      const struct roles *roles, struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->n = machine->topo.nr_online;
	scene->skips_sync = machine->kernel.static_key == KEY_ON;
	scene->wakes_lazy = scene->skips_sync || machine->kernel.static_key == KEY_OFF;
	scene->l = others(ctx, roles, ROLE_INITIATOR) + others(ctx, roles, ROLE_RESPONDER);
	scene->z = others(ctx, roles, ROLE_LAZY);
}

/* Why this kernel's flushes cannot be predicted, or NULL if they can. */
static const char *flush_unknown(const struct machine *machine)
{
	if (machine->cpu.invlpgb)
		return "INVLPGB flushes some address spaces without IPIs";
	if (machine->kernel.flush != FLUSH_NATIVE)
		return machine->kernel.flush == FLUSH_UNKNOWN ?
			"the flush backend is unknown, it may flush without IPIs" :
			"a paravirtual flush leaves out vCPUs that do not run just then";
	return NULL;
}

/* Say in expect->why which class cannot be predicted, unless @reason is NULL. */
static void add_unknown(struct expectation *expect, const char *class, const char *reason)
{
	size_t used = strlen(expect->why);

	if (reason)
		snprintf(expect->why + used, sizeof(expect->why) - used, "%s%s: %s",
			 used ? "; " : "", class, reason);
}

/*
 * Threads of one mm wait for each other (mmap_lock), and whoever sleeps may have left the
 * mm's CPUs or hold it lazily: its CPU gets a flush or it does not. So do lazy CPUs, which
 * any of them wakes. Only responders are flushed for certain.
 */
static double least_flush(const struct workload *workload, const struct workload_ctx *ctx,
			  const struct roles *roles, struct scene scene)
{
	struct prediction predicted = { 0 };

	scene.l = others(ctx, roles, ROLE_RESPONDER);
	scene.z = 0;
	scene.shared = false;
	workload->expect(ctx, &scene, &predicted);
	return predicted.flush;
}

/*
 * What the source predicts for an op of the initiator whose workload @ctx has prepared and
 * whose mm runs on the CPUs of @roles, into @expect. With @shared the initiators are
 * threads of one mm, and their flushes have a range.
 */
void verdict_predict(const struct machine *machine, const struct workload *workload,
		     const struct workload_ctx *ctx, const struct roles *roles, bool shared,
		     struct expectation *expect)
{
	struct prediction predicted = { 0 };
	const char *unknown = flush_unknown(machine);
	struct scene scene;

	set_scene(machine, ctx, roles, &scene);
	if (!workload->expect) {
		snprintf(expect->why, sizeof(expect->why), "the workload predicts nothing");
		return;
	}
	if (shared) {		/* at most, all of them run */
		scene.l += scene.z;
		scene.z = 0;
		scene.shared = true;
	}
	workload->expect(ctx, &scene, &predicted);
	if (!unknown)
		unknown = predicted.flush_unknown;
	if (machine->kernel.static_key == KEY_UNKNOWN) {
		snprintf(expect->why, sizeof(expect->why),
			 "the key's state is unknown: %s", machine->kernel.static_key_why);
		return;
	}
	expect->has_sync = !predicted.sync_unknown;
	expect->sync_per_op = predicted.sync_unknown ? 0 : predicted.sync;
	expect->has_flush = !unknown;
	expect->flush_per_op = expect->flush_least = unknown ? 0 : predicted.flush;
	if (shared && !unknown)
		expect->flush_least = least_flush(workload, ctx, roles, scene);
	add_unknown(expect, "sync", predicted.sync_unknown);
	add_unknown(expect, "flush", unknown);
}

static bool differs(const struct expectation *expect, int class, uint32_t requested)
{
	if (class == IPI_SYNC)
		return expect->has_sync && requested != expect->sync_per_op;
	if (class == IPI_FLUSH)
		return expect->has_flush && (requested < expect->flush_least ||
					     requested > expect->flush_per_op);
	return false;
}

/* Add the counts of one op of the initiator @row to its own and to those of @result. */
void verdict_add_op(struct case_result *result, struct initiator_result *row,
		    const struct probe_op *op)
{
	for (int class = 0; class < NR_IPI_CLASSES; class++) {
		struct ipi_count *count = &result->ipi.count[class];
		uint32_t requested = op->requested[class];
		bool unexpected = differs(&row->expect, class, requested);

		count->has_requested = result->ipi.source == IPI_CSD;
		count->requested += requested;
		if (!result->ops || requested < count->min_per_op)
			count->min_per_op = requested;
		if (!result->ops || requested > count->max_per_op)
			count->max_per_op = requested;
		count->unexpected_ops += unexpected;
		row->requested[class] += requested;
		row->unexpected_ops[class] += unexpected;
	}
	row->ops++;
	result->ops++;
}

/* The mean of what is predicted for each initiator, weighted with its ops. */
static double mean_of(const struct case_result *result,
		      double (*of)(const struct expectation *expect))
{
	double sum = 0, first = of(&result->initiator[0].expect);
	uint64_t ops = 0;
	bool same = true;

	for (int i = 0; i < result->nr_initiators; i++) {
		const struct initiator_result *row = &result->initiator[i];
		uint64_t weight = row->ops ? row->ops : 1;

		same &= of(&row->expect) == first;
		sum += of(&row->expect) * (double)weight;
		ops += weight;
	}
	return same ? first : sum / (double)ops;
}

static double sync_of(const struct expectation *expect)
{
	return expect->sync_per_op;
}

static double flush_of(const struct expectation *expect)
{
	return expect->flush_per_op;
}

static double least_of(const struct expectation *expect)
{
	return expect->flush_least;
}

/* What the rows of @result predict is predicted for the case; what one does not, is not. */
void verdict_sum(struct case_result *result)
{
	struct expectation *expect = &result->expect;

	*expect = (struct expectation){ .has_sync = true, .has_flush = true };
	for (int i = 0; i < result->nr_initiators; i++) {
		const struct expectation *one = &result->initiator[i].expect;

		expect->has_sync &= one->has_sync;
		expect->has_flush &= one->has_flush;
		if (!expect->why[0])
			memcpy(expect->why, one->why, sizeof(expect->why));
	}
	if (expect->has_sync)
		expect->sync_per_op = mean_of(result, sync_of);
	if (!expect->has_flush)
		return;
	expect->flush_per_op = mean_of(result, flush_of);
	expect->flush_least = mean_of(result, least_of);
}

static void null_verdict(struct case_result *result, const char *why)
{
	result->as_expected = VERDICT_NULL;
	snprintf(result->reason, sizeof(result->reason), "%s", why);
}

/* Why nothing is known of the ops of some initiator; NULL: something is, of each. */
static const char *unknown_row(const struct case_result *result)
{
	for (int i = 0; i < result->nr_initiators; i++)
		if (!result->initiator[i].expect.has_sync && !result->initiator[i].expect.has_flush)
			return result->initiator[i].expect.why;
	return NULL;
}

/*
 * The verdict on a case that ran: true only if every single op had the counts
 * that were predicted, null with a reason where that cannot be told.
 */
void verdict_conclude(struct case_result *result)
{
	const struct ipi_count *sync = &result->ipi.count[IPI_SYNC];
	const struct ipi_count *flush = &result->ipi.count[IPI_FLUSH];

	if (result->ipi.source == IPI_NONE)
		return null_verdict(result, "IPIs were not counted");
	if (result->ipi.source == IPI_INTERRUPTS)
		return null_verdict(result, "/proc/interrupts gives an estimate only");
	if (result->ipi.lost)
		return null_verdict(result, "trace records were lost, the counts are too low");
	if (unknown_row(result))
		return null_verdict(result, unknown_row(result));
	if (!sync->unexpected_ops && !flush->unexpected_ops) {
		result->as_expected = VERDICT_TRUE;
		return;
	}
	result->as_expected = VERDICT_FALSE;
	snprintf(result->reason, sizeof(result->reason),
		 "of %llu ops, %llu differ in sync (%u to %u an op), %llu in flush (%u to %u)",
		 (unsigned long long)result->ops,
		 (unsigned long long)sync->unexpected_ops, sync->min_per_op, sync->max_per_op,
		 (unsigned long long)flush->unexpected_ops, flush->min_per_op, flush->max_per_op);
}
