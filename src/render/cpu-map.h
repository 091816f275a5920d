/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A case's IPIs drawn over the machine: a box a CPU, in a frame a memory node. */
#ifndef TLBSYNC_RENDER_CPU_MAP_H
#define TLBSYNC_RENDER_CPU_MAP_H

#include <stdio.h>

#include "stats/compare.h"

double cpu_map_most(const struct compare_side *side, enum ipi_class cls);
void cpu_map(FILE *out, const struct record *rec, const struct compare_side *side,
	     enum ipi_class cls, double most);

#endif
