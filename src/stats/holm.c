// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
 * Journal of Statistics 6 (1979). It holds for tests that depend on each other, in any
 * way. All cases of one boot do.
 */
#include "stats/holm.h"

#include <errno.h>
#include <stdlib.h>

struct ranked {
	double p;
	int index;
};

static int ascending(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

/*
 * Put the corrected values of @n tests into @corrected, in the order of @p: as R's
 * p.adjust(p, "holm"). @n may be 0. -EINVAL if a value is no probability, -ENOMEM.
 */
int holm_correct(const double *p, int n, double *corrected)
{
	struct ranked *ranked;
	double least = 0;

	for (int i = 0; i < n; i++)
		if (!(p[i] >= 0 && p[i] <= 1))
			return -EINVAL;
	if (n < 1)
		return n ? -EINVAL : 0;
	ranked = calloc((size_t)n, sizeof(*ranked));
	if (!ranked)
		return -ENOMEM;
	for (int i = 0; i < n; i++)
		ranked[i] = (struct ranked){ .p = p[i], .index = i };
	qsort(ranked, (size_t)n, sizeof(*ranked), ascending);
	for (int i = 0; i < n; i++) {
		double scaled = ranked[i].p * (n - i);

		if (scaled > least)
			least = scaled < 1 ? scaled : 1;
		corrected[ranked[i].index] = least;
	}
	free(ranked);
	return 0;
}
