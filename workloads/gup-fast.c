// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guard rail: GUP-fast is the walker for which the kernel syncs. The op pins
 * touched pages by GUP-fast through the kernel's own test driver and lets go of
 * them. A kernel without that driver can still run gup-vmsplice.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

/* The driver's interface: mm/gup_test.h, which is not among the uapi headers. */
struct gup_test {
	uint64_t get_delta_usec, put_delta_usec;	/* out: whole microseconds */
	uint64_t addr;
	uint64_t size;			/* in and out: bytes pinned */
	uint32_t nr_pages_per_call, gup_flags, test_flags;
	uint32_t which_pages[8];
};

#define PIN_FAST_BENCHMARK	_IOWR('g', 2, struct gup_test)
#define FOLL_WRITE		1	/* include/linux/mm_types.h */

struct gup_state {
	char *memory;
	uint64_t seed;
	int fd;
	struct gup_test test;
};

static size_t size_of(const struct workload_ctx *ctx)
{
	return ctx->param[0] * SIZE_4K;
}

static int prepare(struct workload_ctx *ctx)
{
	struct gup_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	state->fd = open(GUP_TEST, O_RDWR | O_CLOEXEC);
	if (state->fd < 0)
		return workload_fail(ctx, -errno, "opening " GUP_TEST);
	error = small_pages_map(size_of(ctx), &state->memory);
	return error ? workload_fail(ctx, error, "mmap of %zu bytes", size_of(ctx)) : 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct gup_state *state = ctx->priv;

	pattern_write(state->memory, size_of(ctx), ++state->seed);
	state->test = (struct gup_test){
		.addr = (uintptr_t)state->memory, .size = size_of(ctx),
		.nr_pages_per_call = ctx->param[0], .gup_flags = FOLL_WRITE,
	};
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct gup_state *state = ctx->priv;

	return ioctl(state->fd, PIN_FAST_BENCHMARK, &state->test) ? -errno : 0;
}

/* All pages were pinned, and hold what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct gup_state *state = ctx->priv;

	if (state->test.size != size_of(ctx))
		return workload_fail(ctx, -EBADMSG, "%llu of %zu bytes were pinned",
				     (unsigned long long)state->test.size, size_of(ctx));
	if (pattern_check(state->memory, size_of(ctx), state->seed))
		return workload_fail(ctx, -EBADMSG, "the pinned memory changed");
	/* pinning only; rounded down to a microsecond, so up to 1000 / pages too low */
	workload_metric(ctx, "pin_ns_per_page",
			1000.0 * state->test.get_delta_usec / ctx->param[0]);
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct gup_state *state = ctx->priv;

	if (!state)
		return;
	if (state->memory)
		munmap(state->memory, size_of(ctx));
	if (state->fd >= 0)
		close(state->fd);
	free(state);
}

/* No IPIs: gup_fast() (mm/gup.c) walks with interrupts off and asks nobody. */
const struct workload gup_fast_workload = {
	.name = "gup-fast",
	.family = "GUP-fast",
	.summary = "pin touched pages by GUP-fast and unpin them, through the kernel's gup_test",
	.needs = NEEDS_GUP_TEST,
	.params = {
		{ .name = "pages", .summary = "4 KiB pages to pin in one call",
		  .min = 1, .max = 4096, .multiple = 1, STANDARD(512, 64) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = workload_no_ipis,
};
