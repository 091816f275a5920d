// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison for programs, schema tlbsync.compare/1: the exact totals and what
 * the table says, unrounded. Unknown is null; times from emulation are null too.
 * Boots of one kernel, for the noise floor, are of schema tlbsync.noise/1.
 */
#include <math.h>
#include <string.h>

#include "report/compare-parts.h"
#include "report/parts.h"

#define COMPARE_SCHEMA	"tlbsync.compare/1"
#define NOISE_SCHEMA	"tlbsync.noise/1"

static json_t *boots_json(const struct comparison *cmp, enum side side)
{
	json_t *json = json_array();

	for (int i = 0; json && i < cmp->nr_boots[side]; i++) {
		const struct compare_boot *boot = &cmp->boots[side][i];

		json_array_append_new(json, json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}",
			"file", string_json(boot->label),
			"started", boot->rec.started ? boot->rec.started : "",
			"id", boot->rec.id,
			"boot_id", boot->rec.kernel.boot_id,
			"release", boot->rec.kernel.release,
			"static_key", key_state_name(boot->rec.kernel.static_key)));
	}
	return json;
}

static json_t *verdict_json(enum verdict verdict)
{
	return verdict == VERDICT_NULL ? json_null() : json_boolean(verdict == VERDICT_TRUE);
}

static json_t *count_json(const struct compare_side *side, enum ipi_class cls)
{
	if (side->uncounted || !side->boots)
		return json_null();
	return json_pack("{s:I, s:f}", "total", (json_int_t)side->total[cls],
			 "per_op", (double)side->total[cls] / (double)side->ops);
}

static json_t *expected_json(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

/* Each boot's, in the order of the boots. */
static json_t *p50_json(const struct compare_side *side, bool times)
{
	json_t *json = times ? json_array() : json_null();

	for (int i = 0; times && i < side->boots; i++)
		json_array_append_new(json, real_json(side->figures[i].value[METRIC_P50]));
	return json;
}

static json_t *summary_json(const struct shift *shift, enum side side)
{
	const struct summary *summary = &shift->side[side];

	return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "boots", shift->n[side],
			 "min", summary->min, "quarter", summary->quarter,
			 "median", summary->median, "three_quarters", summary->three_quarters,
			 "max", summary->max);
}

static const char *change_word(const struct shift *shift)
{
	return !shift->changed ? "~" : shift_direction(shift) < 0 ? "better" :
	       shift_direction(shift) > 0 ? "worse" : "moved";
}

/* In the metric's unit, patched less base; of one kernel, later less earlier. */
static json_t *shift_json(const struct shift *shift, const struct compare_view *view)
{
	bool halves = view->shifts->halves, floor = halves || view->noise;
	const struct rank_test *test = &shift->test;

	return json_pack("{s:o, s:o, s:f, s:[f, f], s:f, s:o, s:o, s:o, s:o, s:o}",
		halves ? "earlier" : "base", summary_json(shift, SIDE_BASE),
		halves ? "later" : "patched", summary_json(shift, SIDE_PATCHED),
		"shift", test->shift, "interval", test->lo, test->hi, "level", test->level,
		"p", json_real(test->p),
		"p_holm", shift->tested ? json_real(shift->p) : json_null(),
		"smallest", shift->tested ? real_json(shift->smallest) : json_null(),
		"floor", floor ? real_json(shift->floor) : json_null(),
		"change", shift->tested ? json_string(change_word(shift)) : json_null());
}

/* The metrics that have a row; null where no times are told. */
static json_t *times_json(const struct compare_view *view, int at_case)
{
	const struct shifts *shifts = view->shifts;
	json_t *json = *shifts->none ? json_null() : json_object();

	for (int i = 0; i < shifts->nr; i++)
		if (shifts->shift[i].at_case == at_case)
			json_object_set_new(json, shifts->shift[i].metric->key,
					    shift_json(&shifts->shift[i], view));
	return json;
}

/* Which test the times were put to, or why none. */
static json_t *test_json(const struct shifts *shifts)
{
	return json_pack("{s:o, s:s, s:i, s:i, s:b}",
			 "none", *shifts->none ? json_string(shifts->none) : json_null(),
			 "test", shifts->paired ? "signed-rank" : "mann-whitney",
			 "pairs", shifts->nr_pairs, "tests", shifts->nr_tests,
			 "order_known", shifts->order.known);
}

static json_t *side_json(const struct compare_side *side, bool times)
{
	bool same = !side->expect_varies && side->boots;

	return json_pack("{s:i, s:i, s:i, s:s, s:I, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:I, s:o}",
			 "boots", side->boots, "skipped", side->skipped,
			 "failed", side->failed, "reason", side->reason,
			 "ops", (json_int_t)side->ops,
			 "sync", count_json(side, IPI_SYNC),
			 "flush", count_json(side, IPI_FLUSH),
			 "other", count_json(side, IPI_OTHER),
			 "estimate", side->estimate,
			 "expected_sync_per_op",
			 expected_json(same && side->expect.has_sync, side->expect.sync_per_op),
			 "expected_flush_per_op",
			 expected_json(same && side->expect.has_flush, side->expect.flush_per_op),
			 "as_expected", verdict_json(side->as_expected),
			 "lost", (json_int_t)side->lost,
			 "p50_ns", p50_json(side, times));
}

static json_t *cases_json(const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;
	bool times = !compare_emulated(cmp);
	json_t *json = json_array();

	for (int i = 0; json && i < cmp->nr_cases; i++) {
		const struct compare_case *c = &cmp->cases[i];

		json_array_append_new(json, json_pack("{s:s, s:s, s:i, s:s, s:o, s:b, s:o, s:o, s:o, s:o}",
			"workload", c->id.workload, "placement", c->id.placement,
			"initiators", case_id_initiators(&c->id), "as", crew_as_name(c->id.as),
			"params", params_json(&c->id), "matched", compare_matched(c),
			"as_expected", verdict_json(compare_verdict(c)),
			"base", side_json(&c->side[SIDE_BASE], times),
			"patched", side_json(&c->side[SIDE_PATCHED], times),
			"times", times_json(view, i)));
	}
	return json;
}

static json_t *warnings_json(const struct compare_view *view)
{
	const struct comparison *both[] = { view->cmp, view->noise };
	json_t *json = json_array();

	for (int i = 0; i < 2; i++)
		for (int j = 0; json && both[i] && j < both[i]->nr_findings; j++)
			json_array_append_new(json, string_json(both[i]->findings[j].text));
	return json;
}

static json_t *noise_cases_json(const struct compare_view *view)
{
	json_t *json = json_array();

	for (int i = 0; json && i < view->cmp->nr_cases; i++) {
		const struct compare_case *c = &view->cmp->cases[i];

		json_array_append_new(json, json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}",
			"workload", c->id.workload, "placement", c->id.placement,
			"initiators", case_id_initiators(&c->id), "as", crew_as_name(c->id.as),
			"params", params_json(&c->id), "times", times_json(view, i)));
	}
	return json;
}

/* What programs read of a finished comparison, a new object; NULL without memory. */
json_t *compare_data(const struct compare_view *view)
{
	const struct comparison *cmp = view->cmp;

	if (view->shifts->halves)
		return json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", NOISE_SCHEMA,
				 "boots", boots_json(cmp, SIDE_BASE),
				 "times", test_json(view->shifts),
				 "cases", noise_cases_json(view), "warnings", warnings_json(view));
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", COMPARE_SCHEMA,
			 "unit", compare_unit(cmp),
			 "emulated", compare_emulated(cmp),
			 "base", boots_json(cmp, SIDE_BASE),
			 "patched", boots_json(cmp, SIDE_PATCHED),
			 "noise", view->noise ? boots_json(view->noise, SIDE_BASE) : json_null(),
			 "times", test_json(view->shifts),
			 "cases", cases_json(view), "warnings", warnings_json(view));
}
