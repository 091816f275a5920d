// SPDX-License-Identifier: GPL-2.0-or-later
/* From a histogram to what is kept of it, and back. */
#include "case/spread.h"

/*
 * What @hist holds, into @spread. If @spread->bucket is not NULL it has room for
 * HIST_BUCKETS of them, and gets those that are not empty.
 */
void spread_fold(struct spread *spread, const struct histogram *hist)
{
	spread->nr_buckets = 0;
	spread->n = hist->total;
	spread->min = hist->min;
	spread->p50 = hist_quantile(hist, 0.5);
	spread->p90 = hist_quantile(hist, 0.9);
	spread->p99 = hist_quantile(hist, 0.99);
	spread->p999 = hist_quantile(hist, 0.999);
	spread->max = hist->max;
	for (unsigned int i = 0; spread->bucket && i < HIST_BUCKETS; i++)
		if (hist->count[i])
			spread->bucket[spread->nr_buckets++] = (struct spread_bucket){
				.lower = hist_bucket_lower(i), .count = hist->count[i],
			};
}

/* The histogram that @spread was made of, as far as its buckets tell. */
void spread_unfold(const struct spread *spread, struct histogram *hist)
{
	hist_init(hist);
	for (int i = 0; i < spread->nr_buckets; i++)
		hist_add_bucket(hist, spread->bucket[i].lower, spread->bucket[i].count);
	if (!hist->total)
		return;
	hist->min = spread->min;
	hist->max = spread->max;
}
