/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's pool of 2 MiB pages: room in it for what a workload touches. */
#ifndef TLBSYNC_WORKLOADS_HUGETLB_POOL_H
#define TLBSYNC_WORKLOADS_HUGETLB_POOL_H

#include "workloads/workload.h"

int hugetlb_pool_prepare(struct workload_ctx *ctx, uint64_t pages);

#endif
