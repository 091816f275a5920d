// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A gap holds the interrupt's whole way: into the kernel, its function, and back. So all of
 * the gap is put down to what was seen in it. Of several things each gets the same part.
 */
#include "probe/gaps.h"

#include <stdlib.h>

#include "probe/ipi-latency.h"

/* What @event was to the CPU on which it happened; NR_GAP_CAUSES: nothing. */
static enum gap_cause cause_of(const struct ring_event *event, const struct kernel_symbols *sym)
{
	static const enum gap_cause of_class[] = {
		[LATENCY_SYNC] = GAP_SYNC, [LATENCY_FLUSH] = GAP_FLUSH,
		[LATENCY_KERNEL] = GAP_KERNEL_FLUSH, [NR_LATENCY_CLASSES] = GAP_REQUEST,
	};
	static const enum gap_cause of_interrupt[] = {
		[INTERRUPT_TIMER] = GAP_TIMER, [INTERRUPT_RESCHEDULE] = GAP_RESCHEDULE,
		[INTERRUPT_WORK] = GAP_WORK, [INTERRUPT_DEVICE] = GAP_DEVICE,
	};

	switch (event->kind) {
	case EVENT_ENTRY:
		return of_class[latency_class_of(sym, event->func)];
	case EVENT_INTERRUPT:
		return of_interrupt[event->target];
	case EVENT_OUT:
		return GAP_TASK;
	default:
		return NR_GAP_CAUSES;
	}
}

static void share_out(const struct gap *gap, const uint32_t seen[NR_GAP_CAUSES],
		      struct stolen_time stolen[NR_GAP_CAUSES])
{
	double all = 0;

	for (int cause = 0; cause < GAP_UNSEEN; cause++)
		all += seen[cause];
	for (int cause = 0; cause < GAP_UNSEEN; cause++) {
		stolen[cause].gaps += all > 0 ? seen[cause] / all : 0;
		stolen[cause].ns += all > 0 ? (double)gap->ns * seen[cause] / all : 0;
	}
	if (!(all > 0)) {
		stolen[GAP_UNSEEN].gaps++;
		stolen[GAP_UNSEEN].ns += (double)gap->ns;
	}
}

static int by_begin(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;

	return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

/*
 * Add the @nr gaps of the bystander on @cpu to what they are put down to; they are brought
 * into order. @log has the events of all CPUs.
 */
void gaps_explain(struct gap *gap, int nr, int cpu, const struct event_log *log,
		 const struct kernel_symbols *sym, struct stolen_time stolen[NR_GAP_CAUSES])
{
	size_t at = 0;

	qsort(gap, (size_t)nr, sizeof(*gap), by_begin);
	for (int i = 0; i < nr; i++) {
		uint32_t seen[NR_GAP_CAUSES] = { 0 };

		while (at < log->nr && log->event[at].time_ns < gap[i].begin_ns)
			at++;
		for (; at < log->nr && log->event[at].time_ns <= gap[i].end_ns; at++) {
			const struct ring_event *event = &log->event[at];
			enum gap_cause cause = (int)event->cpu == cpu ? cause_of(event, sym) :
					       NR_GAP_CAUSES;

			if (cause < NR_GAP_CAUSES)
				seen[cause]++;
		}
		share_out(&gap[i], seen, stolen);
	}
}
