/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of a record as JSON. NULL: no memory, or where its comment says so no member at all. */
#ifndef TLBSYNC_RECORD_JSON_WRITER_H
#define TLBSYNC_RECORD_JSON_WRITER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

json_t *json_text(const char *str);
json_t *json_text_if(const char *str);
json_t *json_number(uint64_t value);
json_t *json_number_if(bool known, uint64_t value);
json_t *json_real_if(bool known, double value);
json_t *json_tristate(int value);

#endif
