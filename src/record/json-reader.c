// SPDX-License-Identifier: GPL-2.0-or-later
/* The getters, and the words for what is wrong with a field. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/json-reader.h"

static void print_path(const struct node *node, FILE *out)
{
	if (!node->up)
		return;
	print_path(node->up, out);
	if (node->key)
		fprintf(out, "%s%s", node->up->up ? "." : "", node->key);
	else
		fprintf(out, "[%zu]", node->index);
}

/* Notes the first fault, "PATH FAULT"; what the file wrote is made printable. */
void json_fault(struct reader *r, const struct node *node, const char *format, ...)
{
	va_list args;
	FILE *out;

	if (r->err)
		return;
	r->err = -EINVAL;
	out = fmemopen(r->why, r->size, "w");
	if (!out)
		return;
	print_path(node, out);
	if (node->up)
		fputc(' ', out);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fclose(out);
	for (char *c = r->why; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/* What JSON calls a value of @kind, with its article. */
static const char *kind_name(enum value_kind kind)
{
	static const char *const names[] = {
		[VALUE_OBJECT] = "an object", [VALUE_ARRAY] = "an array",
		[VALUE_STRING] = "a string", [VALUE_INTEGER] = "an integer",
		[VALUE_REAL] = "a number", [VALUE_BOOLEAN] = "true or false",
		[VALUE_NULL] = "null",
	};

	return names[kind];
}

static bool is(const struct node *node, enum value_kind kind)
{
	return node->json && node->json->kind == kind;
}

bool is_null(const struct node *node)
{
	return is(node, VALUE_NULL);
}

static void wrong_type(struct reader *r, const struct node *node, const char *wanted)
{
	if (node->json)
		json_fault(r, node, "is %s, not %s", kind_name(node->json->kind), wanted);
}

/* Is it one? If not, that is a fault. */
bool is_object(struct reader *r, const struct node *node)
{
	if (!is(node, VALUE_OBJECT))
		wrong_type(r, node, "an object");
	return is(node, VALUE_OBJECT);
}

/* How many members or elements an object or array has; 0 for anything else. */
size_t json_nr(const struct node *node)
{
	return is(node, VALUE_OBJECT) || is(node, VALUE_ARRAY) ? node->json->nr : 0;
}

static const struct json_value *find(const struct node *up, const char *key)
{
	const struct json_value *value = is(up, VALUE_OBJECT) ? up->json->first : NULL;

	while (value && (value->key[0] != key[0] || strcmp(value->key, key)))
		value = value->next;
	return value;
}

bool has_member(const struct node *up, const char *key)
{
	return find(up, key);
}

/*
 * The first member of an object or element of an array, and the one after @node; their
 * json is NULL where there is none.
 */
struct node first_below(const struct node *up)
{
	const struct json_value *value = json_nr(up) ? up->json->first : NULL;

	return (struct node){ value, up, value ? value->key : NULL, 0 };
}

struct node next_below(const struct node *node)
{
	const struct json_value *value = node->json->next;

	return (struct node){ value, node->up, value ? value->key : NULL, node->index + 1 };
}

/* The member @key, of any type. */
struct node get_member(struct reader *r, const struct node *up, const char *key)
{
	struct node node = { find(up, key), up, key, 0 };

	if (!node.json)
		json_fault(r, &node, "is missing");
	return node;
}

struct node get_object(struct reader *r, const struct node *up, const char *key)
{
	struct node node = get_member(r, up, key);

	if (!is_object(r, &node))
		node.json = NULL;
	return node;
}

struct node get_array(struct reader *r, const struct node *up, const char *key)
{
	struct node node = get_member(r, up, key);

	if (is(&node, VALUE_ARRAY))
		return node;
	wrong_type(r, &node, "an array");
	node.json = NULL;
	return node;
}

uint64_t get_integer(struct reader *r, struct node node, uint64_t max)
{
	int64_t value = is(&node, VALUE_INTEGER) ? node.json->integer : 0;

	if (!is(&node, VALUE_INTEGER))
		wrong_type(r, &node, "an integer");
	else if (value < 0)
		json_fault(r, &node, "is negative: %" PRId64, value);
	else if ((uint64_t)value > max)
		json_fault(r, &node, "is too large: %" PRId64, value);
	else
		return (uint64_t)value;
	return 0;
}

uint64_t get_number(struct reader *r, const struct node *up, const char *key, uint64_t max)
{
	return get_integer(r, get_member(r, up, key), max);
}

/* As get_number(); null is 0 and makes @known false. */
uint64_t get_number_if(struct reader *r, const struct node *up, const char *key,
			  uint64_t max, bool *known)
{
	struct node node = get_member(r, up, key);

	*known = !is_null(&node);
	return *known ? get_integer(r, node, max) : 0;
}

double get_real_if(struct reader *r, const struct node *up, const char *key, bool *known)
{
	struct node node = get_member(r, up, key);
	bool real = is(&node, VALUE_REAL), integer = is(&node, VALUE_INTEGER);
	double value = real ? node.json->real : integer ? (double)node.json->integer : 0;

	*known = !is_null(&node);
	if (*known && !real && !integer)
		wrong_type(r, &node, "a number");
	else if (value < 0)
		json_fault(r, &node, "is negative: %g", value);
	return value > 0 ? value : 0;
}

double get_real(struct reader *r, const struct node *up, const char *key)
{
	bool known;
	double value = get_real_if(r, up, key, &known);
	struct node node = get_member(r, up, key);

	if (!known)
		wrong_type(r, &node, "a number");
	return value;
}

/* true 1, false 0, null -1 where that is allowed */
int get_tristate(struct reader *r, const struct node *up, const char *key, bool null)
{
	struct node node = get_member(r, up, key);

	if (null && is_null(&node))
		return -1;
	if (is(&node, VALUE_BOOLEAN))
		return node.json->truth;
	wrong_type(r, &node, "true or false");
	return 0;
}

/* As get_text(); "" where there is no such member. */
char *get_text_if(struct reader *r, const struct node *up, const char *key)
{
	char *empty;

	if (has_member(up, key))
		return get_text(r, up, key);
	empty = strdup("");
	if (!empty && !r->err) {
		json_fault(r, up, "does not fit into memory");
		r->err = -ENOMEM;
	}
	return empty;
}

/* Points into the tree; "" after a fault. */
const char *get_string(struct reader *r, const struct node *up, const char *key)
{
	struct node node = get_member(r, up, key);

	if (is(&node, VALUE_STRING))
		return node.json->string;
	wrong_type(r, &node, "a string");
	return "";
}

char *get_text(struct reader *r, const struct node *up, const char *key)
{
	char *copy = strdup(get_string(r, up, key));

	if (!copy && !r->err) {
		json_fault(r, up, "does not fit into memory");
		r->err = -ENOMEM;
	}
	return copy;
}

void json_copy_text(struct reader *r, const struct node *node, const char *value,
		      char *buf, size_t size)
{
	if (strlen(value) >= size)
		json_fault(r, node, "is longer than %zu bytes", size - 1);
	else
		strcpy(buf, value);
}

void get_text_into(struct reader *r, const struct node *up, const char *key,
		      char *buf, size_t size)
{
	struct node node = { NULL, up, key, 0 };

	json_copy_text(r, &node, get_string(r, up, key), buf, size);
}

void *json_allocate(struct reader *r, const struct node *node, size_t nr, size_t size)
{
	void *memory = r->err ? NULL : calloc(nr ? nr : 1, size);

	if (!memory && !r->err) {
		json_fault(r, node, "does not fit into memory");
		r->err = -ENOMEM;
	}
	return memory;
}

void json_unknown_word(struct reader *r, const struct node *up, const char *key)
{
	struct node node = { NULL, up, key, 0 };

	json_fault(r, &node, "is '%.40s', which this version does not know", get_string(r, up, key));
}
