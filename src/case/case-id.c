// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A workload may gain a parameter from one version to the next. Records from before lack
 * it, and were measured with what is now its standard value: they are of the same case.
 */
#include "case/case-id.h"

#include <errno.h>
#include <string.h>

static const struct case_param *find(const struct case_id *id, const char *name)
{
	for (int i = 0; i < id->nr_params; i++)
		if (!strcmp(id->params[i].name, name))
			return &id->params[i];
	return NULL;
}

/* Has @b each parameter of @a with the same value, but for those that are standard? */
static bool agrees(const struct case_id *a, const struct case_id *b)
{
	for (int i = 0; i < a->nr_params; i++) {
		const struct case_param *other = find(b, a->params[i].name);

		if (other ? other->value != a->params[i].value : !a->params[i].standard)
			return false;
	}
	return true;
}

/* How many initiators run ops at once: at least 1. */
int case_id_initiators(const struct case_id *id)
{
	return id->initiators > 1 ? id->initiators : 1;
}

/* Have its initiators different workloads? */
bool case_id_is_mix(const struct case_id *id)
{
	return strchr(id->workload, '+');
}

static const char *const as_names[] = { [AS_PROCESS] = "process", [AS_THREAD] = "thread" };

/* "process" or "thread", as in a record. */
const char *crew_as_name(enum crew_as as)
{
	return as_names[as];
}

/* What has that name; 0, or -EINVAL and @as untouched. */
int crew_as_parse(const char *name, enum crew_as *as)
{
	for (int i = AS_PROCESS; i <= AS_THREAD; i++)
		if (!strcmp(name, as_names[i])) {
			*as = (enum crew_as)i;
			return 0;
		}
	return -EINVAL;
}

/* By how many initiators there are, then by what they are; one is neither. */
static int crew_order(const struct case_id *a, const struct case_id *b)
{
	int order = case_id_initiators(a) - case_id_initiators(b);

	return order || case_id_initiators(a) == 1 ? order : (int)a->as - (int)b->as;
}

/*
 * Are @a and @b the same case: workload, placement, initiators and parameters? A parameter
 * that only one of them has must be at its standard value.
 */
bool case_id_same(const struct case_id *a, const struct case_id *b)
{
	return !strcmp(a->workload, b->workload) && !strcmp(a->placement, b->placement) &&
	       !crew_order(a, b) && agrees(a, b) && agrees(b, a);
}

/* For sorting: by workload, placement, initiators, parameters; 0 only where all are equal. */
int case_id_order(const struct case_id *a, const struct case_id *b)
{
	int order = strcmp(a->workload, b->workload);

	if (!order)
		order = strcmp(a->placement, b->placement);
	if (!order)
		order = crew_order(a, b);
	for (int i = 0; !order && i < a->nr_params && i < b->nr_params; i++) {
		const struct case_param *x = &a->params[i], *y = &b->params[i];

		order = strcmp(x->name, y->name);
		if (!order)
			order = (x->value > y->value) - (x->value < y->value);
	}
	return order ? order : a->nr_params - b->nr_params;
}
