// SPDX-License-Identifier: GPL-2.0-or-later
/* Records sorted by size into comparisons, and what these have in common. */
#include "stats/scale.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The comparison of @cpus CPUs, made where it belongs if it is new; NULL: no memory. */
static struct comparison *of_size(struct scale *scale, int cpus)
{
	struct comparison *at;
	int i = 0;

	while (i < scale->nr && scale_cpus(&scale->at[i]) < cpus)
		i++;
	if (i < scale->nr && scale_cpus(&scale->at[i]) == cpus)
		return &scale->at[i];
	at = realloc(scale->at, (size_t)(scale->nr + 1) * sizeof(*at));
	if (!at)
		return NULL;
	scale->at = at;
	memmove(at + i + 1, at + i, (size_t)(scale->nr - i) * sizeof(*at));
	memset(at + i, 0, sizeof(*at));
	scale->nr++;
	return at + i;
}

/*
 * Adds a boot to the side that its static key says: absent or off is base, on is patched.
 * Takes over what @rec holds, on errors too. Returns 0, -ENODATA if the key is unknown, or
 * an error of compare_add().
 */
int scale_add(struct scale *scale, const char *label, struct record *rec)
{
	enum side side = rec->kernel.static_key == KEY_ON ? SIDE_PATCHED : SIDE_BASE;
	struct comparison *at = NULL;

	if (rec->kernel.static_key != KEY_UNKNOWN)
		at = of_size(scale, rec->machine.cpus_online);
	if (!at) {
		bool unknown = rec->kernel.static_key == KEY_UNKNOWN;

		record_free(rec);
		return unknown ? -ENODATA : -ENOMEM;
	}
	return compare_add(at, side, label, rec);
}

/* CPUs online in its first boot; 0 without one. */
int scale_cpus(const struct comparison *cmp)
{
	for (int side = 0; side < NR_SIDES; side++)
		if (cmp->nr_boots[side])
			return cmp->boots[side][0].rec.machine.cpus_online;
	return 0;
}

/* Does the source predict one broadcast an op, to all other CPUs, without the patches? */
bool scale_is_broadcast(const struct compare_case *c, int cpus)
{
	const struct compare_side *base = &c->side[SIDE_BASE];

	return compare_matched(c) && !base->uncounted && !c->side[SIDE_PATCHED].uncounted &&
	       base->expect.has_sync && !base->expect_varies &&
	       base->expect.sync_per_op == cpus - 1;
}

static double per_op(const struct compare_side *side)
{
	return (double)side->total[IPI_SYNC] / (double)side->ops;
}

static int add_point(struct scale_point **points, int *nr, const struct scale_point *new)
{
	struct scale_point *more;

	for (int i = 0; i < *nr; i++)
		if ((*points)[i].cpus == new->cpus &&
		    !memcmp((*points)[i].sync_per_op, new->sync_per_op,
			    sizeof(new->sync_per_op))) {
			(*points)[i].cases++;
			return 0;
		}
	more = realloc(*points, (size_t)(*nr + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	*points = more;
	more[(*nr)++] = *new;
	return 0;
}

static int add_points(struct scale_point **points, int *nr, const struct comparison *cmp)
{
	int cpus = scale_cpus(cmp), err = 0;

	for (int i = 0; i < cmp->nr_cases && !err; i++) {
		const struct compare_case *c = &cmp->cases[i];
		struct scale_point point = { .cpus = cpus, .cases = 1 };

		if (!scale_is_broadcast(c, cpus))
			continue;
		for (int side = 0; side < NR_SIDES; side++)
			point.sync_per_op[side] = per_op(&c->side[side]);
		err = add_point(points, nr, &point);
	}
	return err;
}

/*
 * The counts, from @scale and @cmp, of the cases that are predicted one broadcast an op:
 * N-1 on base (mm/mmu_gather.c, tlb_remove_table_sync_one()). The caller frees *@points.
 * Returns how many, or -ENOMEM.
 */
int scale_points(const struct scale *scale, const struct comparison *cmp,
		 struct scale_point **points)
{
	int nr = 0, err;

	*points = NULL;
	err = add_points(points, &nr, cmp);
	for (int i = 0; scale && i < scale->nr && !err; i++)
		err = add_points(points, &nr, &scale->at[i]);
	if (!err)
		return nr;
	free(*points);
	*points = NULL;
	return err;
}

/* Frees what a scale holds, not the struct. */
void scale_free(struct scale *scale)
{
	for (int i = 0; i < scale->nr; i++)
		compare_free(&scale->at[i]);
	free(scale->at);
	memset(scale, 0, sizeof(*scale));
}
