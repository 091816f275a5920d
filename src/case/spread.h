/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A histogram folded up: its quantiles, and only the buckets that hold something. A case has
 * one latency, but many of these, so they have to be small.
 */
#ifndef TLBSYNC_CASE_SPREAD_H
#define TLBSYNC_CASE_SPREAD_H

#include <stdint.h>

#include "case/histogram.h"

struct spread_bucket {
	uint64_t lower;		/* bound, as hist_bucket_lower() */
	uint64_t count;
};

/* All in the histogram's unit, as a rule ns. */
struct spread {
	uint64_t n;		/* values; 0: there are none, and the rest means nothing */
	uint64_t min, p50, p90, p99, p999, max;
	struct spread_bucket *bucket;	/* by rising bound; NULL: only the quantiles are kept */
	int nr_buckets;
};

void spread_fold(struct spread *spread, const struct histogram *hist);
void spread_unfold(const struct spread *spread, struct histogram *hist);

#endif
