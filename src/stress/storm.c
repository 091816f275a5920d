// SPDX-License-Identifier: GPL-2.0-or-later
/* One thread a CPU, in the process that starts them. Only tests that ask for it get them. */
#include "stress/storm.h"

#include <sys/prctl.h>

#define LONGEST_US	500	/* asleep */

static void *live(void *arg)
{
	struct storm *storm = arg;
	int nr = atomic_fetch_add(&storm->named, 1);
	struct random random;
	uint64_t wakes = 0;

	prctl(PR_SET_NAME, "tlbsync-storm");
	stress_reseed(&random, storm->ctx->options->seed, "storm", nr);
	while (!atomic_load(&storm->stop)) {
		if (wakes++ % 64 == 0)	/* again and again: its CPU may have been offline */
			stress_pin_to(storm->ctx, nr);
		stress_pause_us(1 + random_below(&random, LONGEST_US));
	}
	stress_count(storm->ctx, "wakes", wakes);
	return NULL;
}

/* Start them, if @ctx is for a storm. 0 or -errno; storm_stop() in any case. */
int storm_start(struct storm *storm, struct stress_ctx *ctx)
{
	int wanted = !ctx->storm ? 0 : ctx->nr_cpus < STORM_MAX ? ctx->nr_cpus : STORM_MAX;

	storm->ctx = ctx;
	atomic_store(&storm->stop, false);
	atomic_store(&storm->named, 0);
	storm->nr = 0;
	while (storm->nr < wanted) {
		int error = pthread_create(&storm->thread[storm->nr], NULL, live, storm);

		if (error)
			return -error;
		storm->nr++;
	}
	return 0;
}

/* End them all. */
void storm_stop(struct storm *storm)
{
	atomic_store(&storm->stop, true);
	while (storm->nr)
		pthread_join(storm->thread[--storm->nr], NULL);
}
