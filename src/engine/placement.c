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

/* ---- who runs ops --------------------------------------------------------- */

static bool ordinary(const struct topo_cpu *cpu)
{
	return cpu->allowed && !topo_set_apart(cpu);
}

static int count(const struct topology *topo, bool (*fits)(const struct topo_cpu *cpu))
{
	int nr = 0;

	for (int i = 0; i < topo->nr_online; i++)
		nr += fits(&topo->cpus[i]);
	return nr;
}

/* How many CPUs may run ops where isolated ones are left alone, so at most so many initiators. */
int placement_room(const struct topology *topo)
{
	return count(topo, ordinary);
}

/* How many nodes have such a CPU. */
int placement_nodes(const struct topology *topo)
{
	int nr = 0;

	for (int i = 0; i < topo->nr_online; i++) {
		bool first = ordinary(&topo->cpus[i]);

		for (int j = 0; j < i; j++)
			first &= !ordinary(&topo->cpus[j]) ||
				 topo->cpus[j].node != topo->cpus[i].node;
		nr += first;
	}
	return nr;
}

/* A machine under way: its initiators by rising CPU number, and what they have got. */
struct deal {
	const struct topology *topo;
	struct roles *roles;
	bool *taken;			/* by CPU of @topo: it is an initiator's */
	const struct topo_cpu **initiator;
	int *nr_owned;			/* responders and lazy CPUs of each initiator */
	int nr;
};

/* How many initiators of @deal are on the node, the cache and the core of @cpu. */
static void neighbours(const struct deal *deal, const struct topo_cpu *cpu, int near[3])
{
	near[0] = near[1] = near[2] = 0;
	for (int i = 0; i < deal->topo->nr_online; i++) {
		const struct topo_cpu *other = &deal->topo->cpus[i];

		if (!deal->taken[i])
			continue;
		near[0] += other->node == cpu->node;
		near[1] += other->llc == cpu->llc;
		near[2] += other->core == cpu->core;
	}
}

/* The next CPU to deal an initiator to: nodes first, then caches, then cores. -1: none. */
static int next_initiator(const struct deal *deal, bool (*fits)(const struct topo_cpu *cpu))
{
	int best = -1, least[3] = { 0 };

	for (int i = 0; i < deal->topo->nr_online; i++) {
		int near[3], at = 0;

		if (deal->taken[i] || !fits(&deal->topo->cpus[i]))
			continue;
		neighbours(deal, &deal->topo->cpus[i], near);
		while (at < 3 && near[at] == least[at])
			at++;
		if (best >= 0 && (at == 3 || near[at] > least[at]))
			continue;
		best = i;
		memcpy(least, near, sizeof(least));
	}
	return best;
}

static bool allowed(const struct topo_cpu *cpu)
{
	return cpu->allowed;
}

/* Isolated CPUs are taken only where no other is allowed, and then by one initiator. */
static int choose_initiators(struct deal *deal, int nr, char *why, size_t size)
{
	int room = count(deal->topo, ordinary);
	bool (*fits)(const struct topo_cpu *cpu) = room ? ordinary : allowed;

	if (!count(deal->topo, allowed)) {
		snprintf(why, size, "no online CPU is allowed to this process");
		return -ENOENT;
	}
	if (nr > 1 && nr > room) {
		snprintf(why, size, "%d initiators need as many CPUs that may be used; here %s %d",
			 nr, room == 1 ? "is" : "are", room);
		return -ENOENT;
	}
	for (int i = 0; i < nr; i++)
		deal->taken[next_initiator(deal, fits)] = true;
	return 0;
}

static int deal_initiators(struct deal *deal, int nr, char *why, size_t size)
{
	int error = choose_initiators(deal, nr, why, size);

	for (int i = 0; !error && i < deal->topo->nr_online; i++) {
		const struct topo_cpu *cpu = &deal->topo->cpus[i];

		if (!deal->taken[i])
			continue;
		deal->initiator[deal->nr] = cpu;
		error = roles_add_owned(deal->roles, ROLE_INITIATOR, cpu->cpu, deal->nr);
		deal->nr++;
	}
	return error;
}

/* ---- how a CPU stands to an initiator ---------------------------------------- */

typedef bool (*relation)(const struct topology *topo, const struct topo_cpu *initiator,
			 const struct topo_cpu *cpu);

static bool same_core(const struct topology *topo, const struct topo_cpu *a,
		      const struct topo_cpu *b)
{
	(void)topo;
	return a->core == b->core;
}

static bool same_llc(const struct topology *topo, const struct topo_cpu *a,
		     const struct topo_cpu *b)
{
	(void)topo;
	return a->llc == b->llc;
}

static bool same_node(const struct topology *topo, const struct topo_cpu *a,
		      const struct topo_cpu *b)
{
	(void)topo;
	return a->node == b->node;
}

static bool same_machine(const struct topology *topo, const struct topo_cpu *a,
			 const struct topo_cpu *b)
{
	(void)topo;
	return a && b;
}

/* Is @cpu on the next other node with an ordinary CPU, counting upwards and round? */
static bool next_node(const struct topology *topo, const struct topo_cpu *initiator,
		      const struct topo_cpu *cpu)
{
	const struct topo_cpu *best = NULL;
	int home = initiator->node;

	for (int i = 0; i < topo->nr_online; i++) {
		const struct topo_cpu *other = &topo->cpus[i];

		if (!ordinary(other) || other->node == home)
			continue;
		if (!best || ((other->node > home) == (best->node > home) ?
			      other->node < best->node : other->node > home))
			best = other;
	}
	return best && cpu->node == best->node;
}

static bool other_node(const struct topology *topo, const struct topo_cpu *initiator,
		       const struct topo_cpu *cpu)
{
	return !same_node(topo, initiator, cpu);
}

/* ---- who is beside them ----------------------------------------------------------- */

/* No CPU has a role beside the initiators: why not? */
static int lonely(const struct deal *deal, char *why, size_t size)
{
	int usable = count(deal->topo, topo_usable);

	if (usable > deal->nr)
		snprintf(why, size, "all other CPUs are isolated or nohz_full; list them (initiator=...) to use them");
	else if (deal->nr > 1)
		snprintf(why, size, "the %d initiators take every CPU that may be used", deal->nr);
	else
		snprintf(why, size, "only one CPU is %s; a second one is needed",
			 deal->topo->nr_online > 1 ? "allowed to this process" : "online");
	return -ENOENT;
}

/* Has the initiator @i a responder on the node of @cpu already? */
static bool has_one_there(const struct deal *deal, int i, const struct topo_cpu *cpu)
{
	const struct roles *roles = deal->roles;

	for (int j = 0; j < roles->nr[ROLE_RESPONDER]; j++)
		if (roles->owner[ROLE_RESPONDER][j] == i &&
		    topology_find(deal->topo, roles->cpu[ROLE_RESPONDER][j])->node == cpu->node)
			return true;
	return false;
}

/*
 * The initiator that @cpu is to serve: of those that it @stands to as the rule says, the
 * one that has fewest CPUs so far. -1: none. @one_a_node: it has none on that node yet.
 */
static int owner_of(const struct deal *deal, const struct topo_cpu *cpu, relation stands,
		    bool one_a_node)
{
	int best = -1;

	for (int i = 0; i < deal->nr; i++)
		if (stands(deal->topo, deal->initiator[i], cpu) &&
		    (best < 0 || deal->nr_owned[i] < deal->nr_owned[best]) &&
		    !(one_a_node && has_one_there(deal, i, cpu)))
			best = i;
	return best;
}

static int give(struct deal *deal, enum role role, const struct topo_cpu *cpu, int owner)
{
	deal->nr_owned[owner]++;
	return roles_add_owned(deal->roles, role, cpu->cpu, owner);
}

/* @role for every other ordinary CPU that @stands so to an initiator. */
static int place_related(struct deal *deal, enum role role, relation stands, bool one_a_node)
{
	int error = 0;

	for (int i = 0; !error && i < deal->topo->nr_online; i++) {
		const struct topo_cpu *cpu = &deal->topo->cpus[i];
		int owner;

		if (deal->taken[i] || !ordinary(cpu))
			continue;
		owner = owner_of(deal, cpu, stands, one_a_node);
		if (owner >= 0)
			error = give(deal, role, cpu, owner);
	}
	return error;
}

/* The same; @what they share is told where no CPU stands so. */
static int place_same(struct deal *deal, enum role role, relation stands, const char *what,
		      char *why, size_t size)
{
	int error = place_related(deal, role, stands, false);

	if (error || deal->roles->nr[role])
		return error;
	if (count(deal->topo, ordinary) <= deal->nr)
		return lonely(deal, why, size);
	if (deal->nr > 1)
		snprintf(why, size, "no other CPU that may be used shares %s with an initiator", what);
	else
		snprintf(why, size, "no other CPU that may be used shares %s with CPU %d", what,
			 deal->initiator[0]->cpu);
	return -ENOENT;
}

/* Responders on other nodes than their initiator's. */
static int place_elsewhere(struct deal *deal, relation stands, bool one_a_node,
			   char *why, size_t size)
{
	int error = place_related(deal, ROLE_RESPONDER, stands, one_a_node);

	if (error || deal->roles->nr[ROLE_RESPONDER])
		return error;
	if (count(deal->topo, ordinary) <= deal->nr)
		return lonely(deal, why, size);
	snprintf(why, size, "there is no other node with a CPU that may be used");
	return -ENOENT;
}

/* ---- the rules -------------------------------------------------------------------- */

static int place_alone(struct deal *deal, char *why, size_t size)
{
	(void)deal;
	(void)why;
	(void)size;
	return 0;
}

static int place_smt(struct deal *deal, char *why, size_t size)
{
	return place_same(deal, ROLE_RESPONDER, same_core, "the core", why, size);
}

static int place_llc(struct deal *deal, char *why, size_t size)
{
	return place_same(deal, ROLE_RESPONDER, same_llc, "the last-level cache", why, size);
}

static int place_node(struct deal *deal, char *why, size_t size)
{
	return place_same(deal, ROLE_RESPONDER, same_node, "the node", why, size);
}

static int place_all(struct deal *deal, char *why, size_t size)
{
	return place_same(deal, ROLE_RESPONDER, same_machine, "the machine", why, size);
}

static int place_lazy(struct deal *deal, char *why, size_t size)
{
	return place_same(deal, ROLE_LAZY, same_machine, "the machine", why, size);
}

static int place_cross_node(struct deal *deal, char *why, size_t size)
{
	return place_elsewhere(deal, next_node, false, why, size);
}

static int place_spread(struct deal *deal, char *why, size_t size)
{
	return place_elsewhere(deal, other_node, true, why, size);
}

static int place_bystanders(struct deal *deal, char *why, size_t size)
{
	int error = 0;

	for (int i = 0; !error && i < deal->topo->nr_online; i++)
		if (!deal->taken[i] && topo_usable(&deal->topo->cpus[i]))
			error = roles_add(deal->roles, ROLE_BYSTANDER, deal->topo->cpus[i].cpu);
	if (!error && !deal->roles->nr[ROLE_BYSTANDER])
		return lonely(deal, why, size);
	return error;
}

static bool for_bystanders(const struct topo_cpu *cpu)
{
	return topo_usable(cpu) && topo_set_apart(cpu);
}

/* How many CPUs that @fit are no initiator's. */
static int count_free(const struct deal *deal, bool (*fits)(const struct topo_cpu *cpu))
{
	int nr = 0;

	for (int i = 0; i < deal->topo->nr_online; i++)
		nr += !deal->taken[i] && fits(&deal->topo->cpus[i]);
	return nr;
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
static int place_mixed(struct deal *deal, char *why, size_t size)
{
	int nr[NR_ROLES] = { [ROLE_BYSTANDER] = count_free(deal, for_bystanders) };
	int nr_ordinary = count_free(deal, ordinary), error = 0;

	if (nr_ordinary < 2 || nr_ordinary + nr[ROLE_BYSTANDER] < 3) {
		snprintf(why, size, "four roles need four CPUs that may be used, at most one isolated or nohz_full");
		return -ENOENT;
	}
	for (int i = 0; !error && i < deal->topo->nr_online; i++) {
		const struct topo_cpu *cpu = &deal->topo->cpus[i];
		enum role role = ROLE_BYSTANDER;

		if (deal->taken[i] || (!ordinary(cpu) && !for_bystanders(cpu)))
			continue;
		if (ordinary(cpu)) {
			role = scarcest(nr);
			nr[role]++;
		}
		if (role == ROLE_BYSTANDER)
			error = roles_add(deal->roles, role, cpu->cpu);
		else
			error = give(deal, role, cpu, owner_of(deal, cpu, same_machine, false));
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

static int place(const struct placement *rule, struct deal *deal, int initiators,
		 char *why, size_t size)
{
	size_t nr = (size_t)deal->topo->nr_online + 1;
	int error;

	deal->taken = calloc(nr, sizeof(*deal->taken));
	deal->initiator = calloc(nr, sizeof(*deal->initiator));
	deal->nr_owned = calloc(nr, sizeof(*deal->nr_owned));
	if (!deal->taken || !deal->initiator || !deal->nr_owned)
		return -ENOMEM;
	error = deal_initiators(deal, initiators, why, size);
	return error ? error : rule->place(deal, why, size);
}

/*
 * @initiators of them by @rule, dealt out over nodes first, then caches, then cores, and
 * the other roles beside them; a CPU that serves an initiator's mm has that one as its
 * owner. 0, to be freed with roles_free(), also after an error; -ENOENT with @why when
 * this topology cannot hold it; -ENOMEM.
 */
int placement_place(const struct placement *rule, const struct topology *topo, int initiators,
		    struct roles *roles, char *why, size_t size)
{
	struct deal deal = { .topo = topo, .roles = roles };
	int error = place(rule, &deal, initiators, why, size);

	free(deal.taken);
	free(deal.initiator);
	free(deal.nr_owned);
	return error;
}

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

/* Those that a user lists: responders and lazy CPUs are dealt out to the initiators in turn. */
static int place_listed(const struct roles *listed, struct roles *roles)
{
	int initiators = listed->nr[ROLE_INITIATOR], turn = 0, error = 0;

	for (int role = 0; role < NR_ROLES; role++)
		for (int i = 0; !error && i < listed->nr[role]; i++) {
			int owner = role == ROLE_INITIATOR ? i :
				    role == ROLE_BYSTANDER ? 0 : turn++ % initiators;

			error = roles_add_owned(roles, (enum role)role, listed->cpu[role][i],
						owner);
		}
	return error;
}

/*
 * The roles of @choice on @topo, by a rule with @initiators of them. As placement_place().
 */
int placement_apply(const struct placement_choice *choice, const struct topology *topo,
		    int initiators, struct roles *roles, char *why, size_t size)
{
	if (choice->rule)
		return placement_place(choice->rule, topo, initiators, roles, why, size);
	return place_listed(&choice->roles, roles);
}
