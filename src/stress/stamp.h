/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words that say where they were written: whose page it is, which page, and the number
 * of the write. An aligned word is written whole, so every word that a reader finds was
 * written by somebody, and the stamp says by whom. But a word may be read byte by byte
 * while it is written: copy_from_user() does so on CPUs that are fast at rep movsb.
 */
#ifndef TLBSYNC_STRESS_STAMP_H
#define TLBSYNC_STRESS_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose page. No tag is 0, so that a fresh page holds no stamp. */
enum stamp_tag {
	STAMP_OURS = 'S',	/* what readers are to find */
	STAMP_OTHERS = 'X',	/* of another mapping or process: readers must never find it */
};

/* What a reader may find. */
struct stamp_want {
	uint8_t tag;
	uint32_t page;		/* below 2^24 */
	uint32_t oldest;	/* writes, the last that was complete before the read ... */
	uint32_t newest;	/* ... and the last that was begun when it ended */
	bool fresh;		/* a page of zeros is right too */
};

enum stamp_verdict {
	STAMP_RIGHT,
	STAMP_FRESH,		/* zeros, and they may be there */
	STAMP_TORN,		/* bytes of writes that may be under way: proves nothing */
	STAMP_EMPTY,		/* zeros, and they may not */
	STAMP_FOREIGN,		/* not of this tag: other memory */
	STAMP_MISPLACED,	/* ours, but another page */
	STAMP_LOST,		/* older than a write that was complete */
	STAMP_EARLY,		/* newer than any write that was begun */
};

static inline uint64_t stamp(uint8_t tag, uint32_t page, uint32_t write)
{
	return (uint64_t)tag << 56 | (uint64_t)(page & 0xffffff) << 32 | write;
}

enum stamp_verdict stamp_judge(uint64_t word, const struct stamp_want *want);
const char *stamp_verdict_name(enum stamp_verdict verdict);
void stamp_tell(uint64_t word, char *text, size_t size);

#endif
