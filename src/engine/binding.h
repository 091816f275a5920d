/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the memory of a case lies: nodes chosen for the initiator's, and the
 * memory policy that makes a process and its children take memory from there.
 */
#ifndef TLBSYNC_ENGINE_BINDING_H
#define TLBSYNC_ENGINE_BINDING_H

#include <stddef.h>

#include "machine/machine.h"

enum memory_kind {
	MEMORY_ANY,		/* the kernel's own choice */
	MEMORY_LOCAL,		/* the initiator's node */
	MEMORY_REMOTE,		/* the next other node with memory */
	MEMORY_INTERLEAVE,	/* all nodes with memory in turn */
	NR_MEMORY_KINDS,
};

#define MAX_BOUND_NODES	64

struct binding {
	enum memory_kind kind;
	int node[MAX_BOUND_NODES];	/* the kernel's numbers, rising */
	int nr;				/* 0: not bound */
};

const char *memory_kind_name(enum memory_kind kind);
const char *memory_kind_summary(enum memory_kind kind);
int binding_choose(enum memory_kind kind, const struct machine *machine, int cpu,
		   struct binding *binding, char *why, size_t size);
int binding_apply(const struct binding *binding, char *why, size_t size);

#endif
