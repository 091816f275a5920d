// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The graphs of a comparison's page. Colours are those of both sides everywhere in it, and
 * are seen on white and on black.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "render/compare-parts.h"

#define SCALE_WIDTH	400
#define SCALE_HEIGHT	280
#define LATENCY_WIDTH	360	/* a phone shows it in its own size */
#define LATENCY_HEIGHT	220
#define BINS_A_DOUBLING	6
#define MAX_BINS	(64 * BINS_A_DOUBLING)
#define TAIL		0.999	/* the axis ends there: one late op would squeeze the rest */

static void scale_data(FILE *script, const struct scale_point *point, int nr, enum side side)
{
	fprintf(script, "$%s << END\n", side_name(side));
	for (int i = 0; i < nr; i++)
		fprintf(script, "%d %.7g\n", point[i].cpus, point[i].sync_per_op[side]);
	fputs("END\n", script);
}

/*
 * Sync IPIs per op against CPUs online, with the line N-1; patched is the smaller dot, so
 * that equal counts show both. Returns 0 or -ENOMEM.
 */
int compare_plot_scale(struct plots *plots, const struct scale_point *point, int nr)
{
	FILE *script = plots_add(plots, SCALE_WIDTH, SCALE_HEIGHT);
	int most = 2;

	if (!script)
		return -ENOMEM;
	for (int i = 0; i < nr; i++)
		most = point[i].cpus > most ? point[i].cpus : most;
	for (int side = 0; side < NR_SIDES; side++)
		scale_data(script, point, nr, (enum side)side);
	fprintf(script, "set border 3\nset tics nomirror\nset style fill solid 1.0 noborder\nset xlabel 'CPUs online (N)'\n"
		"set ylabel 'sync IPIs per op'\nset xrange [0:%g]\nset yrange [%g:%g]\n"
		"plot sample [1:%d] x - 1 with lines lw 1 dt 2 lc rgb '#808890', "
		"$base using 1:2:(%g) with circles lc rgb '" COMPARE_BASE_COLOUR "', "
		"$patched using 1:2:(%g) with circles lc rgb '" COMPARE_PATCHED_COLOUR "'\n",
		1.05 * most, -0.03 * most, 1.05 * most, most, 0.014 * most, 0.009 * most);
	return 0;
}

/* Has the case times of both sides to draw? Never from emulation, nor of one kernel. */
bool compare_has_latency(const struct compare_view *view, const struct compare_case *c)
{
	return !view->shifts->halves && !compare_emulated(view->cmp) &&
	       c->side[SIDE_BASE].latency && c->side[SIDE_PATCHED].latency;
}

static int bin_of(double ns)
{
	return ns < 1 ? 0 : (int)(log2(ns) * BINS_A_DOUBLING);
}

/* Shares of ops a bin, in percent, from bin @first to bin @last. */
static void latency_data(FILE *script, const struct histogram *hist, enum side side, int first,
			 int last, double unit)
{
	double share[MAX_BINS] = { 0 };

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (hist->count[i])
			share[bin_of((double)hist_bucket_lower(i))] +=
				100.0 * (double)hist->count[i] / (double)hist->total;
	fprintf(script, "$%s << END\n", side_name(side));
	for (int i = first; i <= last; i++)
		fprintf(script, "%.5g %.5g\n", exp2((double)i / BINS_A_DOUBLING) / unit, share[i]);
	fputs("END\n", script);
}

/* How the ops of both sides are spread over latencies. Returns 0 or -ENOMEM. */
int compare_plot_latency(struct plots *plots, const struct compare_case *c)
{
	const struct histogram *base = c->side[SIDE_BASE].latency;
	const struct histogram *patched = c->side[SIDE_PATCHED].latency;
	double least = fmin((double)base->min, (double)patched->min);
	double most = fmax((double)hist_quantile(base, TAIL),
			   (double)hist_quantile(patched, TAIL));
	int first = bin_of(least), last = bin_of(most) + 1;
	double unit = least >= 1e6 ? 1e6 : least >= 1e3 ? 1e3 : 1;
	FILE *script = plots_add(plots, LATENCY_WIDTH, LATENCY_HEIGHT);

	if (!script)
		return -ENOMEM;
	if (last >= MAX_BINS)
		last = MAX_BINS - 1;
	latency_data(script, base, SIDE_BASE, first, last, unit);
	latency_data(script, patched, SIDE_PATCHED, first, last, unit);
	fprintf(script, "set border 3\nset tics nomirror\nset logscale x\n"
		"set xlabel 'latency of the op, %s'\nset ylabel '%% of ops'\nset yrange [0:*]\n"
		"set xrange [%.5g:%.5g]\n"
		"plot $base using 1:2 with steps lw 2 lc rgb '" COMPARE_BASE_COLOUR "', "
		"$patched using 1:2 with steps lw 2 lc rgb '" COMPARE_PATCHED_COLOUR "'\n",
		unit > 1e3 ? "ms" : unit > 1 ? "us" : "ns",
		exp2((double)first / BINS_A_DOUBLING) / unit,
		exp2((double)(last + 1) / BINS_A_DOUBLING) / unit);
	return 0;
}
