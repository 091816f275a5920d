// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * yajl parses; its calls build the tree. A string is copied, so the text may go.
 */
#include "record/json-tree.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#define PIECE_BYTES	(64u << 10)

struct piece {
	struct piece *next;
	size_t used, size;
	char memory[] __attribute__((aligned(16)));
};

/* An array or object that is not at its end, and the last value in it. */
struct open_value {
	struct json_value *value, *last;
};

struct builder {
	struct json_tree *tree;
	struct open_value open[JSON_MAX_DEPTH + 1];	/* the first holds the root */
	int depth;
	const char *key;	/* of the value to come */
	const char *fault;	/* why yajl was told to stop */
	int err;
};

static int stop(struct builder *b, int err, const char *fault)
{
	b->err = err;
	b->fault = fault;
	return 0;
}

/* Memory that lives as long as the tree; NULL stops yajl. */
static void *take(struct builder *b, size_t bytes)
{
	struct piece *piece = b->tree->pieces;
	void *memory;

	bytes = (bytes + 7) & ~(size_t)7;
	if (!piece || piece->size - piece->used < bytes) {
		size_t size = bytes > PIECE_BYTES ? bytes : PIECE_BYTES;

		piece = malloc(sizeof(*piece) + size);
		if (!piece) {
			stop(b, -ENOMEM, "it does not fit into memory");
			return NULL;
		}
		*piece = (struct piece){ .next = b->tree->pieces, .size = size };
		b->tree->pieces = piece;
	}
	memory = piece->memory + piece->used;
	piece->used += bytes;
	return memory;
}

/* jansson knows which bytes are UTF-8; yajl also takes what is longer than need be. */
static bool is_utf8(const char *text, size_t len)
{
	json_t *json;
	size_t i = 0;

	while (i < len && !(text[i] & 0x80))
		i++;
	if (i == len)
		return true;
	json = json_stringn(text, len);
	json_decref(json);
	return json;
}

static const char *copy_text(struct builder *b, const unsigned char *text, size_t len)
{
	const char *from = (const char *)text;
	char *copy = NULL;

	if (memchr(from, '\0', len))
		stop(b, -EINVAL, "\\u0000 in a string");
	else if (!is_utf8(from, len))
		stop(b, -EINVAL, "a string that is not UTF-8");
	else
		copy = take(b, len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, from, len);
	copy[len] = '\0';
	return copy;
}

/* A value of @kind after the last one. */
static struct json_value *add(struct builder *b, enum value_kind kind)
{
	struct open_value *in = &b->open[b->depth];
	struct json_value *value = take(b, sizeof(*value));

	if (!value)
		return NULL;
	*value = (struct json_value){ .kind = kind, .key = b->key };
	b->key = NULL;
	if (in->last)
		in->last->next = value;
	else
		in->value->first = value;
	in->last = value;
	in->value->nr++;
	return value;
}

static int on_null(void *ctx)
{
	return !!add(ctx, VALUE_NULL);
}

static int on_boolean(void *ctx, int truth)
{
	struct json_value *value = add(ctx, VALUE_BOOLEAN);

	if (value)
		value->truth = truth;
	return !!value;
}

static int on_integer(void *ctx, long long integer)
{
	struct json_value *value = add(ctx, VALUE_INTEGER);

	if (value)
		value->integer = integer;
	return !!value;
}

static int on_real(void *ctx, double real)
{
	struct json_value *value = add(ctx, VALUE_REAL);

	if (value)
		value->real = real;
	return !!value;
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	const char *string = copy_text(ctx, text, len);
	struct json_value *value = string ? add(ctx, VALUE_STRING) : NULL;

	if (value)
		value->string = string;
	return !!value;
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct builder *b = ctx;
	const struct json_value *object = b->open[b->depth].value;

	b->key = copy_text(b, text, len);
	if (!b->key)
		return 0;
	if (object->nr == JSON_MAX_MEMBERS)
		return stop(b, -EINVAL, "an object with too many members");
	for (const struct json_value *other = object->first; other; other = other->next)
		if (other->key[0] == b->key[0] && !strcmp(other->key, b->key))
			return stop(b, -EINVAL, "the same key twice in an object");
	return 1;
}

static int open_value(struct builder *b, enum value_kind kind)
{
	struct json_value *value = add(b, kind);

	if (!value)
		return 0;
	if (b->depth == JSON_MAX_DEPTH)
		return stop(b, -EINVAL, "values nested too deeply");
	b->open[++b->depth] = (struct open_value){ .value = value };
	return 1;
}

static int on_object(void *ctx)
{
	return open_value(ctx, VALUE_OBJECT);
}

static int on_array(void *ctx)
{
	return open_value(ctx, VALUE_ARRAY);
}

static int on_end(void *ctx)
{
	struct builder *b = ctx;

	b->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null, .yajl_boolean = on_boolean, .yajl_integer = on_integer,
	.yajl_double = on_real, .yajl_string = on_string, .yajl_start_map = on_object,
	.yajl_map_key = on_key, .yajl_end_map = on_end, .yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

/*
 * "not JSON, line 3, column 7: ..."; yajl stopped @behind so many bytes: the fault is the
 * last of them, or in a string the next.
 */
static void tell(yajl_handle yajl, const char *text, size_t behind, const char *fault,
		 char *why, size_t size)
{
	unsigned char *words = fault ? NULL : yajl_get_error(yajl, 0, NULL, 0);
	const char *found = fault ? fault : words ? (const char *)words : "";
	size_t line = 1, column = 1;

	for (size_t i = 0; i + 1 < behind; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	snprintf(why, size, "not JSON, line %zu, column %zu: %.*s", line, column,
		 (int)strcspn(found, "\n"), found);
	if (words)
		yajl_free_error(yajl, words);
}

static int parse(struct builder *b, yajl_handle yajl, const char *text, size_t bytes,
		 char *why, size_t size)
{
	yajl_status status = yajl_parse(yajl, (const unsigned char *)text, bytes);
	size_t behind = yajl_get_bytes_consumed(yajl);

	if (status == yajl_status_ok) {
		status = yajl_complete_parse(yajl);
		behind = bytes;
	}
	if (status == yajl_status_ok)
		return 0;
	tell(yajl, text, behind, b->fault, why, size);
	return b->err ? b->err : -EINVAL;
}

/*
 * Reads @bytes of JSON @text into @tree. 0, and the caller frees it; or -EINVAL or
 * -ENOMEM with @why telling what and where, and nothing to free.
 */
int json_tree_read(struct json_tree *tree, const char *text, size_t bytes, char *why,
		   size_t size)
{
	struct json_value above = { .kind = VALUE_ARRAY };
	struct builder b = { .tree = tree, .open[0].value = &above };
	yajl_handle yajl = yajl_alloc(&callbacks, NULL, &b);
	int err = -ENOMEM;

	*tree = (struct json_tree){ 0 };
	if (yajl)
		err = parse(&b, yajl, text, bytes, why, size);
	else
		snprintf(why, size, "it does not fit into memory");
	if (yajl)
		yajl_free(yajl);
	tree->root = above.first;
	if (err)
		json_tree_free(tree);
	return err;
}

void json_tree_free(struct json_tree *tree)
{
	while (tree->pieces) {
		struct piece *piece = tree->pieces;

		tree->pieces = piece->next;
		free(piece);
	}
	tree->root = NULL;
}
