/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log-linear histogram of 64-bit nanoseconds. Values below 2^(HIST_BITS + 1)
 * are exact; above, a bucket is at most 1/2^HIST_BITS (0.78 %) of its value
 * wide and a quantile is the bucket's middle, so at most 0.39 % off. Minimum
 * and maximum are exact. 58 KiB each, no allocation, so it can lie in memory
 * shared by processes.
 */
#ifndef TLBSYNC_CASE_HISTOGRAM_H
#define TLBSYNC_CASE_HISTOGRAM_H

#include <stdint.h>

#define HIST_BITS	7
#define HIST_BUCKETS	((64 - HIST_BITS + 1) << HIST_BITS)

struct histogram {
	uint64_t total;
	uint64_t min;
	uint64_t max;
	uint64_t count[HIST_BUCKETS];
};

void hist_init(struct histogram *hist);
void hist_add(struct histogram *hist, uint64_t value);
void hist_add_bucket(struct histogram *hist, uint64_t lower, uint64_t count);
void hist_merge(struct histogram *into, const struct histogram *from);
double hist_mean(const struct histogram *hist);
uint64_t hist_quantile(const struct histogram *hist, double q);
unsigned int hist_bucket(uint64_t value);
uint64_t hist_bucket_lower(unsigned int bucket);
uint64_t hist_bucket_width(unsigned int bucket);

#endif
