/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was typed after `tlbsync run`. */
#ifndef TLBSYNC_CMD_RUN_OPTIONS_H
#define TLBSYNC_CMD_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/options.h"
#include "cmd/plan.h"
#include "cmd/print.h"

struct run_options {
	struct selection selection;
	const char *output;		/* -o, or NULL */
	const char *results_dir;
	const char *counter;
	uint64_t blocks;		/* of each case, the key flipped between them; 0: none */
	bool dry;			/* print the plan only */
	uint64_t wait_ns;		/* for another run to end */
	uint64_t limit_ns;		/* for an op to end */
	unsigned int passes;		/* PASS_ bits */
	uint64_t ring_bytes;		/* of each CPU's trace ring; 0: what suits the machine */
	struct counter_list events;	/* to count; see has_events */
	bool has_events;		/* false: what the workload counts by itself */
	struct printing print;
	bool json;
};

extern const struct cmd_option run_options_table[];

int run_options_parse(int argc, char **argv, struct run_options *options, bool *go);

#endif
