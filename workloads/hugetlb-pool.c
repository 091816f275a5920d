// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A MAP_NORESERVE mapping may have any size and takes a page only when it is touched.
 * A touch without a free page is a SIGBUS, so a workload gets its pages from here
 * first. Memory that is bound to nodes comes from their pools.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/sysfs.h"
#include "workloads/hugetlb-pool.h"

#define ROOM	3	/* pages more than are needed, for others */

static int read_count(const char *pool, const char *name, uint64_t *value)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", pool, name);
	return sysfs_read_u64(path, value);
}

/* Free pages of @pool that nobody has reserved. Nodes do not count reserved pages. */
static int spare_pages(const char *pool, uint64_t *spare)
{
	uint64_t reserved;

	if (read_count(pool, "free_hugepages", spare) ||
	    read_count(SYSFS_HUGETLB_2M, "resv_hugepages", &reserved))
		return -ENOENT;
	*spare = *spare > reserved ? *spare - reserved : 0;
	return 0;
}

/* Make sure that @pool, a folder of sysfs, has @pages to spare. */
static int pool_grow(struct workload_ctx *ctx, const char *pool, uint64_t pages)
{
	uint64_t total, spare;
	char path[160], text[24];
	int error;

	if (read_count(pool, "nr_hugepages", &total) || spare_pages(pool, &spare))
		return workload_fail(ctx, -EOPNOTSUPP, "there is no 2 MiB hugetlb pool at %s", pool);
	if (spare >= pages + ROOM)
		return 0;
	snprintf(path, sizeof(path), "%snr_hugepages", pool);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)(total + pages + ROOM - spare));
	error = settings_write(ctx->settings, path, text);
	if (spare_pages(pool, &spare) || spare < pages)
		return workload_fail(ctx, -EOPNOTSUPP,
			"the hugepage pool cannot grow (%s); free memory, or write %llu to %s",
			error ? strerror(-error) : "memory is short",
			(unsigned long long)(2 * (pages + ROOM)), path);
	return 0;
}

/*
 * Make sure that @pages 2 MiB pages are free, and those that other initiators take; if they
 * are not, the pool grows for the run. Only the first initiator looks, for some take theirs
 * only when ops begin. Each node that memory is bound to must have them, because one node may have to
 * give them all. 0, or -EOPNOTSUPP with what the user can do in ctx->reason.
 */
int hugetlb_pool_prepare(struct workload_ctx *ctx, uint64_t pages)
{
	int error = 0;

	if (!ctx->nr_memory_nodes)
		return ctx->pool_settled ? 0 :
		       pool_grow(ctx, SYSFS_HUGETLB_2M, pages + ctx->pool_others);
	for (int i = 0; !error && i < ctx->nr_memory_nodes; i++) {
		char pool[96];

		snprintf(pool, sizeof(pool), SYSFS_NODE_HUGETLB_2M, ctx->memory_node[i]);
		error = pool_grow(ctx, pool, pages + ctx->pool_others);
	}
	return error;
}
