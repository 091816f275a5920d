/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Getters for JSON that anybody may have written. Each checks what it fetches; the
 * first fault is kept with the path of its field, and from then on getters yield
 * zeroes, so the code that reads needs no error checks.
 */
#ifndef TLBSYNC_RECORD_JSON_READER_H
#define TLBSYNC_RECORD_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/json-tree.h"

struct reader {
	char *why;
	size_t size;
	int err;
};

/* A JSON value and the way to it; json is NULL after a fault. */
struct node {
	const struct json_value *json;
	const struct node *up;
	const char *key;	/* NULL for an array's element and the root */
	size_t index;
};

void json_fault(struct reader *r, const struct node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
struct node get_member(struct reader *r, const struct node *up, const char *key);
struct node get_object(struct reader *r, const struct node *up, const char *key);
struct node get_array(struct reader *r, const struct node *up, const char *key);
size_t json_nr(const struct node *node);
bool is_object(struct reader *r, const struct node *node);
bool is_null(const struct node *node);
bool has_member(const struct node *up, const char *key);
struct node first_below(const struct node *up);
struct node next_below(const struct node *node);
uint64_t get_integer(struct reader *r, struct node node, uint64_t max);
uint64_t get_number(struct reader *r, const struct node *up, const char *key, uint64_t max);
uint64_t get_number_if(struct reader *r, const struct node *up, const char *key,
			  uint64_t max, bool *known);
double get_real_if(struct reader *r, const struct node *up, const char *key, bool *known);
double get_real(struct reader *r, const struct node *up, const char *key);
int get_tristate(struct reader *r, const struct node *up, const char *key, bool null);
const char *get_string(struct reader *r, const struct node *up, const char *key);
char *get_text_if(struct reader *r, const struct node *up, const char *key);
char *get_text(struct reader *r, const struct node *up, const char *key);
void json_copy_text(struct reader *r, const struct node *node, const char *value,
		      char *buf, size_t size);
void get_text_into(struct reader *r, const struct node *up, const char *key,
		      char *buf, size_t size);
void *json_allocate(struct reader *r, const struct node *node, size_t nr, size_t size);
void json_unknown_word(struct reader *r, const struct node *up, const char *key);

#endif
