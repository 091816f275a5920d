// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A history for programs, schema tlbsync.history/1: every night's values, null where none
 * was measured, and the change points, worst first. What is infinite is null.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/history-parts.h"
#include "report/parts.h"

#define HISTORY_SCHEMA	"tlbsync.history/1"

static json_t *date_json(const struct history_line *line, int night)
{
	char date[11];

	history_date(line->nights[night].day, date);
	return json_string(date);
}

static json_t *nights_json(const struct history_line *line)
{
	json_t *json = json_array();

	for (int i = 0; json && i < line->nr_nights; i++)
		json_array_append_new(json, json_pack("{s:o, s:o, s:b, s:i}",
			"date", date_json(line, i), "kernel", string_json(line->nights[i].kernel),
			"mixed_kernels", line->nights[i].mixed,
			"records", line->nights[i].records));
	return json;
}

/* As JSON names the unit: "per_op", "ns", "per_second". */
const char *history_unit_name(enum unit unit)
{
	static const char *const names[] = {
		[UNIT_COUNT] = "per_op", [UNIT_NS] = "ns", [UNIT_RATE] = "per_second",
	};

	return names[unit];
}

static json_t *series_json(const struct history_line *line, const struct history_case *c,
			   const struct history_series *s)
{
	json_t *values = json_array();

	for (int i = 0; values && i < line->nr_nights; i++)
		json_array_append_new(values, real_json(s->night[i]));
	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:s, s:s, s:o}", "workload", c->id.workload,
			 "placement", c->id.placement, "initiators", case_id_initiators(&c->id),
			 "as", crew_as_name(c->id.as), "params", params_json(&c->id),
			 "metric", s->metric.name, "unit", history_unit_name(s->metric.unit),
			 "values", values);
}

static json_t *line_json(const struct history_line *line)
{
	json_t *series = json_array();

	for (int i = 0; series && i < line->nr_cases; i++)
		for (int j = 0; j < line->cases[i].nr_series; j++)
			json_array_append_new(series, series_json(line, &line->cases[i],
								  &line->cases[i].series[j]));
	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:s, s:b, s:i, s:o, s:o}", "host", line->id.host,
			 "cpu", line->id.cpu, "cpus_online", line->id.cpus_online,
			 "hypervisor", line->id.hypervisor,
			 "kernel_series", string_json(line->series),
			 "static_key", key_state_name(line->key), "emulated", history_emulated(line),
			 "older_nights", line->older_nights, "nights", nights_json(line),
			 "series", series);
}

static json_t *change_json(const struct history *h, const struct history_change *change)
{
	const struct history_line *line = change->line;
	const struct change_point *p = change->point;

	return json_pack("{s:i, s:s, s:s, s:i, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:s,"
			 " s:o, s:o, s:o, s:o, s:o, s:o}",
			 "machine", (int)(line - h->lines), "workload", change->c->id.workload,
			 "placement", change->c->id.placement,
			 "initiators", case_id_initiators(&change->c->id),
			 "as", crew_as_name(change->c->id.as), "params", params_json(&change->c->id),
			 "metric", change->series->metric.name,
			 "unit", history_unit_name(change->series->metric.unit),
			 "verdict", history_verdict(change),
			 "last_night", date_json(line, p->last), "night", date_json(line, p->night),
			 "kernel_before", line->nights[p->last].kernel,
			 "kernel_after", line->nights[p->night].kernel,
			 "before", real_json(p->before), "after", real_json(p->after),
			 "size", real_json(p->size), "relative", real_json(p->relative),
			 "effect_sigma", real_json(p->effect), "p", real_json(p->p));
}

/* What programs read of a history, a new object; NULL without memory. */
json_t *history_data(const struct history_view *view)
{
	const struct history *h = view->history;
	json_t *machines = json_array(), *changes = json_array();

	for (int i = 0; machines && i < h->nr_lines; i++)
		json_array_append_new(machines, line_json(&h->lines[i]));
	for (int i = 0; changes && i < view->nr_changes; i++)
		json_array_append_new(changes, change_json(h, &view->changes[i]));
	return json_pack("{s:s, s:i, s:i, s:i, s:o, s:o}", "schema", HISTORY_SCHEMA,
			 "records", h->nr_records, "passed_over", view->passed_over,
			 "known_others", view->known_others,
			 "changes", changes, "machines", machines);
}
