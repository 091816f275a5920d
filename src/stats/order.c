// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order is that of the records' start times: file names promise nothing. A pair is
 * one block of an interleaved experiment: the first boot with the second, the third with
 * the fourth. Either side may come first, as in base patched patched base. Blocks of one
 * boot have the same start; they are in order of their numbers.
 */
#include "stats/order.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* UTC as the record writes it: such strings rise as the times do. */
static bool is_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	if (!text || strlen(text) != strlen(form))
		return false;
	for (int i = 0; form[i]; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

static int earlier(const void *a, const void *b)
{
	const struct boot_at *x = a, *y = b;

	int order = strcmp(x->started, y->started);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* The order of all boots of @cmp, which must outlive it. Returns 0 or -ENOMEM. */
int order_find(struct boot_order *order, const struct comparison *cmp)
{
	int nr = cmp->nr_boots[SIDE_BASE] + cmp->nr_boots[SIDE_PATCHED];

	*order = (struct boot_order){ .known = true };
	order->at = calloc((size_t)nr + 1, sizeof(*order->at));
	if (!order->at)
		return -ENOMEM;
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < cmp->nr_boots[side]; i++) {
			const char *started = cmp->boots[side][i].rec.started;

			order->known &= is_time(started);
			order->at[order->nr++] =
				(struct boot_at){ started, cmp->boots[side][i].number,
						  (enum side)side, i };
		}
	if (order->known)
		qsort(order->at, (size_t)nr, sizeof(*order->at), earlier);
	for (int i = 1; i < nr && order->known; i++)
		order->known = earlier(&order->at[i - 1], &order->at[i]) != 0;
	return 0;
}

/* The number of pairs if all boots pair up, else 0. */
int order_pairs(const struct boot_order *order)
{
	if (!order->known || order->nr % 2)
		return 0;
	for (int i = 0; i < order->nr; i += 2)
		if (order->at[i].side == order->at[i + 1].side)
			return 0;
	return order->nr / 2;
}

/* Frees what an order holds, not the struct. */
void order_free(struct boot_order *order)
{
	free(order->at);
	*order = (struct boot_order){ 0 };
}
