// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One night's verdict: a sentence for each regression and each case that is no longer
 * measured, how many regressions there are, and the figures of each in a row.
 */
#include "report/judge.h"

#include <stdlib.h>
#include <string.h>

#include "report/history-parts.h"
#include "report/parts.h"
#include "report/words.h"

#define JUDGE_SCHEMA	"tlbsync.judge/1"

enum {
	ROW_CASE, ROW_FINDING, ROW_BEFORE, ROW_AFTER, ROW_CHANGE, ROW_ALSO, ROW_P, ROW_NIGHT,
	ROW_KERNELS, NR_ROW_COLUMNS,
};

static const struct report_column row_columns[NR_ROW_COLUMNS] = {
	{ "case", "case", .right = false }, { "finding", "finding", .right = false },
	{ "before", "before", .right = true }, { "after", "after", .right = true },
	{ "change", "change", .right = true }, { "also", "also", .right = false, .drop = 1 },
	{ "p", "p", .right = true, .drop = 2 }, { "night", "night", .right = false },
	{ "kernels", "kernels", .right = false },
};

static bool has_figures(const struct judge_finding *finding)
{
	return finding->kind == JUDGE_COUNT || finding->kind == JUDGE_TIME;
}

/* "failed", "not as predicted", "sync/op", "p50". */
static char *finding_name(struct report *report, const struct judge_finding *finding)
{
	if (!has_figures(finding))
		return report_text(report, "%s", finding->kind == JUDGE_FAILED ? "failed" :
				   "not as predicted");
	return report_text(report, "%s%s", finding->metric.name,
			   finding->kind == JUDGE_COUNT ? "/op" : "");
}

/* The finding as a part of a sentence, on the heap. */
static char *finding_text(struct report *report, const struct judge_finding *finding)
{
	const char *reason = finding->reason && *finding->reason ? finding->reason : NULL;
	char before[WORDS_SIZE], after[WORDS_SIZE];

	switch (finding->kind) {
	case JUDGE_FAILED:
	case JUDGE_UNEXPECTED:
		return report_text(report, "%s%s%s", finding->kind == JUDGE_FAILED ? "failed" :
				   "not as the kernel source predicts", reason ? ": " : "",
				   reason ? reason : "");
	case JUDGE_COUNT:
		return report_text(report, "%s/op %s, up from %s, the median of %d night%s",
				   finding->metric.name,
				   words_per_op(after, finding->requested, finding->ops),
				   words_plain(before, finding->before), finding->nights,
				   plural(finding->nights));
	default:
		return report_text(report, "%s %s to %s", finding->metric.name,
				   words_time(before, finding->before),
				   words_time(after, finding->after));
	}
}

/* What @text makes of each finding from @first on, joined by @between; on the heap. */
static char *findings_text(struct report *report, const struct judge_regression *r, int first,
			   const char *between,
			   char *(*text)(struct report *, const struct judge_finding *))
{
	char *all = NULL;

	for (int i = first; i < r->nr; i++) {
		char *one = text(report, &r->finding[i]);
		char *longer = report_text(report, "%s%s%s", all ? all : "", all ? between : "",
					   one ? one : "");

		free(one);
		free(all);
		all = longer;
	}
	return all;
}

/* ", on 2025-01-12, kernel 7.2.0 to 7.2.1, p=0.0002" of a change point; else "". */
static char *when_text(struct report *report, const struct judge_regression *r)
{
	const struct history_change *change = r->change;
	const char *before, *after;
	char night[11];

	if (!change)
		return report_text(report, "%s", "");
	before = change->line->nights[change->point->last].kernel;
	after = change->line->nights[change->point->night].kernel;
	history_date(change->line->nights[change->point->night].day, night);
	return report_text(report, " on %s, kernel %s%s%s, p=%.1g", night, before,
			   strcmp(before, after) ? " to " : "",
			   strcmp(before, after) ? after : "", change->point->p);
}

static void say_regression(struct report *report, const struct judge_regression *r)
{
	char *name = report_case(report, r->id), *when = when_text(report, r);
	char *what = findings_text(report, r, 0, r->change ? ", " : "; ", finding_text);

	report_say(report, "regression: %s: %s%s", name ? name : "", what ? what : "",
		   when ? when : "");
	free(what);
	free(when);
	free(name);
}

static void add_headline(struct report *report, const struct judge *judge)
{
	for (int i = 0; i < judge->nr_regressions; i++)
		say_regression(report, &judge->regressions[i]);
	for (int i = 0; i < judge->nr_missing; i++) {
		char *name = report_case(report, judge->missing[i]);

		report_say(report, "note: %s: measured the night before, not tonight",
			   name ? name : "");
		free(name);
	}
	report_say(report, "%d regression%s", judge->nr_regressions,
		   plural(judge->nr_regressions));
	report->summary = json_pack("{s:i, s:i, s:i}", "regressions", judge->nr_regressions,
				    "not_measured", judge->nr_missing, "nights", judge->nr_days);
}

static void add_facts(struct report *report, const struct judge_view *view)
{
	const struct judge *judge = view->judge;
	const struct history_line *line = &judge->history.lines[0];
	char first[11], last[11];

	report_fact(report, "record", "%s", view->file);
	fact_kernel(report, "kernel", judge->record);
	fact_machine(report, judge->record);
	if (!judge->nr_days) {
		report_fact(report, "compared", "with nothing: there is no earlier night of this "
			    "machine, kernel %s, key %s in %s", words_or_unknown(line->series),
			    key_state_name(line->key), view->folder);
		return;
	}
	history_date(judge->days[0], first);
	history_date(judge->days[judge->nr_days - 1], last);
	report_fact(report, "compared", "with %d night%s of this machine, kernel %s, key %s in %s: "
		    "%s to %s%s", judge->nr_days, plural(judge->nr_days),
		    words_or_unknown(line->series), key_state_name(line->key), view->folder, first,
		    last, history_emulated(line) ? "; emulated: no times" : "");
}

/* The first figures, and by how much they moved. */
static void fill_figures(struct cell *cells, const struct judge_finding *finding)
{
	bool time = finding->kind == JUDGE_TIME;
	struct value change = value_unknown();

	if (finding->before > 0)
		change = value_of(QUANTITY_SHARE, finding->after / finding->before - 1);
	change.sign = true;
	cells[ROW_BEFORE] = cell_value(value_of(time ? QUANTITY_NS : QUANTITY_PLAIN,
						finding->before));
	cells[ROW_AFTER] = cell_value(time ? value_of(QUANTITY_NS, finding->after) :
				      value_per_op(finding->requested, finding->ops));
	cells[ROW_CHANGE] = cell_value(change);
	cells[ROW_CHANGE].direction = 1;
}

static void add_row(struct report *report, struct report_table *table, const struct judge *judge,
		    const struct judge_regression *r)
{
	struct cell *cells = report_add_row(report, table);
	const struct history_change *change = r->change;
	const struct history_line *line = &judge->history.lines[0];
	char night[11];

	if (!cells)
		return;
	history_date(change ? line->nights[change->point->night].day : judge->day, night);
	cells[ROW_CASE] = cell_text(report_case(report, r->id));
	cells[ROW_FINDING] = cell_text(finding_name(report, &r->finding[0]));
	cells[ROW_FINDING].direction = 1;
	for (int i = r->nr - 1; i >= 0; i--)
		if (has_figures(&r->finding[i]))
			fill_figures(cells, &r->finding[i]);
	cells[ROW_ALSO] = cell_text(findings_text(report, r, 1, ", ", finding_name));
	if (change)
		cells[ROW_P] = cell_value(value_of(QUANTITY_P, change->point->p));
	cells[ROW_NIGHT] = cell_text(report_text(report, "%s", night));
	cells[ROW_KERNELS] = cell_text(change ? history_kernels(report, change) :
				       report_text(report, "%s",
						   words_or_unknown(judge->record->kernel.release)));
}

static void add_table(struct report *report, const struct judge *judge)
{
	struct report_table *table;

	if (!judge->nr_regressions)
		return;
	table = report_add_table(report, "regressions", "Regressions", row_columns,
				 NR_ROW_COLUMNS);
	if (table)
		table->lead = true;
	for (int i = 0; i < judge->nr_regressions; i++)
		add_row(report, table, judge, &judge->regressions[i]);
	report_legend(report, table, "before: a count in the median of the nights before, each by its "
		      "costliest op, or the level of a time; also: what else is wrong in that case "
		      "and night.");
}

/* ---- for programs ---------------------------------------------------------- */

static json_t *finding_json(const struct judge_finding *finding)
{
	static const char *const kinds[] = {
		[JUDGE_FAILED] = "failed", [JUDGE_UNEXPECTED] = "unexpected",
		[JUDGE_COUNT] = "count", [JUDGE_TIME] = "time",
	};
	json_t *json = json_pack("{s:s}", "kind", kinds[finding->kind]);

	if (!has_figures(finding)) {
		json_object_set_new(json, "reason", string_json(finding->reason ?
								finding->reason : ""));
		return json;
	}
	json_object_set_new(json, "metric", string_json(finding->metric.name));
	json_object_set_new(json, "unit", json_string(history_unit_name(finding->metric.unit)));
	json_object_set_new(json, "before", real_json(finding->before));
	json_object_set_new(json, "after", real_json(finding->after));
	if (finding->kind == JUDGE_COUNT)
		json_object_set_new(json, "nights", json_integer(finding->nights));
	return json;
}

static json_t *case_json(const struct case_id *id)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:o}", "workload", id->workload,
			 "placement", id->placement, "initiators", case_id_initiators(id),
			 "as", crew_as_name(id->as),
			 "params", params_json(id));
}

static json_t *day_json(int day)
{
	char date[11];

	history_date(day, date);
	return json_string(date);
}

static json_t *regression_json(const struct judge *judge, const struct judge_regression *r)
{
	const struct history_night *nights = judge->history.lines[0].nights;
	const struct change_point *point = r->change ? r->change->point : NULL;
	json_t *json = case_json(r->id), *findings = json_array();

	for (int i = 0; findings && i < r->nr; i++)
		json_array_append_new(findings, finding_json(&r->finding[i]));
	json_object_set_new(json, "findings", findings);
	json_object_set_new(json, "night", day_json(point ? nights[point->night].day : judge->day));
	if (point) {
		json_object_set_new(json, "kernel_before", string_json(nights[point->last].kernel));
		json_object_set_new(json, "kernel_after", string_json(nights[point->night].kernel));
		json_object_set_new(json, "p", real_json(point->p));
	}
	return json;
}

/* Schema tlbsync.judge/1, a new object; NULL without memory. */
static json_t *judge_data(const struct judge_view *view)
{
	const struct judge *judge = view->judge;
	const struct history_line *line = &judge->history.lines[0];
	json_t *regressions = json_array(), *missing = json_array(), *nights = json_array();

	for (int i = 0; regressions && i < judge->nr_regressions; i++)
		json_array_append_new(regressions, regression_json(judge, &judge->regressions[i]));
	for (int i = 0; missing && i < judge->nr_missing; i++)
		json_array_append_new(missing, case_json(judge->missing[i]));
	for (int i = 0; nights && i < judge->nr_days; i++)
		json_array_append_new(nights, day_json(judge->days[i]));
	return json_pack("{s:s, s:o, s:o, s:s, s:i, s:i, s:o, s:o, s:o}", "schema", JUDGE_SCHEMA,
			 "record", string_json(judge->record->id ? judge->record->id : ""),
			 "kernel_series", string_json(line->series),
			 "static_key", key_state_name(line->key), "passed_over", view->passed_over,
			 "known_others", view->known_others, "nights", nights,
			 "regressions", regressions, "not_measured", missing);
}

/* Builds the report of @view, which report_free() frees whatever is returned: 0 or -ENOMEM. */
int report_judge(struct report *report, const struct judge_view *view)
{
	report_init(report, "judge", "tlbsync history --judge");
	report->one_kernel = true;
	add_headline(report, view->judge);
	add_facts(report, view);
	add_table(report, view->judge);
	report_data(report, judge_data(view));
	return report_finish(report);
}
