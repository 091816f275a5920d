// SPDX-License-Identifier: GPL-2.0-or-later
/* The stress tests there are. A new one is a file in this folder and a line here. */
#include "stress/stress.h"

#define TESTS(X)		\
	X(race_unshare)		\
	X(race_third_sharer)	\
	X(race_collapse)	\
	X(race_munmap)		\
	X(race_perf_walk)	\
	X(lazy_storm)		\
	X(lazy_storm_hotplug)	\
	X(lazy_storm_fail_alloc)

#define DECLARE(name)	extern const struct stress_test name##_test;
#define LIST(name)	&name##_test,

TESTS(DECLARE)

const struct stress_test *const stress_tests[] = { TESTS(LIST) NULL };
