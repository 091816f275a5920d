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

struct request {
	uint64_t csd;		/* 0: the slot is free */
	uint32_t target;
	bool counted;
};

struct requests {
	struct request *slot;
	size_t nr, room;	/* @room is a power of two */
};

int requests_put(struct requests *requests, uint64_t csd, uint32_t target, bool counted);
bool requests_get(const struct requests *requests, uint64_t csd, uint32_t target);
void requests_free(struct requests *requests);

#endif
