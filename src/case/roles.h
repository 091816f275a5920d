/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CPU does while an op runs, and which CPUs do it: see doc/METHOD.md, "Roles".
 */
#ifndef TLBSYNC_CASE_ROLES_H
#define TLBSYNC_CASE_ROLES_H

enum role {
	ROLE_INITIATOR,	/* runs ops; one or several */
	ROLE_RESPONDER,	/* spins in the mm of an initiator */
	ROLE_LAZY,	/* ran the mm, now idle */
	ROLE_BYSTANDER,	/* another process, not in mm_cpumask */
	NR_ROLES,
};

/* CPU numbers by role, rising; each CPU in one role at most. */
struct roles {
	int *cpu[NR_ROLES];
	int *owner[NR_ROLES];	/* whose mm it is about: an index of the initiators; NULL: the first's */
	int nr[NR_ROLES];
};

const char *role_name(enum role role);
int roles_add(struct roles *roles, enum role role, int cpu);
int roles_add_owned(struct roles *roles, enum role role, int cpu, int owner);
int roles_owner(const struct roles *roles, enum role role, int i);
int roles_copy(struct roles *to, const struct roles *from);
void roles_free(struct roles *roles);

#endif
