// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The races once more, with perf walking the tables of every reader: at each of its page
 * faults, and from NMI if the PMU samples addresses. perf's walker pins nothing, but it
 * reports the size of the page that it found. In a shared hugetlb gigabyte that must be
 * 2 MiB. 4 KiB means that it walked through tables of another process.
 */
#include <errno.h>
#include <unistd.h>

#include "stress/all-races.h"
#include "stress/perf-walk.h"

/* perf tells whether it will by opening an event. */
static int blocked(const struct machine *machine, char *why, size_t size)
{
	bool by_nmi;
	int held = perf_walk_prepare(&by_nmi, why, size);

	(void)machine;
	if (held < 0)
		return held;
	close(held);
	why[0] = '\0';	/* no NMIs: it does without */
	return 0;
}

static int run(struct stress_ctx *ctx)
{
	bool by_nmi;
	char why[160];
	int held = perf_walk_prepare(&by_nmi, why, sizeof(why)), error;

	if (held < 0)
		return workload_fail(&ctx->work, held, "%s", why);
	if (!by_nmi)
		stress_note(ctx, "%s", why);
	ctx->walk = true;
	error = all_races(ctx);
	close(held);
	if (!error && !atomic_load(&ctx->tally->walks))
		return workload_fail(&ctx->work, -EPROTO, "proved nothing: perf's walker never came");
	return error;
}

const struct stress_test race_perf_walk_test = {
	.name = "race-perf-walk",
	.summary = "all the races, with perf looking up the page sizes of sampled addresses",
	.blocked = blocked, .run = run,
};
