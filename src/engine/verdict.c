// SPDX-License-Identifier: GPL-2.0-or-later
/* Prediction, per-op comparison, verdict. */
#include <stdio.h>
#include <string.h>

#include "engine/verdict.h"

/* L and Z, counted from the CPU on which the requests are made. */
static void set_scene(const struct machine *machine, const struct workload_ctx *ctx,
		      const struct roles *roles, struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->n = machine->topo.nr_online;
	scene->skips_sync = machine->kernel.static_key == KEY_ON;
	scene->wakes_lazy = scene->skips_sync || machine->kernel.static_key == KEY_OFF;
	for (int role = ROLE_INITIATOR; role <= ROLE_LAZY; role++)
		for (int i = 0; i < roles->nr[role]; i++) {
			if (roles->cpu[role][i] == ctx->actor_cpu)
				continue;
			if (role == ROLE_LAZY)
				scene->z++;
			else
				scene->l++;
		}
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

/* Fill result->expect for the case that @ctx has prepared. */
void verdict_predict(const struct machine *machine, const struct workload *workload,
		     const struct workload_ctx *ctx, struct case_result *result)
{
	struct expectation *expect = &result->expect;
	struct prediction predicted = { 0 };
	const char *unknown = flush_unknown(machine);
	struct scene scene;

	set_scene(machine, ctx, &result->roles, &scene);
	if (!workload->expect) {
		snprintf(expect->why, sizeof(expect->why), "the workload predicts nothing");
		return;
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
	expect->flush_per_op = unknown ? 0 : predicted.flush;
	add_unknown(expect, "sync", predicted.sync_unknown);
	add_unknown(expect, "flush", unknown);
}

static bool differs(const struct expectation *expect, int class, uint32_t requested)
{
	if (class == IPI_SYNC)
		return expect->has_sync && requested != expect->sync_per_op;
	if (class == IPI_FLUSH)
		return expect->has_flush && requested != expect->flush_per_op;
	return false;
}

/* Add the counts of one op, the @first of its pass or a later one. */
void verdict_add_op(struct case_result *result, const struct probe_op *op, bool first)
{
	for (int class = 0; class < NR_IPI_CLASSES; class++) {
		struct ipi_count *count = &result->ipi.count[class];
		uint32_t requested = op->requested[class];

		count->has_requested = result->ipi.source == IPI_CSD;
		count->requested += requested;
		count->foreign += op->foreign[class];
		if (first || requested < count->min_per_op)
			count->min_per_op = requested;
		if (first || requested > count->max_per_op)
			count->max_per_op = requested;
		count->unexpected_ops += differs(&result->expect, class, requested);
	}
}

static void null_verdict(struct case_result *result, const char *why)
{
	result->as_expected = VERDICT_NULL;
	snprintf(result->reason, sizeof(result->reason), "%s", why);
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
	if (!result->expect.has_sync && !result->expect.has_flush)
		return null_verdict(result, result->expect.why);
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
