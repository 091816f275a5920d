// SPDX-License-Identifier: GPL-2.0-or-later
/* What a clock read costs, and an op that does nothing. */
#include <errno.h>
#include <stdio.h>

#include "tests/bench/bench.h"

#define EMPTY_ROUNDS	31
#define EMPTY_OPS	20000
#define EMPTY_AT_MOST	2.0	/* clock reads: what an empty op is recorded to take */

static int do_nothing(struct workload_ctx *ctx)
{
	(void)ctx;
	return 0;
}

static const struct workload empty_workload = { .name = "empty", .op = do_nothing };

/*
 * What is compared: the median latency that the driver records for an op that
 * does nothing, which is the bias of every latency in a record, with the cost of
 * one clock read, measured just before. The whole loop is for information.
 */
static int bench_empty(const struct machine *machine)
{
	static struct engine_side side;
	double cost[EMPTY_ROUNDS], recorded[EMPTY_ROUNDS], loop[EMPTY_ROUNDS], ratio[EMPTY_ROUNDS];
	double read, mid, whole;

	for (int i = 0; i < EMPTY_ROUNDS; i++) {
		uint64_t start;
		int error = engine_open(&side, machine, &empty_workload, 0);

		start = clock_monotonic_ns();
		if (!error)
			error = engine_run(&side, EMPTY_OPS);
		loop[i] = (double)(clock_monotonic_ns() - start) / EMPTY_OPS;
		engine_close(&side);
		if (error)
			return error;
		cost[i] = side.clock.cost_ns;
		recorded[i] = (double)hist_quantile(&side.latency, 0.5);
		ratio[i] = recorded[i] / cost[i];
	}
	read = median(cost, EMPTY_ROUNDS);
	mid = median(ratio, EMPTY_ROUNDS);
	whole = median(loop, EMPTY_ROUNDS);
	printf("empty op   recorded as %.0f ns: %.2f of one clock read of %.1f ns"
	       " (target: at most %.2f, %s)\n", median(recorded, EMPTY_ROUNDS), mid, read,
	       EMPTY_AT_MOST, judged(mid <= EMPTY_AT_MOST));
	printf("           whole loop, with arm, verify and histogram: %.0f ns an op,"
	       " %.2f clock reads\n", whole, whole / read);
	return mid > EMPTY_AT_MOST;
}

static int print_clocks(bool tsc)
{
	struct clock clock;

	printf("clock      ");
	if (tsc) {
		if (clock_init(&clock, true))
			return -EIO;
		printf("tsc %.1f ns a read, ", clock.cost_ns);
	}
	if (clock_init(&clock, false))
		return -EIO;
	printf("monotonic_raw %.1f ns; a run here uses %s\n", clock.cost_ns,
	       tsc ? "tsc" : "monotonic_raw: the TSC is not invariant");
	return 0;
}

int bench_clock(const struct machine *machine)
{
	bool tsc = machine->cpu.invariant_tsc;
	int error = print_clocks(tsc);

	return error ? error : bench_empty(machine);
}
