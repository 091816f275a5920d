// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One line on standard error, drawn over itself. The time left goes by what was done so
 * far: all cases have the same share of a profile's time.
 */
#include "cmd/progress.h"

#include <stdio.h>
#include <string.h>

#include "cmd/item.h"
#include "render/style.h"

#define BAR_WIDTH	20
#define SOON_NS		2000000000ull	/* before that, nobody knows what is left */

/*
 * "[####................] 1 min 30 s left  munmap alone" in at most @width columns, into
 * @line. @share of 1 is done. Returns its length.
 */
size_t bar_line(char *line, size_t size, double share, uint64_t elapsed_ns, const char *what,
		int width)
{
	char bar[BAR_WIDTH + 1], time[WORDS_SIZE], left[2 * WORDS_SIZE] = "";

	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < share * BAR_WIDTH ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	if (elapsed_ns >= SOON_NS && share > 0)
		snprintf(left, sizeof(left), "%s left  ",
			 item_time(time, (uint64_t)((1 - share) / share * (double)elapsed_ns)));
	snprintf(line, size, "[%s] %s%s", bar, left, what);
	if (strlen(line) >= (size_t)width)
		line[width - 1] = '\0';
	return strlen(line);
}

/* Begins a run of @nr parts, whose ops @progress counts. */
void bar_begin(struct bar *bar, const struct progress *progress, int nr)
{
	*bar = (struct bar){
		.progress = progress, .nr = nr, .start_ns = clock_monotonic_ns(),
		.shown = style_can_redraw(stderr),
	};
}

/* Part @at, from 0 on, is next, and of the case @plan. */
void bar_next(struct bar *bar, const struct case_plan *plan, int at)
{
	bar->plan = plan;
	bar->at = at;
	if (bar->shown)
		bar_draw(bar);
}

/* Draws a struct bar as it is now. */
void bar_draw(void *arg)
{
	const struct bar *bar = arg;
	uint64_t done = progress_done(bar->progress);
	uint64_t total = atomic_load(&bar->progress->total);
	double part = total ? (double)(done < total ? done : total) / (double)total : 0;
	double share = (bar->at + part) / bar->nr;
	char line[512], what[512];
	struct case_id id;

	case_plan_id(bar->plan, &id);
	snprintf(what, sizeof(what), "%d/%d %s %s", bar->at + 1, bar->nr, id.workload, id.placement);
	bar_line(line, sizeof(line), share, clock_monotonic_ns() - bar->start_ns, what,
		 style_width(stderr));
	fprintf(stderr, "\r%s\033[K", line);
}

/* Leaves an empty line where the bar was. */
void bar_end(const struct bar *bar)
{
	if (bar->shown)
		fputs("\r\033[K", stderr);
}
