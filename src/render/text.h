/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a terminal: numbers as people read them, and strings of unknown
 * origin made harmless. Whatever comes out of a record passes text_clean().
 */
#ifndef TLBSYNC_RENDER_TEXT_H
#define TLBSYNC_RENDER_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "case/result.h"

#define TEXT_SIZE	32	/* enough for what the text_ functions below print */

void text_clean(char *text);
int text_width(const char *text);
void text_ascii(char *text);
void text_wrap(FILE *out, const char *line, int width, int indent);
void text_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *text_or_unknown(const char *text);
const char *text_ns(char buf[TEXT_SIZE], uint64_t ns);
const char *text_count(char buf[TEXT_SIZE], uint64_t count);
const char *text_time(char buf[TEXT_SIZE], double ns);
const char *text_plain(char buf[TEXT_SIZE], double value);
const char *text_rate(char buf[TEXT_SIZE], double per_second);
const char *text_percent(char buf[TEXT_SIZE], double part, bool sign);
const char *text_bytes(char buf[TEXT_SIZE], uint64_t value);
const char *text_per_op(char buf[TEXT_SIZE], uint64_t total, uint64_t ops);
const char *text_expected(char buf[TEXT_SIZE], const struct expectation *expect);
char *text_case(const char *workload, const struct case_param *params, int nr_params);

#endif
