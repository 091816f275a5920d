// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * munmap when there is no memory for the batch in which freed page tables wait for
 * RCU. Then each table has its own flush and its own sync (mm/mmu_gather.c,
 * tlb_remove_table()). Fault injection denies that memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/fail-alloc.h"
#include "workloads/range.h"

/* One page in each PTE table; one more table, the last, is their PMD table. */
static int arm(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	int error = range_map(ctx);

	if (error)
		return error;
	for (uint64_t at = 0; at < range->size; at += SIZE_2M)
		range->at[at] = 1;
	return fail_alloc_start(ctx, range->more);
}

static int op(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	return munmap(range->at, range->size) ? -errno : 0;
}

/* An allocation was denied for each table, so every one of them took the fallback. */
static int verify(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	uint64_t failed;
	int error = fail_alloc_stop(ctx, range->more, &failed);

	if (!error && failed < ctx->param[0])
		error = workload_fail(ctx, -EBADMSG, "only %llu of %llu tables took the fallback",
				      (unsigned long long)failed,
				      (unsigned long long)ctx->param[0]);
	return error ? error : range_check_gone(ctx);
}

#define LIKE_PAGES	"until 6.14 they are freed like pages, unless a guest flushes by KVM, " \
			"Hyper-V or Xen; boot 6.12 so"

/*
 * From 6.14 on all tables go by batches. Before, arch/x86/kernel/kvm.c and its like see
 * to it, and on a kernel of the lab a boot parameter. Without a batch, a table is freed
 * by RCU where there is CONFIG_PT_RECLAIM (mm/mmu_gather.c, tlb_remove_table_one()).
 */
static int blocked(const struct machine *machine, const uint64_t *param,
		   char *why, size_t size)
{
	const struct kernel *kernel = &machine->kernel;

	(void)param;
	if (kernel->pt_reclaim) {
		snprintf(why, size, "this kernel frees a table without a batch by RCU "
			 "(CONFIG_PT_RECLAIM, since 6.14); boot 6.12");
		return -EOPNOTSUPP;
	}
	if (kernel_since(kernel, 6, 14) || kernel->flush != FLUSH_NATIVE ||
	    strstr(kernel->cmdline, "tlbsync_table_batches=1"))
		return 0;
	snprintf(why, size, "no table takes the fallback: " LIKE_PAGES);
	return -EOPNOTSUPP;
}

/* One op on trial: it may not be known how the kernel flushes. */
static int try_fallback(struct workload_ctx *ctx)
{
	int error = arm(ctx);

	if (!error)
		error = op(ctx);
	if (!error)
		error = verify(ctx);
	if (error == -EBADMSG)
		return workload_fail(ctx, -EOPNOTSUPP, "no table took the fallback: " LIKE_PAGES);
	return error;
}

static int prepare(struct workload_ctx *ctx)
{
	struct range *range;
	int error;

	error = range_prepare(ctx, (ctx->param[0] - 1) * SIZE_2M);
	if (error)
		return error;
	range = ctx->priv;
	range->more = calloc(1, sizeof(struct fail_alloc));
	if (!range->more)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	error = fail_alloc_prepare(ctx, range->more);
	if (!error)
		error = range_alone(ctx);
	return error ? error : try_fallback(ctx);
}

static void cleanup(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;

	if (range && range->more)
		fail_alloc_cleanup(range->more);
	range_cleanup(ctx);
}

/*
 * For each table: tlb_table_invalidate(), whose flush wakes lazy CPUs, then
 * tlb_remove_table_sync_one(). There are fewer pages than MMU_GATHER_BUNDLE - 1, so
 * they need no batch, and the first flush covers them.
 */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	predicted->sync = scene->skips_sync ? 0 : (double)ctx->param[0] * (scene->n - 1);
	predicted->flush = waking_flushes(ctx, scene, ctx->param[0]);
}

const struct workload munmap_fallback_workload = {
	.name = "munmap-fallback",
	.family = "munmap without memory",
	.summary = "unmap when table batches cannot be allocated (fail_page_alloc)",
	.needs = NEEDS_FAIL_ALLOC, .blocked = blocked,
	.only_one = "the kernel has one count of failed allocations for all tasks",
	.params = {
		{ .name = "tables", .summary = "page tables to free",
		  .min = 2, .max = 7, .multiple = 1, STANDARD(2, 7) },
	},
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = expect,
};
