// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The regression that was reported, scaled to the machine: many children are forked
 * over a large shared hugetlb mapping, touch it at random and exit. One op is the
 * whole storm, on one CPU. Only the parameters and the number of the op decide what
 * is touched.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/cost.h"
#include "workloads/hugetlb-large.h"
#include "workloads/memory.h"

enum { SIZE, CHILDREN, PAGES, LIVE, PREFAULT };	/* the parameters */

struct storm {
	struct hugetlb_large memory;
	uint64_t op;		/* how many ops there were, and the seed of the next one */
	int failed;		/* children that found something wrong */
	pid_t pid[];		/* of the last storm */
};

static uint64_t hugepages(const uint64_t *param)
{
	return param[SIZE] / SIZE_1G;
}

static uint64_t bytes(const uint64_t *param)
{
	return hugepages(param) * SIZE_2M;
}

static int prepare(struct workload_ctx *ctx)
{
	struct storm *storm = calloc(1, sizeof(*storm) + ctx->param[CHILDREN] * sizeof(pid_t));
	size_t nr = hugepages(ctx->param);
	int error;

	if (!storm)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = storm;
	error = hugetlb_large_prepare(ctx, &storm->memory, nr);
	for (size_t i = 0; !error && ctx->param[PREFAULT] && i < nr; i++)
		if (hugetlb_large_check(&storm->memory, i))
			error = workload_fail(ctx, -EBADMSG, "gigabyte %zu changed", i);
	return error;
}

/* splitmix64 (Steele, Lea and Flood, 2014): any seed is as good as any other. */
static uint64_t random64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* A child's life, and its exit code. */
static int touch(const struct storm *storm, uint64_t pages, uint64_t seed)
{
	while (pages--)
		if (hugetlb_large_check(&storm->memory, random64(&seed) % storm->memory.nr))
			return 1;
	return 0;
}

static void await(struct storm *storm, uint64_t child)
{
	int status;

	if (waitpid(storm->pid[child], &status, 0) < 0 || status)
		storm->failed++;
}

static int blow(struct workload_ctx *ctx, struct storm *storm)
{
	uint64_t children = ctx->param[CHILDREN], first = 0, i;
	int error = 0;

	for (i = 0; !error && i < children; i++) {
		if (i - first == ctx->param[LIVE])
			await(storm, first++);
		storm->pid[i] = fork();
		if (!storm->pid[i])
			_exit(touch(storm, ctx->param[PAGES], storm->op * children + i));
		if (storm->pid[i] < 0)
			error = -errno;
	}
	while (first < i - !!error)
		await(storm, first++);
	storm->op++;
	if (error == -EAGAIN || error == -ENOMEM)
		return workload_fail(ctx, -EOPNOTSUPP,
			"%llu of %llu children started; raise ulimit -u or the cgroup's pids.max, or free memory",
			(unsigned long long)i - 1, (unsigned long long)children);
	return error;
}

static int op(struct workload_ctx *ctx)
{
	const double children = ctx->param[CHILDREN];
	struct cost before = cost_now(), after;
	int error = blow(ctx, ctx->priv);

	after = cost_now();
	workload_metric(ctx, "child_wall_ns", (after.wall_ns - before.wall_ns) / children);
	workload_metric(ctx, "child_system_ns", (after.system_ns - before.system_ns) / children);
	return error;
}

/* Every child found in the pages what was written. */
static int verify(struct workload_ctx *ctx)
{
	struct storm *storm = ctx->priv;

	return storm->failed ? workload_fail(ctx, -EBADMSG, "%d children found wrong memory",
					     storm->failed) : 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct storm *storm = ctx->priv;

	if (storm)
		hugetlb_large_release(&storm->memory);
	free(storm);
}

static int actors(const struct workload_ctx *ctx, pid_t *tid, int room)
{
	const struct storm *storm = ctx->priv;
	int nr = 0;

	tid[nr++] = ctx->actor;
	for (uint64_t i = 0; i < ctx->param[CHILDREN] && nr < room; i++)
		tid[nr++] = storm->pid[i];
	return nr;
}

/*
 * A child's exit gathers all its unshared tables. It syncs once, afterwards, if one of
 * them became exclusive (mm/hugetlb.c, __unmap_hugepage_range()). It becomes exclusive
 * to the parent if the parent has touched it before and no other child shares it.
 *
 * A child has run on no other CPU, so it flushes nobody. The parent flushes in
 * dup_mmap(), lazy CPUs too. CPUs that one fork woke are still in the mask at the next
 * fork, but not later, if switch_mm_irqs_off() (arch/x86/mm/tlb.c) does not clear it.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	if (ctx->param[PREFAULT] && !scene->skips_sync)
		predicted->sync = ctx->param[CHILDREN] * (scene->n - 1.0);
	if (ctx->param[LIVE] > 1 && !scene->skips_sync)
		predicted->sync_unknown =
			"which exits make a table exclusive depends on how the children's lives overlap";
	predicted->flush = kernel_clears_mm_cpumask(&ctx->machine->kernel) ?
		scene->z : 2 * scene->z;
	if (scene->l)
		predicted->flush_unknown =
			"the parent also flushes for each page that it writes to while a child lives";
}

const struct workload hugetlb_fork_storm_workload = {
	.name = "hugetlb-fork-storm",
	.family = "hugetlb fork storm",
	.summary = "fork many children that touch shared hugetlb memory at random and exit",
	.params = {
		[SIZE] = { .name = "size", .summary = "bytes mapped; one 2 MiB page in each GiB is used",
			   .min = SIZE_1G, .max = 2048 * SIZE_1G, .multiple = SIZE_1G,
			   STANDARD(4 * SIZE_1G) },
		[CHILDREN] = { .name = "children", .summary = "processes forked by an op",
			       .min = 2, .max = 4096, .multiple = 1, STANDARD(16) },
		[PAGES] = { .name = "pages", .summary = "touches of a page by each child",
			    .min = 1, .max = 1 << 20, .multiple = 1, STANDARD(16) },
		[LIVE] = { .name = "live", .summary = "children that live at once, at most",
			   .min = 1, .max = 4096, .multiple = 1, STANDARD(1, 4) },
		[PREFAULT] = { .name = "prefault", .summary = "whether the parent touched every page before",
			       .min = 0, .max = 1, .multiple = 1, STANDARD(1) },
	},
	.hugepages = hugepages, .bytes = bytes,
	.prepare = prepare, .op = op, .verify = verify, .cleanup = cleanup,
	.forks = true, .actors = actors, .expect = expect,
};
