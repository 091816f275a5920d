/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes that a kind of binding comes to on this machine, and the memory policy that
 * makes a process and its children take memory from there.
 */
#ifndef TLBSYNC_ENGINE_BINDING_H
#define TLBSYNC_ENGINE_BINDING_H

#include <stddef.h>

#include "case/binding.h"
#include "machine/machine.h"

const char *memory_kind_name(enum memory_kind kind);
const char *memory_kind_summary(enum memory_kind kind);
int binding_choose(enum memory_kind kind, const struct machine *machine, int cpu,
		   struct binding *binding, char *why, size_t size);
void binding_add(struct binding *binding, int node);
int binding_blocked(const struct binding *binding, const struct machine *machine,
		    char *why, size_t size);
int binding_apply(const struct binding *binding, char *why, size_t size);

#endif
