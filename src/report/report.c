// SPDX-License-Identifier: GPL-2.0-or-later
/* A report while it is built, and its end. */
#include "report/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/words.h"

/* An empty report; report_free() frees it whatever is added. */
void report_init(struct report *report, const char *name, const char *title)
{
	*report = (struct report){ .name = name };
	report->title = report_text(report, "%s", title);
}

/* @nr elements of @size, zeroed; NULL, and remembered, without memory. */
void *report_room(struct report *report, size_t nr, size_t size)
{
	void *room = calloc(nr ? nr : 1, size);

	if (!room)
		report->err = -ENOMEM;
	return room;
}

/* One more element, zeroed, at the end of an array; NULL, and remembered, without memory. */
static void *append(struct report *report, void **array, int *nr, size_t size)
{
	char *larger;

	if (report->err)
		return NULL;
	larger = realloc(*array, (size_t)(*nr + 1) * size);
	if (!larger) {
		report->err = -ENOMEM;
		return NULL;
	}
	*array = larger;
	return memset(larger + (size_t)(*nr)++ * size, 0, size);
}

static char *format_text(struct report *report, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) >= 0)
		return text;
	report->err = -ENOMEM;
	return NULL;
}

/* Text on the heap, its owner's to free; NULL, and remembered, without memory. */
char *report_text(struct report *report, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(report, format, args);
	va_end(args);
	return text;
}

static char *kept(struct report *report, char *text)
{
	if (!text)
		report->err = -ENOMEM;
	return text;
}

/* As words_case(); NULL, and remembered, without memory. */
char *report_case(struct report *report, const struct case_id *id)
{
	return kept(report, words_case(id));
}

/* As words_workload(); NULL, and remembered, without memory. */
char *report_workload(struct report *report, const struct case_id *id)
{
	return kept(report, words_workload(id));
}

/* As words_placement(); NULL, and remembered, without memory. */
char *report_placement(struct report *report, const struct case_id *id)
{
	return kept(report, words_placement(id));
}

/* Takes @text over into @list; NULL is remembered as what did not fit into memory. */
void report_add_text(struct report *report, char ***list, int *nr, char *text)
{
	char **slot = kept(report, text) ? append(report, (void **)list, nr, sizeof(*slot)) : NULL;

	if (slot)
		*slot = text;
	else
		free(text);
}

/* One more sentence of the headline. */
void report_say(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_add_text(report, &report->headline, &report->nr_headline,
			format_text(report, format, args));
	va_end(args);
}

/* One more line above the tables; @label is a literal. */
void report_fact(struct report *report, const char *label, const char *format, ...)
{
	struct report_fact *fact = append(report, (void **)&report->facts, &report->nr_facts,
					  sizeof(*fact));
	va_list args;

	if (!fact)
		return;
	fact->label = label;
	va_start(args, format);
	fact->text = format_text(report, format, args);
	va_end(args);
}

/* The note of this level and text, added if it is new. Takes @text over. */
static struct report_note *note_of(struct report *report, enum note_level level, char *text)
{
	struct report_note *note;

	for (int i = 0; text && i < report->nr_notes; i++) {
		note = &report->notes[i];
		if (note->level == level && !strcmp(note->text, text)) {
			free(text);
			return note;
		}
	}
	note = text ? append(report, (void **)&report->notes, &report->nr_notes, sizeof(*note)) :
	       NULL;
	if (!note) {
		free(text);
		return NULL;
	}
	note->level = level;
	note->text = text;
	return note;
}

/*
 * Something to know, of the case @case_name or, if that is NULL, of all. What is said of
 * several cases becomes one note.
 */
void report_note(struct report *report, enum note_level level, const char *case_name,
		 const char *format, ...)
{
	struct report_note *note;
	va_list args;

	va_start(args, format);
	note = note_of(report, level, format_text(report, format, args));
	va_end(args);
	if (note && case_name)
		report_add_text(report, &note->cases, &note->nr_cases,
				report_text(report, "%s", case_name));
}

/* The words of the command that makes the report again. */
void report_command(struct report *report, char *const *words, int nr)
{
	for (int i = 0; i < nr; i++)
		report_add_text(report, &report->words, &report->nr_words,
				report_text(report, "%s", words[i]));
}

/*
 * One more table, whose literals stay the caller's. It holds until the next one is added.
 * NULL without memory: the functions that take a table do nothing then.
 */
struct report_table *report_add_table(struct report *report, const char *id, const char *title,
				      const struct report_column *columns, int nr_columns)
{
	struct report_table *table = append(report, (void **)&report->tables,
					    &report->nr_tables, sizeof(*table));

	if (!table)
		return NULL;
	table->id = id;
	table->title = title;
	table->nr_columns = nr_columns;
	memcpy(table->columns, columns, (size_t)nr_columns * sizeof(*columns));
	return table;
}

/* One more sentence on how to read the table. */
void report_legend(struct report *report, struct report_table *table, const char *format, ...)
{
	va_list args;

	if (!table)
		return;
	va_start(args, format);
	report_add_text(report, &table->legend, &table->nr_legend,
			format_text(report, format, args));
	va_end(args);
}

/* One more row, its cells to be filled; NULL without memory. */
struct cell *report_add_row(struct report *report, struct report_table *table)
{
	struct row *row = table ? append(report, (void **)&table->rows, &table->nr_rows,
					 sizeof(*row)) : NULL;

	if (!row)
		return NULL;
	row->cells = report_room(report, (size_t)table->nr_columns, sizeof(*row->cells));
	return row->cells;
}

/* One more figure, which holds until the next one is added; NULL without memory. */
struct figure *report_add_figure(struct report *report, enum figure_kind kind,
				 const char *section)
{
	struct figure *figure = append(report, (void **)&report->figures, &report->nr_figures,
				       sizeof(*figure));

	if (figure) {
		figure->kind = kind;
		figure->section = section;
	}
	return figure;
}

/* Takes @data over, what programs read beside the report; NULL did not fit into memory. */
void report_data(struct report *report, json_t *data)
{
	report->data = data;
	if (!data)
		report->err = -ENOMEM;
}

/* Is there a graph of IPIs against CPUs, or the bars that stand for it? */
bool report_has_graph(const struct report *report)
{
	for (int i = 0; i < report->nr_figures; i++)
		if (report->figures[i].kind == FIGURE_SCALE ||
		    report->figures[i].kind == FIGURE_BARS)
			return true;
	return false;
}

/* 0, or -ENOMEM if anything is missing for lack of memory. */
int report_finish(struct report *report)
{
	return report->err;
}

static void free_list(char **list, int nr)
{
	for (int i = 0; i < nr; i++)
		free(list[i]);
	free(list);
}

static void free_table(struct report_table *table)
{
	for (int i = 0; i < table->nr_rows; i++) {
		for (int j = 0; table->rows[i].cells && j < table->nr_columns; j++)
			free(table->rows[i].cells[j].text);
		free(table->rows[i].cells);
		free(table->rows[i].link);
	}
	free(table->rows);
	free_list(table->legend, table->nr_legend);
}

/* NULL is fine. */
void figure_heat_free(struct figure_heat *heat)
{
	if (!heat)
		return;
	free(heat->from);
	free(heat->to);
	free(heat->node);
	free(heat->ns[0]);
	free(heat->ns[1]);
	free(heat);
}

static void free_figure(struct figure *figure)
{
	figure_heat_free(figure->heat);
	free(figure->id);
	free(figure->title);
	free(figure->line);
	free(figure->line_title);
	free(figure->caption);
	free_list(figure->items, figure->nr_items);
	free_list(figure->labels, figure->labels ? figure->nr_points : 0);
	free_list(figure->kernels, figure->kernels ? figure->nr_nights : 0);
	free(figure->points);
	free(figure->hist[0]);
	free(figure->hist[1]);
	free(figure->cpus);
	free(figure->nights);
	free(figure->levels);
}

/* Frees all that a report holds, not the struct. */
void report_free(struct report *report)
{
	free(report->title);
	free_list(report->headline, report->nr_headline);
	for (int i = 0; i < report->nr_facts; i++)
		free(report->facts[i].text);
	free(report->facts);
	for (int i = 0; i < report->nr_tables; i++)
		free_table(&report->tables[i]);
	free(report->tables);
	for (int i = 0; i < report->nr_figures; i++)
		free_figure(&report->figures[i]);
	free(report->figures);
	for (int i = 0; i < report->nr_notes; i++) {
		free(report->notes[i].text);
		free_list(report->notes[i].cases, report->notes[i].nr_cases);
	}
	free(report->notes);
	free_list(report->words, report->nr_words);
	json_decref(report->summary);
	json_decref(report->data);
	memset(report, 0, sizeof(*report));
}
