/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tlbsync run --dry-run: the plan, and what of it can run here. */
#ifndef TLBSYNC_CMD_DRY_RUN_H
#define TLBSYNC_CMD_DRY_RUN_H

#include "cmd/run-options.h"

int dry_run(const struct run_options *options, const struct plan *plan,
	    const struct machine *machine);

#endif
