// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events are read one after the other, the last one nearest to the op on both sides of it: so
 * each counts the reading of those behind it too. How much that is tells an op that does
 * nothing, before the first.
 */
#include "engine/op-counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY_OPS	31

struct op_counters {
	const struct counter_list *list;
	pid_t tid;
	struct counters *counters;	/* NULL: nothing can be counted */
	struct op_counts *counts;
	struct counter_value before[MAX_COUNTERS], after[MAX_COUNTERS];
};

static int open_group(struct op_counters *new, bool group)
{
	int error = counters_of_task(new->list, new->tid, group, &new->counters);

	for (int i = 0; !error && i < new->list->nr; i++) {
		snprintf(new->counts->why[i], COUNTER_WHY, "%s", counters_why(new->counters, i));
		new->counts->rdpmc[i] = counters_by_rdpmc(new->counters, i);
	}
	return error;
}

/*
 * The events of @list for task @tid, into @counts. 0 with *@counters, which
 * op_counters_close() frees; what cannot be counted says so in counts->why. Or -ENOMEM.
 * No two threads of a process may be in here.
 */
int op_counters_open(const struct counter_list *list, pid_t tid, struct op_counts *counts,
		     struct op_counters **counters)
{
	struct op_counters *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	*new = (struct op_counters){ .list = list, .tid = tid, .counts = counts };
	error = open_group(new, true);
	if (error) {
		op_counters_close(new);
		return error;
	}
	*counters = new;
	return 0;
}

/* NULL is fine. */
void op_counters_close(struct op_counters *counters)
{
	if (!counters)
		return;
	counters_close(counters->counters);
	free(counters);
}

/* ---- around an op --------------------------------------------------------------------------- */

void op_counters_before(struct op_counters *counters)
{
	/* if arm() forked, copy the pages now */
	memset(counters->after, 0, sizeof(counters->after));
	memset(counters->before, 0, sizeof(counters->before));
	counters_read(counters->counters, counters->before, false);
}

void op_counters_after(struct op_counters *counters)
{
	counters_read(counters->counters, counters->after, true);
}

/* The last op counts. */
void op_counters_keep(struct op_counters *counters)
{
	for (int i = 0; i < counters->list->nr; i++) {
		struct counter_value *sum = &counters->counts->sum[i];
		const struct counter_value *before = &counters->before[i];
		const struct counter_value *after = &counters->after[i];

		sum->value += after->value - before->value;
		sum->enabled_ns += after->enabled_ns - before->enabled_ns;
		sum->running_ns += after->running_ns - before->running_ns;
	}
	counters->counts->ops++;
}

/* ---- a pass ----------------------------------------------------------------------------------- */

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The median of what an op that does nothing counts. */
static void measure_bias(struct op_counters *counters, const struct clock *clock)
{
	uint64_t empty[MAX_COUNTERS][EMPTY_OPS];

	for (int op = 0; op < EMPTY_OPS; op++) {
		op_counters_before(counters);
		clock_read(clock);
		clock_read(clock);
		op_counters_after(counters);
		for (int i = 0; i < counters->list->nr; i++)
			empty[i][op] = counters->after[i].value - counters->before[i].value;
	}
	for (int i = 0; i < counters->list->nr; i++) {
		qsort(empty[i], EMPTY_OPS, sizeof(empty[i][0]), rising);
		counters->counts->bias[i] = (double)empty[i][EMPTY_OPS / 2];
	}
}

/* The kernel took the group, but it is not on the PMU: somebody else holds a counter of it. */
static bool is_left_out(struct op_counters *counters)
{
	for (int i = 0; i < counters->list->nr; i++)
		if (counters->after[i].enabled_ns && !counters->after[i].running_ns)
			return true;
	return false;
}

/* The pass begins. A group that cannot get onto the PMU is taken apart. */
void op_counters_start(struct op_counters *counters, const struct clock *clock)
{
	memset(counters->counts->sum, 0, sizeof(counters->counts->sum));
	counters->counts->ops = 0;
	counters_enable(counters->counters, true);
	measure_bias(counters, clock);
	if (!is_left_out(counters))
		return;
	counters_close(counters->counters);
	counters->counters = NULL;
	if (open_group(counters, false))
		return;
	counters_enable(counters->counters, true);
	measure_bias(counters, clock);
}

/* The pass is over. */
void op_counters_stop(struct op_counters *counters)
{
	counters_enable(counters->counters, false);
}
