/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of tlbsync history share: its options, and how it reads a folder. */
#ifndef TLBSYNC_CMD_HISTORY_H
#define TLBSYNC_CMD_HISTORY_H

#include "cmd/print.h"

#define MAX_METRICS_NAMED	32

struct history_options {
	const char *folder, *html;
	const char *judge;	/* a record; NULL: no verdict is asked for */
	const char *metrics[MAX_METRICS_NAMED + 1];	/* none: all */
	bool nights_said;
	uint64_t nights;	/* 0: all */
	struct printing print;
};

/* A folder that is read, and who takes its records: as history_add(). */
struct history_reader {
	int (*add)(void *ctx, const struct record *rec, char *why, size_t size);
	void *ctx;
	int passed_over;	/* files that were named */
	int known_others;	/* of the suite, but no records of runs */
	int err;
};

int history_read(struct history_reader *reader, const char *folder);
int history_print(const struct report *report, const struct history_options *opt);
int history_judge(const struct history_options *opt);

#endif
