/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tests one after the other. Each runs in a process of its own, which is killed if it
 * does not end. Before and after it the suite looks at the kernel's log and at the lab's
 * counters.
 */
#ifndef TLBSYNC_STRESS_SUITE_H
#define TLBSYNC_STRESS_SUITE_H

#include <stdio.h>

#include "engine/supervise.h"
#include "machine/lab.h"
#include "stress/klog.h"
#include "stress/ktap.h"
#include "stress/stress.h"

struct stress_result {
	const struct stress_test *test;
	enum ktap_status status;
	char reason[400];		/* why not ok, or why skipped */
	double elapsed_s;
	bool hung;			/* ended by force */
	char died[256];			/* how its process ended, if not by itself */
	struct stress_tally tally;
	struct klog_lines log;
	bool asserted;			/* the lab's counters are there: */
	struct lab_assert before, after;
	double complaint_s, unproved_s;	/* when they were first seen; 0: never */
};

struct stress_suite {
	const struct stress_options *options;
	const struct machine *machine;
	const struct stress_test *const *tests;
	int nr;
	FILE *out;			/* KTAP goes there */
	void (*progress)(const struct stress_suite *suite, double elapsed_s);	/* or NULL */
	/* Called when a test cannot be ended: must write what there is and exit. */
	void (*abandon)(struct stress_suite *suite);
	struct turn turn;		/* whether to wait for another run; who that is */
	/* from here on the suite's own */
	struct stress_result *results;	/* of each test */
	int at;				/* the one under way */
	struct stress_tally *tally;	/* its, shared with it */
	struct klog klog;
	char assert_why[256];		/* why there are no counters; "" if there are */
	uint64_t began_ns;
	struct supervisor *supervisor;
	int stopped_by;			/* the signal that ended it; 0: none */
	bool restored;			/* all settings are as they were */
};

int stress_suite_run(struct stress_suite *suite);
void stress_judge(struct stress_result *result);
int stress_nr(const struct stress_suite *suite, enum ktap_status status);
void stress_suite_free(struct stress_suite *suite);

#endif
