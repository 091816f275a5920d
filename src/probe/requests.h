/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests by what names them: the call single data and its target CPU. The kernel uses the
 * same ones again and again, so that a table of them stays small.
 */
#ifndef TLBSYNC_PROBE_REQUESTS_H
#define TLBSYNC_PROBE_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All but the name is the user's. */
struct request {
	uint64_t csd;		/* 0: the slot is free */
	uint32_t target;
	uint32_t from;		/* CPU that queued it */
	bool counted;		/* it is in a figure */
	bool sent;		/* an interrupt was sent for it */
	uint8_t cls;
	uint32_t op, window;	/* which op asked, in which look at the trace */
	uint64_t queued_ns;	/* 0: it is not on its way */
};

struct requests {
	struct request *slot;
	size_t nr, room;	/* @room is a power of two */
};

struct request *requests_put(struct requests *requests, uint64_t csd, uint32_t target);
struct request *requests_get(const struct requests *requests, uint64_t csd, uint32_t target);
void requests_free(struct requests *requests);

#endif
