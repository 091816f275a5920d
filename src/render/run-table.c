// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of one run: what was measured where, one line a case, and below it
 * everything that a reader should know before believing a line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "render/header.h"
#include "render/render.h"
#include "render/table.h"
#include "render/text.h"

static const struct column columns[] = {
	{ "workload", ALIGN_LEFT }, { "placement", ALIGN_LEFT }, { "ops", ALIGN_RIGHT },
	{ "p50", ALIGN_RIGHT }, { "p99", ALIGN_RIGHT }, { "sync/op", ALIGN_RIGHT },
	{ "flush/op", ALIGN_RIGHT }, { "expected", ALIGN_RIGHT }, { "agree", ALIGN_LEFT },
};

#define NR_COLUMNS	((int)(sizeof(columns) / sizeof(columns[0])))

/* What was measured where: a few lines above the table. */
static void print_header(FILE *out, const struct record *rec)
{
	text_line(out, "%-9s%s, %s", "run", text_or_unknown(rec->id), text_or_unknown(rec->tool));
	header_kernel(out, "kernel", rec);
	header_machine(out, rec);
	header_counter(out, rec);
	text_line(out, "%-9s%s, %.1f ns a read", "clock", text_or_unknown(rec->clock.source),
		  rec->clock.cost_ns);
	fputc('\n', out);
	header_busy(out, rec);
}

static void latency_cells(struct table *table, const struct case_result *c)
{
	char buf[TEXT_SIZE];

	if (c->status != CASE_OK || !c->latency || !c->latency->total) {
		table_cell(table, TINT_NONE, "-");
		table_cell(table, TINT_NONE, "-");
		return;
	}
	table_cell(table, TINT_NONE, "%s", text_ns(buf, hist_quantile(c->latency, 0.5)));
	table_cell(table, TINT_NONE, "%s", text_ns(buf, hist_quantile(c->latency, 0.99)));
}

static void ipi_cell(struct table *table, const struct case_result *c, enum ipi_class cls)
{
	const struct ipi_count *count = &c->ipi.count[cls];
	char buf[TEXT_SIZE];

	if (c->status != CASE_OK || c->ipi.source == IPI_NONE)
		table_cell(table, TINT_NONE, "-");
	else if (count->has_requested)
		table_cell(table, TINT_NONE, "%s", text_per_op(buf, count->requested, c->ops));
	else
		table_cell(table, TINT_NONE, "~%s", text_per_op(buf, count->handled, c->ops));
}

static void verdict_cell(struct table *table, const struct case_result *c)
{
	if (c->status == CASE_FAIL)
		table_cell(table, TINT_BAD, "FAILED");
	else if (c->status == CASE_SKIP)
		table_cell(table, TINT_DIM, "skipped");
	else if (c->as_expected == VERDICT_TRUE)
		table_cell(table, TINT_GOOD, "yes");
	else if (c->as_expected == VERDICT_FALSE)
		table_cell(table, TINT_BAD, "NO");
	else
		table_cell(table, TINT_NONE, "-");
}

static void case_row(struct table *table, const struct case_result *c)
{
	char *name = text_case(c->id.workload, c->id.params, c->id.nr_params);
	char buf[TEXT_SIZE];

	table_cell(table, TINT_NONE, "%s", name ? name : c->id.workload);
	table_cell(table, TINT_NONE, "%s", c->id.placement);
	free(name);
	if (c->status == CASE_OK)
		table_cell(table, TINT_NONE, "%" PRIu64, c->ops);
	else
		table_cell(table, TINT_NONE, "-");
	latency_cells(table, c);
	ipi_cell(table, c, IPI_SYNC);
	ipi_cell(table, c, IPI_FLUSH);
	if (c->status == CASE_OK)
		table_cell(table, TINT_NONE, "%s", text_expected(buf, &c->expect));
	else
		table_cell(table, TINT_NONE, "-");
	verdict_cell(table, c);
}

/* Notes: what a case's line does not tell. */

__attribute__((format(printf, 3, 4)))
static void note(FILE *out, const struct case_result *c, const char *format, ...)
{
	char *name = text_case(c->id.workload, c->id.params, c->id.nr_params);
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_line(out, "%s, %s: %s", name ? name : c->id.workload, c->id.placement, text);
	free(name);
}

static const char *no_verdict(const struct case_result *c)
{
	if (c->status != CASE_OK || c->as_expected != VERDICT_NULL)
		return "";
	return *c->reason ? c->reason : "no reason is given";
}

static const char *no_prediction(const struct case_result *c)
{
	return c->status == CASE_OK && strcmp(c->expect.why, c->reason) ? c->expect.why : "";
}

/* What @reason_of case @at says; where several cases say it, once and with their number. */
static void note_shared(FILE *out, const struct record *rec, int at, const char *what,
			const char *(*reason_of)(const struct case_result *))
{
	const char *reason = reason_of(&rec->cases[at]);
	int nr = 0;

	for (int i = 0; i < rec->nr_cases && *reason; i++) {
		if (strcmp(reason, reason_of(&rec->cases[i])))
			continue;
		if (i < at)
			return;
		nr++;
	}
	if (nr == 1)
		note(out, &rec->cases[at], "%s: %s", what, reason);
	else if (nr)
		text_line(out, "%d cases: %s: %s", nr, what, reason);
}

static void note_status(FILE *out, const struct case_result *c)
{
	const char *what = c->status == CASE_SKIP ? "skipped" :
			   c->status == CASE_FAIL ? "FAILED" :
			   c->as_expected == VERDICT_FALSE ? "NOT as expected" : NULL;

	if (what)
		note(out, c, "%s: %s", what, *c->reason ? c->reason : "no reason is given");
}

/* "smp_call 3, rcu_barrier 1" of @foreign requests or the op's own. */
static void list_causes(const struct ipi_result *ipi, bool foreign, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = 0; i < ipi->nr_causes && len < size; i++) {
		uint64_t nr = foreign ? ipi->cause[i].foreign : ipi->cause[i].requested;

		if (nr)
			len += (size_t)snprintf(buf + len, size - len, "%s%s %" PRIu64,
						len ? ", " : ": ", ipi->cause[i].func, nr);
	}
}

static void note_others(FILE *out, const struct case_result *c)
{
	const struct ipi_count *count = c->ipi.count;
	char causes[MAX_CAUSES * 90];

	list_causes(&c->ipi, false, causes, sizeof(causes));
	if (count[IPI_OTHER].requested)
		note(out, c, "other: %" PRIu64 " requests inside ops that are neither%s",
		     count[IPI_OTHER].requested, causes);
	list_causes(&c->ipi, true, causes, sizeof(causes));
	if (count[IPI_SYNC].foreign || count[IPI_FLUSH].foreign || count[IPI_OTHER].foreign)
		note(out, c, "foreign: requests by other tasks meanwhile: sync %" PRIu64
		     ", flush %" PRIu64 ", other %" PRIu64 "%s%s%s", count[IPI_SYNC].foreign,
		     count[IPI_FLUSH].foreign, count[IPI_OTHER].foreign,
		     *causes ? " (" : "", *causes ? causes + 2 : "", *causes ? ")" : "");
	if (count[IPI_SYNC].between_ops || count[IPI_FLUSH].between_ops ||
	    count[IPI_OTHER].between_ops)
		note(out, c, "between ops the tool's own, not counted above: sync %" PRIu64
		     ", flush %" PRIu64 ", other %" PRIu64, count[IPI_SYNC].between_ops,
		     count[IPI_FLUSH].between_ops, count[IPI_OTHER].between_ops);
	if (c->repeated_ops)
		note(out, c, "repeated: %" PRIu64 " ops that the kernel refused for the moment",
		     c->repeated_ops);
	if (c->ipi.lost)
		note(out, c, "lost: %" PRIu64 " trace records; its counts are too low",
		     c->ipi.lost);
}

/* How many requests of @cls the case's bystanders' CPUs handled, least and most. */
static void handled_range(const struct case_result *c, enum ipi_class cls,
			  uint64_t *least, uint64_t *most)
{
	const struct roles *roles = &c->roles;

	*least = UINT64_MAX;
	*most = 0;
	for (int i = 0; i < roles->nr[ROLE_BYSTANDER]; i++) {
		int cpu = roles->cpu[ROLE_BYSTANDER][i];
		uint64_t handled = cpu < c->nr_cpus ? c->ipi.count[cls].per_cpu[cpu] : 0;

		*least = handled < *least ? handled : *least;
		*most = handled > *most ? handled : *most;
	}
}

/* "sync 1", or "sync 0.98 to 1" where the CPUs differ; per op. */
static const char *range_text(char *buf, size_t size, const struct case_result *c,
			      enum ipi_class cls)
{
	char low[TEXT_SIZE], high[TEXT_SIZE];
	uint64_t least, most;

	handled_range(c, cls, &least, &most);
	text_per_op(low, least, c->ops);
	text_per_op(high, most, c->ops);
	snprintf(buf, size, "%s %s%s%s", ipi_class_name(cls), low,
		 least == most ? "" : " to ", least == most ? "" : high);
	return buf;
}

/* What the case cost the CPUs that have nothing to do with it. */
static void note_bystanders(FILE *out, const struct case_result *c)
{
	char sync[3 * TEXT_SIZE], flush[3 * TEXT_SIZE], stolen[TEXT_SIZE], longest[TEXT_SIZE];
	uint64_t sum = 0, worst = 0;

	if (!c->roles.nr[ROLE_BYSTANDER] || c->status != CASE_OK)
		return;
	if (c->ipi.source == IPI_CSD && c->ipi.count[IPI_SYNC].per_cpu)
		note(out, c, "each bystander CPU took, per op: %s, %s",
		     range_text(sync, sizeof(sync), c, IPI_SYNC),
		     range_text(flush, sizeof(flush), c, IPI_FLUSH));
	for (int i = 0; i < c->nr_bystanders; i++) {
		sum += c->bystander[i].stolen_ns;
		worst = c->bystander[i].longest_ns > worst ? c->bystander[i].longest_ns : worst;
	}
	if (c->nr_bystanders)
		note(out, c, "bystanders lost %s an op and CPU, at most %s at once",
		     text_ns(stolen, sum / (c->ops * (uint64_t)c->nr_bystanders)),
		     text_ns(longest, worst));
}

static void note_metrics(FILE *out, const struct case_result *c)
{
	for (int i = 0; i < c->nr_metrics; i++)
		note(out, c, "%s: %.6g an op", c->metric[i].name, c->metric[i].per_op);
}

static void print_summary(FILE *out, const struct record *rec)
{
	int by_status[3] = { 0 }, agree = 0, differ = 0;

	for (int i = 0; i < rec->nr_cases; i++) {
		by_status[rec->cases[i].status]++;
		if (rec->cases[i].status != CASE_OK)
			continue;
		agree += rec->cases[i].as_expected == VERDICT_TRUE;
		differ += rec->cases[i].as_expected == VERDICT_FALSE;
	}
	text_line(out, "%d case%s: %d as expected, %d not, %d without a verdict; %d skipped, %d failed",
		  rec->nr_cases, rec->nr_cases == 1 ? "" : "s", agree, differ,
		  by_status[CASE_OK] - agree - differ, by_status[CASE_SKIP],
		  by_status[CASE_FAIL]);
}

static void print_notes(FILE *out, const struct record *rec)
{
	fputc('\n', out);
	for (int i = 0; i < rec->nr_cases; i++) {
		const struct case_result *c = &rec->cases[i];

		note_status(out, c);
		note_shared(out, rec, i, "no verdict", no_verdict);
		note_shared(out, rec, i, "no prediction", no_prediction);
		if (c->status == CASE_SKIP)
			continue;
		note_bystanders(out, c);
		note_metrics(out, c);
		if (c->ipi.source != IPI_NONE)
			note_others(out, c);
	}
	if (record_emulated(rec))
		text_line(out, "Emulated machine: IPI counts are exact, times mean nothing and are not taken.");
	print_summary(out, rec);
}

/* Prints header, table and notes of a run on @out. Returns 0, or -ENOMEM. */
int render_run(FILE *out, const struct style *style, const struct record *rec)
{
	struct table *table = table_new(columns, NR_COLUMNS);
	int err;

	if (!table)
		return -ENOMEM;
	for (int i = 0; i < rec->nr_cases; i++)
		case_row(table, &rec->cases[i]);
	print_header(out, rec);
	err = table_print(table, out, style);
	print_notes(out, rec);
	table_free(table);
	return err;
}
