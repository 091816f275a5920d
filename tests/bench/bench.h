/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `make bench` consists of. Each part prints what it found and judges only
 * where a target is promised. Sides of a comparison are interleaved, so that a
 * busy machine slows both alike.
 */
#ifndef TLBSYNC_TESTS_BENCH_H
#define TLBSYNC_TESTS_BENCH_H

#include "engine/clock.h"
#include "engine/pass.h"
#include "machine/machine.h"

/* A part returns 0, 1 if a figure misses its target, or -errno. */
int bench_clock(const struct machine *machine);
int bench_compare(void);
int bench_history(void);
int bench_munmap(const struct machine *machine, int nr_pairs);
int bench_probes(const struct machine *machine);
int bench_storm(const struct machine *machine, int nr_pairs);
int bench_stress_ng(const struct machine *machine);

/* A workload that runs through the engine's timing pass, on this CPU, alone. */
struct engine_side {
	struct clock clock;
	struct bench bench;
	struct progress progress;
	struct case_member member;
	struct initiator_result result;
	struct histogram latency;
	struct crew *crew;	/* of one initiator, in this process */
	struct hand hand;
};

int engine_open(struct engine_side *side, const struct machine *machine,
		const struct workload *workload, uint64_t param);
int engine_run(struct engine_side *side, uint64_t ops);
double engine_ops_per_second(struct engine_side *side, uint64_t ops, uint64_t ns);
void engine_close(struct engine_side *side);

double median(double *values, int nr);
const char *judged(bool good);

#endif
