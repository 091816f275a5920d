/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hugetlb gigabyte that two processes share, page table included: a memfd of
 * 2 MiB pages, mapped MAP_NORESERVE so that a handful of pages is enough, and a
 * sharer process that has faulted it in and sleeps.
 */
#ifndef TLBSYNC_WORKLOADS_HUGETLB_H
#define TLBSYNC_WORKLOADS_HUGETLB_H

#include "workloads/memory.h"
#include "workloads/workload.h"

struct hugetlb_share {
	struct window window;	/* where this process maps the gigabyte */
	int fd;			/* the memfd, 1 GiB */
	pid_t sharer;
	char *view;		/* its first 2 MiB, mapped on their own: never shared tables */
};

int hugetlb_share_prepare(struct workload_ctx *ctx, struct hugetlb_share *share);
int hugetlb_share_attach(struct workload_ctx *ctx, struct hugetlb_share *share);
void hugetlb_share_cleanup(struct hugetlb_share *share);

#endif
