// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * make bench: what the harness itself costs, and how it stands beside others. All
 * parts, or those that are named. Exit status 1 if a figure misses its target.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "cmd/plan.h"
#include "tests/bench/bench.h"

#define MIN_PAIRS	31
#define MAX_PAIRS	100000

enum part { CLOCK, COMPARE, MUNMAP, STORM, PROBES, STRESS_NG, HISTORY, NR_PARTS };

static const char *const part_name[NR_PARTS] = {
	"clock", "compare", "munmap", "storm", "probes", "stress-ng", "history",
};

static int run_part(enum part part, const struct machine *machine, int nr_pairs)
{
	switch (part) {
	case CLOCK:
		return bench_clock(machine);
	case COMPARE:
		return bench_compare();
	case MUNMAP:
		return bench_munmap(machine, nr_pairs);
	case STORM:
		return bench_storm(machine, nr_pairs);
	case PROBES:
		return bench_probes(machine);
	case STRESS_NG:
		return bench_stress_ng(machine);
	default:
		return bench_history();
	}
}

static int usage(void)
{
	fprintf(stderr, "usage: harness [PAIRS, from %d to %d] [clock] [compare] [munmap] "
		"[storm] [probes] [stress-ng] [history]\n", MIN_PAIRS, MAX_PAIRS);
	return 2;
}

static bool choose(const char *name, bool *chosen)
{
	for (int part = 0; part < NR_PARTS; part++)
		if (!strcmp(name, part_name[part]))
			return chosen[part] = true;
	return false;
}

int main(int argc, char **argv)
{
	bool chosen[NR_PARTS] = { false }, all = true;
	uint64_t nr_pairs = 1001;
	struct machine machine;
	int status = 0;

	for (int i = 1; i < argc; i++) {
		if (choose(argv[i], chosen))
			all = false;
		else if (parse_number(argv[i], &nr_pairs) || nr_pairs < MIN_PAIRS ||
			 nr_pairs > MAX_PAIRS)
			return usage();
	}
	if (machine_load(&machine) || pin_to_cpu(sched_getcpu()))
		return 1;
	for (int part = 0; part < NR_PARTS; part++) {
		if (chosen[part] || all)
			status |= !!run_part(part, &machine, (int)nr_pairs | 1);
		fflush(stdout);
	}
	machine_free(&machine);
	return status;
}
