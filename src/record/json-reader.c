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

/* What JSON calls a value of @type, with its article. */
const char *json_type_name(json_type type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string", [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number", [JSON_TRUE] = "true or false",
		[JSON_FALSE] = "true or false", [JSON_NULL] = "null",
	};

	return names[type];
}

/* The member @key, of any type. */
struct node get_member(struct reader *r, const struct node *up, const char *key)
{
	struct node node = { .up = up, .key = key };

	node.json = json_object_get(up->json, key);
	if (!node.json)
		json_fault(r, &node, "is missing");
	return node;
}

static void wrong_type(struct reader *r, struct node *node, const char *wanted)
{
	if (node->json)
		json_fault(r, node, "is %s, not %s", json_type_name(json_typeof(node->json)), wanted);
	node->json = NULL;
}

struct node get_object(struct reader *r, const struct node *up, const char *key)
{
	struct node node = get_member(r, up, key);

	if (!json_is_object(node.json))
		wrong_type(r, &node, "an object");
	return node;
}

struct node get_array(struct reader *r, const struct node *up, const char *key)
{
	struct node node = get_member(r, up, key);

	if (!json_is_array(node.json))
		wrong_type(r, &node, "an array");
	return node;
}

struct node get_element(const struct node *up, size_t index)
{
	return (struct node){ json_array_get(up->json, index), up, NULL, index };
}

uint64_t get_integer(struct reader *r, struct node node, uint64_t max)
{
	json_int_t value = json_integer_value(node.json);

	if (!json_is_integer(node.json))
		wrong_type(r, &node, "an integer");
	else if (value < 0)
		json_fault(r, &node, "is negative: %" JSON_INTEGER_FORMAT, value);
	else if ((uint64_t)value > max)
		json_fault(r, &node, "is too large: %" JSON_INTEGER_FORMAT, value);
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

	*known = !json_is_null(node.json);
	return *known ? get_integer(r, node, max) : 0;
}

double get_real_if(struct reader *r, const struct node *up, const char *key, bool *known)
{
	struct node node = get_member(r, up, key);
	double value = json_number_value(node.json);

	*known = !json_is_null(node.json);
	if (*known && !json_is_number(node.json))
		wrong_type(r, &node, "a number");
	else if (value < 0)
		json_fault(r, &node, "is negative: %g", value);
	return node.json && value > 0 ? value : 0;
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

	if (null && json_is_null(node.json))
		return -1;
	if (!json_is_boolean(node.json))
		wrong_type(r, &node, "true or false");
	return json_is_true(node.json);
}

/* Points into the JSON; "" after a fault. */
const char *get_string(struct reader *r, const struct node *up, const char *key)
{
	struct node node = get_member(r, up, key);
	const char *value = json_string_value(node.json);

	if (!value)
		wrong_type(r, &node, "a string");
	return value ? value : "";
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
