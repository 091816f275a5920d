/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said of a run, a comparison or a history, before anybody decides how it looks.
 * Cells are typed: a form prints a figure, a pair or a verdict as it likes, and never reads
 * what another form wrote. All text and arrays are the report's own.
 *
 * Whoever builds a report adds to it without looking; what runs out of memory is kept in
 * @err and told once, by report_finish().
 */
#ifndef TLBSYNC_REPORT_REPORT_H
#define TLBSYNC_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "case/case-id.h"
#include "case/histogram.h"

enum quantity {
	QUANTITY_COUNT,		/* whole, exact */
	QUANTITY_PER_OP,	/* .count of .ops */
	QUANTITY_PLAIN,		/* a figure without a unit */
	QUANTITY_NS,
	QUANTITY_RATE,		/* a second */
	QUANTITY_SHARE,		/* of one */
	QUANTITY_P,		/* a probability */
};

struct value {
	enum quantity quantity;
	bool known;
	bool estimate;		/* marked ~ */
	bool sign;		/* of a share: a plus is written too */
	double number;
	uint64_t count, ops;
};

enum change_kind {
	CHANGE_UNKNOWN, CHANGE_SAME, CHANGE_GONE, CHANGE_NEW, CHANGE_FACTOR, CHANGE_SHARE,
};

/* Of a count, from base to patched. */
struct change {
	enum change_kind kind;
	double factor;		/* above 1: more */
};

enum said {
	SAID_NOTHING, SAID_YES, SAID_NO, SAID_NO_BASE, SAID_NO_PATCHED, SAID_NO_BOTH,
	SAID_SKIPPED, SAID_FAILED,
};

enum cell_kind {
	CELL_EMPTY,
	CELL_TEXT,
	CELL_VALUE,	/* v[0] */
	CELL_PAIR,	/* v[0] -> v[1] */
	CELL_BOTH,	/* v[0]+v[1]; once where they are equal */
	CELL_EXPECT,	/* v[0] / v[1]: syncs and flushes per op as predicted */
	CELL_EXPECTS,	/* v[0] / v[1] -> v[2] / v[3] */
	CELL_RANGE,	/* v[0] to v[1] */
	CELL_CHANGES,	/* change[0] of syncs, change[1] of flushes */
	CELL_UNTOLD,	/* no change can be told (~) */
	CELL_VERDICT,
};

struct cell {
	enum cell_kind kind;
	int direction;		/* 1: for the worse, -1: for the better */
	char *text;
	struct value v[4];
	struct value least[2];	/* of an expectation's flushes, where they have a range */
	bool varies[2];		/* of an expectation: not the same in all boots */
	struct change change[2];
	enum said said;
};

struct report_column {
	const char *head;
	const char *key;	/* as CSV and JSON name it, with its unit */
	bool right;		/* figures are; words are not, and may be wrapped */
	int drop;		/* where room is short the highest goes first; 0: never */
};

struct row {
	struct cell *cells;
	bool unchanged;		/* forms may fold it away */
	char *link;		/* the id of the figure that shows it; NULL: none */
};

enum { MAX_COLUMNS = 12 };

struct report_table {
	const char *id;
	const char *title;
	const char *unchanged;	/* what rows that are folded away have in common */
	struct report_column columns[MAX_COLUMNS];
	int nr_columns;
	bool detail;		/* only where everything is wanted */
	bool lead;		/* what the report is about: a terminal needs no title */
	bool grouped;		/* rows with the same first cell belong together */
	struct row *rows;
	int nr_rows;
	char **legend;		/* how to read the columns, a sentence each */
	int nr_legend;
};

struct report_fact {
	const char *label;
	char *text;
};

enum note_level {
	NOTE_WARNING,
	NOTE_REASON,	/* why something is missing */
	NOTE_DETAIL,	/* only where everything is wanted */
};

/* One thing to know, and the cases that it holds for. */
struct report_note {
	enum note_level level;
	char *text;
	char **cases;
	int nr_cases;
};

struct figure_point {
	double x;
	double y[2];		/* base, patched */
	int cases;		/* with the same figures */
};

/* A CPU in a map: what it handled, per op, of both sides. */
struct figure_cpu {
	int cpu, node;		/* node: -1 unknown */
	const char *role;	/* NULL: none */
	bool known[2];
	bool own_known[2];	/* whose requests they were is known */
	double own[2], foreign[2];	/* foreign: all where it is not known */
};

/* A night or a level in a graph over nights; NAN: not measured. */
struct figure_level {
	int from, to;		/* nights */
	double level;
};

/* How long it took from CPU to CPU, ns. */
struct figure_heat {
	int *from, nr_from;	/* CPU numbers of the rows */
	int *to, *node, nr_to;	/* of the columns, and their nodes */
	double *ns[2];		/* base, patched: row by row; NAN: nothing went there */
	bool has[2];		/* anything went anywhere */
};

enum figure_kind {
	FIGURE_SCALE,		/* a figure against CPUs or initiators, both by doublings */
	FIGURE_BARS,		/* the same where all are of one N: a bar a case and side */
	FIGURE_LATENCY,		/* both sides' histograms, or one's */
	FIGURE_CPUS,		/* a map of the machine */
	FIGURE_HEAT,		/* from CPU to CPU */
	FIGURE_NIGHTS,		/* a series with its levels */
	FIGURE_SPARK,		/* a small line */
};

struct figure {
	enum figure_kind kind;
	const char *section;	/* the heading that it stands under */
	const char *unit;
	char *id;		/* of a link to it; NULL */
	char *title;
	char *caption;		/* NULL: none */
	char **items;		/* lines below it */
	int nr_items;
	struct figure_point *points;
	const char *x_label, *y_label;	/* of a scale, and of a latency */
	char *line;		/* its dashed line in gnuplot's terms, "x - 1"; NULL: none */
	char *line_title;
	char **labels;		/* of bars, one a point */
	int nr_points;
	struct histogram *hist[2];	/* one of them may be NULL */
	struct figure_cpu *cpus;
	int nr_cpus;
	struct figure_heat *heat;
	double *nights;
	char **kernels;		/* one a night */
	int nr_nights;
	struct figure_level *levels;
	int nr_levels;
};

struct report {
	const char *name;	/* "run", "comparison", ...: of files and pages */
	char *title;
	bool one_kernel;	/* there is no base and patched */
	char **headline;	/* sentences; the same in every form */
	int nr_headline;
	json_t *summary;	/* the headline's figures, for programs */
	struct report_fact *facts;
	int nr_facts;
	struct report_table *tables;
	int nr_tables;
	struct figure *figures;
	int nr_figures;
	struct report_note *notes;
	int nr_notes;
	char **words;		/* the command's, for who repeats it */
	int nr_words;
	json_t *data;		/* for programs: what else they read, by name */
	int err;
};

void report_init(struct report *report, const char *name, const char *title);
void report_say(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_fact(struct report *report, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void report_note(struct report *report, enum note_level level, const char *case_name,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void report_command(struct report *report, char *const *words, int nr);

struct report_table *report_add_table(struct report *report, const char *id, const char *title,
				      const struct report_column *columns, int nr_columns);
void report_legend(struct report *report, struct report_table *table, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
struct cell *report_add_row(struct report *report, struct report_table *table);

struct figure *report_add_figure(struct report *report, enum figure_kind kind,
				 const char *section);
void figure_heat_free(struct figure_heat *heat);
char *report_case(struct report *report, const struct case_id *id);
char *report_workload(struct report *report, const struct case_id *id);
char *report_placement(struct report *report, const struct case_id *id);
char *report_text(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void *report_room(struct report *report, size_t nr, size_t size);
void report_add_text(struct report *report, char ***list, int *nr, char *text);
void report_data(struct report *report, json_t *data);
bool report_has_graph(const struct report *report);
int report_finish(struct report *report);
void report_free(struct report *report);

struct cell cell_text(char *text);
struct cell cell_value(struct value value);
struct cell cell_pair(struct value base, struct value patched);
struct cell cell_said(enum said said);
struct value value_unknown(void);
struct value value_count(uint64_t count);
struct value value_per_op(uint64_t count, uint64_t ops);
struct value value_of(enum quantity quantity, double number);
struct change change_of(struct value base, struct value patched);
int change_direction(const struct change *change);

#endif
