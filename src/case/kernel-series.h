/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which series a kernel release is of: 7.2 for "7.2.13-tlbsync-base". */
#ifndef TLBSYNC_CASE_KERNEL_SERIES_H
#define TLBSYNC_CASE_KERNEL_SERIES_H

#include <stddef.h>

size_t kernel_series_length(const char *release);

#endif
