// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe/libperf.h"

#include <perf/core.h>
#include <stdarg.h>

static int no_messages(enum libperf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* libperf prints nothing: whoever calls it says what went wrong. */
void libperf_quiet(void)
{
	libperf_init(no_messages);
}
