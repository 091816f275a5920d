// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a page draws of a case beside its figures: how its ops' latencies are spread, and
 * which CPUs were interrupted. Nothing here enters a test.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats/compare.h"

static void add_latency(struct compare_side *side, struct case_result *c)
{
	if (!c->latency || !c->latency->total)
		return;
	if (side->latency) {
		hist_merge(side->latency, c->latency);
		return;
	}
	side->latency = c->latency;
	c->latency = NULL;
}

/* Makes room for @nr CPUs in every class that has counts, or gets some now. */
static int make_room(struct compare_side *side, int nr)
{
	if (nr <= side->nr_cpus)
		return 0;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		uint64_t *larger = realloc(side->per_cpu[cls], (size_t)nr * sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		memset(larger + side->nr_cpus, 0,
		       (size_t)(nr - side->nr_cpus) * sizeof(*larger));
		side->per_cpu[cls] = larger;
	}
	side->nr_cpus = nr;
	return 0;
}

/* Counts that do not fit stay at the largest that does: they are only drawn. */
static int add_per_cpu(struct compare_side *side, const struct case_result *c)
{
	if (c->ipi.source == IPI_NONE)
		return 0;
	if (make_room(side, c->nr_cpus))
		return -ENOMEM;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		const uint64_t *from = c->ipi.count[cls].per_cpu;

		for (int i = 0; from && i < c->nr_cpus; i++) {
			uint64_t *to = &side->per_cpu[cls][i];

			if (__builtin_add_overflow(*to, from[i], to))
				*to = UINT64_MAX;
		}
	}
	return 0;
}

/*
 * Adds one boot's case, measured, to @side: the first gives its lists away. Returns 0 or
 * -ENOMEM.
 */
int compare_add_detail(struct compare_side *side, struct case_result *c)
{
	if (side->boots == 1) {
		side->roles = c->roles;
		memset(&c->roles, 0, sizeof(c->roles));
	}
	add_latency(side, c);
	return add_per_cpu(side, c);
}

/* Frees what compare_add_detail() took. */
void compare_free_detail(struct compare_side *side)
{
	free(side->latency);
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		free(side->per_cpu[cls]);
	roles_free(&side->roles);
}
