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

static int add_ipi_latency(struct compare_side *side, struct case_result *c)
{
	struct ipi_latency **more;

	if (!c->ipi_latency || !c->ipi_latency->timed)
		return 0;
	more = realloc(side->ipi_latency, (size_t)(side->nr_latencies + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	side->ipi_latency = more;
	more[side->nr_latencies++] = c->ipi_latency;
	c->ipi_latency = NULL;
	return 0;
}

/* @array with room for @nr CPUs, those beyond @had zero; NULL without memory. */
static uint64_t *larger(uint64_t *array, int had, int nr)
{
	uint64_t *more = realloc(array, (size_t)nr * sizeof(*more));

	if (more)
		memset(more + had, 0, (size_t)(nr - had) * sizeof(*more));
	return more;
}

/* Makes room for @nr CPUs in every class. */
static int make_room(struct compare_side *side, int nr)
{
	if (nr <= side->nr_cpus)
		return 0;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		uint64_t *all = larger(side->per_cpu[cls], side->nr_cpus, nr);
		uint64_t *own;

		if (!all)
			return -ENOMEM;
		side->per_cpu[cls] = all;
		own = larger(side->own_per_cpu[cls], side->nr_cpus, nr);
		if (!own)
			return -ENOMEM;
		side->own_per_cpu[cls] = own;
	}
	side->nr_cpus = nr;
	return 0;
}

/* Counts that do not fit stay at the largest that does: they are only drawn. */
static void add_up(uint64_t *to, const uint64_t *from, int nr)
{
	for (int i = 0; from && i < nr; i++)
		if (__builtin_add_overflow(to[i], from[i], &to[i]))
			to[i] = UINT64_MAX;
}

static int add_per_cpu(struct compare_side *side, const struct case_result *c)
{
	if (c->ipi.source == IPI_NONE)
		return 0;
	if (make_room(side, c->nr_cpus))
		return -ENOMEM;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		add_up(side->per_cpu[cls], c->ipi.count[cls].per_cpu, c->nr_cpus);
		add_up(side->own_per_cpu[cls], c->ipi.count[cls].own_per_cpu, c->nr_cpus);
		side->own_unknown |= !c->ipi.count[cls].own_per_cpu;
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
	if (add_ipi_latency(side, c))
		return -ENOMEM;
	return add_per_cpu(side, c);
}

/* Frees what compare_add_detail() took. */
void compare_free_detail(struct compare_side *side)
{
	free(side->latency);
	for (int i = 0; i < side->nr_latencies; i++)
		ipi_latency_free(side->ipi_latency[i]);
	free(side->ipi_latency);
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		free(side->per_cpu[cls]);
		free(side->own_per_cpu[cls]);
	}
	roles_free(&side->roles);
}
