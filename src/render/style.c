// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Colour on a terminal that can show it and whose user has not said NO_COLOR
 * (https://no-color.org). Every meaning is in the words as well.
 */
#include "render/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The style for what is printed on @out. */
struct style style_for(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (struct style){
		.colour = isatty(fileno(out)) && !(no_color && *no_color) &&
			  term && strcmp(term, "dumb"),
	};
}

/* The escape sequence that begins @tint, or "". */
const char *style_start(const struct style *style, enum tint tint)
{
	static const char *const codes[] = {
		[TINT_NONE] = "", [TINT_GOOD] = "\033[32m", [TINT_BAD] = "\033[1;31m",
		[TINT_DIM] = "\033[2m",
	};

	return style->colour ? codes[tint] : "";
}

/* The escape sequence that ends @tint, or "". */
const char *style_end(const struct style *style, enum tint tint)
{
	return style->colour && tint != TINT_NONE ? "\033[0m" : "";
}
