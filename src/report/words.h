/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as people read them, and the names of cases. What comes out of a record may hold
 * anything: who prints it makes it harmless.
 */
#ifndef TLBSYNC_REPORT_WORDS_H
#define TLBSYNC_REPORT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "case/case-id.h"

#define WORDS_SIZE	32	/* enough for each of those that take a buffer */

const char *words_or_unknown(const char *text);
const char *words_ns(char buf[WORDS_SIZE], uint64_t ns);
const char *words_count(char buf[WORDS_SIZE], uint64_t count);
const char *words_time(char buf[WORDS_SIZE], double ns);
const char *words_plain(char buf[WORDS_SIZE], double value);
const char *words_mean(char buf[WORDS_SIZE], double value);
const char *words_rate(char buf[WORDS_SIZE], double per_second);
const char *words_percent(char buf[WORDS_SIZE], double part, bool sign);
const char *words_bytes(char buf[WORDS_SIZE], uint64_t value);
const char *words_per_op(char buf[WORDS_SIZE], uint64_t total, uint64_t ops);
char *words_workload(const struct case_id *id);
char *words_placement(const struct case_id *id);
char *words_case(const struct case_id *id);

#endif
