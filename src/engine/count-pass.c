// SPDX-License-Identifier: GPL-2.0-or-later
/* The counting pass: what was asked for in each op, and whether that is what was predicted. */
#include "engine/measurement.h"
#include "engine/retry.h"
#include "engine/verdict.h"

/* What was counted in the ops of initiator @i. */
static void judge_ops(struct measurement *m, int i)
{
	struct initiator *one = &m->crew->initiator[i];

	for (int op = 0; op < one->nr_notes; op++) {
		struct op_note *note = &one->note[op];

		note->dropped = retry_displaced(one->result, &note->counts, m->wanted,
						&m->in_a_row[i]);
		if (note->dropped) {
			one->result->repeated_ops++;
			continue;
		}
		m->in_a_row[i] = 0;
		verdict_add_op(m->result, one->result, &note->counts);
	}
}

/* The ops since the last look: read the trace, judge each op, add up. *@fill as collect(). */
static int look(struct measurement *m, void *arg, double *fill)
{
	struct probe *probe = m->bench->probe;
	int error;

	(void)arg;
	*fill = 0;
	if (!probe->source->collect) {
		for (int i = 0; i < m->crew->nr; i++)
			judge_ops(m, i);
		return 0;
	}
	error = probe->source->collect(probe, m->log, m->crew->nr, fill);
	if (error)
		return error;
	for (int i = 0; i < m->crew->nr; i++)
		judge_ops(m, i);
	return probe->source->tally(probe, m->log, m->crew->nr, &m->result->ipi);
}

static int forget(struct measurement *m, void *arg)
{
	double fill;

	(void)arg;
	return m->bench->probe->source->collect(m->bench->probe, m->log, m->crew->nr, &fill);
}

static uint64_t counted(const struct measurement *m, int i)
{
	return m->crew->initiator[i].result->ops;
}

/* Into the result: the counts, the verdicts, and what the probe makes of the op's time. */
int count_pass(struct measurement *m)
{
	struct probe *probe = m->bench->probe;
	bool collects = probe->source->collect;
	const struct windows windows = {
		.wanted = m->wanted, .collects = collects, .done = counted, .look = look,
		.forget = collects ? forget : NULL,
	};
	int error = probe->source->enable(probe);

	if (!error)
		error = windows_run(m, &windows);
	probe->source->disable(probe);
	m->result->counted_p50_ns = windows_p50(m);
	return error;
}
