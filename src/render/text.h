/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a terminal: strings of unknown origin made harmless, and lines that fit.
 * Whatever comes out of a record passes text_clean().
 */
#ifndef TLBSYNC_RENDER_TEXT_H
#define TLBSYNC_RENDER_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

void text_clean(char *text);
int text_width(const char *text);
void text_ascii(char *text);
int text_break(const char *text, int width, int *columns);
void text_wrap_at(FILE *out, const char *text, int at, int indent, int width);
int text_longest_part(const char *text);
void text_wrap(FILE *out, const char *line, int width, int indent);
void text_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
