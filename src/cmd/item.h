/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists on a terminal: a name with what it is, lines below it, none over 80 columns. */
#ifndef TLBSYNC_CMD_ITEM_H
#define TLBSYNC_CMD_ITEM_H

#include <stdint.h>

#include "render/text.h"
#include "report/words.h"

#define ITEM_WIDTH	80

void item_print(const char *name, const char *what);
void item_more(const char *format, ...) __attribute__((format(printf, 1, 2)));
void item_blocked(const char *why);
const char *item_time(char buf[WORDS_SIZE], uint64_t ns);

#endif
