/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a typed cell, for all forms that people read. */
#ifndef TLBSYNC_RENDER_CELL_H
#define TLBSYNC_RENDER_CELL_H

#include "report/report.h"

#define VALUE_SIZE	48

const char *value_words(char buf[VALUE_SIZE], const struct value *value);
char *cell_words(const struct cell *cell, const char *arrow);

#endif
