// SPDX-License-Identifier: GPL-2.0-or-later
/* What is unknown is null, never a number that looks measured. */
#include "record/json-writer.h"

#include <stdlib.h>
#include <string.h>

/* A string; bytes that are no UTF-8 become '?', NULL becomes "". */
json_t *json_text(const char *str)
{
	json_t *json = json_string(str ? str : "");
	char *copy;

	if (json || !str)
		return json;
	copy = strdup(str);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

/* The same; no member at all where there is nothing to say. */
json_t *json_text_if(const char *str)
{
	return str && *str ? json_text(str) : NULL;
}

/* JSON integers are signed here: what is larger reads as "at least 2^63 - 1". */
json_t *json_number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *json_number_if(bool known, uint64_t value)
{
	return known ? json_number(value) : json_null();
}

json_t *json_real_if(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

/* 1 and 0 are true and false, a negative number is unknown. */
json_t *json_tristate(int value)
{
	return value < 0 ? json_null() : json_boolean(value);
}
