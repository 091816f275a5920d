// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands in the way, told from facts of machines that are not there: as root, without
 * privilege, in a container, on kernels that lack something. What the facts are here is
 * asked too, and asking changes nothing.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/can-run.h"
#include "machine/machine.h"
#include "workloads/memory.h"
#include "workloads/workload.h"

static struct machine machine;
static struct machine_node nodes[3];
static struct topo_cpu cpu = { .cpu = 0, .allowed = true };
static char why[256];

/* A machine on which root may do everything. */
static int boot(void **state)
{
	(void)state;
	memset(nodes, 0, sizeof(nodes));
	for (int i = 0; i < 3; i++)
		nodes[i] = (struct machine_node){ .node = i, .bytes_total = SIZE_1G };
	machine = (struct machine){
		.topo = { .cpus = &cpu, .nr_online = 1, .nr_possible = 1 },
		.nodes = nodes, .nr_nodes = 2,
		.kernel = { .release = "7.2.1", .flush = FLUSH_NATIVE },
		.thp_enabled = "madvise", .shmem_thp = "never", .khugepaged = true,
		.hugetlb_2m = true, .mem_available = 16 * SIZE_1G,
	};
	return 0;
}

/* The case of @name at first values with its first parameter @param (0: that too), @kind. */
static int ask(const char *name, uint64_t param, enum memory_kind kind)
{
	const struct placement_choice alone = {
		.name = "alone", .rule = placement_find("alone"), .memory = kind,
	};
	struct case_plan plan = {
		.member = { { .workload = workload_find(name) } }, .nr_members = 1,
		.initiators = 1, .placement = &alone,
	};
	struct case_member *member = &plan.member[0];
	struct roles roles = { 0 };
	struct binding memory;
	int error;

	assert_non_null(member->workload);
	for (int i = 0; i < workload_nr_params(member->workload); i++)
		member->param[i] = member->workload->params[i].standard[0];
	if (param)
		member->param[0] = param;
	why[0] = '\0';
	error = case_can_run(&plan, &machine, &roles, &memory, why, sizeof(why));
	roles_free(&roles);
	return error;
}

static void runs(const char *name)
{
	if (ask(name, 0, MEMORY_ANY))
		fail_msg("%s cannot run: %s", name, why);
}

/* @name cannot, for a reason that holds @words. */
static void blocked(const char *name, const char *words)
{
	assert_int_equal(ask(name, 0, MEMORY_ANY), -EOPNOTSUPP);
	if (!strstr(why, words))
		fail_msg("%s: '%s' does not say '%s'", name, why, words);
}

static void root_on_a_machine_with_everything_can_run_every_workload(void **state)
{
	(void)state;
	for (int i = 0; workloads[i]; i++)
		runs(workloads[i]->name);
}

static void a_file_of_debugfs_that_is_refused_is_not_called_absent(void **state)
{
	(void)state;
	machine.refused.gup_test = EACCES;
	blocked("gup-fast", "debugfs belongs to root; run as root");
	machine.refused.gup_test = EPERM;
	blocked("gup-fast", "locked down");
	machine.refused.gup_test = machine.refused.debugfs = ENOENT;
	blocked("gup-fast", "debugfs is not mounted; mount -t debugfs");
	machine.refused.debugfs = ENODEV;
	blocked("gup-fast", "this kernel has no debugfs; boot one with CONFIG_DEBUG_FS");
	machine.refused.debugfs = 0;
	blocked("gup-fast", "this kernel has no gup_test; boot one with CONFIG_GUP_TEST");
	machine.refused.gup_test = 0;
	runs("gup-fast");
}

static void a_kernel_without_fault_injection_is_known_without_root(void **state)
{
	(void)state;
	machine.refused.inject_faults = ENOENT;
	machine.refused.fail_alloc = EACCES;
	machine.refused.cap_sys_resource = EPERM;
	blocked("munmap-fallback", "boot one with CONFIG_FAIL_PAGE_ALLOC");
	machine.refused.inject_faults = 0;
	blocked("munmap-fallback", "debugfs belongs to root; run as root");
	machine.refused.fail_alloc = ENOENT;
	blocked("munmap-fallback", "boot one with CONFIG_FAIL_PAGE_ALLOC");
	machine.refused.fail_alloc = 0;
	blocked("munmap-fallback", "CAP_SYS_RESOURCE");
}

static void a_kernel_that_never_syncs_for_one_table_has_no_fallback(void **state)
{
	(void)state;
	machine.kernel.pt_reclaim = 1;
	machine.refused.fail_alloc = EACCES;	/* root would not help */
	blocked("munmap-fallback", "CONFIG_PT_RECLAIM");
	machine.refused.fail_alloc = 0;
	machine.kernel.pt_reclaim = 0;
	runs("munmap-fallback");
	strcpy(machine.kernel.release, "6.12.117");
	blocked("munmap-fallback", "unless a guest flushes by KVM");
	strcpy(machine.kernel.cmdline, "quiet tlbsync_table_batches=1");
	runs("munmap-fallback");
	machine.kernel.cmdline[0] = '\0';
	machine.kernel.flush = FLUSH_KVM;
	runs("munmap-fallback");
}

static void thp_always_stops_only_those_who_cannot_change_it(void **state)
{
	(void)state;
	strcpy(machine.thp_enabled, "always");
	runs("collapse-madvise");
	machine.refused.set_thp = EACCES;
	blocked("collapse-madvise", "run as root, or write madvise to");
	machine.refused.set_thp = EROFS;
	blocked("collapse-madvise", "/sys is read-only here");
	strcpy(machine.thp_enabled, "never");
	runs("collapse-madvise");
	machine.refused.collapse = EINVAL;
	blocked("collapse-madvise", "boot Linux 6.1 or later");
	machine.thp_enabled[0] = '\0';
	blocked("collapse-madvise", "CONFIG_TRANSPARENT_HUGEPAGE");
}

static void shmem_has_a_setting_of_its_own(void **state)
{
	(void)state;
	strcpy(machine.shmem_thp, "always");
	runs("collapse-shmem");
	machine.refused.set_shmem_thp = EACCES;
	blocked("collapse-shmem", "set to 'always'; run as root, or write never to");
	strcpy(machine.shmem_thp, "advise");
	runs("collapse-shmem");
	machine.shmem_thp[0] = '\0';
	blocked("collapse-shmem", "CONFIG_SHMEM");
}

static void khugepaged_must_be_steered_and_seen(void **state)
{
	(void)state;
	machine.refused.see_khugepaged = ESRCH;
	blocked("collapse-khugepaged", "PID namespace");
	machine.refused.see_frames = EPERM;
	blocked("collapse-khugepaged", "CAP_SYS_ADMIN");
	machine.refused.set_khugepaged = EROFS;
	blocked("collapse-khugepaged", "read-only here");
	machine.refused.set_khugepaged = EACCES;
	blocked("collapse-khugepaged", "belong to root; run as root");
	machine.khugepaged = false;
	blocked("collapse-khugepaged", "no khugepaged");
}

static void a_pool_that_cannot_grow_must_hold_what_the_case_takes(void **state)
{
	(void)state;
	runs("hugetlb-fork-storm");	/* root: it is tried */
	machine.refused.set_hugepages = EACCES;
	blocked("hugetlb-unshare-munmap", "no free 2 MiB page in the pool; run as root, or write 8 to "
		"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	machine.hugepages_free = 3;
	runs("hugetlb-unshare-munmap");
	blocked("hugetlb-fork-storm", "3 of 4 2 MiB pages are free in the pool; run as root, or write 14");
	machine.hugepages_free = 4;
	runs("hugetlb-fork-storm");
	machine.hugepages_reserved = 4;	/* promised to others */
	blocked("hugetlb-unshare-munmap", "no free 2 MiB page");
	machine.refused.set_hugepages = EROFS;
	blocked("hugetlb-unshare-munmap", "cannot grow (Read-only file system)");
	machine.hugetlb_2m = false;
	blocked("hugetlb-unshare-munmap", "CONFIG_HUGETLBFS");
}

static void memory_that_is_bound_takes_the_pages_of_its_nodes(void **state)
{
	(void)state;
	machine.refused.set_hugepages = EACCES;
	machine.hugepages_free = 1;
	nodes[1].hugepages_free = 1;
	assert_int_equal(ask("hugetlb-private", 0, MEMORY_REMOTE), 0);
	assert_int_equal(ask("hugetlb-private", 0, MEMORY_LOCAL), -EOPNOTSUPP);
	assert_non_null(strstr(why, "to /sys/devices/system/node/node0/hugepages/"));
	assert_int_equal(ask("hugetlb-private", 0, MEMORY_INTERLEAVE), -EOPNOTSUPP);
	nodes[0].hugepages_free = 1;
	assert_int_equal(ask("hugetlb-private", 0, MEMORY_INTERLEAVE), 0);
}

static void memory_is_bound_only_where_the_kernel_and_the_cpuset_allow(void **state)
{
	(void)state;
	assert_int_equal(ask("munmap", 0, MEMORY_REMOTE), 0);
	nodes[1].barred = true;
	assert_int_equal(ask("munmap", 0, MEMORY_REMOTE), -EOPNOTSUPP);
	assert_non_null(strstr(why, "the cpuset allows none of node 1"));
	assert_int_equal(ask("munmap", 0, MEMORY_INTERLEAVE), 0);
	machine.refused.bind_memory = EPERM;
	assert_int_equal(ask("munmap", 0, MEMORY_LOCAL), -EOPNOTSUPP);
	assert_non_null(strstr(why, "leave the cpuset or container"));
	machine.refused.bind_memory = ENOSYS;
	assert_int_equal(ask("munmap", 0, MEMORY_LOCAL), -EOPNOTSUPP);
	assert_non_null(strstr(why, "CONFIG_NUMA"));
	runs("munmap");			/* bound to nothing */
}

static void migration_takes_two_nodes_that_are_allowed_and_the_call(void **state)
{
	(void)state;
	machine.refused.move_pages = EPERM;
	blocked("migrate", "refused here (Operation not permitted)");
	machine.refused.move_pages = ENOSYS;
	blocked("migrate", "CONFIG_MIGRATION");
	machine.refused.move_pages = 0;
	nodes[0].barred = true;
	blocked("migrate", "the cpuset allows memory of one node only");
	machine.nr_nodes = 3;
	runs("migrate");
	machine.nr_nodes = 1;
	blocked("migrate", "there is no second memory node");
}

static void a_pipe_holds_what_its_limits_allow(void **state)
{
	(void)state;
	machine.pipe_max = 64 * SIZE_4K;
	assert_int_equal(ask("gup-vmsplice", 64, MEMORY_ANY), 0);
	assert_int_equal(ask("gup-vmsplice", 65, MEMORY_ANY), -EOPNOTSUPP);
	assert_non_null(strstr(why, "a pipe may not hold 65 pages; run as root"));
}

static void asking_twice_gives_the_same_facts(void **state)
{
	struct refusals first, second;

	(void)state;
	refusals_load(&first);
	refusals_load(&second);
	assert_memory_equal(&first, &second, sizeof(first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(root_on_a_machine_with_everything_can_run_every_workload, boot),
		cmocka_unit_test_setup(a_file_of_debugfs_that_is_refused_is_not_called_absent, boot),
		cmocka_unit_test_setup(a_kernel_without_fault_injection_is_known_without_root, boot),
		cmocka_unit_test_setup(a_kernel_that_never_syncs_for_one_table_has_no_fallback, boot),
		cmocka_unit_test_setup(thp_always_stops_only_those_who_cannot_change_it, boot),
		cmocka_unit_test_setup(shmem_has_a_setting_of_its_own, boot),
		cmocka_unit_test_setup(khugepaged_must_be_steered_and_seen, boot),
		cmocka_unit_test_setup(a_pool_that_cannot_grow_must_hold_what_the_case_takes, boot),
		cmocka_unit_test_setup(memory_that_is_bound_takes_the_pages_of_its_nodes, boot),
		cmocka_unit_test_setup(memory_is_bound_only_where_the_kernel_and_the_cpuset_allow, boot),
		cmocka_unit_test_setup(migration_takes_two_nodes_that_are_allowed_and_the_call, boot),
		cmocka_unit_test_setup(a_pipe_holds_what_its_limits_allow, boot),
		cmocka_unit_test(asking_twice_gives_the_same_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
