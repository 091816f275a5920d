/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results as KTAP version 1 (Documentation/dev-tools/ktap.rst), which kernel CI reads.
 */
#ifndef TLBSYNC_STRESS_KTAP_H
#define TLBSYNC_STRESS_KTAP_H

#include <stdio.h>

enum ktap_status { KTAP_OK, KTAP_NOT_OK, KTAP_SKIP };

void ktap_plan(FILE *out, int nr);
void ktap_note(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ktap_result(FILE *out, int nr, const char *name, enum ktap_status status,
		 const char *reason);

#endif
