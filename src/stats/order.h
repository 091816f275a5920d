/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which order the boots of both sides were recorded, and whether they pair up. */
#ifndef TLBSYNC_STATS_ORDER_H
#define TLBSYNC_STATS_ORDER_H

#include "stats/compare.h"

struct boot_at {
	const char *started;
	int number;	/* of a block; 0: it is a boot */
	enum side side;
	int boot;
};

struct boot_order {
	struct boot_at *at;
	int nr;
	bool known;	/* false: a record has no start, or two are the same */
};

int order_find(struct boot_order *order, const struct comparison *cmp);
int order_pairs(const struct boot_order *order);
void order_free(struct boot_order *order);

#endif
