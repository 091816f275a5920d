/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the files that make or judge a history share. The comparisons are for qsort().
 */
#ifndef TLBSYNC_STATS_HISTORY_PARTS_H
#define TLBSYNC_STATS_HISTORY_PARTS_H

#include "stats/history.h"

#define HISTORY_DAY_SECONDS	86400

int history_make_room(void **array, int nr, int *room, size_t size);
int history_by_line(const void *a, const void *b);
int history_by_case(const void *a, const void *b);
int history_by_metric(const void *a, const void *b);
void history_free_night(struct history_night *night);
void history_free_series(struct history_series *s);

#endif
