/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixtures of tests/fixtures/stats: lines of a word and numbers. */
#ifndef TLBSYNC_TESTS_NUMBERS_H
#define TLBSYNC_TESTS_NUMBERS_H

#include <stdbool.h>
#include <stdio.h>

#define MAX_NUMBERS	500

struct numbers {
	char word[64];
	int n;		/* 0: the line is a word and text */
	double v[MAX_NUMBERS];
};

FILE *numbers_open(const char *name);
bool numbers_read(FILE *file, struct numbers *line);

#endif
