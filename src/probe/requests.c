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

/* The request @csd for CPU @target was queued, and is in a count or not. 0 or -ENOMEM. */
int requests_put(struct requests *requests, uint64_t csd, uint32_t target, bool counted)
{
	struct request *slot;

	if (!csd)
		return 0;
	if (2 * requests->nr >= requests->room && grow(requests))
		return -ENOMEM;
	slot = find(requests, csd, target);
	requests->nr += !slot->csd;
	*slot = (struct request){ .csd = csd, .target = target, .counted = counted };
	return 0;
}

/* Is the request that was queued last under that name in a count? Not, if none was seen. */
bool requests_get(const struct requests *requests, uint64_t csd, uint32_t target)
{
	return requests->room && find(requests, csd, target)->counted;
}

/* Frees what @requests holds, not the struct. */
void requests_free(struct requests *requests)
{
	free(requests->slot);
	*requests = (struct requests){ 0 };
}
