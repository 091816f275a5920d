// SPDX-License-Identifier: GPL-2.0-or-later
/* The names of what the ipi pass finds, and the life of its result on the heap. */
#include "case/ipi-latency.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const class_names[NR_LATENCY_CLASSES] = { "sync", "flush", "kernel" };

static const char *const state_names[NR_TARGET_STATES] = { "idle", "busy" };

static const char *const cause_names[NR_GAP_CAUSES] = {
	[GAP_SYNC] = "sync", [GAP_FLUSH] = "flush", [GAP_KERNEL_FLUSH] = "kernel flush",
	[GAP_REQUEST] = "other requests", [GAP_TIMER] = "timer", [GAP_RESCHEDULE] = "reschedule",
	[GAP_WORK] = "irq work", [GAP_DEVICE] = "device", [GAP_TASK] = "another task",
	[GAP_UNSEEN] = "unseen",
};

/* "sync", "flush" or "kernel", as in a record. */
const char *latency_class_name(enum latency_class cls)
{
	return class_names[cls];
}

/* As in a record. "unseen" left no trace: a hypervisor, an SMI, an NMI. */
const char *gap_cause_name(enum gap_cause cause)
{
	return cause_names[cause];
}

/* The cause of that name; 0, or -EINVAL and @cause untouched. */
int gap_cause_parse(const char *name, enum gap_cause *cause)
{
	for (int i = 0; i < NR_GAP_CAUSES; i++) {
		if (strcmp(name, cause_names[i]))
			continue;
		*cause = (enum gap_cause)i;
		return 0;
	}
	return -EINVAL;
}

/* "idle" or "busy", as in a record. */
const char *target_state_name(enum target_state state)
{
	return state_names[state];
}

/* A copy of @nr members; NULL for none. -ENOMEM in @err where there is no memory. */
static void *duplicate(const void *from, int nr, size_t size, int *err)
{
	void *to = nr ? malloc((size_t)nr * size) : NULL;

	if (to)
		memcpy(to, from, (size_t)nr * size);
	else if (nr)
		*err = -ENOMEM;
	return to;
}

static void duplicate_buckets(struct spread *spread, int *err)
{
	spread->bucket = duplicate(spread->bucket, spread->nr_buckets, sizeof(*spread->bucket), err);
}

static void duplicate_class(struct class_latency *one, int *err)
{
	one->last = duplicate(one->last, one->nr_last, sizeof(*one->last), err);
	duplicate_buckets(&one->delivery, err);
	duplicate_buckets(&one->merged_delivery, err);
	duplicate_buckets(&one->handler, err);
	duplicate_buckets(&one->wait, err);
}

/*
 * Deep copy of @from, all on the heap, ipi_latency_free() frees it: 0 with *@to, which is
 * NULL if there was no such pass, or -ENOMEM.
 */
int ipi_latency_copy(struct ipi_latency **to, const struct ipi_latency *from)
{
	struct ipi_latency *copy;
	int error = 0;

	*to = NULL;
	if (!from || (!from->ops && !*from->why))
		return 0;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *from;
	copy->edge = duplicate(copy->edge, copy->nr_edges, sizeof(*copy->edge), &error);
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
		duplicate_class(&copy->of[cls], &error);
	if (error) {
		ipi_latency_free(copy);
		return error;
	}
	*to = copy;
	return 0;
}

/* Frees @latency with all that it points at; NULL is fine. */
void ipi_latency_free(struct ipi_latency *latency)
{
	if (!latency)
		return;
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		struct class_latency *one = &latency->of[cls];

		free(one->delivery.bucket);
		free(one->merged_delivery.bucket);
		free(one->handler.bucket);
		free(one->wait.bucket);
		free(one->last);
	}
	free(latency->edge);
	free(latency);
}
