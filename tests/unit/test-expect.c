// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What workloads predict, for chosen parameters, CPUs and kernels: figures counted
 * by hand in the kernel's source. And that a case too big for memory is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/run-case.h"
#include "workloads/gather.h"
#include "workloads/memory.h"

#define MIB	(1ull << 20)

static struct machine machine;

/* Linux @release; PT_RECLAIM came with 6.14. */
static void boot(const char *release)
{
	memset(&machine, 0, sizeof(machine));
	snprintf(machine.kernel.release, sizeof(machine.kernel.release), "%s", release);
	machine.kernel.pt_reclaim = kernel_since(&machine.kernel, 6, 14);
}

static struct prediction predict(const char *name, uint64_t param, int l, int z)
{
	struct workload_ctx ctx = { .machine = &machine, .param = { param } };
	struct scene scene = { .n = 8, .l = l, .z = z };
	struct prediction predicted = { 0 };

	workload_find(name)->expect(&ctx, &scene, &predicted);
	return predicted;
}

static void predicts(const char *name, uint64_t param, int l, int z, double sync, double flush)
{
	struct prediction predicted = predict(name, param, l, z);

	assert_true(predicted.sync == sync);
	assert_true(predicted.flush == flush);
	assert_null(predicted.flush_unknown);
}

static void a_release_is_as_old_as_its_number(void **state)
{
	(void)state;
	boot("6.12.117-tlbsync-base");
	assert_true(kernel_since(&machine.kernel, 6, 12));
	assert_true(kernel_since(&machine.kernel, 5, 19));
	assert_false(kernel_since(&machine.kernel, 6, 13));
	assert_false(kernel_since(&machine.kernel, 7, 0));
	boot("7.2.13");
	assert_true(kernel_since(&machine.kernel, 6, 13));
	boot("something else");
	assert_false(kernel_since(&machine.kernel, 2, 6));
}

/* 7 + 19 * 509 pages until the gather is full; 509 tables until their batch is. */
static void a_gather_flushes_whenever_it_is_full_and_once_at_the_end(void **state)
{
	static const struct gather cases[] = {
		{ 1, 2, true, 0, 1 }, { 1, 2, false, 0, 1 },
		{ 9677, 20, true, 0, 1 }, { 9678, 20, true, 1, 1 },
		{ 9677, 1, false, 0, 1 }, { 9677, 2, false, 0, 2 }, { 9678, 2, false, 1, 1 },
		{ 100, 509, true, 0, 1 }, { 100, 510, true, 0, 2 }, { 100, 510, false, 0, 1 },
		{ 262144, 513, true, 27, 2 }, { 262144, 513, false, 27, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gather gather = cases[i];

		gather.page_flushes = gather.table_flushes = 77;
		gather_flushes(&gather);
		assert_int_equal(gather.page_flushes, cases[i].page_flushes);
		assert_int_equal(gather.table_flushes, cases[i].table_flushes);
	}
}

static void munmap_flushes_once_up_to_32_mib_and_29_times_for_a_gigabyte(void **state)
{
	static const char *const releases[] = { "6.12.117", "7.2.13" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		boot(releases[i]);
		predicts("munmap", SIZE_4K, 4, 3, 0, 7);
		predicts("munmap", 2 * MIB, 4, 3, 0, 7);
		predicts("munmap", 32 * MIB, 4, 3, 0, 7);
		predicts("munmap", SIZE_1G, 0, 0, 0, 0);
	}
	predicts("munmap", SIZE_1G, 7, 0, 0, 29 * 7);
	boot("6.12.117");	/* tables lie among the pages */
	predicts("munmap", SIZE_1G, 7, 0, 0, 28 * 7);
}

static void a_long_munmap_does_not_say_how_many_cpus_stay_lazy(void **state)
{
	(void)state;
	boot("7.2.13");
	assert_non_null(predict("munmap", SIZE_1G, 4, 3).flush_unknown);
	assert_null(predict("munmap", SIZE_1G, 4, 0).flush_unknown);
}

static void each_region_syncs_and_a_lazy_cpu_pays_once_and_since_6_13_twice(void **state)
{
	(void)state;
	boot("6.12.117");
	predicts("collapse-madvise", 1, 4, 3, 7, 4 + 3);
	predicts("collapse-madvise", 8, 4, 3, 8 * 7, 8 * 4 + 3);
	predicts("collapse-khugepaged", 64, 0, 3, 64 * 7, 3);
	boot("7.2.13");
	predicts("collapse-madvise", 1, 4, 3, 7, 4 + 3);
	predicts("collapse-madvise", 2, 4, 3, 2 * 7, 2 * 4 + 2 * 3);
	predicts("collapse-khugepaged", 64, 4, 3, 64 * 7, 64 * 4 + 2 * 3);
}

static void shmem_never_syncs(void **state)
{
	(void)state;
	boot("7.2.13");
	predicts("collapse-shmem", 0, 4, 3, 0, 2 * 4 + 3);
}

static void dontneed_wakes_lazy_cpus_only_where_a_table_is_freed(void **state)
{
	(void)state;
	boot("6.12.117");
	predicts("madvise-dontneed", 64 << 10, 4, 3, 0, 4);
	predicts("madvise-dontneed", 2 * MIB, 4, 3, 0, 4);
	boot("7.2.13");
	predicts("madvise-dontneed", 64 << 10, 4, 3, 0, 4);
	predicts("madvise-dontneed", 2 * MIB, 4, 3, 0, 4 + 3);
}

static void the_fallback_syncs_for_every_table(void **state)
{
	(void)state;
	boot("6.12.117");
	predicts("munmap-fallback", 2, 4, 3, 2 * 7, 2 * 4 + 3);
	predicts("munmap-fallback", 7, 4, 3, 7 * 7, 7 * 4 + 3);
}

static void moves_flush_by_2_mib_and_migrations_by_512_pages(void **state)
{
	(void)state;
	boot("6.12.117");
	predicts("mprotect", 2 * MIB, 4, 3, 0, 4);
	predicts("mremap", 64 << 10, 4, 3, 0, 4 + 3);
	predicts("mremap", 32 * MIB, 4, 3, 0, 16 * 4 + 3);
	predicts("migrate", 512, 4, 3, 0, 4);
	predicts("migrate", 513, 4, 3, 0, 2 * 4);
}

/* The supervisor is not even needed to skip. */
static void a_case_that_memory_cannot_hold_is_skipped_and_says_how_much_it_needs(void **state)
{
	struct known_functions known = { 0 };
	struct topo_cpu cpu = { .cpu = 0, .allowed = true };
	struct placement_choice alone = { .name = "alone", .rule = placement_find("alone") };
	struct case_plan plan = {
		.member = { { .workload = workload_find("munmap"), .param = { SIZE_1G } } },
		.nr_members = 1, .initiators = 1, .placement = &alone,
	};
	struct bench bench = { .machine = &machine, .known = &known };
	struct case_result *result;

	(void)state;
	boot("7.2.13");
	machine.topo = (struct topology){ .cpus = &cpu, .nr_online = 1, .nr_possible = 1 };
	machine.mem_available = 300 * MIB;
	assert_int_equal(run_case(&bench, NULL, &plan, NULL, NULL, &result), 0);
	assert_int_equal(result->status, CASE_SKIP);
	assert_non_null(strstr(result->reason, "needs 1.0 GiB of memory, 300 MiB are available;"));
	run_result_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_release_is_as_old_as_its_number),
		cmocka_unit_test(a_gather_flushes_whenever_it_is_full_and_once_at_the_end),
		cmocka_unit_test(munmap_flushes_once_up_to_32_mib_and_29_times_for_a_gigabyte),
		cmocka_unit_test(a_long_munmap_does_not_say_how_many_cpus_stay_lazy),
		cmocka_unit_test(each_region_syncs_and_a_lazy_cpu_pays_once_and_since_6_13_twice),
		cmocka_unit_test(shmem_never_syncs),
		cmocka_unit_test(dontneed_wakes_lazy_cpus_only_where_a_table_is_freed),
		cmocka_unit_test(the_fallback_syncs_for_every_table),
		cmocka_unit_test(moves_flush_by_2_mib_and_migrations_by_512_pages),
		cmocka_unit_test(a_case_that_memory_cannot_hold_is_skipped_and_says_how_much_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
