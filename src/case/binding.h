/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the memory of a case lies: a kind of binding, and the nodes that it came to.
 */
#ifndef TLBSYNC_CASE_BINDING_H
#define TLBSYNC_CASE_BINDING_H

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

#endif
