// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread's time, not the process': responders are threads of this process.
 * Children count once they have been waited for (getrusage(2)).
 */
#include <sys/resource.h>
#include <time.h>

#include "workloads/cost.h"

static uint64_t system_ns(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return usage.ru_stime.tv_sec * 1000000000ull + usage.ru_stime.tv_usec * 1000ull;
}

/* Both clocks now. The difference of two readings is what the time between them cost. */
struct cost cost_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (struct cost){
		.wall_ns = now.tv_sec * 1000000000ull + now.tv_nsec,
		.system_ns = system_ns(RUSAGE_THREAD) + system_ns(RUSAGE_CHILDREN),
	};
}
