// SPDX-License-Identifier: GPL-2.0-or-later
/* Fault injection, steered through debugfs and switched on around one op. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "machine/sysfs.h"
#include "workloads/fail-alloc.h"

#define FAIL		FAIL_PAGE_ALLOC
#define TIMES		"1000000000"	/* more than a run uses up */

/*
 * Let allocations of any order that may not wait fail, silently, for tasks that ask
 * for it; fail_alloc_blocked() has seen that they may. 0, or -errno with ctx->reason. fail_alloc_cleanup() closes the file;
 * the settings come back with all others.
 */
int fail_alloc_prepare(struct workload_ctx *ctx, struct fail_alloc *fail)
{
	static const char *const settings[][2] = {
		{ FAIL "task-filter", "Y" }, { FAIL "ignore-gfp-wait", "Y" },
		{ FAIL "min-order", "0" }, { FAIL "verbose", "0" },
		{ FAIL "interval", "1" }, { FAIL "space", "0" },
		{ FAIL "times", TIMES }, { FAIL "probability", "100" },
	};
	int error = 0;

	fail->self_fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	for (size_t i = 0; !error && i < sizeof(settings) / sizeof(settings[0]); i++)
		error = settings_write(ctx->settings, settings[i][0], settings[i][1]);
	if (!error && fail->self_fd >= 0)
		return 0;
	return workload_fail(ctx, error ? error : -EACCES, "writing " FAIL "*, or opening "
			     "/proc/self/make-it-fail");
}

static int times_left(struct workload_ctx *ctx, uint64_t *times)
{
	int error = sysfs_read_u64(FAIL "times", times);

	return error ? workload_fail(ctx, error, "reading " FAIL "times") : 0;
}

static int make_it_fail(struct workload_ctx *ctx, struct fail_alloc *fail, const char *whether)
{
	if (pwrite(fail->self_fd, whether, 1, 0) != 1)
		return workload_fail(ctx, -errno, "writing to /proc/self/make-it-fail");
	return 0;
}

/* From here on this task's allocations fail. 0 or -errno with ctx->reason. */
int fail_alloc_start(struct workload_ctx *ctx, struct fail_alloc *fail)
{
	int error = times_left(ctx, &fail->times_left);

	return error ? error : make_it_fail(ctx, fail, "1");
}

/* From here on they succeed again; *@failed is how many failed. 0 or -errno with ctx->reason. */
int fail_alloc_stop(struct workload_ctx *ctx, struct fail_alloc *fail, uint64_t *failed)
{
	uint64_t left;
	int error = make_it_fail(ctx, fail, "0");

	if (!error)
		error = times_left(ctx, &left);
	if (!error)
		*failed = fail->times_left - left;
	return error;
}

/* Safe after a failed fail_alloc_prepare(). */
void fail_alloc_cleanup(struct fail_alloc *fail)
{
	if (fail->self_fd > 0)
		close(fail->self_fd);
}
