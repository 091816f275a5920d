// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing of workload lists; errors name the word and the nearest good one. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/plan.h"

#define MAX_NAMES	64

const struct profile run_profiles[] = {
	{ "quick", 10000000000ull, .core_only = true, .placements = "alone,all" },
	{ "default", 60000000000ull, .placements = "alone,all" },
	{ "full", 600000000000ull, .variants = true,
	  .placements = "alone,smt,llc,node,cross-node,spread,all,lazy,bystanders,mixed,"
			"alone@remote,alone@interleave" },
	{ .name = NULL },
};

/* The at'th profile's name, NULL behind the last. */
const char *profile_name(int at)
{
	return run_profiles[at].name;
}

/* Values of a workload's parameters; bit i of @given: the user chose value[i]. */
struct param_choice {
	uint64_t value[WORKLOAD_MAX_PARAMS];
	unsigned int given;
};

/*
 * A whole number with an optional binary suffix K, M or G. 0; -EINVAL when it is
 * something else; -ERANGE when it is too large.
 */
int parse_number(const char *text, uint64_t *value)
{
	unsigned int shift = 0;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno)
		return -ERANGE;
	if (*end)
		switch (toupper((unsigned char)*end++)) {
		case 'K':
			shift = 10;
			break;
		case 'M':
			shift = 20;
			break;
		case 'G':
			shift = 30;
			break;
		default:
			return -EINVAL;
		}
	if (*end)
		return -EINVAL;
	if (*value > UINT64_MAX >> shift)
		return -ERANGE;
	*value <<= shift;
	return 0;
}

static int unknown_workload(const char *word, char *why, size_t size)
{
	const char *names[MAX_NAMES] = { NULL };

	for (int i = 0; workloads[i] && i < MAX_NAMES - 1; i++)
		names[i] = workloads[i]->name;
	cmd_unknown("workload", word, names, why, size);
	return -EINVAL;
}

static int add_case(struct plan *plan, const struct workload *workload,
		    const uint64_t *param)
{
	struct case_plan *cases = realloc(plan->cases, (plan->nr + 1) * sizeof(*cases));

	if (!cases)
		return -ENOMEM;
	plan->cases = cases;
	memset(&cases[plan->nr], 0, sizeof(*cases));
	cases[plan->nr].workload = workload;
	memcpy(cases[plan->nr].param, param, sizeof(cases->param));
	plan->nr++;
	return 0;
}

/* The standard values of the parameters that were not given, one case each. */
static int expand(struct plan *plan, const struct workload *workload,
		  const struct profile *profile, struct param_choice *choice, int at)
{
	const struct workload_param *def = &workload->params[at];
	int error = 0;

	if (at == workload_nr_params(workload))
		return add_case(plan, workload, choice->value);
	if (choice->given & 1u << at)
		return expand(plan, workload, profile, choice, at + 1);
	for (int i = 0; !error && i < (profile->variants ? def->nr_standard : 1); i++) {
		choice->value[at] = def->standard[i];
		error = expand(plan, workload, profile, choice, at + 1);
	}
	return error;
}

/* "size=64K" of @workload into @choice. */
static int parse_param(const struct workload *workload, char *text,
		       struct param_choice *choice, char *why, size_t size)
{
	const char *names[WORKLOAD_MAX_PARAMS + 1] = { NULL };
	char *value = strchr(text, '=');
	int nr = workload_nr_params(workload), at = 0;
	const struct workload_param *def;
	uint64_t *chosen;

	if (value)
		*value++ = '\0';
	for (int i = 0; i < nr; i++)
		names[i] = workload->params[i].name;
	while (at < nr && strcmp(names[at], text))
		at++;
	if (at == nr) {
		cmd_unknown("parameter", text, names, why, size);
		return -EINVAL;
	}
	def = &workload->params[at];
	chosen = &choice->value[at];
	if (!value || parse_number(value, chosen) || *chosen < def->min ||
	    *chosen > def->max || *chosen % def->multiple) {
		snprintf(why, size, "%s:%s takes %llu to %llu in multiples of %llu, not '%s'",
			 workload->name, text, (unsigned long long)def->min,
			 (unsigned long long)def->max, (unsigned long long)def->multiple,
			 value ? value : "");
		return -EINVAL;
	}
	choice->given |= 1u << at;
	return 0;
}

/* "munmap:size=64K" */
static int parse_workload(struct plan *plan, const struct profile *profile, char *text,
			  char *why, size_t size)
{
	struct param_choice choice = { 0 };
	const struct workload *workload;
	char *save, *word = strtok_r(text, ":", &save);
	int error;

	workload = workload_find(word ? word : "");
	if (!workload)
		return unknown_workload(word ? word : "", why, size);
	while ((word = strtok_r(NULL, ":", &save))) {
		error = parse_param(workload, word, &choice, why, size);
		if (error)
			return error;
	}
	return expand(plan, workload, profile, &choice, 0);
}

static int all_workloads(struct plan *plan, const struct profile *profile)
{
	int error = 0;

	for (int i = 0; !error && workloads[i]; i++) {
		struct param_choice choice = { 0 };

		if (workloads[i]->core || !profile->core_only)
			error = expand(plan, workloads[i], profile, &choice, 0);
	}
	return error;
}

static int parse_workloads(const char *list, const struct profile *profile,
			   struct plan *plan, char *why, size_t size)
{
	char *copy, *save, *word;
	int error = 0;

	if (!list)
		return all_workloads(plan, profile);
	copy = strdup(list);
	if (!copy)
		return -ENOMEM;
	for (word = strtok_r(copy, ",", &save); !error && word;
	     word = strtok_r(NULL, ",", &save))
		error = parse_workload(plan, profile, word, why, size);
	free(copy);
	if (!error && !plan->nr)
		return unknown_workload(list, why, size);
	return error;
}

static const struct profile *find_profile(const char *name, char *why, size_t size)
{
	const char *names[sizeof(run_profiles) / sizeof(run_profiles[0])] = { NULL };

	for (int i = 0; run_profiles[i].name; i++) {
		if (!strcmp(run_profiles[i].name, name))
			return &run_profiles[i];
		names[i] = run_profiles[i].name;
	}
	cmd_unknown("profile", name, names, why, size);
	return NULL;
}

/* Each case at each placement, and its share of the profile's time. */
static int cross(struct plan *plan, uint64_t ops, uint64_t budget_ns)
{
	int nr = plan->choices.nr;
	struct case_plan *cases = calloc((size_t)plan->nr * nr, sizeof(*cases));

	if (!cases)
		return -ENOMEM;
	for (int i = 0; i < plan->nr * nr; i++) {
		cases[i] = plan->cases[i / nr];
		cases[i].placement = &plan->choices.choice[i % nr];
		cases[i].ops = ops;
		cases[i].budget_ns = budget_ns / (plan->nr * nr);
	}
	free(plan->cases);
	plan->cases = cases;
	plan->nr *= nr;
	return 0;
}

/*
 * Build the plan for @selection. 0, to be freed with plan_free(); -EINVAL with
 * @why for what cannot be understood; -ENOMEM.
 */
int plan_build(const struct selection *selection, struct plan *plan,
	       char *why, size_t size)
{
	const struct profile *profile = find_profile(selection->profile, why, size);
	int error;

	memset(plan, 0, sizeof(*plan));
	if (!profile)
		return -EINVAL;
	error = parse_workloads(selection->workloads, profile, plan, why, size);
	if (!error)
		error = choices_parse(selection->placements ? selection->placements :
				      profile->placements, &plan->choices, why, size);
	if (!error)
		error = cross(plan, selection->ops, profile->budget_ns);
	if (error)
		plan_free(plan);
	return error;
}

/* How many cases @profile holds by itself; -ENOMEM. */
int profile_cases(const struct profile *profile)
{
	const struct selection selection = { .profile = profile->name };
	struct plan plan;
	char why[8];
	int nr;

	if (plan_build(&selection, &plan, why, sizeof(why)))
		return -ENOMEM;
	nr = plan.nr;
	plan_free(&plan);
	return nr;
}

/* Free what plan_build() made. */
void plan_free(struct plan *plan)
{
	choices_free(&plan->choices);
	free(plan->cases);
	plan->cases = NULL;
	plan->nr = 0;
}
