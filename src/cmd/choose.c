// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "alone@remote,initiator=0,responder=2-5,7,lazy=6,all" is three placements: the
 * comma parts them as well as the CPUs of one. A word with '=' or with a digit at
 * its start goes on with the list of roles under way; initiator= begins one.
 * Everything that the text alone can tell is checked here.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/choose.h"
#include "cmd/cmd.h"
#include "engine/bench.h"
#include "machine/cpulist.h"

#define MAX_CHOICES	256
#define MAX_WORDS	32

/* A list of roles under way: each CPU's role, 0 for none yet, else role + 1. */
struct draft {
	bool open;
	enum role role;			/* of the words that hold CPUs only */
	enum memory_kind memory;	/* once it is there, the list is at its end */
	unsigned char of_cpu[CPULIST_MAX_CPUS];
};

struct parser {
	struct choices *choices;
	struct draft draft;
	char *why;
	size_t size;
};

static __attribute__((format(printf, 2, 3)))
int refuse(struct parser *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->why, p->size, format, args);
	va_end(args);
	return -EINVAL;
}

static int add_choice(struct parser *p, const struct placement_choice *choice)
{
	struct choices *choices = p->choices;
	struct placement_choice *grown;

	if (choices->nr == MAX_CHOICES)
		return refuse(p, "more than %d placements", MAX_CHOICES);
	grown = realloc(choices->choice, (choices->nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	choices->choice = grown;
	grown[choices->nr++] = *choice;
	return 0;
}

/* Cut "@remote" off @word. 0 with @memory, MEMORY_ANY if there is none. */
static int parse_memory(struct parser *p, char *word, enum memory_kind *memory)
{
	const char *names[NR_MEMORY_KINDS] = { NULL };
	char *at = strchr(word, '@');

	*memory = MEMORY_ANY;
	if (!at)
		return 0;
	*at++ = '\0';
	for (int kind = MEMORY_LOCAL; kind < NR_MEMORY_KINDS; kind++) {
		names[kind - MEMORY_LOCAL] = memory_kind_name(kind);
		if (!strcmp(at, memory_kind_name(kind)))
			*memory = kind;
	}
	if (*memory != MEMORY_ANY)
		return 0;
	cmd_unknown("memory", at, names, p->why, p->size);
	return -EINVAL;
}

/* ---- rules ------------------------------------------------------------------ */

static int parse_rule(struct parser *p, char *word)
{
	struct placement_choice choice = { 0 };
	const char *names[MAX_WORDS] = { NULL };
	int error = parse_memory(p, word, &choice.memory);

	if (error)
		return error;
	choice.rule = placement_find(word);
	for (int i = 0; placements[i] && i < MAX_WORDS - 1; i++)
		names[i] = placements[i]->name;
	if (!choice.rule) {
		cmd_unknown("placement", word, names, p->why, p->size);
		return -EINVAL;
	}
	snprintf(choice.name, sizeof(choice.name), "%s%s%s", word,
		 choice.memory ? "@" : "", memory_kind_name(choice.memory));
	return add_choice(p, &choice);
}

/* ---- lists of roles ---------------------------------------------------------- */

static int roles_of(const struct draft *draft, struct roles *roles)
{
	int error = 0;

	for (int cpu = 0; !error && cpu < CPULIST_MAX_CPUS; cpu++)
		if (draft->of_cpu[cpu])
			error = roles_add(roles, draft->of_cpu[cpu] - 1, cpu);
	return error;
}

/* The canonical text; returns its length, however much of it fits the name. */
static size_t name_roles(struct placement_choice *choice)
{
	size_t size = sizeof(choice->name), used = 0;

	for (int role = 0; role < NR_ROLES; role++) {
		if (!choice->roles.nr[role] || used >= size)
			continue;
		used += snprintf(choice->name + used, size - used, "%s%s=",
				 used ? "," : "", role_name(role));
		if (used < size)
			used += cpulist_print(choice->name + used, size - used,
					      choice->roles.cpu[role],
					      choice->roles.nr[role]);
	}
	if (choice->memory && used < size)
		used += snprintf(choice->name + used, size - used, "@%s",
				 memory_kind_name(choice->memory));
	return used;
}

/* The list under way, if any, is complete. */
static int close_draft(struct parser *p)
{
	struct placement_choice choice = { .memory = p->draft.memory };
	int error, nr_initiators;

	if (!p->draft.open)
		return 0;
	error = roles_of(&p->draft, &choice.roles);
	nr_initiators = choice.roles.nr[ROLE_INITIATOR];
	memset(&p->draft, 0, sizeof(p->draft));
	if (!error && nr_initiators > MAX_INITIATORS)
		error = refuse(p, "a placement has at most %d initiators", MAX_INITIATORS);
	if (!error && name_roles(&choice) >= sizeof(choice.name))
		error = refuse(p, "the placement '%.40s...' is longer than %d letters",
			       choice.name, PLACEMENT_NAME_SIZE - 1);
	if (!error)
		error = add_choice(p, &choice);
	if (error)
		roles_free(&choice.roles);
	return error;
}

/* "2-5" for the role under way. */
static int parse_cpus(struct parser *p, const char *text)
{
	struct draft *draft = &p->draft;
	int first, last;

	if (!cpulist_range(text, &first, &last))
		return refuse(p, "'%s' is no CPU list like 0,2-5 (CPUs 0 to %d)", text,
			      CPULIST_MAX_CPUS - 1);
	for (int cpu = first; cpu <= last; cpu++) {
		if (draft->of_cpu[cpu])
			return refuse(p, "CPU %d is given twice in one placement", cpu);
		draft->of_cpu[cpu] = draft->role + 1;
	}
	return 0;
}

static int parse_role(struct parser *p, const char *word)
{
	const char *names[NR_ROLES + 1] = { NULL };

	for (int role = 0; role < NR_ROLES; role++) {
		names[role] = role_name(role);
		if (strcmp(word, names[role]))
			continue;
		p->draft.role = role;
		return 0;
	}
	cmd_unknown("role", word, names, p->why, p->size);
	return -EINVAL;
}

/* "responder=2-5", or "7" that goes on with it. */
static int parse_listed(struct parser *p, char *word)
{
	enum memory_kind memory;
	char *value = strchr(word, '=');
	int error;

	if (value)
		*value++ = '\0';
	if (value && !strcmp(word, role_name(ROLE_INITIATOR))) {
		error = close_draft(p);
		if (error)
			return error;
		p->draft.open = true;
	}
	if (value) {
		error = parse_role(p, word);
		if (error)
			return error;
	}
	if (!p->draft.open)
		return refuse(p, "'%s%s%s' belongs to no initiator: a list starts with initiator=CPU",
			      word, value ? "=" : "", value ? value : "");
	if (p->draft.memory)
		return refuse(p, "'@%s' belongs at the end of the placement",
			      memory_kind_name(p->draft.memory));
	word = value ? value : word;
	error = parse_memory(p, word, &memory);
	p->draft.memory = memory;
	return error ? error : parse_cpus(p, word);
}

static int parse_word(struct parser *p, char *word)
{
	int error;

	if (strchr(word, '=') || isdigit((unsigned char)word[0]))
		return parse_listed(p, word);
	error = close_draft(p);
	return error ? error : parse_rule(p, word);
}

/*
 * The placements of @text, in its order. 0, to be freed with choices_free();
 * -EINVAL with @why for what cannot be understood; -ENOMEM.
 */
int choices_parse(const char *text, struct choices *choices, char *why, size_t size)
{
	struct parser p = { .choices = choices, .why = why, .size = size };
	char *copy = strdup(text), *save, *word;
	int error = copy ? 0 : -ENOMEM;

	*choices = (struct choices){ 0 };
	for (word = copy ? strtok_r(copy, ",", &save) : NULL; !error && word;
	     word = strtok_r(NULL, ",", &save))
		error = parse_word(&p, word);
	free(copy);
	if (!error)
		error = close_draft(&p);
	if (!error && !choices->nr)
		error = refuse(&p, "unknown placement '%s' (see tlbsync list)", text);
	if (error)
		choices_free(choices);
	return error;
}

/* placement_check() of each: 0, or -EINVAL with @why naming the first bad CPU. */
int choices_check(const struct choices *choices, const struct topology *topo,
		  char *why, size_t size)
{
	int error = 0;

	for (int i = 0; !error && i < choices->nr; i++)
		error = placement_check(&choices->choice[i], topo, why, size);
	return error;
}

/* The at'th rule's name, NULL behind the last. */
const char *choices_rule_name(int at)
{
	return placements[at] ? placements[at]->name : NULL;
}

/* Free what choices_parse() made. */
void choices_free(struct choices *choices)
{
	for (int i = 0; i < choices->nr; i++)
		roles_free(&choices->choice[i].roles);
	free(choices->choice);
	*choices = (struct choices){ 0 };
}
