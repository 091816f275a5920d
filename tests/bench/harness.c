// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the harness itself costs: the clock, an op that does nothing, and munmap
 * through the engine's timed driver against the same system calls in a bare loop.
 * Rounds are interleaved and medians compared, so that a busy machine slows both
 * sides alike. Exit status 1 if a figure misses its target.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cmd/plan.h"
#include "engine/driver.h"
#include "machine/cpufeat.h"
#include "workloads/memory.h"

#define EMPTY_ROUNDS	31
#define EMPTY_OPS	20000
#define EMPTY_AT_MOST	2.0	/* clock reads: what an empty op is recorded to take */

#define MIN_PAIRS	31
#define MUNMAP_SIZE	(64u << 10)
#define MUNMAP_OPS	20	/* of each side, in each pair: about a millisecond */
#define MUNMAP_AT_LEAST	0.97	/* of the bare loop's ops/s */

static struct histogram latency;

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts @values; with an odd number of them the median is one. */
static double median(double *values, int nr)
{
	qsort(values, nr, sizeof(values[0]), ascending);
	return values[nr / 2];
}

static const char *judged(int good)
{
	return good ? "met" : "MISSED";
}

/* ---- clock and empty op --------------------------------------------------- */

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
static int bench_empty(bool tsc)
{
	double cost[EMPTY_ROUNDS], recorded[EMPTY_ROUNDS], loop[EMPTY_ROUNDS], ratio[EMPTY_ROUNDS];
	struct clock clock;
	struct measurement m = { .workload = &empty_workload, .clock = &clock };
	double read, mid, whole;

	for (int i = 0; i < EMPTY_ROUNDS; i++) {
		uint64_t start;
		int error = clock_init(&clock, tsc);

		hist_init(&latency);
		start = clock_monotonic_ns();
		if (!error)
			error = time_ops(&m, EMPTY_OPS, &latency);
		if (error)
			return error;
		loop[i] = (double)(clock_monotonic_ns() - start) / EMPTY_OPS;
		cost[i] = clock.cost_ns;
		recorded[i] = hist_quantile(&latency, 0.5);
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

/* ---- munmap --------------------------------------------------------------- */

/* The system calls and page faults of the workload munmap, and nothing else. */
static int bare_ops(char *at, unsigned int ops)
{
	unsigned char resident;

	for (unsigned int i = 0; i < ops; i++) {
		if (mmap(at, MUNMAP_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != at)
			return -errno;
		for (size_t page = 0; page < MUNMAP_SIZE; page += SIZE_4K)
			*(volatile uint64_t *)(at + page) = i;
		if (munmap(at, MUNMAP_SIZE))
			return -errno;
		if (!mincore(at, SIZE_4K, &resident) || errno != ENOMEM)
			return -EBADMSG;
	}
	return 0;
}

struct sides {
	struct measurement *m;
	struct window window;	/* of the bare loop */
};

/* Ops a second of one side. 0 after an error. */
static double ops_per_second(struct sides *sides, bool engine)
{
	uint64_t start = clock_monotonic_ns();
	int error = engine ? time_ops(sides->m, MUNMAP_OPS, &latency) :
			     bare_ops(sides->window.base, MUNMAP_OPS);

	if (error)
		fprintf(stderr, "munmap: %s\n", sides->m->ctx.reason[0] ?
			sides->m->ctx.reason : strerror(-error));
	return error ? 0 : MUNMAP_OPS * 1e9 / (double)(clock_monotonic_ns() - start);
}

/* Which side goes first alternates, pair by pair. */
static int run_pairs(struct sides *sides, int nr, double *engine, double *bare, double *ratio)
{
	for (int i = -2; i < nr; i++) {		/* two pairs to warm up */
		int at = i < 0 ? 0 : i;

		if (i % 2)
			engine[at] = ops_per_second(sides, true);
		bare[at] = ops_per_second(sides, false);
		if (!(i % 2))
			engine[at] = ops_per_second(sides, true);
		if (!bare[at] || !engine[at])
			return -EIO;
		ratio[at] = engine[at] / bare[at];
	}
	return 0;
}

static int bench_munmap(struct sides *sides, int nr)
{
	double *engine = calloc(nr, sizeof(*engine)), *bare = calloc(nr, sizeof(*bare));
	double *ratio = calloc(nr, sizeof(*ratio)), mid;
	int error = engine && bare && ratio ? 0 : -ENOMEM, missed = 0;

	if (!error)
		error = run_pairs(sides, nr, engine, bare, ratio);
	if (!error) {
		mid = median(ratio, nr);
		missed = mid < MUNMAP_AT_LEAST;
		printf("munmap     64 KiB: %.0f ops/s through the engine, %.0f in a bare loop\n"
		       "           median ratio of %d interleaved pairs %.3f, from %.3f to %.3f"
		       " (target: at least %.2f, %s)\n",
		       median(engine, nr), median(bare, nr), nr, mid, ratio[0], ratio[nr - 1],
		       MUNMAP_AT_LEAST, judged(!missed));
	}
	free(engine);
	free(bare);
	free(ratio);
	return error ? error : missed;
}

static int with_sides(bool tsc, int nr)
{
	struct clock clock;
	struct measurement m = { .workload = workload_find("munmap"), .clock = &clock };
	struct sides sides = { .m = &m };
	int error = clock_init(&clock, tsc);

	m.ctx.param[0] = MUNMAP_SIZE;
	hist_init(&latency);
	if (!error)
		error = m.workload->prepare(&m.ctx);
	if (!error)
		error = window_reserve(&sides.window);
	if (!error && munmap(sides.window.base, SIZE_1G))	/* as the workload has it */
		error = -errno;
	if (!error)
		error = bench_munmap(&sides, nr);
	m.workload->cleanup(&m.ctx);
	window_release(&sides.window);
	return error;
}

int main(int argc, char **argv)
{
	uint64_t nr_pairs = 1001;
	struct cpufeat feat;
	int status = 0;

	if (argc > 2 || (argc == 2 && (parse_number(argv[1], &nr_pairs) ||
				       nr_pairs < MIN_PAIRS || nr_pairs > 100000))) {
		fprintf(stderr, "usage: harness [PAIRS, from %d to 100000]\n", MIN_PAIRS);
		return 2;
	}
	nr_pairs |= 1;
	cpufeat_load(&feat);
	if (pin_to_cpu(sched_getcpu()) || print_clocks(feat.invariant_tsc))
		return 1;
	if (bench_empty(feat.invariant_tsc))
		status = 1;
	if (with_sides(feat.invariant_tsc, (int)nr_pairs))
		status = 1;
	return status;
}
