// SPDX-License-Identifier: GPL-2.0-or-later
/* The series is what a release begins with, "major.minor". */
#include "case/kernel-series.h"

#include <string.h>

/* How many of the characters of @release name its series: all of them if it begins otherwise. */
size_t kernel_series_length(const char *release)
{
	static const char digits[] = "0123456789";
	size_t major = strspn(release, digits), minor;

	if (!major || release[major] != '.')
		return strlen(release);
	minor = strspn(release + major + 1, digits);
	return minor ? major + 1 + minor : strlen(release);
}
