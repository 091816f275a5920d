/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records behind tlbsync compare's --scale. */
#ifndef TLBSYNC_CMD_COMPARE_SCALE_H
#define TLBSYNC_CMD_COMPARE_SCALE_H

#include "cmd/compare-options.h"
#include "stats/scale.h"

int compare_scale_load(struct scale *scale, const struct compare_options *opt);

#endif
