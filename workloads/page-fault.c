// SPDX-License-Identifier: GPL-2.0-or-later
/* A guard rail: the first touch of fresh anonymous memory, page by page. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

struct fault_state {
	char *memory;
	uint64_t seed;
	long faults;		/* of this thread, when the op was armed */
};

static size_t size_of(const struct workload_ctx *ctx)
{
	return ctx->param[0] * SIZE_4K;
}

static long faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

static int prepare(struct workload_ctx *ctx)
{
	struct fault_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	error = small_pages_map(size_of(ctx), &state->memory);
	return error ? workload_fail(ctx, error, "mmap of %zu bytes", size_of(ctx)) : 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct fault_state *state = ctx->priv;

	if (madvise(state->memory, size_of(ctx), MADV_DONTNEED))
		return workload_fail(ctx, -errno, "madvise(MADV_DONTNEED)");
	state->seed++;
	state->faults = faults_so_far();
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct fault_state *state = ctx->priv;

	pattern_write(state->memory, size_of(ctx), state->seed);
	return 0;
}

/* Each page took a fault of its own, and still holds what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct fault_state *state = ctx->priv;
	long faults = faults_so_far() - state->faults;

	if (faults < (long)ctx->param[0])
		return workload_fail(ctx, -EBADMSG, "%ld faults for %llu pages", faults,
				     (unsigned long long)ctx->param[0]);
	if (pattern_check(state->memory, size_of(ctx), state->seed))
		return workload_fail(ctx, -EBADMSG, "the touched memory changed");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct fault_state *state = ctx->priv;

	if (state && state->memory)
		munmap(state->memory, size_of(ctx));
	free(state);
}

/*
 * No IPIs: an address that was not mapped is in no TLB, so do_anonymous_page()
 * (mm/memory.c) sets the entry and flushes nothing.
 */
const struct workload page_fault_workload = {
	.name = "page-fault",
	.family = "processes and faults",
	.summary = "touch fresh anonymous memory, a fault for each 4 KiB page",
	.params = {
		{ .name = "pages", .summary = "4 KiB pages to touch",
		  .min = 1, .max = 4096, .multiple = 1, STANDARD(64, 1) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = workload_no_ipis,
};
