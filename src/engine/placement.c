// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The placements there are, and the lists of CPUs that they fill. CPUs that were
 * set apart at boot (isolated, nohz_full) are for bystanders: an actor that shares
 * the mm there would break the peace that they are there to show.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/placement.h"

/* ---- which CPUs a rule may take ------------------------------------------- */

static bool ordinary(const struct topo_cpu *cpu)
{
	return cpu->allowed && !topo_set_apart(cpu);
}

/* The first ordinary CPU; else the first allowed one; NULL if there is none. */
static const struct topo_cpu *first_cpu(const struct topology *topo)
{
	for (int i = 0; i < topo->nr_online; i++)
		if (ordinary(&topo->cpus[i]))
			return &topo->cpus[i];
	for (int i = 0; i < topo->nr_online; i++)
		if (topo->cpus[i].allowed)
			return &topo->cpus[i];
	return NULL;
}

static int count(const struct topology *topo, bool (*fits)(const struct topo_cpu *cpu))
{
	const struct topo_cpu *initiator = first_cpu(topo);
	int nr = 0;

	for (int i = 0; i < topo->nr_online; i++)
		nr += &topo->cpus[i] != initiator && fits(&topo->cpus[i]);
	return nr;
}

/* Every rule starts like this; *@initiator is where. */
static int place_initiator(const struct topology *topo, struct roles *roles,
			   const struct topo_cpu **initiator, char *why, size_t size)
{
	*initiator = first_cpu(topo);
	if (*initiator)
		return roles_add(roles, ROLE_INITIATOR, (*initiator)->cpu);
	snprintf(why, size, "no online CPU is allowed to this process");
	return -ENOENT;
}

/* Nobody can be placed beside the initiator: why not? */
static int lonely(const struct topology *topo, char *why, size_t size)
{
	if (count(topo, topo_usable))
		snprintf(why, size, "all other CPUs are isolated or nohz_full; list them (initiator=...) to use them");
	else
		snprintf(why, size, "only one CPU is %s; a second one is needed",
			 topo->nr_online > 1 ? "allowed to this process" : "online");
	return -ENOENT;
}

/* ---- responders where the topology says so -------------------------------- */

typedef bool (*same_fn)(const struct topo_cpu *a, const struct topo_cpu *b);

static bool same_core(const struct topo_cpu *a, const struct topo_cpu *b)
{
	return a->core == b->core;
}

static bool same_llc(const struct topo_cpu *a, const struct topo_cpu *b)
{
	return a->llc == b->llc;
}

static bool same_node(const struct topo_cpu *a, const struct topo_cpu *b)
{
	return a->node == b->node;
}

static bool same_machine(const struct topo_cpu *a, const struct topo_cpu *b)
{
	return a && b;
}

/* @role for every other ordinary CPU that is the @same as the initiator's. */
static int place_same(const struct topology *topo, struct roles *roles, enum role role,
		      same_fn same, const char *what, char *why, size_t size)
{
	const struct topo_cpu *initiator;
	int error = place_initiator(topo, roles, &initiator, why, size);

	for (int i = 0; !error && i < topo->nr_online; i++) {
		const struct topo_cpu *cpu = &topo->cpus[i];

		if (cpu != initiator && ordinary(cpu) && same(cpu, initiator))
			error = roles_add(roles, role, cpu->cpu);
	}
	if (error || roles->nr[role])
		return error;
	if (!count(topo, ordinary))
		return lonely(topo, why, size);
	snprintf(why, size, "no other CPU that may be used shares %s with CPU %d", what,
		 initiator->cpu);
	return -ENOENT;
}

static int place_smt(const struct topology *topo, struct roles *roles, char *why, size_t size)
{
	return place_same(topo, roles, ROLE_RESPONDER, same_core, "the core", why, size);
}

static int place_llc(const struct topology *topo, struct roles *roles, char *why, size_t size)
{
	return place_same(topo, roles, ROLE_RESPONDER, same_llc, "the last-level cache",
			  why, size);
}

static int place_node(const struct topology *topo, struct roles *roles, char *why, size_t size)
{
	return place_same(topo, roles, ROLE_RESPONDER, same_node, "the node", why, size);
}

static int place_all(const struct topology *topo, struct roles *roles, char *why, size_t size)
{
	return place_same(topo, roles, ROLE_RESPONDER, same_machine, "the machine", why, size);
}

static int place_lazy(const struct topology *topo, struct roles *roles, char *why, size_t size)
{
	return place_same(topo, roles, ROLE_LAZY, same_machine, "the machine", why, size);
}

/* ---- responders on other nodes -------------------------------------------- */

/* The first ordinary CPU of the next other node, counting upwards and round. */
static const struct topo_cpu *next_node(const struct topology *topo,
					const struct topo_cpu *initiator)
{
	const struct topo_cpu *best = NULL;
	int home = initiator->node;

	for (int i = 0; i < topo->nr_online; i++) {
		const struct topo_cpu *cpu = &topo->cpus[i];

		if (!ordinary(cpu) || cpu->node == home)
			continue;
		if (!best || ((cpu->node > home) == (best->node > home) ?
			      cpu->node < best->node : cpu->node > home))
			best = cpu;
	}
	return best;
}

static bool first_of_node(const struct topology *topo, const struct topo_cpu *cpu)
{
	for (int i = 0; &topo->cpus[i] != cpu; i++)
		if (ordinary(&topo->cpus[i]) && same_node(&topo->cpus[i], cpu))
			return false;
	return true;
}

/* Responders on all CPUs of the next other node, or on the first CPU of each. */
static int place_elsewhere(const struct topology *topo, struct roles *roles, bool each,
			   char *why, size_t size)
{
	const struct topo_cpu *initiator, *next;
	int error = place_initiator(topo, roles, &initiator, why, size);

	if (error)
		return error;
	next = next_node(topo, initiator);
	if (!next && !count(topo, ordinary))
		return lonely(topo, why, size);
	if (!next) {
		snprintf(why, size, "there is no other node with a CPU that may be used");
		return -ENOENT;
	}
	for (int i = 0; !error && i < topo->nr_online; i++) {
		const struct topo_cpu *cpu = &topo->cpus[i];

		if (!ordinary(cpu) || same_node(cpu, initiator))
			continue;
		if (each ? first_of_node(topo, cpu) : same_node(cpu, next))
			error = roles_add(roles, ROLE_RESPONDER, cpu->cpu);
	}
	return error;
}

static int place_cross_node(const struct topology *topo, struct roles *roles,
			    char *why, size_t size)
{
	return place_elsewhere(topo, roles, false, why, size);
}

static int place_spread(const struct topology *topo, struct roles *roles,
			char *why, size_t size)
{
	return place_elsewhere(topo, roles, true, why, size);
}

/* ---- other roles ----------------------------------------------------------- */

static int place_alone(const struct topology *topo, struct roles *roles,
		       char *why, size_t size)
{
	const struct topo_cpu *initiator;

	return place_initiator(topo, roles, &initiator, why, size);
}

static int place_bystanders(const struct topology *topo, struct roles *roles,
			    char *why, size_t size)
{
	const struct topo_cpu *initiator;
	int error = place_initiator(topo, roles, &initiator, why, size);

	for (int i = 0; !error && i < topo->nr_online; i++)
		if (&topo->cpus[i] != initiator && topo_usable(&topo->cpus[i]))
			error = roles_add(roles, ROLE_BYSTANDER, topo->cpus[i].cpu);
	if (!error && !roles->nr[ROLE_BYSTANDER])
		return lonely(topo, why, size);
	return error;
}

static bool for_bystanders(const struct topo_cpu *cpu)
{
	return topo_usable(cpu) && topo_set_apart(cpu);
}

/* The role that has the fewest so far, in the order responder, lazy, bystander. */
static enum role scarcest(const int *nr)
{
	enum role scarce = ROLE_RESPONDER;

	for (int role = ROLE_LAZY; role < NR_ROLES; role++)
		if (nr[role] < nr[scarce])
			scarce = role;
	return scarce;
}

/* Bystanders get what was set apart; the rest is dealt out to whoever has least. */
static int place_mixed(const struct topology *topo, struct roles *roles,
		       char *why, size_t size)
{
	const struct topo_cpu *initiator;
	int error = place_initiator(topo, roles, &initiator, why, size);
	int nr[NR_ROLES] = { [ROLE_BYSTANDER] = count(topo, for_bystanders) };
	int nr_ordinary = count(topo, ordinary);

	if (error)
		return error;
	if (nr_ordinary < 2 || nr_ordinary + nr[ROLE_BYSTANDER] < 3) {
		snprintf(why, size, "four roles need four CPUs that may be used, at most one isolated or nohz_full");
		return -ENOENT;
	}
	for (int i = 0; !error && i < topo->nr_online; i++) {
		const struct topo_cpu *cpu = &topo->cpus[i];
		enum role role = ROLE_BYSTANDER;

		if (cpu == initiator || (!ordinary(cpu) && !for_bystanders(cpu)))
			continue;
		if (ordinary(cpu)) {
			role = scarcest(nr);
			nr[role]++;
		}
		error = roles_add(roles, role, cpu->cpu);
	}
	return error;
}

#define RULE(id, text, what) \
	static const struct placement id = { .name = text, .summary = what, .place = place_##id }

RULE(alone, "alone", "the initiator only; every other CPU is left to itself");
RULE(smt, "smt", "responders on the initiator's SMT siblings");
RULE(llc, "llc", "responders on the other CPUs that share its last-level cache");
RULE(node, "node", "responders on the other CPUs of its node");
RULE(cross_node, "cross-node", "responders on all CPUs of the next other node");
RULE(spread, "spread", "one responder on each other node");
RULE(all, "all", "responders spin in the same mm on every other allowed CPU");
RULE(lazy, "lazy", "every other CPU has run the mm and idles");
RULE(bystanders, "bystanders", "every other CPU runs another process; isolated ones too");
RULE(mixed, "mixed", "the other CPUs dealt out as responders, lazies and bystanders");

const struct placement *const placements[] = {
	&alone, &smt, &llc, &node, &cross_node, &spread, &all, &lazy, &bystanders, &mixed,
	NULL,
};

/* The rule called @name, or NULL. */
const struct placement *placement_find(const char *name)
{
	for (int i = 0; placements[i]; i++)
		if (!strcmp(placements[i]->name, name))
			return placements[i];
	return NULL;
}

/* ---- what a user chose ------------------------------------------------------ */

static bool is_offline(const struct topology *topo, int cpu)
{
	for (int i = 0; i < topo->nr_offline; i++)
		if (topo->offline[i] == cpu)
			return true;
	return false;
}

/*
 * Are the CPUs that @choice lists there for us? 0, as for every rule; -EINVAL with
 * @why naming the first that is not.
 */
int placement_check(const struct placement_choice *choice, const struct topology *topo,
		    char *why, size_t size)
{
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; i < choice->roles.nr[role]; i++) {
			int nr = choice->roles.cpu[role][i];
			const struct topo_cpu *cpu = topology_find(topo, nr);

			if (cpu && topo_usable(cpu))
				continue;
			if (!cpu && !is_offline(topo, nr))
				snprintf(why, size, "%s: there is no CPU %d", choice->name, nr);
			else if (!cpu)
				snprintf(why, size, "%s: CPU %d is offline (chcpu -e %d)",
					 choice->name, nr, nr);
			else
				snprintf(why, size, "%s: CPU %d is not allowed to this process (%s)",
					 choice->name, nr, cpu->in_cpuset ?
					 "taskset" : "its cpuset leaves it out");
			return -EINVAL;
		}
	return 0;
}

/*
 * The roles of @choice on @topo. 0, to be freed with roles_free(), also after an
 * error; -ENOENT with @why when this topology cannot hold it; -ENOMEM.
 */
int placement_apply(const struct placement_choice *choice, const struct topology *topo,
		    struct roles *roles, char *why, size_t size)
{
	int error = 0;

	if (choice->rule)
		return choice->rule->place(topo, roles, why, size);
	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; !error && i < choice->roles.nr[role]; i++)
			error = roles_add(roles, role, choice->roles.cpu[role][i]);
	return error;
}
