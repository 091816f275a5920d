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
 * Prepare @workload, which may be NULL for none of that name, with its first parameter
 * @param. 0, -ENOENT without a workload, or -errno with a message printed; engine_close()
 * after any.
 */
int engine_open(struct engine_side *side, const struct machine *machine,
		const struct workload *workload, uint64_t param)
{
	size_t size = sizeof(struct crew) + sizeof(struct initiator);
	struct initiator *me;
	int error;

	memset(side, 0, sizeof(*side));
	if (!workload)
		return -ENOENT;
	side->crew = aligned_alloc(64, (size + 63) & ~63ul);
	if (!side->crew)
		return -ENOMEM;
	memset(side->crew, 0, size);
	side->crew->bench = &side->bench;
	side->crew->nr = 1;
	me = &side->crew->initiator[0];
	me->member = &side->member;
	me->progress = &side->progress.of[0].done;
	me->result = &side->result;
	side->result.latency = &side->latency;
	side->member.workload = workload;
	side->hand = (struct hand){
		.crew = side->crew, .me = me, .workload = workload, .clock = &side->clock,
		.ctx = { .machine = machine, .actor = gettid(), .param = { param } },
	};
	hist_init(&side->latency);
	error = clock_init(&side->clock, machine->cpu.invariant_tsc);
	if (!error && workload->prepare)
		error = workload->prepare(&side->hand.ctx);
	if (error)
		fprintf(stderr, "%s: %s\n", workload->name, side->hand.ctx.reason[0] ?
			side->hand.ctx.reason : strerror(-error));
	return error;
}

/* One timing pass of @ops ops. 0 or -errno, with a message printed. */
int engine_run(struct engine_side *side, uint64_t ops)
{
	int error;

	side->crew->initiator[0].wanted = ops;
	atomic_store(&side->crew->present, 0);
	atomic_store(&side->crew->done, 0);
	error = pass_time(&side->hand);
	if (error)
		fprintf(stderr, "%s: %s\n", side->member.workload->name,
			side->hand.ctx.reason[0] ? side->hand.ctx.reason : strerror(-error));
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
		if (engine_run(side, ops))
			return 0;
		done += ops;
		spent = clock_monotonic_ns() - start;
	} while (spent < ns);
	return (double)done * 1e9 / (double)spent;
}

void engine_close(struct engine_side *side)
{
	if (side->member.workload && side->member.workload->cleanup)
		side->member.workload->cleanup(&side->hand.ctx);
	free(side->crew);
}
