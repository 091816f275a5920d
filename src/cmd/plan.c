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

/* Room for one more case at the end of @plan; NULL without memory. */
static struct case_plan *new_case(struct plan *plan)
{
	struct case_plan *cases = realloc(plan->cases, (plan->nr + 1) * sizeof(*cases));

	if (!cases)
		return NULL;
	plan->cases = cases;
	memset(&cases[plan->nr], 0, sizeof(*cases));
	return &cases[plan->nr++];
}

static int add_case(struct plan *plan, const struct workload *workload,
		    const uint64_t *param)
{
	struct case_plan *new = new_case(plan);

	if (!new)
		return -ENOMEM;
	new->nr_members = 1;
	new->member[0].workload = workload;
	memcpy(new->member[0].param, param, sizeof(new->member[0].param));
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

/* "munmap:size=64K" into *@workload and @choice. */
static int parse_member(char *text, const struct workload **workload,
			struct param_choice *choice, char *why, size_t size)
{
	char *save, *word = strtok_r(text, ":", &save);
	int error = 0;

	*choice = (struct param_choice){ 0 };
	*workload = workload_find(word ? word : "");
	if (!*workload)
		return unknown_workload(word ? word : "", why, size);
	while (!error && (word = strtok_r(NULL, ":", &save)))
		error = parse_param(*workload, word, choice, why, size);
	return error;
}

/* A parameter that was not given has its first standard value in a mix. */
static int add_member(struct case_plan *mix, const struct workload *workload,
		      const struct param_choice *choice, char *why, size_t size)
{
	struct case_member *member = &mix->member[mix->nr_members];
	int nr_params = workload_nr_params(workload);

	if (mix->nr_members == MAX_MEMBERS) {
		snprintf(why, size, "a mix has at most %d workloads", MAX_MEMBERS);
		return -EINVAL;
	}
	for (int i = 0; i < mix->nr_members; i++) {
		nr_params += workload_nr_params(mix->member[i].workload);
		if (mix->member[i].workload != workload)
			continue;
		snprintf(why, size, "%s is named twice in one mix", workload->name);
		return -EINVAL;
	}
	if (nr_params > MAX_PARAMS) {
		snprintf(why, size, "the workloads of a mix have more than %d parameters", MAX_PARAMS);
		return -EINVAL;
	}
	member->workload = workload;
	for (int i = 0; i < workload_nr_params(workload); i++)
		member->param[i] = choice->given & 1u << i ? choice->value[i] :
				   workload->params[i].standard[0];
	mix->nr_members++;
	return 0;
}

/* "munmap+collapse-madvise:regions=2" */
static int parse_mix(struct plan *plan, char *text, char *why, size_t size)
{
	struct case_plan *mix = new_case(plan);
	const struct workload *workload;
	struct param_choice choice;
	char *save, *word;
	int error = mix ? 0 : -ENOMEM;

	for (word = strtok_r(text, "+", &save); !error && word; word = strtok_r(NULL, "+", &save)) {
		error = parse_member(word, &workload, &choice, why, size);
		if (!error)
			error = add_member(mix, workload, &choice, why, size);
	}
	if (!error && mix->nr_members < 2) {
		snprintf(why, size, "a mix names two workloads or more, with '+' between them");
		error = -EINVAL;
	}
	return error;
}

/* One of the list: a workload, or a mix of them. */
static int parse_workload(struct plan *plan, const struct profile *profile, char *text,
			  char *why, size_t size)
{
	struct param_choice choice;
	const struct workload *workload;
	int error;

	if (strchr(text, '+'))
		return parse_mix(plan, text, why, size);
	error = parse_member(text, &workload, &choice, why, size);
	return error ? error : expand(plan, workload, profile, &choice, 0);
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

/* ---- initiators ----------------------------------------------------------------------------- */

#define MAX_COUNTS	32
#define EACH_NODE	-1	/* in place of a number: known once the machine is */
#define EACH_CPU	-2

/* How many initiators, and what they are: a case for each. */
struct crews {
	int count[MAX_COUNTS];
	int nr;				/* 0: not said */
	enum crew_as as[2];
	int nr_as;
};

static int parse_count(struct crews *crews, const char *word, char *why, size_t size)
{
	uint64_t number;
	int count;

	if (!strcmp(word, "nodes"))
		count = EACH_NODE;
	else if (!strcmp(word, "all"))
		count = EACH_CPU;
	else if (!parse_number(word, &number) && number >= 1 && number <= MAX_INITIATORS)
		count = (int)number;
	else {
		snprintf(why, size, "--initiators takes numbers from 1 to %d, nodes or all, not '%s'",
			 MAX_INITIATORS, word);
		return -EINVAL;
	}
	for (int i = 0; i < crews->nr; i++)
		if (crews->count[i] == count) {
			snprintf(why, size, "--initiators has '%s' twice", word);
			return -EINVAL;
		}
	if (crews->nr == MAX_COUNTS) {
		snprintf(why, size, "--initiators takes at most %d numbers", MAX_COUNTS);
		return -EINVAL;
	}
	crews->count[crews->nr++] = count;
	return 0;
}

static const char *const as_words[] = { "processes", "threads", NULL };

/* The at'th word that --as takes, NULL behind the last. */
const char *plan_as_name(int at)
{
	return as_words[at];
}

static int parse_as(struct crews *crews, const char *word, char *why, size_t size)
{
	for (int i = 0; as_words[i]; i++) {
		if (strcmp(word, as_words[i]))
			continue;
		for (int j = 0; j < crews->nr_as; j++)
			if ((int)crews->as[j] == i) {
				snprintf(why, size, "--as has '%s' twice", word);
				return -EINVAL;
			}
		crews->as[crews->nr_as++] = (enum crew_as)i;
		return 0;
	}
	cmd_unknown("kind of initiator", word, (const char **)as_words, why, size);
	return -EINVAL;
}

/* Each word of @list, which may be NULL, by @parse. */
static int parse_words(const char *list, struct crews *crews,
		       int (*parse)(struct crews *crews, const char *word, char *why, size_t size),
		       char *why, size_t size)
{
	char *copy = list ? strdup(list) : NULL, *save, *word;
	int error = list && !copy ? -ENOMEM : 0;

	if (list && !*list)
		error = parse(crews, "", why, size);
	for (word = copy ? strtok_r(copy, ",", &save) : NULL; !error && word;
	     word = strtok_r(NULL, ",", &save))
		error = parse(crews, word, why, size);
	free(copy);
	return error;
}

static int parse_crews(const struct selection *selection, struct crews *crews,
		       char *why, size_t size)
{
	int error;

	*crews = (struct crews){ 0 };
	error = parse_words(selection->initiators, crews, parse_count, why, size);
	if (!error)
		error = parse_words(selection->as, crews, parse_as, why, size);
	if (!error && !crews->nr_as)
		crews->nr_as = 1;	/* processes */
	return error;
}

/* A list of roles has its own initiators. */
static int check_lists(const struct choices *choices, const struct crews *crews,
		       char *why, size_t size)
{
	for (int i = 0; crews->nr && i < choices->nr; i++)
		if (!choices->choice[i].rule) {
			snprintf(why, size, "'%.80s' lists its initiators; leave out --initiators",
				 choices->choice[i].name);
			return -EINVAL;
		}
	return 0;
}

/* Each case at each placement with each crew. */
static int cross(struct plan *plan, const struct selection *selection, const struct crews *crews)
{
	int per_case = plan->choices.nr * (crews->nr ? crews->nr : 1) * crews->nr_as;
	struct case_plan *cases = calloc((size_t)plan->nr * (size_t)per_case, sizeof(*cases));

	if (!cases)
		return -ENOMEM;
	for (int i = 0; i < plan->nr * per_case; i++) {
		int at = i % per_case;

		cases[i] = plan->cases[i / per_case];
		cases[i].typed = i / per_case;
		cases[i].as = crews->as[at % crews->nr_as];
		at /= crews->nr_as;
		cases[i].initiators = crews->nr ? crews->count[at % crews->nr] :
				      cases[i].nr_members;
		cases[i].placement = &plan->choices.choice[at / (crews->nr ? crews->nr : 1)];
		cases[i].ops = selection->ops;
		cases[i].time_ns = selection->time_ns;
	}
	free(plan->cases);
	plan->cases = cases;
	plan->nr *= per_case;
	return 0;
}

/* Each case gets the same share of the profile's time. */
static void share_budget(struct plan *plan, uint64_t budget_ns)
{
	plan->budget_ns = budget_ns;
	for (int i = 0; i < plan->nr; i++)
		plan->cases[i].budget_ns = budget_ns / (uint64_t)plan->nr;
}

/* Do @a and @b, which were asked for at once, come to the same crew? */
static bool is_twin(const struct case_plan *a, const struct case_plan *b)
{
	struct case_id x, y;

	case_plan_id(a, &x);
	case_plan_id(b, &y);
	return a->typed == b->typed && a->placement == b->placement && case_id_same(&x, &y);
}

/*
 * Now that the machine is known: "nodes" and "all" become numbers, and a case that is then
 * in the plan twice, or that has one initiator both as process and as thread, is left once.
 */
void plan_settle(struct plan *plan, const struct topology *topo)
{
	int nr = 0;

	for (int i = 0; i < plan->nr; i++) {
		struct case_plan *one = &plan->cases[i];
		bool twin = false;

		if (one->initiators == EACH_NODE)
			one->initiators = placement_nodes(topo);
		else if (one->initiators == EACH_CPU)
			one->initiators = placement_room(topo);
		if (one->initiators < 1)
			one->initiators = 1;
		for (int j = 0; j < nr && !twin; j++)
			twin = is_twin(&plan->cases[j], one);
		if (!twin)
			plan->cases[nr++] = *one;
	}
	plan->nr = nr;
	share_budget(plan, plan->budget_ns);
}

/*
 * Build the plan for @selection. 0, to be freed with plan_free(); -EINVAL with
 * @why for what cannot be understood; -ENOMEM.
 */
int plan_build(const struct selection *selection, struct plan *plan,
	       char *why, size_t size)
{
	const struct profile *profile = find_profile(selection->profile, why, size);
	struct crews crews;
	int error;

	memset(plan, 0, sizeof(*plan));
	if (!profile)
		return -EINVAL;
	error = parse_workloads(selection->workloads, profile, plan, why, size);
	if (!error)
		error = choices_parse(selection->placements ? selection->placements :
				      profile->placements, &plan->choices, why, size);
	if (!error)
		error = parse_crews(selection, &crews, why, size);
	if (!error)
		error = check_lists(&plan->choices, &crews, why, size);
	if (!error)
		error = cross(plan, selection, &crews);
	if (error)
		plan_free(plan);
	else
		share_budget(plan, profile->budget_ns);
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
