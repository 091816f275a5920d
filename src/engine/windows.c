// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ops whose trace is read: as many of them at a time as fill half a ring. While ops run
 * nobody reads, so that reading is in no figure.
 */
#include <stdlib.h>

#include "engine/measurement.h"

static void fill_logs(struct measurement *m)
{
	for (int i = 0; i < m->crew->nr; i++) {
		struct initiator *one = &m->crew->initiator[i];
		const struct initiator *head = m->crew->as == AS_THREAD ?
					       &m->crew->initiator[0] : one;

		m->log[i] = (struct op_log){
			.pid = one->pid, .actor = one->actor, .actors = one->actors,
			.op = one->note, .nr_ops = one->nr_notes,
			.responder = head->responder, .nr_responders = head->nr_responders,
		};
	}
}

/* Give each initiator so many ops as it still needs, at most @window. False: none needs any. */
static bool share_out(struct measurement *m, const struct windows *windows, uint64_t window)
{
	bool any = false;

	for (int i = 0; i < m->crew->nr; i++) {
		uint64_t left = windows->wanted - windows->done(m, i);

		m->crew->initiator[i].wanted = left < window ? left : window;
		any |= left > 0;
	}
	return any;
}

/* A window fills at most half a ring, as far as the last one tells. */
static uint64_t next_window(uint64_t window, double fill)
{
	if (fill > 0.5 && window > 1)
		return window / 2;
	return fill < 0.2 && window < MAX_NOTES ? 2 * window : window;
}

/* What came before the first op is nobody's. */
static int begin(struct measurement *m, const struct windows *windows)
{
	for (int i = 0; i < m->crew->nr; i++) {
		m->crew->initiator[i].nr_notes = 0;
		hist_init(&m->crew->initiator[i].traced);
	}
	fill_logs(m);
	return windows->forget ? windows->forget(m, windows->arg) : 0;
}

/* Run the ops of a pass that is traced, look by look. 0 or -errno. */
int windows_run(struct measurement *m, const struct windows *windows)
{
	uint64_t window = windows->collects ? 1 : MAX_NOTES;
	uint64_t until = m->plan->time_ns ? probe_now_ns() + m->plan->time_ns : 0;
	double fill = 0;
	int error = begin(m, windows);

	m->crew->until_ns = until;
	while (!error && share_out(m, windows, window) && (!until || probe_now_ns() < until)) {
		error = measurement_order(m, ORDER_TRACE);
		if (!error) {
			fill_logs(m);
			error = windows->look(m, windows->arg, &fill);
		}
		window = next_window(window, fill);
	}
	return error;
}

/* The median latency of all ops of the pass, in ns: what tracing makes of it. 0: no memory. */
uint64_t windows_p50(struct measurement *m)
{
	struct histogram *all = calloc(1, sizeof(*all));
	uint64_t p50;

	if (!all)
		return 0;
	hist_init(all);
	for (int i = 0; i < m->crew->nr; i++)
		hist_merge(all, &m->crew->initiator[i].traced);
	p50 = hist_quantile(all, 0.5);
	free(all);
	return p50;
}
