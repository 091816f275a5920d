/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all users of libperf need. */
#ifndef TLBSYNC_PROBE_LIBPERF_H
#define TLBSYNC_PROBE_LIBPERF_H

void libperf_quiet(void);

#endif
