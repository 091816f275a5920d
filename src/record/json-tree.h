/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON text as a tree of values, read with yajl. A tree lies in a few large pieces of
 * memory and is freed at once: a record has thousands of values, and a history reads ten
 * thousand records.
 *
 * Stricter than yajl: no key twice in an object, no NUL in a string, only UTF-8 as
 * RFC 3629 has it, nothing nested deeper than JSON_MAX_DEPTH, no object of more than
 * JSON_MAX_MEMBERS.
 */
#ifndef TLBSYNC_RECORD_JSON_TREE_H
#define TLBSYNC_RECORD_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH		64
#define JSON_MAX_MEMBERS	1024

enum value_kind {
	VALUE_NULL, VALUE_BOOLEAN, VALUE_INTEGER, VALUE_REAL, VALUE_STRING, VALUE_ARRAY,
	VALUE_OBJECT,
};

struct json_value {
	const char *key;		/* NULL for the root and for elements */
	const struct json_value *next;	/* the member or element after it; NULL: the last */
	union {
		bool truth;
		int64_t integer;
		double real;
		const char *string;
		const struct json_value *first;	/* of an array or object; NULL: it is empty */
	};
	uint32_t nr;			/* of members or elements */
	enum value_kind kind;
};

struct json_tree {
	const struct json_value *root;
	struct piece *pieces;
};

int json_tree_read(struct json_tree *tree, const char *text, size_t bytes, char *why,
		   size_t size);
void json_tree_free(struct json_tree *tree);

#endif
