/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new record: what the machine is and how it is measured, then case by case. */
#ifndef TLBSYNC_RECORD_BUILD_H
#define TLBSYNC_RECORD_BUILD_H

#include "machine/machine.h"
#include "record/record.h"

int record_begin(struct record *rec, const struct machine *machine,
		 const struct record_clock *clock);
int record_add_case(struct record *rec, const struct case_result *result);

#endif
