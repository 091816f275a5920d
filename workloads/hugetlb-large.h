/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A shared hugetlb mapping of many gigabytes. The first page of each gigabyte is
 * there and holds the pattern of the gigabyte's number.
 */
#ifndef TLBSYNC_WORKLOADS_HUGETLB_LARGE_H
#define TLBSYNC_WORKLOADS_HUGETLB_LARGE_H

#include "workloads/workload.h"

struct hugetlb_large {
	char *base;		/* 1 GiB aligned */
	size_t nr;		/* gigabytes */
	char *reserved;		/* address space around it */
	int fd;
};

int hugetlb_large_prepare(struct workload_ctx *ctx, struct hugetlb_large *large, size_t nr);
int hugetlb_large_check(const struct hugetlb_large *large, size_t gigabyte);
void hugetlb_large_release(struct hugetlb_large *large);

#endif
