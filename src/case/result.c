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
	for (int i = 0; i < NR_IPI_CLASSES; i++) {
		size_t bytes = (size_t)from->nr_cpus * sizeof(uint64_t);

		to->ipi.count[i].per_cpu = duplicate(from->ipi.count[i].per_cpu, bytes, &err);
		to->ipi.count[i].own_per_cpu =
			duplicate(from->ipi.count[i].own_per_cpu, bytes, &err);
	}
	for (int i = 0; i < NR_ROLES; i++)
		to->roles.cpu[i] = duplicate(from->roles.cpu[i],
					     (size_t)from->roles.nr[i] * sizeof(int), &err);
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
	for (int i = 0; i < NR_IPI_CLASSES; i++) {
		free(result->ipi.count[i].per_cpu);
		free(result->ipi.count[i].own_per_cpu);
		result->ipi.count[i].per_cpu = result->ipi.count[i].own_per_cpu = NULL;
	}
	for (int i = 0; i < NR_ROLES; i++) {
		free(result->roles.cpu[i]);
		result->roles.cpu[i] = NULL;
		result->roles.nr[i] = 0;
	}
}
