/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a record that the ipi pass has written. */
#ifndef TLBSYNC_RECORD_IPI_LATENCY_JSON_H
#define TLBSYNC_RECORD_IPI_LATENCY_JSON_H

#include <jansson.h>

#include "record/json-reader.h"

struct ipi_latency;

json_t *ipi_latency_to_json(const struct ipi_latency *latency);
struct ipi_latency *read_ipi_latency(struct reader *r, const struct node *up);

#endif
