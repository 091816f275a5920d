/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests that run all the races once more, with something else going on beside. */
#ifndef TLBSYNC_STRESS_ALL_RACES_H
#define TLBSYNC_STRESS_ALL_RACES_H

#include "stress/stress.h"

int all_races(struct stress_ctx *ctx);

#endif
