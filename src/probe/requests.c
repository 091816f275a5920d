// SPDX-License-Identifier: GPL-2.0-or-later
/* A hash table with open addressing that only grows. */
#include "probe/requests.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM	1024	/* at first */

/* The slot of that request, or the free one where it belongs. */
static struct request *find(const struct requests *requests, uint64_t csd, uint32_t target)
{
	uint64_t hash = (csd ^ (uint64_t)target << 48) * 0x9e3779b97f4a7c15ull;
	size_t at = (size_t)(hash >> 20) & (requests->room - 1);

	while (requests->slot[at].csd &&
	       (requests->slot[at].csd != csd || requests->slot[at].target != target))
		at = (at + 1) & (requests->room - 1);
	return &requests->slot[at];
}

static int grow(struct requests *requests)
{
	struct requests more = { .room = requests->room ? 2 * requests->room : ROOM };

	more.slot = calloc(more.room, sizeof(*more.slot));
	if (!more.slot)
		return -ENOMEM;
	for (size_t i = 0; i < requests->room; i++)
		if (requests->slot[i].csd)
			*find(&more, requests->slot[i].csd, requests->slot[i].target) =
				requests->slot[i];
	more.nr = requests->nr;
	free(requests->slot);
	*requests = more;
	return 0;
}

/*
 * The request @csd for CPU @target, made anew if it was not known: all but its name is then
 * 0. It stays where it is until the next one is put. NULL: no memory.
 */
struct request *requests_put(struct requests *requests, uint64_t csd, uint32_t target)
{
	struct request *slot;

	if (2 * requests->nr >= requests->room && grow(requests))
		return NULL;
	slot = find(requests, csd, target);
	requests->nr += !slot->csd;
	slot->csd = csd;
	slot->target = target;
	return slot;
}

/* The request that was put last under that name; NULL, if none was. */
struct request *requests_get(const struct requests *requests, uint64_t csd, uint32_t target)
{
	struct request *slot = requests->room ? find(requests, csd, target) : NULL;

	return slot && slot->csd ? slot : NULL;
}

/* Frees what @requests holds, not the struct. */
void requests_free(struct requests *requests)
{
	free(requests->slot);
	*requests = (struct requests){ 0 };
}
