// SPDX-License-Identifier: GPL-2.0-or-later
/* How figures and cases are written, the same in every form. */
#include "report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A time in ns with three figures and its unit: "812 ns", "1.23 us", "45.6 ms". */
const char *words_ns(char buf[WORDS_SIZE], uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	int unit = 0;

	while (value >= 999.5 && unit < 3) {
		value /= 1000;
		unit++;
	}
	snprintf(buf, WORDS_SIZE, "%.*f %s",
		 !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, units[unit]);
	return buf;
}

/* As words_ns(), with fractions of a nanosecond and a sign: "0.43 ns". */
const char *words_time(char buf[WORDS_SIZE], double ns)
{
	double size = fabs(ns);

	if (size >= 99.95 && size < 9e18)
		words_ns(buf + (ns < 0), (uint64_t)(size + 0.5));
	else
		snprintf(buf + (ns < 0), WORDS_SIZE - 1, "%.*f ns",
			 size >= 9.995 ? 1 : 2, size);
	if (ns < 0)
		buf[0] = '-';
	return buf;
}

/* A figure without a unit, with four figures. */
const char *words_plain(char buf[WORDS_SIZE], double value)
{
	snprintf(buf, WORDS_SIZE, "%.4g", value);
	return buf;
}

/* A mean of counts: four figures, and from a thousand on a whole number, "12,345". */
const char *words_mean(char buf[WORDS_SIZE], double value)
{
	if (value >= 1000 && value < 1e18)
		return words_count(buf, (uint64_t)(value + 0.5));
	return words_plain(buf, value);
}

/* Events a second with three figures: "812/s", "12.3k/s", "1.23M/s". */
const char *words_rate(char buf[WORDS_SIZE], double per_second)
{
	static const char units[] = " kMGT";
	double size = fabs(per_second);
	int unit = 0;

	while (size >= 999.5 && unit < 4) {
		size /= 1000;
		unit++;
	}
	snprintf(buf, WORDS_SIZE, size >= 999.5 ? "%s%.*e%.1s/s" : "%s%.*f%.1s/s",
		 per_second < 0 ? "-" : "",
		 size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2, size, unit ? units + unit : "");
	return buf;
}

/* @part of one as "5.2%", with its sign if @sign: "+5.2%". */
const char *words_percent(char buf[WORDS_SIZE], double part, bool sign)
{
	double percent = 100 * part, size = fabs(percent);
	const char *format = size < 99.95 ? (sign ? "%+.1f%%" : "%.1f%%") :
			     size < 9999.5 ? (sign ? "%+.0f%%" : "%.0f%%") :
			     sign ? "%+.0e%%" : "%.0e%%";

	snprintf(buf, WORDS_SIZE, format, percent);
	return buf;
}

/* An exact count with its thousands apart: "646,316". */
const char *words_count(char buf[WORDS_SIZE], uint64_t count)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *to = buf;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return buf;
}

/* A parameter's value, binary multiples shortened: "64K", "1G", "1000". */
const char *words_bytes(char buf[WORDS_SIZE], uint64_t value)
{
	static const char units[] = "KMGT";
	int unit = -1;

	while (unit < 3 && value >= (unit < 0 ? 4096u : 1024u) && value % 1024 == 0) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, WORDS_SIZE, "%" PRIu64 "%.1s", value, unit < 0 ? "" : units + unit);
	return buf;
}

/*
 * @total divided by @ops: a whole number where it is one ("7"), else with decimals
 * ("7.00" is not exactly 7), enough to tell it from 0; "-" without ops.
 */
const char *words_per_op(char buf[WORDS_SIZE], uint64_t total, uint64_t ops)
{
	double ratio = ops ? (double)total / (double)ops : 0;

	if (!ops)
		snprintf(buf, WORDS_SIZE, "-");
	else if (total % ops == 0)
		snprintf(buf, WORDS_SIZE, "%" PRIu64, total / ops);
	else
		snprintf(buf, WORDS_SIZE, ratio < 0.01 ? "%.1g" : "%.2f", ratio);
	return buf;
}

/*
 * "munmap size=4K" on the heap, the caller's to free; NULL without memory. Parameters at
 * their standard value are left out.
 */
char *words_workload(const struct case_id *id)
{
	char value[WORDS_SIZE], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(id->workload, out);
	for (int i = 0; i < id->nr_params; i++)
		if (!id->params[i].standard)
			fprintf(out, " %s=%s", id->params[i].name,
				words_bytes(value, id->params[i].value));
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/*
 * "all", "all x8" for eight processes, "all x8 threads", on the heap, the caller's to free;
 * NULL without memory.
 */
char *words_placement(const struct case_id *id)
{
	int initiators = case_id_initiators(id);
	char *text;

	if (initiators == 1)
		return strdup(id->placement);
	return asprintf(&text, "%s x%d%s", id->placement, initiators,
			id->as == AS_THREAD ? " threads" : "") < 0 ? NULL : text;
}

/* "munmap size=4K, all" on the heap, the caller's to free; NULL without memory. */
char *words_case(const struct case_id *id)
{
	char *workload = words_workload(id), *placement = words_placement(id), *text = NULL;

	if (workload && placement && asprintf(&text, "%s, %s", workload, placement) < 0)
		text = NULL;
	free(workload);
	free(placement);
	return text;
}

/* @text itself, or "unknown" where there is none. */
const char *words_or_unknown(const char *text)
{
	return text && *text ? text : "unknown";
}
