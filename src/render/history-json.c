// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A history for programs, schema tlbsync.history/1: every night's values, null where none
 * was measured, and the change points, worst first. What is infinite is null.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/history.h"

#define HISTORY_SCHEMA	"tlbsync.history/1"

/* File names need not be UTF-8; JSON must. */
static json_t *string_json(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	if (!copy)
		return NULL;
	text_clean(copy);
	json = json_string(copy);
	free(copy);
	return json;
}

static json_t *real_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *date_json(const struct history_machine *m, int night)
{
	char date[11];

	history_date(m->nights[night].day, date);
	return json_string(date);
}

static json_t *nights_json(const struct history_machine *m)
{
	json_t *json = json_array();

	for (int i = 0; json && i < m->nr_nights; i++)
		json_array_append_new(json, json_pack("{s:o, s:o, s:b, s:i}",
			"date", date_json(m, i), "kernel", string_json(m->nights[i].kernel),
			"mixed_kernels", m->nights[i].mixed,
			"records", m->nights[i].records));
	return json;
}

static json_t *params_json(const struct history_case *c)
{
	json_t *json = json_object();

	for (int i = 0; json && i < c->id.nr_params; i++)
		json_object_set_new(json, c->id.params[i].name,
				    json_integer((json_int_t)c->id.params[i].value));
	return json;
}

static const char *unit_name(enum unit unit)
{
	static const char *const names[] = {
		[UNIT_COUNT] = "per_op", [UNIT_NS] = "ns", [UNIT_RATE] = "per_second",
	};

	return names[unit];
}

static json_t *series_json(const struct history_machine *m, const struct history_case *c,
			   const struct history_series *s)
{
	json_t *values = json_array();

	for (int i = 0; values && i < m->nr_nights; i++)
		json_array_append_new(values, real_json(s->night[i]));
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o}", "workload", c->id.workload,
			 "placement", c->id.placement, "params", params_json(c),
			 "metric", s->metric.name, "unit", unit_name(s->metric.unit), "values", values);
}

static json_t *machine_json(const struct history_machine *m)
{
	json_t *series = json_array();

	for (int i = 0; series && i < m->nr_cases; i++)
		for (int j = 0; j < m->cases[i].nr_series; j++)
			json_array_append_new(series, series_json(m, &m->cases[i],
								  &m->cases[i].series[j]));
	return json_pack("{s:s, s:s, s:i, s:s, s:b, s:i, s:o, s:o}", "host", m->id.host,
			 "cpu", m->id.cpu, "cpus_online", m->id.cpus_online,
			 "hypervisor", m->id.hypervisor, "emulated", history_emulated(m),
			 "older_nights", m->older_nights, "nights", nights_json(m),
			 "series", series);
}

static json_t *change_json(const struct history *h, const struct history_change *change)
{
	const struct history_machine *m = change->machine;
	const struct change_point *p = change->point;

	return json_pack("{s:i, s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:s,"
			 " s:o, s:o, s:o, s:o, s:o, s:o}",
			 "machine", (int)(m - h->machines), "workload", change->c->id.workload,
			 "placement", change->c->id.placement, "params", params_json(change->c),
			 "metric", change->series->metric.name,
			 "unit", unit_name(change->series->metric.unit),
			 "verdict", history_verdict(change),
			 "last_night", date_json(m, p->last), "night", date_json(m, p->night),
			 "kernel_before", m->nights[p->last].kernel,
			 "kernel_after", m->nights[p->night].kernel,
			 "before", real_json(p->before), "after", real_json(p->after),
			 "size", real_json(p->size), "relative", real_json(p->relative),
			 "effect_sigma", real_json(p->effect), "p", real_json(p->p));
}

/* @report as a new JSON object; NULL without memory. */
json_t *history_to_json(const struct history_report *report)
{
	const struct history *h = report->history;
	json_t *machines = json_array(), *changes = json_array();

	for (int i = 0; machines && i < h->nr_machines; i++)
		json_array_append_new(machines, machine_json(&h->machines[i]));
	for (int i = 0; changes && i < report->nr_changes; i++)
		json_array_append_new(changes, change_json(h, &report->changes[i]));
	return json_pack("{s:s, s:i, s:i, s:o, s:o}", "schema", HISTORY_SCHEMA,
			 "records", h->nr_records, "passed_over", report->passed_over,
			 "changes", changes, "machines", machines);
}
