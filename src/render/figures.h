/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a report, drawn: by gnuplot, as bars, as a map of CPUs. */
#ifndef TLBSYNC_RENDER_FIGURES_H
#define TLBSYNC_RENDER_FIGURES_H

#include <stdbool.h>
#include <stdio.h>

#include "render/plot.h"
#include "report/report.h"

/* Both are seen on white and on black. */
#define BASE_COLOUR	"#d98a1f"
#define PATCHED_COLOUR	"#4c8dd6"

bool figure_is_plot(const struct figure *figure);
int figures_draw(const struct report *report, struct plots **plots, char *why, size_t size);
int figure_plot(struct plots *plots, const struct figure *figure);
void figure_bars(FILE *out, const struct figure *figure, bool alone);
void figure_cpus(FILE *out, const struct figure *figure);
void figure_cpus_legend(FILE *out);
void figure_heat(FILE *out, const struct figure *figure, bool one_kernel);
void figure_heat_legend(FILE *out);
void figure_heat_text(FILE *out, const struct figure *figure, int width);

#endif
