/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's progress bar, with the time that is left, on terminals that can draw it. */
#ifndef TLBSYNC_CMD_PROGRESS_H
#define TLBSYNC_CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/bench.h"

struct bar {
	const struct progress *progress;	/* of the part under way */
	const struct case_plan *plan;
	int at, nr;		/* parts: cases, or blocks of them */
	uint64_t start_ns;	/* of the first; CLOCK_MONOTONIC */
	bool shown;
};

void bar_begin(struct bar *bar, const struct progress *progress, int nr);
void bar_next(struct bar *bar, const struct case_plan *plan, int at);
void bar_draw(void *bar);
void bar_end(const struct bar *bar);
size_t bar_line(char *line, size_t size, double share, uint64_t elapsed_ns, const char *what,
		int width);

#endif
