// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nodes chosen for memory, on machines that are not there, some with nodes without
 * memory or without CPUs; and on this one, whether pages really lie there.
 */
#include <errno.h>
#include <numaif.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/binding.h"

#define MAX_NODES	80
#define NR_PAGES	16

static char why[256];

/* Four CPUs on each of the nodes 0 to 3, memory where @gib says; more nodes are bare. */
static struct machine made_up(struct machine_node *nodes, const int *gib, int nr_nodes)
{
	struct machine machine = { .nodes = nodes, .nr_nodes = nr_nodes };

	assert_int_equal(topology_load_synthetic(&machine.topo, "numa:4 core:2 pu:2", NULL), 0);
	for (int i = 0; i < nr_nodes; i++)
		nodes[i] = (struct machine_node){
			.node = i, .bytes_total = (uint64_t)gib[i] << 30, .nr_cpus = i < 4 ? 4 : 0,
		};
	return machine;
}

/* @kind for an initiator on @cpu means the @nr @nodes, or none if @nr is 0. */
static void chosen(const struct machine *machine, enum memory_kind kind, int cpu,
		   const int *nodes, int nr)
{
	struct binding binding;

	assert_int_equal(binding_choose(kind, machine, cpu, &binding, why, sizeof(why)),
			 nr ? 0 : -ENOENT);
	assert_int_equal(binding.nr, nr);
	for (int i = 0; i < nr; i++)
		assert_int_equal(binding.node[i], nodes[i]);
}

static void four_nodes_with_memory_give_all_kinds(void **state)
{
	static const int gib[] = { 1, 1, 1, 1 }, node[] = { 0, 1, 2, 3 };
	struct machine_node nodes[4];
	struct machine machine = made_up(nodes, gib, 4);

	(void)state;
	for (int cpu = 0; cpu < 16; cpu++) {
		int remote = (cpu / 4 + 1) % 4;

		chosen(&machine, MEMORY_LOCAL, cpu, &node[cpu / 4], 1);
		chosen(&machine, MEMORY_REMOTE, cpu, &remote, 1);
		chosen(&machine, MEMORY_INTERLEAVE, cpu, node, 4);
	}
	topology_free(&machine.topo);
}

static void nodes_without_memory_are_passed_over(void **state)
{
	static const int gib[] = { 0, 1, 0, 1 }, with[] = { 1, 3 };
	struct machine_node nodes[4];
	struct machine machine = made_up(nodes, gib, 4);

	(void)state;
	chosen(&machine, MEMORY_LOCAL, 0, NULL, 0);
	assert_string_equal(why, "node 0, the initiator's, has no memory");
	chosen(&machine, MEMORY_REMOTE, 0, &with[0], 1);
	chosen(&machine, MEMORY_REMOTE, 4, &with[1], 1);
	chosen(&machine, MEMORY_REMOTE, 12, &with[0], 1);
	chosen(&machine, MEMORY_INTERLEAVE, 0, with, 2);
	topology_free(&machine.topo);
}

static void a_node_without_cpus_has_memory_like_others(void **state)
{
	static const int gib[] = { 1, 0, 0, 0, 8 }, with[] = { 0, 4 };
	struct machine_node nodes[5];
	struct machine machine = made_up(nodes, gib, 5);

	(void)state;
	chosen(&machine, MEMORY_REMOTE, 0, &with[1], 1);
	chosen(&machine, MEMORY_INTERLEAVE, 0, with, 2);
	topology_free(&machine.topo);
}

static void one_node_with_memory_has_no_remote_one(void **state)
{
	static const int gib[] = { 1, 0, 0, 0 }, first = 0;
	struct machine_node nodes[4];
	struct machine machine = made_up(nodes, gib, 4);

	(void)state;
	chosen(&machine, MEMORY_LOCAL, 0, &first, 1);
	chosen(&machine, MEMORY_INTERLEAVE, 0, &first, 1);
	chosen(&machine, MEMORY_REMOTE, 0, NULL, 0);
	assert_string_equal(why, "there is no other node with memory");
	topology_free(&machine.topo);
}

static void more_nodes_than_there_is_room_for_are_refused(void **state)
{
	struct machine_node nodes[MAX_NODES];
	struct machine machine;
	struct binding binding;
	int gib[MAX_NODES];

	(void)state;
	for (int i = 0; i < MAX_NODES; i++)
		gib[i] = 1;
	machine = made_up(nodes, gib, MAX_NODES);
	assert_int_equal(binding_choose(MEMORY_INTERLEAVE, &machine, 0, &binding, why,
					sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "more than 64 nodes"));
	topology_free(&machine.topo);
}

/* In a child, whose policy goes with it: 0 if fresh pages lie on nodes of @binding. */
static int touch(const struct binding *binding)
{
	size_t size = NR_PAGES * 4096;
	int at[NR_PAGES], seen = 0;
	char *memory;

	if (binding_apply(binding, why, sizeof(why)))
		return 77;
	if (fork()) {	/* a grandchild looks: it inherits the policy */
		int status;

		return wait(&status) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || madvise(memory, size, MADV_NOHUGEPAGE))
		_exit(2);
	memset(memory, 1, size);
	for (int i = 0; i < NR_PAGES; i++) {
		int node = 0;

		if (get_mempolicy(&at[i], NULL, 0, memory + i * 4096, MPOL_F_NODE | MPOL_F_ADDR))
			_exit(5);
		while (node < binding->nr && binding->node[node] != at[i])
			node++;
		if (node == binding->nr)
			_exit(3);
		seen |= 1 << node;
	}
	printf("# %s: first pages on nodes %d %d %d %d\n", memory_kind_name(binding->kind),
	       at[0], at[1], at[2], at[3]);
	fflush(stdout);
	_exit(seen == (1 << binding->nr) - 1 ? 0 : 4);
}

static void memory_lies_where_it_is_bound(void **state)
{
	struct machine machine;
	struct binding binding;
	int status, tried = 0;

	(void)state;
	assert_int_equal(machine_load(&machine), 0);
	for (int kind = MEMORY_LOCAL; kind < NR_MEMORY_KINDS; kind++) {
		pid_t pid;

		if (binding_choose(kind, &machine, machine.topo.cpus[0].cpu, &binding, why,
				   sizeof(why)))
			continue;
		pid = fork();
		if (!pid)
			_exit(touch(&binding));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 77)	/* a container forbids it */
			continue;
		assert_int_equal(WEXITSTATUS(status), 0);
		tried++;
	}
	machine_free(&machine);
	if (!tried)
		skip();
}

static void what_is_not_bound_is_left_alone(void **state)
{
	const struct binding none = { .kind = MEMORY_ANY };
	int before = -1, after = -1;

	(void)state;
	if (get_mempolicy(&before, NULL, 0, NULL, 0))
		skip();
	assert_int_equal(binding_apply(&none, why, sizeof(why)), 0);
	assert_int_equal(get_mempolicy(&after, NULL, 0, NULL, 0), 0);
	assert_int_equal(before, after);
}

static void nodes_that_are_not_there_cannot_be_bound(void **state)
{
	const struct binding none = { .kind = MEMORY_LOCAL, .node = { 900 }, .nr = 1 };

	(void)state;
	assert_int_equal(binding_apply(&none, why, sizeof(why)), -EOPNOTSUPP);
	assert_non_null(strstr(why, "memory cannot be bound"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_nodes_with_memory_give_all_kinds),
		cmocka_unit_test(nodes_without_memory_are_passed_over),
		cmocka_unit_test(a_node_without_cpus_has_memory_like_others),
		cmocka_unit_test(one_node_with_memory_has_no_remote_one),
		cmocka_unit_test(more_nodes_than_there_is_room_for_are_refused),
		cmocka_unit_test(memory_lies_where_it_is_bound),
		cmocka_unit_test(what_is_not_bound_is_left_alone),
		cmocka_unit_test(nodes_that_are_not_there_cannot_be_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
