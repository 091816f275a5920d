/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plots by gnuplot, inlined as SVG. All plots of a page are described first and drawn
 * together by one gnuplot; whoever describes one sees to it that no text of unknown
 * origin gets into its script but through plot_text().
 */
#ifndef TLBSYNC_RENDER_PLOT_H
#define TLBSYNC_RENDER_PLOT_H

#include <stddef.h>
#include <stdio.h>

struct plots;

struct plots *plots_new(void);
FILE *plots_add(struct plots *plots, int width, int height);
void plot_text(FILE *script, const char *text, int longest);
int plots_draw(struct plots *plots, char *why, size_t size);
void plots_print(const struct plots *plots, int index, const char *class, const char *label,
		 FILE *out);
void plots_print_file(const struct plots *plots, int index, const char *title, FILE *out);
void plots_free(struct plots *plots);

#endif
