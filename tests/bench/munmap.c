// SPDX-License-Identifier: GPL-2.0-or-later
/* munmap through the engine against the same system calls in a bare loop. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/bench/bench.h"
#include "workloads/memory.h"

#define MUNMAP_SIZE	(64u << 10)
#define MUNMAP_OPS	20	/* of each side, in each pair: about a millisecond */
#define MUNMAP_AT_LEAST	0.97	/* of the bare loop's ops/s */

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

/* Ops a second of the bare loop. 0 after an error. */
static double bare_ops_per_second(char *at)
{
	uint64_t start = clock_monotonic_ns();
	int error = bare_ops(at, MUNMAP_OPS);

	if (error)
		fprintf(stderr, "bare munmap: %s\n", strerror(-error));
	return error ? 0 : MUNMAP_OPS * 1e9 / (double)(clock_monotonic_ns() - start);
}

/* Which side goes first alternates, pair by pair. */
static int run_pairs(struct engine_side *side, char *at, int nr,
		     double *engine, double *bare, double *ratio)
{
	for (int i = -2; i < nr; i++) {		/* two pairs to warm up */
		int to = i < 0 ? 0 : i;

		if (i % 2)
			engine[to] = engine_ops_per_second(side, MUNMAP_OPS, 0);
		bare[to] = bare_ops_per_second(at);
		if (!(i % 2))
			engine[to] = engine_ops_per_second(side, MUNMAP_OPS, 0);
		if (!bare[to] || !engine[to])
			return -EIO;
		ratio[to] = engine[to] / bare[to];
	}
	return 0;
}

static int compare(struct engine_side *side, char *at, int nr)
{
	double *engine = calloc(nr, sizeof(*engine)), *bare = calloc(nr, sizeof(*bare));
	double *ratio = calloc(nr, sizeof(*ratio)), mid;
	int error = engine && bare && ratio ? 0 : -ENOMEM, missed = 0;

	if (!error)
		error = run_pairs(side, at, nr, engine, bare, ratio);
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

int bench_munmap(const struct machine *machine, int nr_pairs)
{
	static struct engine_side side;
	struct window window = { 0 };	/* of the bare loop */
	int error = engine_open(&side, machine, workload_find("munmap"), MUNMAP_SIZE);

	if (!error)
		error = window_reserve(&window);
	if (!error && munmap(window.base, SIZE_1G))	/* as the workload has it */
		error = -errno;
	if (!error)
		error = compare(&side, window.base, nr_pairs);
	engine_close(&side);
	window_release(&window);
	return error;
}
