/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reports of different things have in common: facts of a record, lists of names. */
#ifndef TLBSYNC_REPORT_PARTS_H
#define TLBSYNC_REPORT_PARTS_H

#include "record/record.h"
#include "report/report.h"

/* Names of cases for a sentence. They belong to the list. */
struct names {
	char **name;
	int nr;
};

void fact_kernel(struct report *report, const char *label, const struct record *rec);
void fact_build(struct report *report, const struct record *rec);
void fact_booted(struct report *report, const struct record *rec, const struct record *other);
void fact_machine(struct report *report, const struct record *rec);
void fact_counter(struct report *report, const struct record *rec);
void names_add(struct report *report, struct names *names, char *name);
char *names_text(struct report *report, const struct names *names);
json_t *names_json(const struct names *names);
void names_free(struct names *names);
const char *plural(int nr);
json_t *string_json(const char *text);
json_t *real_json(double value);
json_t *params_json(const struct case_id *id);

struct value least_flush(const struct expectation *expect);

#endif
