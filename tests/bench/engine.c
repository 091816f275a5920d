// SPDX-License-Identifier: GPL-2.0-or-later
/* What the parts of the bench share: a workload in the engine, and medians. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts @values; with an odd number of them the median is one. */
double median(double *values, int nr)
{
	qsort(values, nr, sizeof(values[0]), ascending);
	return values[nr / 2];
}

const char *judged(bool good)
{
	return good ? "met" : "MISSED";
}

/*
 * Prepare @workload with its first parameter @param. 0, -ENOENT where there is no
 * such workload, or -errno with a message printed; engine_close() after any.
 */
int engine_open(struct engine_side *side, const struct machine *machine,
		const char *workload, uint64_t param)
{
	struct measurement *m = &side->m;
	int error;

	memset(side, 0, sizeof(*side));
	m->workload = workload_find(workload);
	if (!m->workload)
		return -ENOENT;
	m->clock = &side->clock;
	m->ctx.machine = machine;
	m->ctx.actor = gettid();
	m->ctx.param[0] = param;
	hist_init(&side->latency);
	error = clock_init(&side->clock, machine->cpu.invariant_tsc);
	if (!error)
		error = m->workload->prepare(&m->ctx);
	if (error)
		fprintf(stderr, "%s: %s\n", workload,
			m->ctx.reason[0] ? m->ctx.reason : strerror(-error));
	return error;
}

/*
 * Ops a second, arm and verify included: @ops of them, and again until @ns have
 * passed. 0 after an error, whose message is printed.
 */
double engine_ops_per_second(struct engine_side *side, uint64_t ops, uint64_t ns)
{
	uint64_t start = clock_monotonic_ns(), spent, done = 0;

	do {
		int error = time_ops(&side->m, ops, &side->latency);

		if (error) {
			fprintf(stderr, "%s: %s\n", side->m.workload->name,
				side->m.ctx.reason[0] ? side->m.ctx.reason : strerror(-error));
			return 0;
		}
		done += ops;
		spent = clock_monotonic_ns() - start;
	} while (spent < ns);
	return (double)done * 1e9 / (double)spent;
}

void engine_close(struct engine_side *side)
{
	if (side->m.workload)
		side->m.workload->cleanup(&side->m.ctx);
}
