// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report for programs: headline, summary, facts, tables and notes, the same for whatever
 * is reported, and beside them what its kind has to say in full, by the names of its
 * schema. Figures are unrounded, in the unit that their column's key ends in.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/cell.h"
#include "render/render.h"
#include "render/text.h"

static json_t *text_json(const char *text)
{
	char *clean = strdup(text ? text : "");
	json_t *json;

	if (!clean)
		return NULL;
	text_clean(clean);
	json = json_string(clean);
	free(clean);
	return json;
}

static json_t *list_json(char **list, int nr)
{
	json_t *json = json_array();

	for (int i = 0; json && i < nr; i++)
		json_array_append_new(json, text_json(list[i]));
	return json;
}

static json_t *value_json(const struct value *value)
{
	if (!value->known)
		return json_null();
	if (value->quantity == QUANTITY_COUNT)
		return json_integer((json_int_t)value->count);
	return json_real(value->number);
}

static json_t *pair_json(const struct value v[2], const char *first, const char *second)
{
	return json_pack("{s:o, s:o}", first, value_json(&v[0]), second, value_json(&v[1]));
}

/* The factor by which a count changed; null where nobody knows, or it was 0 before. */
static json_t *change_json(const struct change *change)
{
	switch (change->kind) {
	case CHANGE_SAME:
		return json_real(1);
	case CHANGE_GONE:
		return json_real(0);
	case CHANGE_FACTOR:
	case CHANGE_SHARE:
		return json_real(change->factor);
	default:
		return json_null();
	}
}

static json_t *words_json(const struct cell *cell)
{
	char *words = cell_words(cell, " -> ");
	json_t *json = text_json(words);

	free(words);
	return json;
}

/* The expectation of one side; of flushes that have a range the most, and "flush_least". */
static json_t *expect_json(const struct cell *cell, int side)
{
	json_t *json = cell->varies[side] ? json_null() :
		       pair_json(cell->v + 2 * side, "sync", "flush");

	if (cell->least[side].known && !cell->varies[side])
		json_object_set_new(json, "flush_least", value_json(&cell->least[side]));
	return json;
}

static json_t *cell_json(const struct cell *cell)
{
	switch (cell->kind) {
	case CELL_EMPTY:
		return json_null();
	case CELL_VALUE:
		return value_json(&cell->v[0]);
	case CELL_PAIR:
	case CELL_BOTH:
		return pair_json(cell->v, "base", "patched");
	case CELL_EXPECT:
		return expect_json(cell, 0);
	case CELL_EXPECTS:
		return json_pack("{s:o, s:o}", "base", expect_json(cell, 0), "patched",
				 expect_json(cell, 1));
	case CELL_RANGE:
		return pair_json(cell->v, "low", "high");
	case CELL_CHANGES:
		return json_pack("{s:o, s:o}", "sync", change_json(&cell->change[0]), "flush",
				 change_json(&cell->change[1]));
	default:
		return words_json(cell);
	}
}

/* Is any figure of the row an estimate? */
static bool is_estimate(const struct row *row, int nr)
{
	for (int i = 0; i < nr; i++)
		for (int j = 0; j < 2; j++)
			if (row->cells[i].v[j].known && row->cells[i].v[j].estimate)
				return true;
	return false;
}

static json_t *rows_json(const struct report_table *table)
{
	json_t *rows = json_array();

	for (int i = 0; rows && i < table->nr_rows; i++) {
		json_t *row = json_object();

		for (int j = 0; row && j < table->nr_columns; j++)
			json_object_set_new(row, table->columns[j].key,
					    cell_json(&table->rows[i].cells[j]));
		if (is_estimate(&table->rows[i], table->nr_columns))
			json_object_set_new(row, "estimate", json_true());
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *tables_json(const struct report *report)
{
	json_t *tables = json_array();

	for (int i = 0; tables && i < report->nr_tables; i++) {
		const struct report_table *table = &report->tables[i];

		json_array_append_new(tables, json_pack("{s:s, s:s, s:o}", "id", table->id,
							"title", table->title,
							"rows", rows_json(table)));
	}
	return tables;
}

static json_t *facts_json(const struct report *report)
{
	json_t *facts = json_array();

	for (int i = 0; facts && i < report->nr_facts; i++)
		json_array_append_new(facts, json_pack("{s:s, s:o}",
			"label", report->facts[i].label,
			"text", text_json(report->facts[i].text)));
	return facts;
}

static json_t *notes_json(const struct report *report)
{
	static const char *const levels[] = {
		[NOTE_WARNING] = "warning", [NOTE_REASON] = "reason", [NOTE_DETAIL] = "detail",
	};
	json_t *notes = json_array();

	for (int i = 0; notes && i < report->nr_notes; i++) {
		const struct report_note *note = &report->notes[i];

		json_array_append_new(notes, json_pack("{s:s, s:o, s:o}",
			"level", levels[note->level], "text", text_json(note->text),
			"cases", list_json(note->cases, note->nr_cases)));
	}
	return notes;
}

/* Prints @report as JSON on @out. Returns 0, or -ENOMEM; errors of writing stay in @out. */
int render_json(FILE *out, const struct report *report)
{
	json_t *all = json_object();
	int err;

	json_object_update(all, report->data);
	json_object_set_new(all, "headline", list_json(report->headline, report->nr_headline));
	json_object_set(all, "summary", report->summary ? report->summary : json_null());
	json_object_set_new(all, "facts", facts_json(report));
	json_object_set_new(all, "tables", tables_json(report));
	json_object_set_new(all, "notes", notes_json(report));
	err = all ? json_dumpf(all, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) : -1;
	fputc('\n', out);
	json_decref(all);
	return err && !ferror(out) ? -ENOMEM : 0;
}
