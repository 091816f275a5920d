// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A workload may gain a parameter from one version to the next. Records from before lack
 * it, and were measured with what is now its standard value: they are of the same case.
 */
#include "case/case-id.h"

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

/*
 * Are @a and @b the same case: workload, placement and parameters? A parameter that only
 * one of them has must be at its standard value.
 */
bool case_id_same(const struct case_id *a, const struct case_id *b)
{
	return !strcmp(a->workload, b->workload) && !strcmp(a->placement, b->placement) &&
	       agrees(a, b) && agrees(b, a);
}

/* For sorting: by workload, placement, then parameters; 0 only where all are equal. */
int case_id_order(const struct case_id *a, const struct case_id *b)
{
	int order = strcmp(a->workload, b->workload);

	if (!order)
		order = strcmp(a->placement, b->placement);
	for (int i = 0; !order && i < a->nr_params && i < b->nr_params; i++) {
		const struct case_param *x = &a->params[i], *y = &b->params[i];

		order = strcmp(x->name, y->name);
		if (!order)
			order = (x->value > y->value) - (x->value < y->value);
	}
	return order ? order : a->nr_params - b->nr_params;
}
