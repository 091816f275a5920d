// SPDX-License-Identifier: GPL-2.0-or-later
/* The workloads there are. A new one is a file in this folder and a line here. */
#include "workloads/workload.h"

#define WORKLOADS(X)		\
	X(munmap)		\
	X(munmap_fallback)	\
	X(madvise_dontneed)	\
	X(mprotect)		\
	X(mremap)		\
	X(migrate)		\
	X(fork_exit)		\
	X(collapse_madvise)	\
	X(collapse_khugepaged)	\
	X(collapse_shmem)	\
	X(hugetlb_unshare_munmap)	\
	X(hugetlb_unshare_exit)	\
	X(hugetlb_unshare_mprotect)	\
	X(hugetlb_unshare_mremap)	\
	X(hugetlb_unshare_dontneed)	\
	X(hugetlb_unshare_punch_hole)	\
	X(hugetlb_unshare_truncate)	\
	X(hugetlb_unshare_split)	\
	X(hugetlb_unshare_shared)	\
	X(hugetlb_third_sharer)	\
	X(hugetlb_sharers)	\
	X(hugetlb_fork_storm)	\
	X(hugetlb_private)	\
	X(gup_fast)		\
	X(gup_vmsplice)		\
	X(page_fault)		\
	X(context_switch)	\
	X(idle_switch)

#define DECLARE(name)	extern const struct workload name##_workload;
#define LIST(name)	&name##_workload,

WORKLOADS(DECLARE)

const struct workload *const workloads[] = { WORKLOADS(LIST) NULL };
