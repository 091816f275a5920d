// SPDX-License-Identifier: GPL-2.0-or-later
/* The workloads there are. A new one is a file in this folder and a line here. */
#include "workloads/workload.h"

#define WORKLOADS(X)		\
	X(munmap)		\
	X(madvise_dontneed)	\
	X(collapse_madvise)	\
	X(collapse_khugepaged)	\
	X(hugetlb_unshare_munmap)	\
	X(gup_fast)		\
	X(gup_vmsplice)		\
	X(page_fault)		\
	X(context_switch)	\
	X(idle_switch)

#define DECLARE(name)	extern const struct workload name##_workload;
#define LIST(name)	&name##_workload,

WORKLOADS(DECLARE)

const struct workload *const workloads[] = { WORKLOADS(LIST) NULL };
