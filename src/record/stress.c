// SPDX-License-Identifier: GPL-2.0-or-later
/* From results to JSON. Kernel and machine are described as in every other record. */
#include "record/stress.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "record/whole-file.h"
#include "stress/reader.h"

/* Bytes that are no UTF-8 (of a corrupt kernel log, say) become '?'. */
static json_t *text(const char *str)
{
	json_t *json = json_string(str);
	char copy[1024];

	if (json)
		return json;
	snprintf(copy, sizeof(copy), "%s", str);
	for (char *c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	return json_string(copy);
}

static json_t *number(unsigned long long value)
{
	return json_integer((json_int_t)value);
}

/* As text: a JSON number is exact up to 2^53 only, or where signed up to 2^63. */
static json_t *digits(uint64_t value)
{
	return json_sprintf("%" PRIu64, value);
}

static json_t *reads_json(const struct stress_tally *tally)
{
	json_t *all = json_object();

	for (int way = 0; way < NR_READ_WAYS; way++)
		json_object_set_new(all, read_way_name(way), number(atomic_load(&tally->read[way])));
	return all;
}

static json_t *counts_json(const struct stress_tally *tally)
{
	json_t *all = json_object();

	for (int i = 0; i < tally->nr_counts; i++)
		json_object_set_new(all, tally->count[i].name,
				    number(atomic_load(&tally->count[i].value)));
	return all;
}

static json_t *findings_json(const struct stress_tally *tally)
{
	json_t *all = json_array();

	for (int i = 0; i < STRESS_MAX_FINDINGS && i < atomic_load(&tally->nr_findings); i++)
		json_array_append_new(all, text(tally->finding[i]));
	return all;
}

static json_t *notes_json(const struct stress_tally *tally)
{
	json_t *all = json_array();

	for (int i = 0; i < tally->nr_notes; i++)
		json_array_append_new(all, text(tally->note[i]));
	return all;
}

static json_t *log_json(const struct klog_lines *log)
{
	json_t *all = json_array();

	for (int i = 0; i < log->nr; i++)
		json_array_append_new(all, text(log->line[i]));
	return all;
}

static json_t *counters_json(const struct lab_assert *counts)
{
	return json_pack("{s:o, s:o, s:o}", "seen", number(counts->seen),
			 "proved", number(counts->proved),
			 "unproved", number(counts->unproved));
}

static json_t *assert_json(const struct stress_result *result)
{
	if (!result->asserted)
		return json_null();
	return json_pack("{s:o, s:o}", "before", counters_json(&result->before),
			 "after", counters_json(&result->after));
}

static json_t *seconds_json(double seconds)
{
	return seconds > 0 ? json_real(seconds) : json_null();
}

static json_t *result_json(const struct stress_result *result)
{
	static const char *const status[] = {
		[KTAP_OK] = "ok", [KTAP_NOT_OK] = "fail", [KTAP_SKIP] = "skip",
	};
	const struct stress_tally *tally = &result->tally;
	double first_s = atomic_load(&tally->first_finding_ns) / 1e9;

	return json_pack("{s:s, s:s, s:o, s:f, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}",
			 "name", result->test->name, "status", status[result->status],
			 "reason", text(result->reason), "elapsed_s", result->elapsed_s,
			 "hung", result->hung,
			 "iterations", number(atomic_load(&tally->iterations)),
			 "pins", number(atomic_load(&tally->read[READ_PIN]) +
					atomic_load(&tally->read[READ_DIRECT])),
			 "verified", number(stress_verified(tally)),
			 "reads", reads_json(tally),
			 "refused", number(atomic_load(&tally->refused)),
			 "fresh", number(atomic_load(&tally->fresh)),
			 "torn", number(atomic_load(&tally->torn)),
			 "bytes", number(atomic_load(&tally->bytes)),
			 "walks", number(atomic_load(&tally->walks)),
			 "counts", counts_json(tally),
			 "findings_total", atomic_load(&tally->nr_findings),
			 "first_finding_s", seconds_json(first_s),
			 "first_complaint_s", seconds_json(result->complaint_s),
			 "first_unproved_s", seconds_json(result->unproved_s),
			 "findings", findings_json(tally),
			 "kernel_log", log_json(&result->log),
			 "kernel_log_overrun", result->log.overrun,
			 "notes", notes_json(tally),
			 "assert_flush", assert_json(result));
}

static json_t *results_json(const struct stress_suite *suite)
{
	json_t *all = json_array();

	for (int i = 0; i < suite->nr; i++) {
		if (!json_array_append_new(all, result_json(&suite->results[i])))
			continue;
		json_decref(all);
		return NULL;
	}
	return all;
}

static json_t *options_json(const struct stress_options *options)
{
	json_t *windows = json_null();

	if (options->windows)
		windows = json_pack("{s:o, s:o}", "pmd_us", number(options->window_pmd_us),
				    "pte_us", number(options->window_pte_us));
	return json_pack("{s:f, s:o, s:o, s:b}", "time_s", options->time_ns / 1e9,
			 "readers", number(options->readers), "windows", windows,
			 "keep_going", options->keep_going);
}

/* The whole of @rec, to be freed with json_decref(); NULL without memory. */
json_t *stress_to_json(const struct stress_record *rec)
{
	static const char *const taken[] = {
		"id", "started", "tool", "command", "host", "kernel", "machine",
	};
	const struct stress_suite *suite = rec->suite;
	json_t *about = record_to_json(rec->about);
	json_t *all = json_pack("{s:s}", "schema", STRESS_SCHEMA);
	int error = about && all ? 0 : -1;

	for (size_t i = 0; !error && i < sizeof(taken) / sizeof(taken[0]); i++)
		error = json_object_set(all, taken[i], json_object_get(about, taken[i]));
	if (!error)
		error = json_object_set_new(all, "seed", digits(suite->options->seed)) |
			json_object_set_new(all, "options", options_json(suite->options)) |
			json_object_set_new(all, "kernel_log_why", text(suite->klog.why)) |
			json_object_set_new(all, "assert_flush_why", text(suite->assert_why)) |
			json_object_set_new(all, "tests", results_json(suite));
	json_decref(about);
	if (!error)
		return all;
	json_decref(all);
	return NULL;
}

static int print(const void *what, FILE *out)
{
	json_t *all = stress_to_json(what);
	int error = all ? json_dumpf(all, out, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : -1;

	json_decref(all);
	fputc('\n', out);
	return all ? error ? -EIO : 0 : -ENOMEM;
}

/* Write it to @path, whole or not at all. 0, or -errno with the reason in @why. */
int stress_record_write(const struct stress_record *rec, const char *path,
			char *why, size_t size)
{
	return whole_file_write(path, print, rec, why, size);
}
