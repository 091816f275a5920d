// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a case's result: names of its enums, deep copy, free. The engine
 * may keep histograms and per-CPU counts in memory that processes share; a copy
 * lies on the heap alone, so a record can own it.
 */
#include "case/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = {
	[CASE_OK] = "ok", [CASE_SKIP] = "skip", [CASE_FAIL] = "fail",
};

static const char *const source_names[] = {
	[IPI_NONE] = "none", [IPI_CSD] = "csd", [IPI_INTERRUPTS] = "interrupts",
};

static const char *const class_names[NR_IPI_CLASSES] = {
	[IPI_SYNC] = "sync", [IPI_FLUSH] = "flush", [IPI_OTHER] = "other",
};

#define COUNT(array)	((int)(sizeof(array) / sizeof((array)[0])))

static int find(const char *name, const char *const *names, int nr)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -EINVAL;
}

/* "ok", "skip" or "fail", as in a record. */
const char *case_status_name(enum case_status status)
{
	return status_names[status];
}

/* The status of that name; 0, or -EINVAL and @status untouched. */
int case_status_parse(const char *name, enum case_status *status)
{
	int i = find(name, status_names, COUNT(status_names));

	if (i < 0)
		return i;
	*status = (enum case_status)i;
	return 0;
}

/* "none", "csd" or "interrupts", as in a record. */
const char *ipi_source_name(enum ipi_source source)
{
	return source_names[source];
}

/* The source of that name; 0, or -EINVAL and @source untouched. */
int ipi_source_parse(const char *name, enum ipi_source *source)
{
	int i = find(name, source_names, COUNT(source_names));

	if (i < 0)
		return i;
	*source = (enum ipi_source)i;
	return 0;
}

/* "sync", "flush" or "other", as in a record. */
const char *ipi_class_name(enum ipi_class cls)
{
	return class_names[cls];
}

/* A copy of @size bytes; NULL stays NULL. -ENOMEM in @err where there is no memory. */
static void *duplicate(const void *from, size_t size, int *err)
{
	void *to;

	if (!from || !size)
		return NULL;
	to = malloc(size);
	if (to)
		memcpy(to, from, size);
	else
		*err = -ENOMEM;
	return to;
}

static void copy_initiators(struct case_result *to, const struct case_result *from, int *err)
{
	to->initiator = duplicate(from->initiator,
				  (size_t)from->nr_initiators * sizeof(*from->initiator), err);
	if (!to->initiator)
		to->nr_initiators = 0;
	for (int i = 0; i < to->nr_initiators; i++)
		to->initiator[i].latency = duplicate(from->initiator[i].latency,
						     sizeof(struct histogram), err);
}

/* Twice is harmless. */
static void free_initiators(struct case_result *result)
{
	for (int i = 0; i < result->nr_initiators; i++)
		free(result->initiator[i].latency);
	free(result->initiator);
	result->initiator = NULL;
	result->nr_initiators = 0;
}

/*
 * Deep copy of @from into @to, whose old content is overwritten, not freed. All
 * that @to points at is then its own, on the heap: case_result_free() it. Returns
 * 0, or -ENOMEM with nothing to free.
 */
int case_result_copy(struct case_result *to, const struct case_result *from)
{
	int err = 0;

	*to = *from;
	to->latency = duplicate(from->latency, sizeof(*from->latency), &err);
	to->gaps = duplicate(from->gaps, sizeof(*from->gaps), &err);
	to->bystander = duplicate(from->bystander,
				  (size_t)from->nr_bystanders * sizeof(*from->bystander), &err);
	to->counter = duplicate(from->counter, (size_t)from->nr_counters * sizeof(*from->counter),
				&err);
	for (int i = 0; i < NR_IPI_CLASSES; i++) {
		size_t bytes = (size_t)from->nr_cpus * sizeof(uint64_t);

		to->ipi.count[i].per_cpu = duplicate(from->ipi.count[i].per_cpu, bytes, &err);
		to->ipi.count[i].own_per_cpu =
			duplicate(from->ipi.count[i].own_per_cpu, bytes, &err);
	}
	if (roles_copy(&to->roles, &from->roles))
		err = -ENOMEM;
	copy_initiators(to, from, &err);
	if (ipi_latency_copy(&to->ipi_latency, from->ipi_latency))
		err = -ENOMEM;
	if (err)
		case_result_free(to);
	return err;
}

/* Frees what a result on the heap points at, not the result; twice is harmless. */
void case_result_free(struct case_result *result)
{
	free(result->latency);
	result->latency = NULL;
	free(result->gaps);
	result->gaps = NULL;
	free(result->bystander);
	result->bystander = NULL;
	result->nr_bystanders = 0;
	free(result->counter);
	result->counter = NULL;
	result->nr_counters = 0;
	for (int i = 0; i < NR_IPI_CLASSES; i++) {
		free(result->ipi.count[i].per_cpu);
		free(result->ipi.count[i].own_per_cpu);
		result->ipi.count[i].per_cpu = result->ipi.count[i].own_per_cpu = NULL;
	}
	roles_free(&result->roles);
	free_initiators(result);
	ipi_latency_free(result->ipi_latency);
	result->ipi_latency = NULL;
}

/* Ops a second of one initiator while all of them ran; 0 if that was not timed. */
double initiator_rate(const struct initiator_result *one)
{
	return one->window_ns ? (double)one->window_ops * 1e9 / (double)one->window_ns : 0;
}

/* The rate of the slowest initiator as a part of the fastest one's; 0: not known. */
double case_fairness(const struct case_result *c)
{
	double slowest = 0, fastest = 0;

	for (int i = 0; i < c->nr_initiators; i++) {
		double rate = initiator_rate(&c->initiator[i]);

		slowest = !i || rate < slowest ? rate : slowest;
		fastest = rate > fastest ? rate : fastest;
	}
	return fastest > 0 ? slowest / fastest : 0;
}
