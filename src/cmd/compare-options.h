/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line of tlbsync compare asks for. */
#ifndef TLBSYNC_CMD_COMPARE_OPTIONS_H
#define TLBSYNC_CMD_COMPARE_OPTIONS_H

#include <stdbool.h>

#include "cmd/options.h"
#include "cmd/print.h"
#include "stats/compare.h"

/* Where a file belongs: to one of the sides, to the noise floor, to other sizes. */
enum set { SET_BASE, SET_PATCHED, SET_NOISE, SET_SCALE, NR_SETS };

struct compare_options {
	struct printing print;
	bool force, have_keys, noise, flipped;
	enum key_state keys[NR_SIDES];
	unsigned int tested;		/* 1 << metric */
	char **files[NR_SETS];		/* room for all arguments each */
	int nr_files[NR_SETS];
	char **words;			/* the arguments themselves */
	int nr_words;
};

extern const struct cmd_option compare_options_table[];

int compare_options_parse(int argc, char **argv, struct compare_options *opt, bool *go);
void compare_options_free(struct compare_options *opt);

#endif
