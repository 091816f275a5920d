// SPDX-License-Identifier: GPL-2.0-or-later
/* The look at the clock, and the loop's own time taken with nobody about. */
#include <stdlib.h>

#include "engine/bystander.h"

#define SAMPLES		4095
/*
 * A gap counts from so many times the loop's own time: above the misses that the
 * window's cache line costs twice an op, below any interrupt.
 */
#define THRESHOLD	8

static int rising(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return (first > second) - (first < second);
}

/*
 * Measure the time between two looks, the bias of every gap, and set the threshold
 * from it. Both in ns, in bystander->count; gaps are empty afterwards.
 */
void bystander_calibrate(struct bystander *bystander, const struct clock *clock)
{
	struct op_window quiet = { .word = 0 };
	struct bystander_look last = { clock_read(clock), 0 };
	uint64_t took[SAMPLES];

	hist_init(&bystander->gaps);
	bystander->nr_pending = 0;
	bystander->count = (struct bystander_count){
		.cpu = bystander->count.cpu, .threshold_ns = UINT64_MAX,
	};
	for (int i = 0; i < SAMPLES; i++) {
		uint64_t before = last.ticks;

		_mm_pause();
		last = bystander_look(bystander, clock, &quiet, last);
		took[i] = clock_ns(clock, last.ticks - before);
	}
	qsort(took, SAMPLES, sizeof(took[0]), rising);
	bystander->count.bias_ns = took[SAMPLES / 2];
	bystander->count.threshold_ns = THRESHOLD * (took[SAMPLES / 2] + 1);
}

static void log_gap(struct gap_log *log, struct gap gap)
{
	unsigned int nr = atomic_load(&log->nr);

	if (nr == MAX_GAPS) {
		atomic_fetch_add(&log->left_off, 1);
		return;
	}
	log->gap[nr] = gap;
	atomic_store(&log->nr, nr + 1);
}

static void add_gap(struct bystander *bystander, struct gap gap)
{
	struct bystander_count *count = &bystander->count;
	uint64_t stolen = gap.ns;

	if (atomic_load_explicit(&bystander->log.on, memory_order_relaxed))
		log_gap(&bystander->log, gap);
	count->gaps++;
	count->stolen_ns += stolen;
	if (stolen > count->longest_ns)
		count->longest_ns = stolen;
	hist_add(&bystander->gaps, stolen);
}

static uint64_t under_way(uint64_t word)
{
	return word & 0xffff;
}

static uint64_t begun(uint64_t from, uint64_t to)
{
	return (uint32_t)((to >> 16) - (from >> 16));
}

/* How many ops ended between two words of a window, and whether all of them were refused. */
static uint64_t ended(uint64_t from, uint64_t to)
{
	return under_way(from) + begun(from, to) - under_way(to);
}

static bool all_refused(uint64_t from, uint64_t to)
{
	return (uint16_t)((to >> 48) - (from >> 48)) == (uint16_t)ended(from, to);
}

/*
 * Gaps of one op wait until it has ended, for an op that the kernel refused is made again
 * and is in no figure. Where another op was under way as well, they count.
 */
static void settle_pending(struct bystander *bystander, uint64_t word)
{
	uint64_t from = bystander->pending_word;

	if (!begun(from, word) && !ended(from, word))
		return;		/* it still is */
	for (int i = 0; i < bystander->nr_pending; i++)
		if (!ended(from, word) || !all_refused(from, word))
			add_gap(bystander, bystander->pending[i]);
	bystander->nr_pending = 0;
}

/* A gap in which the window went from @from to @to. */
static void take_gap(struct bystander *bystander, struct gap gap, uint64_t from, uint64_t to)
{
	bool only_refused = all_refused(from, to);	/* also if none ended */

	if (!under_way(from) && !begun(from, to))
		return;
	if (!under_way(to) && only_refused)
		return;
	if (under_way(to) == 1 && only_refused && bystander->nr_pending < MAX_PENDING) {
		bystander->pending[bystander->nr_pending++] = gap;
		bystander->pending_word = to;
		return;
	}
	add_gap(bystander, gap);
}

/*
 * A gap of @ns that has just been seen. By the trace's clock it began a little earlier than
 * @ns ago: a look at either clock takes a moment.
 */
static struct gap gap_before(const struct bystander *bystander, uint64_t ns)
{
	uint64_t bias = bystander->count.bias_ns;
	struct gap gap = { .ns = ns - bias };

	if (atomic_load_explicit(&bystander->log.on, memory_order_relaxed)) {
		gap.end_ns = rings_now_ns();
		gap.begin_ns = gap.end_ns - ns - 2 * bias;
	}
	return gap;
}

/*
 * Look at the clock again after @last; the gap in between counts if it is over
 * the threshold and an op was under way at either end of it or came and went
 * inside. Returns this look, for the next call.
 */
struct bystander_look bystander_look(struct bystander *bystander, const struct clock *clock,
				     const struct op_window *window,
				     struct bystander_look last)
{
	struct bystander_look look;
	uint64_t ns;

	/* before the clock: this CPU may be taken away between the two */
	look.word = atomic_load_explicit(&window->word, memory_order_acquire);
	look.ticks = clock_read(clock);
	if (bystander->nr_pending)
		settle_pending(bystander, look.word);
	ns = clock_ns(clock, look.ticks - last.ticks);
	if (ns > bystander->count.threshold_ns) {
		struct gap gap = gap_before(bystander, ns);

		take_gap(bystander, gap, last.word,
			 atomic_load_explicit(&window->word, memory_order_acquire));
	}
	return look;
}
