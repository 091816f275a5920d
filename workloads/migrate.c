// SPDX-License-Identifier: GPL-2.0-or-later
/* move_pages from one memory node to another; the next op moves them back. */
#include <errno.h>
#include <numaif.h>
#include <stdlib.h>
#include <unistd.h>

#include "workloads/range.h"

#define MAX_PAGES	4096
#define BATCH		512	/* mm/migrate.c, NR_MAX_BATCHED_MIGRATION */

struct migrate_state {
	int node[2];		/* the op moves to node[1], then they swap */
	void *page[MAX_PAGES];
	int target[MAX_PAGES], status[MAX_PAGES];
};

static struct migrate_state *state_of(const struct workload_ctx *ctx)
{
	return ((struct range *)ctx->priv)->more;
}

/* move_pages() all to @node. 0 or -errno; each page's fate is in its status. */
static int move_to(struct workload_ctx *ctx, int node)
{
	struct migrate_state *state = state_of(ctx);

	for (uint64_t i = 0; i < ctx->param[0]; i++)
		state->target[i] = node;
	return move_pages(0, ctx->param[0], state->page, state->target, state->status,
			  MPOL_MF_MOVE) < 0 ? -errno : 0;
}

/* The first two whose memory we may have; two_nodes_blocked() has seen that there are two. */
static void choose_nodes(const struct machine *machine, int *node)
{
	for (int i = 0, nr = 0; i < machine->nr_nodes && nr < 2; i++)
		if (machine->nodes[i].bytes_total && !machine->nodes[i].barred)
			node[nr++] = machine->nodes[i].node;
}

static int prepare(struct workload_ctx *ctx)
{
	struct migrate_state *state;
	struct range *range;
	int error = range_prepare(ctx, ctx->param[0] * SIZE_4K);

	if (!error)
		error = range_map(ctx);
	if (error)
		return error;
	range = ctx->priv;
	range->more = state = calloc(1, sizeof(*state));
	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	choose_nodes(ctx->machine, state->node);
	for (uint64_t i = 0; i < ctx->param[0]; i++)
		state->page[i] = range->at + i * SIZE_4K;
	range_fill(ctx);
	error = move_to(ctx, state->node[0]);
	if (error)
		return workload_fail(ctx, error, "moving pages to node %d", state->node[0]);
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	return move_to(ctx, state_of(ctx)->node[1]);
}

/* Called without target nodes, move_pages() reports where each page is. */
static int verify(struct workload_ctx *ctx)
{
	struct migrate_state *state = state_of(ctx);
	int there = state->node[1];

	if (move_pages(0, ctx->param[0], state->page, NULL, state->status, 0))
		return workload_fail(ctx, -errno, "asking where the pages are");
	for (uint64_t i = 0; i < ctx->param[0]; i++)
		if (state->status[i] != there)
			return workload_fail(ctx, -EBADMSG, "page %llu is not on node %d",
					     (unsigned long long)i, there);
	state->node[1] = state->node[0];
	state->node[0] = there;
	return range_check(ctx);
}

/*
 * migrate_pages() (mm/migrate.c) unmaps up to 512 pages, flushes once for them
 * (try_to_unmap_flush(), arch_tlbbatch_flush(), which spare lazy CPUs), moves them.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	predicted->sync = 0;
	predicted->flush = (double)((ctx->param[0] + BATCH - 1) / BATCH) * scene->l;
}

static uint64_t bytes(const uint64_t *param)
{
	return 2 * param[0] * SIZE_4K;
}

const struct workload migrate_workload = {
	.name = "migrate",
	.family = "migration",
	.summary = "move pages to another memory node with move_pages(2), and back",
	.needs = NEEDS_TWO_NODES,
	.params = {
		{ .name = "pages", .summary = "4 KiB pages to move",
		  .min = 1, .max = MAX_PAGES, .multiple = 1, STANDARD(16, 1, 513) },
	},
	.bytes = bytes,
	.prepare = prepare, .arm = range_fill, .op = op, .verify = verify,
	.cleanup = range_cleanup, .expect = expect,
};
