// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guard rail that needs no privilege: the op hands touched pages to a pipe,
 * and the kernel takes hold of them by GUP-fast, 16 at a time (fs/splice.c,
 * iter_to_pipe(); lib/iov_iter.c, iov_iter_get_pages2()). gup-fast pins more pages
 * at a time and does less besides, but needs the kernel's gup_test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "workloads/memory.h"
#include "workloads/workload.h"

#define TOO_LARGE	"a pipe may not hold %llu pages; run as root, or raise " \
			"fs.pipe-max-size and fs.pipe-user-pages-soft"

struct splice_state {
	char *memory;		/* the pages, and room to read as many back */
	uint64_t seed;
	int pipe[2];
	ssize_t spliced;
};

static size_t size_of(const struct workload_ctx *ctx)
{
	return ctx->param[0] * SIZE_4K;
}

/* What prepare() would find, but for the pages in other pipes of the user. */
static int blocked(const struct machine *machine, const uint64_t *param,
		   char *why, size_t size)
{
	if (!machine->pipe_max || param[0] * SIZE_4K <= machine->pipe_max)
		return 0;
	snprintf(why, size, TOO_LARGE, (unsigned long long)param[0]);
	return -EOPNOTSUPP;
}

static int prepare(struct workload_ctx *ctx)
{
	struct splice_state *state = calloc(1, sizeof(*state));
	int error;

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	if (pipe2(state->pipe, O_NONBLOCK | O_CLOEXEC))
		return workload_fail(ctx, -errno, "pipe");
	if (fcntl(state->pipe[1], F_SETPIPE_SZ, (int)size_of(ctx)) < 0) {
		if (errno == EPERM)
			return workload_fail(ctx, -EOPNOTSUPP, TOO_LARGE,
					     (unsigned long long)ctx->param[0]);
		return workload_fail(ctx, -errno, "a pipe of %zu bytes", size_of(ctx));
	}
	error = small_pages_map(2 * size_of(ctx), &state->memory);
	return error ? workload_fail(ctx, error, "mmap of %zu bytes", 2 * size_of(ctx)) : 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct splice_state *state = ctx->priv;

	pattern_write(state->memory, size_of(ctx), ++state->seed);
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct splice_state *state = ctx->priv;
	const struct iovec pages = { state->memory, size_of(ctx) };

	state->spliced = vmsplice(state->pipe[1], &pages, 1, 0);
	return state->spliced < 0 ? -errno : 0;
}

/* The pipe has all the pages, with what was written. Reading them releases them. */
static int verify(struct workload_ctx *ctx)
{
	struct splice_state *state = ctx->priv;
	char *copy = state->memory + size_of(ctx);

	if (state->spliced != (ssize_t)size_of(ctx))
		return workload_fail(ctx, -EBADMSG, "the pipe took %zd of %zu bytes",
				     state->spliced, size_of(ctx));
	if (read(state->pipe[0], copy, size_of(ctx)) != (ssize_t)size_of(ctx))
		return workload_fail(ctx, -EBADMSG, "the pipe gave less than it took");
	if (pattern_check(copy, size_of(ctx), state->seed))
		return workload_fail(ctx, -EBADMSG, "what the pipe gave is not what it took");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct splice_state *state = ctx->priv;

	if (!state)
		return;
	if (state->memory)
		munmap(state->memory, 2 * size_of(ctx));
	if (state->pipe[1]) {
		close(state->pipe[0]);
		close(state->pipe[1]);
	}
	free(state);
}

/* No IPIs: gup_fast() (mm/gup.c) walks with interrupts off and asks nobody. */
const struct workload gup_vmsplice_workload = {
	.name = "gup-vmsplice",
	.family = "GUP-fast",
	.summary = "hand touched pages to a pipe, which takes them by GUP-fast",
	.blocked = blocked,
	.params = {
		{ .name = "pages", .summary = "4 KiB pages to hand over in one call",
		  .min = 1, .max = 256, .multiple = 1, STANDARD(64) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = workload_no_ipis,
};
