// SPDX-License-Identifier: GPL-2.0-or-later
/* CPU lists: printed as short as the kernel prints them, and read strictly. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/cpulist.h"

/*
 * The @nr rising numbers of @cpu as "0,2-5" into @buf, cut to @size bytes. Returns
 * the length of the whole list, as snprintf() does.
 */
size_t cpulist_print(char *buf, size_t size, const int *cpu, int nr)
{
	size_t used = 0;

	if (size)
		buf[0] = '\0';
	for (int i = 0, last; i < nr; i = last + 1) {
		char range[32];
		int len;

		for (last = i; last + 1 < nr && cpu[last + 1] == cpu[last] + 1; )
			last++;
		len = snprintf(range, sizeof(range), last > i ? "%s%d-%d" : "%s%d",
			       i ? "," : "", cpu[i], cpu[last]);
		if (used < size)
			snprintf(buf + used, size - used, "%s", range);
		used += len;
	}
	return used;
}

static bool number(const char **text, int *value)
{
	char *end;
	unsigned long parsed;

	if (!isdigit((unsigned char)**text))
		return false;
	parsed = strtoul(*text, &end, 10);
	if (parsed >= CPULIST_MAX_CPUS)
		return false;
	*value = parsed;
	*text = end;
	return true;
}

/* "4" or "2-5" into @first and @last; false for anything else, and for "5-2". */
bool cpulist_range(const char *text, int *first, int *last)
{
	if (!number(&text, first))
		return false;
	*last = *first;
	if (*text == '-' && (text++, !number(&text, last)))
		return false;
	return !*text && *first <= *last;
}
