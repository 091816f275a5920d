// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Buckets: group g > 0 holds the values in [2^(BITS+g-1), 2^(BITS+g)), cut into
 * 2^BITS buckets of 2^(g-1) each; group 0 the values below 2^BITS, one a bucket.
 */
#include <string.h>

#include "case/histogram.h"

#define GROUP	(1u << HIST_BITS)

/* The bucket that @value falls into. */
unsigned int hist_bucket(uint64_t value)
{
	unsigned int shift;

	if (value < GROUP)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - HIST_BITS;
	return ((shift + 1) << HIST_BITS) + (unsigned int)((value >> shift) - GROUP);
}

/* The smallest value that falls into @bucket. */
uint64_t hist_bucket_lower(unsigned int bucket)
{
	unsigned int group = bucket >> HIST_BITS, at = bucket & (GROUP - 1);

	return group ? (uint64_t)(GROUP + at) << (group - 1) : at;
}

/* How many values fall into @bucket. */
uint64_t hist_bucket_width(unsigned int bucket)
{
	unsigned int group = bucket >> HIST_BITS;

	return group ? 1ull << (group - 1) : 1;
}

/* Empty @hist. */
void hist_init(struct histogram *hist)
{
	memset(hist, 0, sizeof(*hist));
	hist->min = UINT64_MAX;
}

/* Count one @value. */
void hist_add(struct histogram *hist, uint64_t value)
{
	hist->count[hist_bucket(value)]++;
	hist->total++;
	if (value < hist->min)
		hist->min = value;
	if (value > hist->max)
		hist->max = value;
}

/* Count @count values of the bucket that holds @lower: min and max are the caller's to set. */
void hist_add_bucket(struct histogram *hist, uint64_t lower, uint64_t count)
{
	hist->count[hist_bucket(lower)] += count;
	hist->total += count;
}

/* Count all that @from holds in @into as well. */
void hist_merge(struct histogram *into, const struct histogram *from)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		into->count[i] += from->count[i];
	into->total += from->total;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}

/*
 * The value below or at which a share @q of all values lies: the one of rank
 * ceil(q * total), given as its bucket's middle and never outside [min, max].
 * 0 if @hist is empty.
 */
uint64_t hist_quantile(const struct histogram *hist, double q)
{
	double exact = q * (double)hist->total;
	uint64_t rank = (uint64_t)exact, seen = 0, value = hist->max;

	if (!hist->total)
		return 0;
	if ((double)rank < exact || !rank)
		rank++;
	for (unsigned int i = hist_bucket(hist->min); i < HIST_BUCKETS; i++) {
		seen += hist->count[i];
		if (seen >= rank) {
			value = hist_bucket_lower(i) + (hist_bucket_width(i) - 1) / 2;
			break;
		}
	}
	if (value < hist->min)
		value = hist->min;
	return value > hist->max ? hist->max : value;
}

/* The mean of all values, each taken for its bucket's middle; 0 if @hist is empty. */
double hist_mean(const struct histogram *hist)
{
	uint64_t seen = 0;
	double sum = 0;

	for (unsigned int i = hist_bucket(hist->min); seen < hist->total; i++) {
		if (!hist->count[i])
			continue;
		sum += (double)hist->count[i] *
		       (double)(hist_bucket_lower(i) + (hist_bucket_width(i) - 1) / 2);
		seen += hist->count[i];
	}
	return hist->total ? sum / (double)hist->total : 0;
}
