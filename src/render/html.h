/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTML pages: one file each, nothing from outside, no script, readable on a phone and in
 * the dark. Text of unknown origin gets in through html_text() and html_format() only.
 */
#ifndef TLBSYNC_RENDER_HTML_H
#define TLBSYNC_RENDER_HTML_H

#include <stdio.h>

void html_begin(FILE *out, const char *title);
void html_end(FILE *out);
void html_text(FILE *out, const char *text);
void html_words(FILE *out, const char *text);
void svg_begin(FILE *out, int width, int height, const char *title);
void html_format(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
