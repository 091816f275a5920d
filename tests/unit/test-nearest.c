// SPDX-License-Identifier: GPL-2.0-or-later
/* The name that a mistyped word may have meant: near ones are found, far ones not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/cmd.h"

static const char *const workloads[] = {
	"munmap", "madvise-dontneed", "collapse-madvise", "collapse-khugepaged",
	"hugetlb-unshare-munmap", NULL,
};

static const char *const placements[] = { "alone", "all", "smt", "llc", NULL };

static void one_wrong_missing_or_added_letter_is_near(void **state)
{
	(void)state;
	assert_string_equal(cmd_nearest("munnap", workloads), "munmap");
	assert_string_equal(cmd_nearest("munap", workloads), "munmap");
	assert_string_equal(cmd_nearest("munmmap", workloads), "munmap");
	assert_string_equal(cmd_nearest("colapse-madvize", workloads), "collapse-madvise");
}

static void swapped_neighbours_are_one_mistake(void **state)
{
	(void)state;
	assert_string_equal(cmd_nearest("mnumap", workloads), "munmap");
	assert_string_equal(cmd_nearest("slot", (const char *const[]){ "solt", NULL }), "solt");
	assert_string_equal(cmd_nearest("lal", placements), "all");
}

static void the_nearest_of_several_wins_and_of_equals_the_first(void **state)
{
	static const char *const names[] = { "collapse-a", "collapse-b", "collapse-bc", NULL };

	(void)state;
	assert_string_equal(cmd_nearest("collapse-b", names), "collapse-b");
	assert_string_equal(cmd_nearest("collapse-bd", names), "collapse-b");
	assert_string_equal(cmd_nearest("collapse-x", names), "collapse-a");
}

static void a_far_word_has_no_near_name(void **state)
{
	(void)state;
	assert_null(cmd_nearest("", workloads));
	assert_null(cmd_nearest("x", placements));
	assert_null(cmd_nearest("fork", workloads));
	assert_null(cmd_nearest("zzz", placements));
	assert_null(cmd_nearest("collapse", workloads));
	assert_null(cmd_nearest("munmap", (const char *const[]){ NULL }));
}

static void a_word_of_any_length_is_harmless(void **state)
{
	char word[5000], limit[64];
	const char *const names[] = { word, limit, NULL };

	(void)state;
	memset(word, 'm', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	memset(limit, 'm', sizeof(limit) - 1);
	limit[sizeof(limit) - 1] = '\0';
	assert_null(cmd_nearest(word, names));
	assert_ptr_equal(cmd_nearest(limit, names), limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_wrong_missing_or_added_letter_is_near),
		cmocka_unit_test(swapped_neighbours_are_one_mistake),
		cmocka_unit_test(the_nearest_of_several_wins_and_of_equals_the_first),
		cmocka_unit_test(a_far_word_has_no_near_name),
		cmocka_unit_test(a_word_of_any_length_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
