// SPDX-License-Identifier: GPL-2.0-or-later
/* The names of the forms. */
#include <errno.h>
#include <string.h>

#include "render/render.h"

static const char *const names[NR_FORMS] = {
	[FORM_TEXT] = "text", [FORM_MAIL] = "mail", [FORM_MARKDOWN] = "markdown",
	[FORM_HTML] = "html", [FORM_SVG] = "svg", [FORM_CSV] = "csv", [FORM_JSON] = "json",
};

/* As --format names it. */
const char *form_name(enum form form)
{
	return names[form];
}

/* The form of that name; 0, or -EINVAL and @form untouched. */
int form_parse(const char *name, enum form *form)
{
	for (int i = 0; i < NR_FORMS; i++)
		if (!strcmp(name, names[i])) {
			*form = (enum form)i;
			return 0;
		}
	return -EINVAL;
}

/* Does it hold graphs? */
bool form_draws(enum form form)
{
	return form == FORM_HTML || form == FORM_SVG;
}
