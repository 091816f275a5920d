// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guard rail: the CPU leaves the mm for its idle task and comes back to it.
 * The op sleeps on a timer of its own CPU, so nobody has to wake it by IPI; the
 * idle task keeps the mm's page tables meanwhile, as lazy TLB.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

struct idle_state {
	struct timespec nap;
	long switches;		/* voluntary ones, when the op was armed */
	uint64_t seed;
	char page[SIZE_4K];
};

static long switches_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static int prepare(struct workload_ctx *ctx)
{
	struct idle_state *state = calloc(1, sizeof(*state));

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	state->nap.tv_nsec = 1000 * ctx->param[0];
	if (prctl(PR_SET_TIMERSLACK, 1ul))	/* ns; the default adds 50 us to each nap */
		return workload_fail(ctx, -errno, "prctl(PR_SET_TIMERSLACK)");
	return 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct idle_state *state = ctx->priv;

	pattern_write(state->page, sizeof(state->page), ++state->seed);
	state->switches = switches_so_far();
	return 0;
}

/*
 * On a slow machine the timer may fire before the task is off the CPU
 * (kernel/time/hrtimer.c, do_nanosleep()). Then there was no switch: try again.
 */
static int op(struct workload_ctx *ctx)
{
	struct idle_state *state = ctx->priv;
	int error = clock_nanosleep(CLOCK_MONOTONIC, 0, &state->nap, NULL);

	if (error)
		return -error;
	return switches_so_far() == state->switches ? -EAGAIN : 0;
}

static int verify(struct workload_ctx *ctx)
{
	struct idle_state *state = ctx->priv;

	if (pattern_check(state->page, sizeof(state->page), state->seed))
		return workload_fail(ctx, -EBADMSG, "memory changed over the nap");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	free(ctx->priv);
}

/*
 * No IPIs: enter_lazy_tlb() marks the CPU, and switch_mm_irqs_off() on the way back
 * flushes at most this CPU's own TLB (arch/x86/mm/tlb.c).
 */
const struct workload idle_switch_workload = {
	.name = "idle-switch",
	.family = "processes and faults",
	.summary = "sleep on a timer: to the idle task, lazily keeping the mm, and back",
	.params = {
		{ .name = "us", .summary = "microseconds to sleep",
		  .min = 1, .max = 100000, .multiple = 1, STANDARD(200) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = workload_no_ipis,
};
