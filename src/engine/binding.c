// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice of nodes is a pure function of the machine. The policy is the task's
 * own (set_mempolicy(2)): it holds for page tables too, and children inherit it.
 */
#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <stdio.h>
#include <string.h>

#include "engine/binding.h"

static const struct {
	const char *name, *summary;
} kinds[NR_MEMORY_KINDS] = {
	[MEMORY_ANY] = { "", "the kernel's own choice" },
	[MEMORY_LOCAL] = { "local", "bound to the initiator's node" },
	[MEMORY_REMOTE] = { "remote", "bound to the next other node with memory" },
	[MEMORY_INTERLEAVE] = { "interleave", "interleaved over all nodes with memory" },
};

/* "local", "remote", "interleave"; "" for the kernel's own choice. */
const char *memory_kind_name(enum memory_kind kind)
{
	return kinds[kind].name;
}

/* What help says of @kind, in a line. */
const char *memory_kind_summary(enum memory_kind kind)
{
	return kinds[kind].summary;
}

/* Is @node nearer after @home than @best, counting upwards and round? */
static bool comes_before(int node, int best, int home)
{
	if (best < 0)
		return true;
	return (node > home) == (best > home) ? node < best : node > home;
}

/*
 * The nodes of @machine on which memory lies for an initiator on @cpu. 0 with
 * @binding; -ENOENT with @why where there are none.
 */
int binding_choose(enum memory_kind kind, const struct machine *machine, int cpu,
		   struct binding *binding, char *why, size_t size)
{
	const struct topo_cpu *initiator = topology_find(&machine->topo, cpu);
	int home = initiator ? initiator->node : -1, next = -1;

	*binding = (struct binding){ .kind = kind };
	for (int i = 0; i < machine->nr_nodes && kind != MEMORY_ANY; i++) {
		int node = machine->nodes[i].node;

		if (!machine->nodes[i].bytes_total)
			continue;
		if (kind == MEMORY_REMOTE && node != home && comes_before(node, next, home))
			next = node;
		if (kind == MEMORY_INTERLEAVE || (kind == MEMORY_LOCAL && node == home)) {
			if (binding->nr == MAX_BOUND_NODES) {
				snprintf(why, size, "there are more than %d nodes with memory",
					 MAX_BOUND_NODES);
				return -ENOENT;
			}
			binding->node[binding->nr++] = node;
		}
	}
	if (next >= 0)
		binding->node[binding->nr++] = next;
	if (kind == MEMORY_ANY || binding->nr)
		return 0;
	if (kind == MEMORY_LOCAL)
		snprintf(why, size, "node %d, the initiator's, has no memory", home);
	else
		snprintf(why, size, "there is no other node with memory");
	return -ENOENT;
}

/* Add @node to those of @binding, which rise, unless it is there. */
void binding_add(struct binding *binding, int node)
{
	int at = binding->nr;

	for (int i = 0; i < binding->nr; i++)
		if (binding->node[i] == node)
			return;
	if (binding->nr == MAX_BOUND_NODES)
		return;
	for (; at > 0 && binding->node[at - 1] > node; at--)
		binding->node[at] = binding->node[at - 1];
	binding->node[at] = node;
	binding->nr++;
}

/*
 * May memory be bound so on @machine? 0, or -EOPNOTSUPP with @why. The kernel takes the
 * nodes that the cpuset allows, and refuses if that leaves none (mm/mempolicy.c).
 */
int binding_blocked(const struct binding *binding, const struct machine *machine,
		    char *why, size_t size)
{
	int barred = 0;

	if (!binding->nr)
		return 0;
	for (int i = 0; i < machine->nr_nodes; i++)
		for (int j = 0; j < binding->nr; j++)
			barred += machine->nodes[i].node == binding->node[j] &&
				  machine->nodes[i].barred;
	if (machine->refused.bind_memory == ENOSYS)
		snprintf(why, size, "memory cannot be bound; boot a kernel with CONFIG_NUMA");
	else if (machine->refused.bind_memory)
		snprintf(why, size, "memory cannot be bound: %s; leave the cpuset or container",
			 strerror(machine->refused.bind_memory));
	else if (barred == binding->nr)
		snprintf(why, size, "memory cannot be bound: the cpuset allows none of node %d; "
			 "leave the cpuset or container", binding->node[0]);
	else
		return 0;
	return -EOPNOTSUPP;
}

/*
 * Let the calling thread, and all that it starts, take memory from the nodes of
 * @binding only. 0; -EOPNOTSUPP with @why where that is not to be had; -ENOMEM.
 */
int binding_apply(const struct binding *binding, char *why, size_t size)
{
	int mode = binding->kind == MEMORY_INTERLEAVE ? MPOL_INTERLEAVE : MPOL_BIND;
	struct bitmask *nodes;
	int error;

	if (!binding->nr)
		return 0;
	if (numa_available() < 0) {
		snprintf(why, size, "memory cannot be bound; boot a kernel with CONFIG_NUMA");
		return -EOPNOTSUPP;
	}
	nodes = numa_allocate_nodemask();
	if (!nodes)
		return -ENOMEM;
	for (int i = 0; i < binding->nr; i++)
		numa_bitmask_setbit(nodes, binding->node[i]);
	error = set_mempolicy(mode, nodes->maskp, nodes->size + 1) ? errno : 0;
	numa_bitmask_free(nodes);
	if (!error)
		return 0;
	snprintf(why, size, "memory cannot be bound: %s; leave the cpuset or container",
		 strerror(error));
	return -EOPNOTSUPP;
}
