// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that workloads work on: small pages, and pages of one's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/memory.h"

#define SIZE	(4 * SIZE_2M)

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static void test_small_pages(void **state)
{
	uint64_t huge = 1;
	char *memory;

	(void)state;
	assert_int_equal(small_pages_map(SIZE, &memory), 0);
	pattern_write(memory, SIZE, 1);
	assert_int_equal(huge_bytes(memory, &huge), 0);
	assert_int_equal(huge, 0);
	munmap(memory, SIZE);
}

/* Writing to what a living child was born with takes no fault any more. */
static void test_unshare(void **state)
{
	long before;
	char *memory;
	pid_t child;

	(void)state;
	assert_int_equal(small_pages_map(SIZE, &memory), 0);
	if (madvise(memory, SIZE_4K, 23) && errno == EINVAL)
		skip();		/* no MADV_POPULATE_WRITE before Linux 5.14 */
	pattern_write(memory, SIZE / 2, 1);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	memory_unshare();
	before = faults();
	pattern_write(memory, SIZE / 2, 2);
	assert_in_range(faults() - before, 0, 10);
	before = faults();
	pattern_write(memory + SIZE / 2, SIZE / 2, 3);	/* was not there: is not made */
	assert_true(faults() - before >= (long)(SIZE / 2 / SIZE_4K));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	munmap(memory, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_pages),
		cmocka_unit_test(test_unshare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
