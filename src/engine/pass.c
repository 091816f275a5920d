// SPDX-License-Identifier: GPL-2.0-or-later
/* One loop, and what each pass makes of it. */
#include "engine/pass.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/budget.h"
#include "engine/retry.h"

/* What a pass does at the places where it differs from the others. */
struct policy {
	bool (*goes_on)(struct hand *hand);
	void (*before)(struct hand *hand);		/* the op, outside its time */
	void (*after)(struct hand *hand, int error);
	void (*keep)(struct hand *hand, uint64_t ns);	/* it is done, and verified */
};

/* ---- one op ------------------------------------------------------------------------------ */

static int silent(struct hand *hand, struct cast *cast, int error)
{
	return workload_fail(&hand->ctx, error, "nothing of ours runs on CPU %d",
			     cast_silent_cpu(cast));
}

/*
 * Arm the next op and bring everybody to their places. Bystanders are waited for by a lone
 * initiator: among several there is always one whose op is under way.
 */
static int make_ready(struct hand *hand)
{
	struct cast *bystanders = hand->crew->nr == 1 ? hand->crew->bystanders : NULL;
	int error = hand->workload->arm ? hand->workload->arm(&hand->ctx) : 0;

	if (!error && hand->cast) {
		error = cast_settle(hand->cast);
		if (error)
			return silent(hand, hand->cast, error);
	}
	if (!error && bystanders) {
		error = cast_settle(bystanders);
		if (error)
			return silent(hand, bystanders, error);
	}
	return error;
}

/* The timed op: nothing but it lies between the two reads. */
static inline int timed_op(struct hand *hand)
{
	int error;

	hand->began = clock_read(hand->clock);
	error = hand->workload->op(&hand->ctx);
	hand->ended = clock_read(hand->clock);
	return error;
}

/* Metrics of ops that are made again are not kept. */
static void keep_metrics(struct hand *hand, bool kept)
{
	if (!hand->ctx.nr_metrics)
		return;
	if (kept)
		memcpy(hand->kept, hand->ctx.metric, sizeof(hand->kept));
	else
		memcpy(hand->ctx.metric, hand->kept, sizeof(hand->kept));
}

/* Others only look at it. */
static void count_up(atomic_uint_least64_t *number)
{
	atomic_store_explicit(number, atomic_load_explicit(number, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static int finish_op(struct hand *hand, const struct policy *policy)
{
	int error = hand->workload->verify ? hand->workload->verify(&hand->ctx) : 0;

	if (error)
		return error;
	keep_metrics(hand, true);
	hand->done++;
	count_up(&hand->me->ended);
	if (!hand->counted)
		count_up(hand->me->progress);
	policy->keep(hand, clock_ns(hand->clock, hand->ended - hand->began));
	return 0;
}

/* ---- the loop --------------------------------------------------------------------------------- */

/* The caller has done what it was to do, or cannot: the others need not wait for it. */
static void leave(struct hand *hand)
{
	if (!hand->counted)
		atomic_fetch_add(&hand->crew->done, 1);
	hand->counted = true;
}

/* 0, or -errno of the step that failed, with its reason in hand->ctx. */
static int loop(struct hand *hand, const struct policy *policy)
{
	unsigned int repeats = 0;
	int error = 0;

	hand->done = 0;
	hand->counted = false;
	crew_meet(hand->crew);
	hand->start = hand->ended = clock_read(hand->clock);
	while (!error && policy->goes_on(hand)) {
		error = make_ready(hand);
		if (error)
			break;
		*(volatile uint64_t *)&hand->began = 0;	/* if arm() forked, copy the page now */
		policy->before(hand);
		error = timed_op(hand);
		policy->after(hand, error);
		if (retry_refused(&hand->ctx, error, &repeats)) {
			keep_metrics(hand, false);
			hand->me->result->repeated_ops++;
			error = 0;
			continue;
		}
		if (!error)
			error = finish_op(hand, policy);
		repeats = 0;
	}
	if (error)
		atomic_store(&hand->crew->failed, true);
	leave(hand);
	return error;
}

static bool somebody_failed(const struct hand *hand)
{
	return atomic_load_explicit(&hand->crew->failed, memory_order_relaxed);
}

static void nothing_before(struct hand *hand)
{
	(void)hand;
}

static void nothing_after(struct hand *hand, int error)
{
	(void)hand;
	(void)error;
}

/* ---- warming up -------------------------------------------------------------------------------- */

static bool is_cold(struct hand *hand)
{
	uint64_t spent = clock_ns(hand->clock, hand->ended - hand->start);

	return !somebody_failed(hand) && budget_warms_up(hand->done, spent, hand->crew->learn);
}

static void learn(struct hand *hand, uint64_t ns)
{
	(void)ns;
	hand->me->ns_per_op = clock_ns(hand->clock, hand->ended - hand->start) / hand->done + 1;
}

/* Nobody's first op is like the others: pages, caches and stale CPUs. */
int pass_warm_up(struct hand *hand)
{
	static const struct policy policy = { is_cold, nothing_before, nothing_after, learn };

	return loop(hand, &policy);
}

/* ---- tracing: notes for whoever reads the trace ------------------------------------------------ */

static void tell_begin(struct hand *hand)
{
	if (hand->crew->bystanders)
		op_window_begin(cast_window(hand->crew->bystanders));
}

static void tell_end(struct hand *hand, int error)
{
	if (hand->crew->bystanders)
		op_window_end(cast_window(hand->crew->bystanders), error == -EAGAIN);
}

static bool has_notes_to_make(struct hand *hand)
{
	const struct initiator *me = hand->me;
	int room = MAX_ACTORS - me->nr_actors;

	if (hand->crew->until_ns && me->nr_notes &&
	    me->note[me->nr_notes - 1].ended_ns >= hand->crew->until_ns)
		return false;
	return (uint64_t)me->nr_notes < me->wanted && !somebody_failed(hand) &&
	       (!hand->workload->actors || !me->nr_notes ||
		room > me->note[me->nr_notes - 1].nr_actors);
}

static void note_begin(struct hand *hand)
{
	const struct probe_source *source = hand->crew->bench->probe->source;
	struct op_note *note = &hand->me->note[hand->me->nr_notes];

	*note = (struct op_note){ .began_ns = 0 };
	if (source->begin)
		source->begin(hand->crew->bench->probe);
	if (hand->crew->tell)
		tell_begin(hand);
	note->began_ns = probe_now_ns();
}

/* A refused op is not kept: its requests count as made between ops. */
static void note_end(struct hand *hand, int error)
{
	const struct probe_source *source = hand->crew->bench->probe->source;
	struct initiator *me = hand->me;
	struct op_note *note = &me->note[me->nr_notes];

	note->ended_ns = probe_now_ns();
	if (hand->crew->tell)
		tell_end(hand, error);
	if (error)
		return;
	if (source->end)
		source->end(hand->crew->bench->probe, hand->crew->total);
	if (!hand->workload->actors)
		return;
	note->first_actor = me->nr_actors;
	note->nr_actors = hand->workload->actors(&hand->ctx, me->actors + me->nr_actors,
						 MAX_ACTORS - me->nr_actors);
}

static void keep_note(struct hand *hand, uint64_t ns)
{
	struct initiator *me = hand->me;

	me->nr_actors += me->note[me->nr_notes].nr_actors;
	me->nr_notes++;
	hist_add(&me->traced, ns);
}

/* At most so many ops as are wanted, and as notes have room for. */
int pass_trace(struct hand *hand)
{
	static const struct policy policy = { has_notes_to_make, note_begin, note_end, keep_note };

	hand->me->nr_notes = hand->me->nr_actors = 0;
	return loop(hand, &policy);
}

/* ---- timing ------------------------------------------------------------------------------------ */

static bool has_enough(const struct hand *hand)
{
	const struct crew *crew = hand->crew;

	if (crew->time_ns)
		return clock_ns(hand->clock, hand->ended - hand->start) >= crew->time_ns;
	return hand->done >= hand->me->wanted;
}

/* Who has enough goes on until all have: each was timed among all the others. */
static bool others_need_it(struct hand *hand)
{
	if (!hand->counted && has_enough(hand))
		leave(hand);
	return !somebody_failed(hand) &&
	       atomic_load_explicit(&hand->crew->done, memory_order_relaxed) < hand->crew->nr;
}

/* Outside the op's time: where there is no rdpmc, reading takes system calls. */
static void time_before(struct hand *hand)
{
	if (hand->counters)
		op_counters_before(hand->counters);
	tell_begin(hand);
}

static void time_after(struct hand *hand, int error)
{
	tell_end(hand, error);
	if (hand->counters)
		op_counters_after(hand->counters);
}

/* The window is that in which all ran: it ends with the last op before all have enough. */
static void keep_time(struct hand *hand, uint64_t ns)
{
	struct initiator_result *result = hand->me->result;

	if (!hand->counted)
		hist_add(result->latency, ns);
	if (!hand->counted && hand->counters)
		op_counters_keep(hand->counters);
	if (atomic_load_explicit(&hand->crew->done, memory_order_relaxed) == hand->crew->nr)
		return;
	result->window_ops = hand->done;
	result->window_ns = clock_ns(hand->clock, hand->ended - hand->start);
}

/* No trace is on. Into the latency of the result: as many ops as wanted, or all in the time. */
int pass_time(struct hand *hand)
{
	static const struct policy policy = { others_need_it, time_before, time_after, keep_time };
	struct initiator *me = hand->me;
	int error;

	hand->ctx.nr_metrics = 0;
	if (hand->counters)
		op_counters_start(hand->counters, hand->clock);
	error = loop(hand, &policy);
	if (hand->counters)
		op_counters_stop(hand->counters);
	memcpy(me->metric, hand->ctx.metric, sizeof(me->metric));
	me->nr_metrics = hand->ctx.nr_metrics;
	me->metric_ops = hand->done;
	return error;
}
