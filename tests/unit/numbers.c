// SPDX-License-Identifier: GPL-2.0-or-later
/* R's numbers have 17 digits, so what is read is the very double that R had. */
#include "numbers.h"

#include <stdlib.h>

/* Open a file of tests/fixtures/stats; NULL if it is not there. */
FILE *numbers_open(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/fixtures/stats/%s", top ? top : ".", name);
	return fopen(path, "r");
}

/* The next line; false at the end. */
bool numbers_read(FILE *file, struct numbers *line)
{
	char *text = NULL, *at, *end;
	size_t size = 0;
	int word = 0;

	line->n = 0;
	if (getline(&text, &size, file) < 0 || sscanf(text, "%63s%n", line->word, &word) < 1) {
		free(text);
		return false;
	}
	for (at = text + word; line->n < MAX_NUMBERS; at = end, line->n++) {
		line->v[line->n] = strtod(at, &end);
		if (end == at)
			break;
	}
	free(text);
	return true;
}
