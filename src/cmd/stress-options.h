/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was typed after `tlbsync stress`. */
#ifndef TLBSYNC_CMD_STRESS_OPTIONS_H
#define TLBSYNC_CMD_STRESS_OPTIONS_H

#include <stddef.h>

#include "cmd/options.h"
#include "stress/stress.h"

#define STRESS_MAX_TESTS	32

struct stress_command {
	struct stress_options options;
	const struct stress_test *tests[STRESS_MAX_TESTS];
	int nr;
	const char *output;		/* -o, or NULL */
	uint64_t wait_ns;		/* for another run to end */
	bool list;
	bool help;
};

extern const struct cmd_option stress_options_table[];

int stress_options_parse(int argc, char **argv, struct stress_command *command,
			 char *why, size_t size);

#endif
