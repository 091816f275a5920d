// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Colour on a terminal that can show it and whose user has not said NO_COLOR
 * (https://no-color.org). Every meaning is in the words as well. The width of lines.
 */
#include "render/style.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LEAST_COLUMNS	80
#define FILE_COLUMNS	100	/* where there is no terminal at all */

static bool is_capable(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb");
}

/* Can @out move its cursor back, as a progress bar does? */
bool style_can_redraw(FILE *out)
{
	return is_capable(fileno(out));
}

static int columns_of(int fd)
{
	struct winsize size;

	return isatty(fd) && !ioctl(fd, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

/*
 * COLUMNS, or the width of the terminal that @out is or, where that is a pipe such as
 * tee's, that messages go to. Never fewer than LEAST_COLUMNS, which tables need.
 */
int style_width(FILE *out)
{
	const char *text = getenv("COLUMNS");
	int columns = text ? atoi(text) : 0;

	if (columns <= 0)
		columns = columns_of(fileno(out));
	if (columns <= 0)
		columns = columns_of(STDERR_FILENO);
	if (columns <= 0)
		columns = FILE_COLUMNS;
	return columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;
}

/* The style for what is printed on @out. */
struct style style_for(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return (struct style){
		.colour = is_capable(fileno(out)) && !(no_color && *no_color),
		.width = style_width(out),
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
