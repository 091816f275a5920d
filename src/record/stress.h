/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stress run did and found, as JSON of the schema tlbsync.stress/1. */
#ifndef TLBSYNC_RECORD_STRESS_H
#define TLBSYNC_RECORD_STRESS_H

#include "record/record.h"
#include "stress/suite.h"

#define STRESS_SCHEMA	"tlbsync.stress/1"

/* What a record is made of: @about is a run record without cases. */
struct stress_record {
	const struct record *about;
	const struct stress_suite *suite;
};

json_t *stress_to_json(const struct stress_record *rec);
int stress_record_write(const struct stress_record *rec, const char *path,
			char *why, size_t size);

#endif
