/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distributions, checked as all that is read of a record. */
#ifndef TLBSYNC_RECORD_HISTOGRAM_FROM_JSON_H
#define TLBSYNC_RECORD_HISTOGRAM_FROM_JSON_H

#include "case/spread.h"
#include "record/json-reader.h"

struct histogram *json_histogram(struct reader *r, const struct node *up, const char *key);
void json_spread(struct reader *r, const struct node *up, const char *key, struct spread *spread);

#endif
