// SPDX-License-Identifier: GPL-2.0-or-later
/* Each race gets its share of the time that is left. A race that cannot run here gets none. */
#include "stress/all-races.h"

#include <errno.h>
#include <string.h>

#include "engine/clock.h"

extern const struct stress_test race_unshare_test, race_third_sharer_test,
	race_collapse_test, race_munmap_test;

static const struct stress_test *const races[] = {
	&race_unshare_test, &race_third_sharer_test, &race_collapse_test, &race_munmap_test,
};

#define NR_RACES	((int)(sizeof(races) / sizeof(races[0])))

static bool can_run(struct stress_ctx *ctx, const struct stress_test *race)
{
	char why[256];

	if (!stress_blocked(race, ctx->work.machine, why, sizeof(why)))
		return true;
	stress_note(ctx, "without %s: %s", race->name, why);
	return false;
}

/* Run them until the time of @ctx is up. 0, or the -errno of the first that failed. */
int all_races(struct stress_ctx *ctx)
{
	uint64_t end = ctx->until_ns;
	int error = 0, ran = 0;

	for (int i = 0; !error && i < NR_RACES; i++) {
		uint64_t now = clock_monotonic_ns();

		ctx->until_ns = now + (now < end ? (end - now) / (NR_RACES - i) : 0);
		if (!can_run(ctx, races[i]))
			continue;
		error = races[i]->run(ctx);
		ran += !error;
		if (error != -EOPNOTSUPP)
			continue;
		stress_note(ctx, "without %s: %s", races[i]->name, ctx->work.reason);
		error = 0;
	}
	if (error || ran)
		return error;
	return workload_fail(&ctx->work, -EOPNOTSUPP, "no race can run here");
}
