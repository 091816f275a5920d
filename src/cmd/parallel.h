/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same work on many things, on all CPUs that the process may use.
 */
#ifndef TLBSYNC_CMD_PARALLEL_H
#define TLBSYNC_CMD_PARALLEL_H

struct parallel_job {
	int nr;
	void *ctx;
	/* for each index below @nr, several at a time; its result goes to @done */
	void *(*work)(void *ctx, int index);
	/* one at a time, in the order of the indexes; NULL: nothing is to be done */
	void (*done)(void *ctx, int index, void *result);
};

void parallel_run(const struct parallel_job *job);

#endif
