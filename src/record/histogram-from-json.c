// SPDX-License-Identifier: GPL-2.0-or-later
/* Distributions of a record: only buckets that hold something, by rising bound. */
#include "record/histogram-from-json.h"

#include <inttypes.h>
#include <stdlib.h>

/* One [lower bound, count]; buckets come in rising order. Returns the bucket. */
static unsigned int read_bucket(struct reader *r, const struct node *node,
				struct histogram *hist)
{
	struct node first = first_below(node), second;
	uint64_t lower, count, sum;

	if (json_nr(node) != 2 || first.key) {
		json_fault(r, node, "is not a pair [lower bound, count]");
		return 0;
	}
	second = next_below(&first);
	lower = get_integer(r, first, INT64_MAX);
	count = get_integer(r, second, INT64_MAX);
	if (r->err)
		return 0;
	if (hist_bucket_lower(hist_bucket(lower)) != lower)
		json_fault(r, &first, "is not where a bucket begins: %" PRIu64, lower);
	else if (!count)
		json_fault(r, &second, "is 0");
	else if (__builtin_add_overflow(hist->total, count, &sum) || sum > INT64_MAX)
		json_fault(r, &second, "makes the counts overflow");
	else
		hist_add_bucket(hist, lower, count);
	return hist_bucket(lower);
}

/*
 * Quantiles are computed again from the histogram, but the file must have them. A
 * quantile is a bucket's middle, so it need not lie within the exact min and max.
 */
static void read_extremes(struct reader *r, const struct node *node, struct histogram *hist,
			  unsigned int first, unsigned int last)
{
	static const char *const rising[] = { "p50", "p90", "p99", "p999" };
	uint64_t below = 0;

	hist->min = get_number(r, node, "min", INT64_MAX);
	hist->max = get_number(r, node, "max", INT64_MAX);
	for (int i = 0; i < 4; i++) {
		struct node at = { NULL, node, rising[i], 0 };
		uint64_t value = get_number(r, node, rising[i], INT64_MAX);

		if (value < below)
			json_fault(r, &at, "is less than %s", rising[i - 1]);
		below = value;
	}
	if (!r->err && (hist->min > hist->max || hist_bucket(hist->min) != first ||
			hist_bucket(hist->max) != last))
		json_fault(r, node, "has a min or max that its histogram does not hold");
}

/* The histogram @key, on the heap; NULL where it is null. */
struct histogram *json_histogram(struct reader *r, const struct node *up, const char *key)
{
	struct node root = get_member(r, up, key), node;
	unsigned int first = 0, last = 0;
	struct histogram *hist;

	if (!root.json || is_null(&root))
		return NULL;
	root = get_object(r, up, key);
	node = get_array(r, &root, "histogram");
	if (node.json && !json_nr(&node))
		json_fault(r, &node, "is empty");
	hist = json_allocate(r, &root, 1, sizeof(*hist));	/* empty: min and max are read */
	if (!hist)
		return NULL;
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at)) {
		unsigned int bucket = read_bucket(r, &at, hist);

		if (!at.index)
			first = bucket;
		else if (bucket <= last)
			json_fault(r, &at, "is not above the bucket before it");
		last = bucket;
	}
	read_extremes(r, &root, hist, first, last);
	return hist;
}

/* The same, folded: its quantiles are made anew. Empty where it is null. */
void json_spread(struct reader *r, const struct node *up, const char *key, struct spread *spread)
{
	struct histogram *hist = json_histogram(r, up, key);
	size_t nr = 0;

	for (unsigned int i = 0; hist && i < HIST_BUCKETS; i++)
		nr += hist->count[i] > 0;
	spread->bucket = nr ? json_allocate(r, up, HIST_BUCKETS, sizeof(*spread->bucket)) : NULL;
	if (spread->bucket) {
		struct spread_bucket *fewer;

		spread_fold(spread, hist);
		fewer = realloc(spread->bucket, nr * sizeof(*fewer));
		spread->bucket = fewer ? fewer : spread->bucket;
	}
	free(hist);
}
