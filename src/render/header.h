/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines above a table: which kernel, which machine, how it was counted.
 */
#ifndef TLBSYNC_RENDER_HEADER_H
#define TLBSYNC_RENDER_HEADER_H

#include <stdio.h>

#include "record/record.h"

void header_kernel(FILE *out, const char *label, const struct record *rec);
void header_machine(FILE *out, const struct record *rec);
void header_busy(FILE *out, const struct record *rec);
void header_counter(FILE *out, const struct record *rec);

#endif
