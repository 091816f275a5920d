// SPDX-License-Identifier: GPL-2.0-or-later
/* What a word says about the page that it was found in. */
#include <stdio.h>

#include "stress/stamp.h"

/* Does each of its bytes come from a write that may be under way, or from the empty page? */
static bool torn(uint64_t word, const struct stamp_want *want)
{
	for (int shift = 0; shift < 64; shift += 8) {
		uint8_t byte = word >> shift;
		bool known = want->fresh && !byte;

		for (uint64_t write = want->oldest; !known && write <= want->newest; write++)
			known = byte == (uint8_t)(stamp(want->tag, want->page, write) >> shift);
		if (!known)
			return false;
	}
	return true;
}

/* Is @word what a reader may find? */
enum stamp_verdict stamp_judge(uint64_t word, const struct stamp_want *want)
{
	uint32_t write = (uint32_t)word;

	if (!word)
		return want->fresh ? STAMP_FRESH : STAMP_EMPTY;
	if (word >> 32 == stamp(want->tag, want->page, 0) >> 32 &&
	    write >= want->oldest && write <= want->newest)
		return STAMP_RIGHT;
	if (torn(word, want))
		return STAMP_TORN;
	if (word >> 56 != want->tag)
		return STAMP_FOREIGN;
	if ((word >> 32 & 0xffffff) != want->page)
		return STAMP_MISPLACED;
	return write < want->oldest ? STAMP_LOST : STAMP_EARLY;
}

const char *stamp_verdict_name(enum stamp_verdict verdict)
{
	static const char *const names[] = {
		[STAMP_RIGHT] = "right",
		[STAMP_FRESH] = "fresh",
		[STAMP_TORN] = "torn",
		[STAMP_EMPTY] = "an empty page",
		[STAMP_FOREIGN] = "foreign content",
		[STAMP_MISPLACED] = "another page",
		[STAMP_LOST] = "a lost write",
		[STAMP_EARLY] = "a write that nobody had begun",
	};

	return names[verdict];
}

/* Print @word: "X page 3 write 17" or, if it is no stamp, its digits. */
void stamp_tell(uint64_t word, char *text, size_t size)
{
	uint8_t tag = word >> 56;

	if (tag == STAMP_OURS || tag == STAMP_OTHERS)
		snprintf(text, size, "%c page %u write %u", tag,
			 (unsigned int)(word >> 32 & 0xffffff), (uint32_t)word);
	else
		snprintf(text, size, "0x%016llx", (unsigned long long)word);
}
