/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One case, from its roles to its result: the life of the measuring process. */
#ifndef TLBSYNC_ENGINE_MEASURE_H
#define TLBSYNC_ENGINE_MEASURE_H

#include "case/result.h"
#include "engine/bench.h"

void measure_case(const struct bench *bench, const struct case_plan *plan,
		  struct case_result *result);

#endif
