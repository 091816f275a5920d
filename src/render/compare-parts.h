/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all forms of a comparison are made of: its header and its notes as lines, and
 * the words of its cells. A form only arranges them.
 */
#ifndef TLBSYNC_RENDER_COMPARE_PARTS_H
#define TLBSYNC_RENDER_COMPARE_PARTS_H

#include "render/plot.h"
#include "render/render.h"
#include "render/table.h"
#include "render/text.h"

enum { COUNT_CLASS, COUNT_TOTAL, COUNT_PER_OP, COUNT_EXPECTED, COUNT_CHANGE, NR_COUNT_CELLS };
enum {
	TIME_METRIC, TIME_BASE, TIME_BASE_IQR, TIME_PATCHED, TIME_PATCHED_IQR, TIME_CHANGE,
	TIME_INTERVAL, TIME_P, TIME_SMALLEST, TIME_FLOOR, NR_TIME_CELLS,
};

#define CELL_SIZE	(3 * TEXT_SIZE)

#define COMPARE_BASE_COLOUR	"#d98a1f"
#define COMPARE_PATCHED_COLOUR	"#4c8dd6"

void compare_header(FILE *out, const struct compare_view *view);
void compare_notes(FILE *out, const struct compare_view *view);
char *compare_lines(const struct compare_view *view,
		    void (*print)(FILE *out, const struct compare_view *view));
char *compare_title(const struct compare_case *c);
const char *compare_agree(const struct compare_case *c);

bool count_shown(const struct compare_case *c, enum ipi_class cls);
void count_change(const struct compare_case *c, enum ipi_class cls, char buf[TEXT_SIZE]);
void count_cells(const struct compare_case *c, enum ipi_class cls,
		 char cell[NR_COUNT_CELLS][CELL_SIZE]);

int time_columns(const struct compare_view *view, struct column columns[NR_TIME_CELLS],
		 int cell[NR_TIME_CELLS]);
void time_cells(const struct compare_view *view, const struct shift *shift,
		char cell[NR_TIME_CELLS][CELL_SIZE]);
void time_legend(FILE *out, const struct compare_view *view);
int time_table(FILE *out, const struct style *style, const struct compare_view *view);

bool compare_has_latency(const struct compare_view *view, const struct compare_case *c);
int compare_plot_scale(struct plots *plots, const struct scale_point *point, int nr);
int compare_plot_latency(struct plots *plots, const struct compare_case *c);

#endif
