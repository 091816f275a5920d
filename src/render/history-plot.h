/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plots over nights. */
#ifndef TLBSYNC_RENDER_HISTORY_PLOT_H
#define TLBSYNC_RENDER_HISTORY_PLOT_H

#include "render/plot.h"
#include "report/report.h"

int plot_nights(struct plots *plots, const struct figure *figure);
int plot_spark(struct plots *plots, const struct figure *figure);

#endif
