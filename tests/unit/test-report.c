// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reports' promises: the headline says what happened to the cases and names those that
 * a reader must look at; nothing without a verdict is called a failure, no estimate is
 * called worse; what is said of several cases is one note.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"
#include "report/compare.h"
#include "report/history.h"
#include "report/distances.h"
#include "report/run.h"

static int boots_made;

static struct record make_record(const char *release, enum key_state key)
{
	struct record rec = { .kernel.static_key = key };
	char boot_id[40];

	snprintf(boot_id, sizeof(boot_id), "boot-%d", ++boots_made);
	rec.id = strdup("id");
	rec.tool = strdup("tlbsync 1.0");
	rec.host = strdup("lab");
	rec.counter = strdup("csd");
	rec.kernel.release = strdup(release);
	rec.kernel.boot_id = strdup(boot_id);
	rec.machine.cpus_online = rec.machine.cpus_allowed = 8;
	rec.machine.nodes = 4;
	rec.machine.cpu = strdup("CPU");
	rec.machine.hypervisor = strdup("");
	return rec;
}

/* A case of 100 ops that is as predicted; it holds until the next one is added. */
static struct case_result *add(struct record *rec, const char *workload, const char *placement,
			       uint64_t sync, uint64_t flush)
{
	struct case_result *c;

	rec->cases = realloc(rec->cases, (size_t)(rec->nr_cases + 1) * sizeof(*c));
	c = &rec->cases[rec->nr_cases++];
	memset(c, 0, sizeof(*c));
	strcpy(c->id.workload, workload);
	strcpy(c->id.placement, placement);
	c->ops = 100;
	c->latency = malloc(sizeof(*c->latency));
	hist_init(c->latency);
	hist_add(c->latency, 100);
	c->ipi.source = IPI_CSD;
	c->ipi.count[IPI_SYNC].requested = c->ipi.count[IPI_SYNC].handled = sync;
	c->ipi.count[IPI_FLUSH].requested = c->ipi.count[IPI_FLUSH].handled = flush;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		c->ipi.count[i].has_requested = true;
	c->expect = (struct expectation){
		true, true, (double)sync / 100, (double)flush / 100, "", (double)flush / 100,
	};
	c->as_expected = VERDICT_TRUE;
	return c;
}

/* As /proc/interrupts counts: other IPIs are in it. */
static void make_estimate(struct case_result *c)
{
	c->ipi.source = IPI_INTERRUPTS;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		c->ipi.count[i].has_requested = false;
	c->as_expected = VERDICT_NULL;
}

static void give_verdict(struct case_result *c, enum verdict verdict, const char *reason)
{
	c->as_expected = verdict;
	strcpy(c->reason, reason);
}

static void end_as(struct case_result *c, enum case_status status, const char *reason)
{
	c->status = status;
	strcpy(c->reason, reason);
	c->as_expected = VERDICT_NULL;
}

/* 100 ops whose requests all were matched: one from CPU 0 to CPU 2, @ns each. */
static void trace(struct case_result *c, enum latency_class cls, uint64_t ns)
{
	struct ipi_latency *latency = c->ipi_latency;
	struct class_latency *one;

	if (!latency)
		latency = c->ipi_latency = calloc(1, sizeof(*latency));
	one = &latency->of[cls];
	latency->ops = 100;
	latency->timed = true;
	one->requested = one->matched = 100;
	one->delivery = one->wait = one->handler = (struct spread){
		100, ns, ns, ns, ns, ns, ns, NULL, 0,
	};
	one->delivery.bucket = malloc(sizeof(*one->delivery.bucket));
	one->delivery.bucket[0] = (struct spread_bucket){ hist_bucket_lower(hist_bucket(ns)), 100 };
	one->delivery.nr_buckets = 1;
	one->by_distance[DISTANCE_NODE][TARGET_BUSY] = (struct spread){
		100, ns, ns, ns, ns, ns, ns, NULL, 0,
	};
	one->wait_share = 0.125;
	latency->edge = realloc(latency->edge, (size_t)(latency->nr_edges + 1) * sizeof(*latency->edge));
	latency->edge[latency->nr_edges++] = (struct ipi_edge){ cls, 0, 2, 100, ns, ns, ns };
}

/* Three CPUs, whose numbers are not in the order of the machine. */
static void give_topology(struct record *rec)
{
	static const struct record_cpu cpus[] = {
		{ 0, 0, 0, 0, 0 }, { 1, 1, 1, 1, 1 }, { 2, 0, 0, 0, 2 },
	};

	rec->machine.topology = malloc(sizeof(cpus));
	memcpy(rec->machine.topology, cpus, sizeof(cpus));
	rec->machine.nr_topology = 3;
}

/* The table of that id; NULL: there is none. */
static const struct report_table *table_of(const struct report *report, const char *id)
{
	for (int i = 0; i < report->nr_tables; i++)
		if (!strcmp(report->tables[i].id, id))
			return &report->tables[i];
	return NULL;
}

/* The whole headline, a sentence a line. */
static void assert_headline(const struct report *report, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < report->nr_headline; i++)
		fprintf(out, "%s\n", report->headline[i]);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

/* The only note whose text begins with @start. */
static const struct report_note *note(const struct report *report, const char *start)
{
	const struct report_note *found = NULL;

	for (int i = 0; i < report->nr_notes; i++) {
		if (strncmp(report->notes[i].text, start, strlen(start)))
			continue;
		if (found)
			fail_msg("two notes '%s'", start);
		found = &report->notes[i];
	}
	if (!found)
		fail_msg("no note '%s'", start);
	return found;
}

static json_int_t number(const struct report *report, const char *name)
{
	return json_integer_value(json_object_get(report->summary, name));
}

static size_t names(const struct report *report, const char *name)
{
	return json_array_size(json_object_get(report->summary, name));
}

/* ---- a run --------------------------------------------------------------------- */

static void assert_run(struct record *rec, const char *headline)
{
	struct report report;

	assert_int_equal(report_run(&report, rec, false), 0);
	assert_headline(&report, headline);
	report_free(&report);
}

static void a_run_whose_cases_all_agree_says_so(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);

	(void)state;
	add(&rec, "collapse-madvise", "alone", 700, 0);
	assert_run(&rec, "Syncs and flushes per op: THP collapse 7 and 0.\n"
		   "The case has the IPIs that the kernel source predicts, in every op.\n");
	add(&rec, "collapse-madvise", "all", 700, 700);
	add(&rec, "munmap", "all", 0, 699);
	assert_run(&rec, "Syncs and flushes per op: THP collapse 7 and 0 to 7; "
		   "unmap and protect 0 and 6.99.\n"
		   "All 3 cases have the IPIs that the kernel source predicts, in every op.\n");
	record_free(&rec);
}

static void a_case_that_differs_is_named(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;

	(void)state;
	add(&rec, "munmap", "alone", 0, 0);
	give_verdict(add(&rec, "munmap", "all", 0, 600), VERDICT_FALSE, "op 7: 6 flushes");
	assert_int_equal(report_run(&report, &rec, false), 0);
	assert_headline(&report, "Syncs and flushes per op: unmap and protect 0 and 0 to 6.\n"
			"1 of 2 cases differs from what the kernel source predicts: munmap, all.\n");
	assert_string_equal(note(&report, "NOT as predicted: op 7: 6 flushes")->cases[0], "munmap, all");
	assert_int_equal(note(&report, "NOT")->level, NOTE_WARNING);
	assert_int_equal(number(&report, "agree"), 1);
	assert_int_equal(names(&report, "disagree"), 1);
	report_free(&report);
	give_verdict(&rec.cases[0], VERDICT_FALSE, "op 1: 1 flush");
	assert_run(&rec, "Syncs and flushes per op: unmap and protect 0 and 0 to 6.\n"
		   "2 of 2 cases differ from what the kernel source predicts: munmap, alone; "
		   "munmap, all.\n");
	record_free(&rec);
}

static void an_estimate_is_marked_in_the_headline(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);

	(void)state;
	make_estimate(add(&rec, "munmap", "all", 2, 710));
	assert_run(&rec, "Syncs and flushes per op: unmap and protect ~0.02 and ~7.1.\n"
		   "1 case has no verdict.\n");
	record_free(&rec);
}

static void the_latency_of_ipis_has_its_tables_and_its_map(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;
	const struct report_table *table;
	const struct figure_heat *heat;

	(void)state;
	give_topology(&rec);
	trace(add(&rec, "munmap", "all", 0, 100), LATENCY_FLUSH, 3000);
	rec.cases[0].ipi_latency->of[LATENCY_FLUSH].requested = 102;
	rec.cases[0].ipi_latency->lost = 5;
	assert_int_equal(report_run(&report, &rec, false), 0);
	table = table_of(&report, "latency");
	assert_non_null(table);
	assert_true(table->detail);
	assert_int_equal(table->nr_rows, 1);
	assert_string_equal(table->rows[0].cells[1].text, "flush");
	assert_int_equal(table->rows[0].cells[2].v[0].count, 100);
	assert_true(table->rows[0].cells[3].v[0].number == 3000);
	assert_true(table->rows[0].cells[7].v[0].number == 0.125);
	assert_string_equal(table_of(&report, "distances")->rows[0].cells[2].text, "same node");
	assert_null(table_of(&report, "stolen"));
	assert_int_equal(note(&report, "of 102 flush requests")->level, NOTE_DETAIL);
	assert_int_equal(note(&report, "of 102 IPIs in the ipi pass of 1 case, 2 were")->level, NOTE_WARNING);
	assert_int_equal(note(&report, "5 trace records were lost")->level, NOTE_WARNING);
	assert_int_equal(report.nr_figures, 1);
	heat = report.figures[0].heat;
	assert_int_equal(heat->nr_from, 1);
	assert_int_equal(heat->from[0], 0);
	assert_int_equal(heat->nr_to, 3);
	assert_int_equal(heat->to[1], 2);	/* the nearest first */
	assert_true(isnan(heat->ns[0][0]) && heat->ns[0][1] == 3000 && isnan(heat->ns[0][2]));
	report_free(&report);
	assert_int_equal(report_run(&report, &rec, true), 0);
	assert_false(table_of(&report, "latency")->detail);
	report_free(&report);
	record_free(&rec);
}

/* Nobody could look at it, and its memory would be that of the square. */
static void a_map_of_very_many_cpus_is_not_drawn(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;
	char why[200] = "";

	(void)state;
	rec.machine.nr_topology = 50000;
	rec.machine.topology = calloc(50000, sizeof(*rec.machine.topology));
	for (int i = 0; i < 50000; i++)
		rec.machine.topology[i].cpu = i;
	trace(add(&rec, "munmap", "all", 0, 100), LATENCY_FLUSH, 3000);
	rec.cases[0].ipi_latency->edge[0].from = 49999;
	assert_int_equal(report_run(&report, &rec, true), 0);
	assert_int_equal(report.nr_figures, 0);
	assert_int_equal(table_of(&report, "latency")->nr_rows, 1);
	report_free(&report);
	assert_int_equal(report_distances(&report, &rec, why, sizeof(why)), -E2BIG);
	assert_non_null(strstr(why, "50000 CPUs are more than can be drawn"));
	report_free(&report);
	record_free(&rec);
}

/* Emulation has none; the requests are still told. */
static void no_latency_is_told_that_means_nothing(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;

	(void)state;
	give_topology(&rec);
	trace(add(&rec, "munmap", "all", 0, 100), LATENCY_FLUSH, 3000);
	rec.cases[0].ipi_latency->timed = false;
	assert_int_equal(report_run(&report, &rec, true), 0);
	assert_int_equal(table_of(&report, "latency")->rows[0].cells[2].v[0].count, 100);
	for (int i = 3; i < 8; i++)
		assert_false(table_of(&report, "latency")->rows[0].cells[i].v[0].known);
	assert_int_equal(report.nr_figures, 0);
	report_free(&report);
	record_free(&rec);
}

static void counters_are_told_and_what_is_missing_too(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;
	const struct report_table *table;
	struct case_result *c;

	(void)state;
	c = add(&rec, "munmap", "all", 0, 100);
	c->counter = calloc(3, sizeof(*c->counter));
	c->nr_counters = 3;
	c->counter[2] = (struct case_counter){ "cycles", ROLE_LAZY, 0, 0, false, "refused" };
	c->counter[0] = (struct case_counter){
		"cycles", ROLE_RESPONDER, 1500, 0.25, true, "",
	};
	c->counter[1] = (struct case_counter){ "instructions", ROLE_INITIATOR, 0, 0, false, "no PMU" };
	assert_int_equal(report_run(&report, &rec, false), 0);
	table = table_of(&report, "counters");
	assert_int_equal(table->nr_rows, 1);
	assert_string_equal(table->rows[0].cells[2].text, "responder");
	assert_true(table->rows[0].cells[3].v[0].estimate);	/* multiplexed */
	assert_int_equal(note(&report, "cycles of the lazy is not counted: refused")->level, NOTE_REASON);
	assert_int_equal(note(&report, "instructions of the initiator is not counted: no PMU")->nr_cases, 1);
	report_free(&report);
	record_free(&rec);
}

static void without_a_verdict_skipped_and_failed_are_told_apart(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;

	(void)state;
	add(&rec, "munmap", "alone", 0, 0);
	give_verdict(add(&rec, "munmap", "all", 0, 700), VERDICT_NULL, "cannot be told");
	end_as(add(&rec, "munmap", "smt", 0, 0), CASE_SKIP, "no other thread");
	end_as(add(&rec, "munmap", "node", 0, 0), CASE_FAIL, "mmap: no memory");
	assert_int_equal(report_run(&report, &rec, false), 0);
	assert_headline(&report, "Syncs and flushes per op: unmap and protect 0 and 0 to 7.\n"
			"The case with a verdict has the IPIs that the kernel source predicts, in "
			"every op.\n"
			"1 case has no verdict.\n"
			"1 of 3 cases failed: munmap, node.\n"
			"1 case was skipped.\n");
	assert_int_equal(number(&report, "agree"), 1);
	assert_int_equal(number(&report, "no_verdict"), 1);
	assert_int_equal(number(&report, "skipped"), 1);
	assert_int_equal(names(&report, "failed"), 1);
	assert_int_equal(names(&report, "disagree"), 0);
	assert_int_equal(note(&report, "no verdict: cannot be told")->level, NOTE_REASON);
	assert_int_equal(note(&report, "skipped: no other thread")->level, NOTE_REASON);
	assert_int_equal(note(&report, "FAILED: mmap: no memory")->level, NOTE_WARNING);
	report_free(&report);
	record_free(&rec);
}

static void a_run_without_cases_has_nothing_to_say(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);

	(void)state;
	assert_run(&rec, "");
	record_free(&rec);
}

static void emulation_is_told(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);

	(void)state;
	free(rec.machine.hypervisor);
	rec.machine.hypervisor = strdup("tcg");
	add(&rec, "munmap", "alone", 0, 0);
	assert_run(&rec, "Syncs and flushes per op: unmap and protect 0 and 0.\n"
		   "The case has the IPIs that the kernel source predicts, in every op.\n"
		   "Emulated machine: counts are exact; times mean nothing.\n");
	record_free(&rec);
}

static void what_is_said_of_several_cases_is_one_note(void **state)
{
	struct record rec = make_record("7.2", KEY_ABSENT);
	struct report report;

	(void)state;
	end_as(add(&rec, "munmap", "smt", 0, 0), CASE_SKIP, "no other thread");
	end_as(add(&rec, "mremap", "smt", 0, 0), CASE_SKIP, "no other thread");
	end_as(add(&rec, "munmap", "node", 0, 0), CASE_SKIP, "one node");
	assert_int_equal(report_run(&report, &rec, false), 0);
	assert_headline(&report, "3 cases were skipped.\n");
	assert_int_equal(report.nr_notes, 2);
	assert_int_equal(note(&report, "skipped: no other thread")->nr_cases, 2);
	assert_string_equal(note(&report, "skipped: no other thread")->cases[1], "mremap, smt");
	assert_int_equal(note(&report, "skipped: one node")->nr_cases, 1);
	report_free(&report);
	record_free(&rec);
}

/* A run of one case each: as predicted, not, failed, estimated. */
static struct record odd_run(void)
{
	struct record rec = make_record("7.2", KEY_ABSENT);

	free(rec.host);
	rec.host = strdup("lab\033]0;evil\007");
	for (int i = 0; i < 4; i++) {
		struct case_result *c = add(&rec, "munmap", "alone", 500, 0);

		c->ops = 500;
		c->ipi.count[IPI_SYNC].handled = 510;
		c->expect = (struct expectation){ true, true, 1, 0, "flush: unknown backend", 0 };
	}
	rec.cases[0].ipi.count[IPI_OTHER].requested = 4;
	rec.cases[0].ipi.count[IPI_FLUSH].foreign = 9;
	rec.cases[0].ipi.cause[0] = (struct ipi_cause){ .func = "rcu_barrier_handler", .requested = 4 };
	rec.cases[0].ipi.nr_causes = 1;
	rec.cases[0].ipi.count[IPI_FLUSH].between_ops = 6;
	rec.cases[0].ipi.lost = 3;
	rec.cases[0].repeated_ops = 2;
	give_verdict(&rec.cases[1], VERDICT_FALSE, "two ops differ");
	end_as(&rec.cases[2], CASE_FAIL, "line\nbreak");
	make_estimate(&rec.cases[3]);
	return rec;
}

static char *print_run(enum detail detail)
{
	const struct style style = { .width = 100 };
	struct record rec = odd_run();
	struct report report;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(report_run(&report, &rec, false), 0);
	assert_int_equal(render_text(out, &style, &report, detail), 0);
	fclose(out);
	report_free(&report);
	record_free(&rec);
	return text;
}

static void assert_says(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("missing '%s' in:\n%s", line, text);
}

static void a_run_shows_its_cases_and_what_to_distrust(void **state)
{
	char *text = print_run(DETAIL_USUAL);

	(void)state;
	assert_says(text, "\nmunmap    alone      500  100 ns  100 ns        1         0     1 / 0  yes\n");
	assert_says(text, "\nmunmap    alone      500  100 ns  100 ns        1         0     1 / 0  NO\n");
	assert_says(text, "\nmunmap    alone        -       -       -        -         -         -  FAILED\n");
	assert_says(text, "\nmunmap    alone      500  100 ns  100 ns    ~1.02        ~0     1 / 0  -\n");
	assert_says(text, "\n1 of 2 cases differs from what the kernel source predicts: munmap, alone.\n");
	assert_says(text, "\n1 case has no verdict.\n1 of 4 cases failed: munmap, alone.\n");
	assert_says(text, "\nnot in the table: 4 requests inside ops, neither sync nor flush, in 1 case\n");
	assert_says(text, "\nnot in the table: 9 requests of other tasks in 1 case\n");
	assert_says(text, "\nnot in the table: 6 requests of the tool itself between ops in 1 case\n");
	assert_says(text, "\nnot in the table: 2 repeated ops in 1 case\n");
	assert_says(text, "\nmunmap, alone: 3 trace records were lost; the counts are too low\n");
	assert_says(text, "\nmunmap, alone: NOT as predicted: two ops differ\n");
	assert_says(text, "\nmunmap, alone: FAILED: line?break\n");
	assert_says(text, "\nno prediction: flush: unknown backend (3 cases: ");
	assert_says(text, "\nmunmap, alone: no verdict: no reason is given\n");
	assert_null(strstr(text, "rcu_barrier_handler"));
	free(text);
}

static void all_details_have_what_the_sums_are_of(void **state)
{
	char *text = print_run(DETAIL_ALL);

	(void)state;
	assert_says(text, "\nmunmap, alone: 4 requests inside ops were neither sync nor flush "
		    "(rcu_barrier_handler 4)\n");
	assert_says(text, "other tasks asked meanwhile for: sync 0, flush 9, other 0\n");
	assert_says(text, "between ops the tool itself asked for: sync 0, flush 6, other 0\n");
	assert_says(text, "2 ops were repeated");
	free(text);
}

static void a_headline_alone_is_nothing_else(void **state)
{
	char *text = print_run(DETAIL_HEADLINE);

	(void)state;
	assert_says(text, "1 of 4 cases failed: munmap, alone.\n");
	assert_null(strstr(text, "machine"));
	assert_null(strstr(text, "placement"));
	free(text);
}

static void a_record_cannot_steer_the_terminal(void **state)
{
	char *text = print_run(DETAIL_ALL);

	(void)state;
	for (char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= ' ');
	assert_says(text, "lab?]0;evil?");
	free(text);
}

/* ---- a comparison ---------------------------------------------------------------- */

static struct shifts no_times(void)
{
	return (struct shifts){ .none = "too few boots" };
}

/* Takes both records over. */
static void compare(struct comparison *cmp, struct record base, struct record patched)
{
	*cmp = (struct comparison){ 0 };
	assert_int_equal(compare_add(cmp, SIDE_BASE, "base", &base), 0);
	assert_int_equal(compare_add(cmp, SIDE_PATCHED, "patched", &patched), 0);
	assert_int_equal(compare_finish(cmp), 0);
}

static void build(struct report *report, const struct comparison *cmp, const struct shifts *shifts)
{
	const struct compare_view view = { .cmp = cmp, .shifts = shifts };

	assert_int_equal(report_compare(report, &view), 0);
}

/* Takes both records over. */
static void assert_compared(struct record base, struct record patched, const char *headline)
{
	const struct shifts shifts = no_times();
	struct comparison cmp;
	struct report report;

	compare(&cmp, base, patched);
	build(&report, &cmp, &shifts);
	assert_headline(&report, headline);
	report_free(&report);
	compare_free(&cmp);
}

#define BOTH(base, patched)	\
	struct record base = make_record("7.2", KEY_ABSENT), \
		      patched = make_record("7.2-patched", KEY_ON)
#define NOT_TIMED	"Times are not compared: too few boots.\n"

static void syncs_flushes_and_all_ipis_come_first(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "collapse-madvise", "alone", 700, 0)->ipi.count[IPI_OTHER].requested = 5;
	add(&base, "collapse-madvise", "all", 700, 700);
	add(&patched, "collapse-madvise", "alone", 0, 0);
	add(&patched, "collapse-madvise", "all", 0, 700);
	assert_compared(base, patched, "IPIs, base -> patched: sync 1,400 -> 0, flush 700 -> 700, "
			"all 2,105 -> 700.\n"
			"No case got worse.\n"
			"All cases have the IPIs that the kernel source predicts, on both sides, in "
			"every op.\n" NOT_TIMED);
}

/* A flush more on lazy CPUs is worse, as predicted as it may be. */
/* Medians of the boots; where a side has none, the other is told all the same. */
static void deliveries_stand_beside_each_other(void **state)
{
	struct record base = make_record("7.2", KEY_ABSENT), patched = make_record("7.2", KEY_ON);
	struct comparison cmp;
	struct report report;
	struct shifts shifts = no_times();
	const struct report_table *table;
	int drawn = 0;

	(void)state;
	give_topology(&base);
	give_topology(&patched);
	add(&base, "collapse-madvise", "all", 100, 100);
	trace(&base.cases[0], LATENCY_SYNC, 2000);
	trace(&base.cases[0], LATENCY_FLUSH, 3000);
	trace(add(&patched, "collapse-madvise", "all", 0, 100), LATENCY_FLUSH, 4000);
	compare(&cmp, base, patched);
	build(&report, &cmp, &shifts);
	table = table_of(&report, "latency");
	assert_int_equal(table->nr_rows, 2);
	assert_string_equal(table->rows[0].cells[1].text, "sync");
	assert_true(table->rows[0].cells[2].v[0].number == 2000);
	assert_false(table->rows[0].cells[2].v[1].known);
	assert_true(table->rows[1].cells[2].v[0].number == 3000);
	assert_true(table->rows[1].cells[2].v[1].number == 4000);
	for (int i = 0; i < report.nr_figures; i++)
		drawn += report.figures[i].kind == FIGURE_HEAT;
	assert_int_equal(drawn, 2);
	report_free(&report);
	compare_free(&cmp);
}

static void more_flushes_of_lazy_cpus_are_worse(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "hugetlb-unshare-munmap", "lazy", 700, 0);
	add(&base, "munmap", "lazy", 0, 700);
	add(&patched, "hugetlb-unshare-munmap", "lazy", 0, 700);
	add(&patched, "munmap", "lazy", 0, 700);
	assert_compared(base, patched, "IPIs, base -> patched: sync 700 -> 0, flush 700 -> 1,400, "
			"all 1,400 -> 1,400.\n"
			"1 of 2 cases got worse: hugetlb-unshare-munmap, lazy (flush 0 -> 7 per op).\n"
			"All cases have the IPIs that the kernel source predicts, on both sides, in "
			"every op.\n" NOT_TIMED);
}

static void each_reason_for_worse_is_told(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "all", 100, 699);
	add(&patched, "munmap", "all", 200, 700);
	assert_compared(base, patched, "IPIs, base -> patched: sync 100 -> 200, flush 699 -> 700, "
			"all 799 -> 900.\n"
			"1 of 1 case got worse: munmap, all (sync 1 -> 2 per op, flush 6.99 -> 7 per "
			"op).\n"
			"The case has the IPIs that the kernel source predicts, on both sides, in "
			"every op.\n" NOT_TIMED);
}

static void a_time_that_got_worse_is_a_reason(void **state)
{
	struct comparison cmp;
	struct report report;
	struct shift shift[2] = { { .at_case = 0, .side[SIDE_BASE].median = 1000,
				    .side[SIDE_PATCHED].median = 1100, .test.shift = 100,
				    .tested = true, .changed = true, .p = 0.001 } };
	struct shifts shifts = { .shift = shift, .nr = 2, .nr_tests = 2 };

	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "all", 0, 700);
	add(&patched, "munmap", "all", 0, 700);
	compare(&cmp, base, patched);
	for (int i = 0; i < cmp.cases[0].nr_metrics; i++)
		if (cmp.cases[0].metric[i].unit == UNIT_NS)
			shift[0].metric = shift[1].metric = &cmp.cases[0].metric[i];
	assert_non_null(shift[0].metric);
	shift[1] = shift[0];
	shift[1].changed = false;
	build(&report, &cmp, &shifts);
	assert_string_equal(report.headline[3], "Of 2 tested times 0 got better and 1 worse; of the "
			    "others nothing can be told.");
	assert_non_null(strstr(report.headline[1], "1 of 1 case got worse: munmap, all ("));
	assert_non_null(strstr(report.headline[1], " +10.0%)."));
	report_free(&report);
	compare_free(&cmp);
}

static void unequal_numbers_of_ops_give_means_per_op(void **state)
{
	BOTH(base, patched);
	struct case_result *c;

	(void)state;
	add(&base, "collapse-madvise", "alone", 700, 0);
	add(&base, "collapse-madvise", "all", 700, 700);
	add(&patched, "collapse-madvise", "alone", 0, 0);
	c = add(&patched, "collapse-madvise", "all", 200, 1400);
	c->ops = 200;
	assert_compared(base, patched, "IPIs per op, base -> patched, mean of the cases: sync 7 -> 0.5, "
			"flush 3.5 -> 3.5, all 10.5 -> 4.\n"
			"No case got worse.\n"
			"All cases have the IPIs that the kernel source predicts, on both sides, in "
			"every op.\n" NOT_TIMED);
}

static void a_case_that_failed_on_one_side_is_named(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "all", 0, 700);
	add(&patched, "munmap", "all", 0, 700);
	add(&base, "munmap", "alone", 0, 0);
	end_as(add(&patched, "munmap", "alone", 0, 0), CASE_FAIL, "it died");
	add(&base, "mremap", "alone", 0, 0);
	assert_compared(base, patched, "IPIs, base -> patched: sync 0 -> 0, flush 700 -> 700, all 700 -> 700.\n"
			"No case got worse.\n"
			"1 of 3 cases failed in some boot: munmap, alone (patched).\n"
			"1 of 3 cases was measured on one side only.\n"
			"The case has the IPIs that the kernel source predicts, on both sides, in "
			"every op.\n" NOT_TIMED);
}

static void chance_is_not_called_worse(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "all", 0, 700)->ipi.count[IPI_FLUSH].max_per_op = 9;
	add(&patched, "munmap", "all", 0, 720)->ipi.count[IPI_FLUSH].max_per_op = 9;
	add(&base, "munmap", "smt", 0, 700)->ipi.count[IPI_FLUSH].max_per_op = 7;
	add(&patched, "munmap", "smt", 0, 720)->ipi.count[IPI_FLUSH].max_per_op = 9;
	assert_compared(base, patched, "IPIs, base -> patched: sync 0 -> 0, flush 1,400 -> 1,440, all "
			"1,400 -> 1,440.\n"
			"1 of 2 cases got worse: munmap, smt (flush 7 -> 7.20 per op).\n"
			"All cases have the IPIs that the kernel source predicts, on both sides, in "
			"every op.\n" NOT_TIMED);
}

static void estimates_are_never_called_worse(void **state)
{
	BOTH(base, patched);

	(void)state;
	make_estimate(add(&base, "munmap", "all", 0, 700));
	make_estimate(add(&patched, "munmap", "all", 300, 1400));
	assert_compared(base, patched, "IPIs, base -> patched: sync ~0 -> ~300, flush ~700 -> ~1,400, "
			"all ~700 -> ~1,700.\n"
			"Counts marked ~ are estimates: other IPIs are in them.\n"
			"Whether 1 of 1 case got worse cannot be told.\n"
			"1 of 1 case has no verdict: munmap, all.\n" NOT_TIMED);
}

static void a_case_without_a_verdict_is_no_failure(void **state)
{
	const struct shifts shifts = no_times();
	struct comparison cmp;
	struct report report;

	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "alone", 0, 0);
	add(&base, "munmap", "all", 0, 700);
	give_verdict(&base.cases[1], VERDICT_NULL, "cannot be told");
	add(&patched, "munmap", "alone", 0, 0);
	add(&patched, "munmap", "all", 0, 700);
	compare(&cmp, base, patched);
	build(&report, &cmp, &shifts);
	assert_headline(&report, "IPIs, base -> patched: sync 0 -> 0, flush 700 -> 700, all 700 -> 700.\n"
			"No case got worse.\n"
			"The case with a verdict has the IPIs that the kernel source predicts, on both "
			"sides, in every op.\n"
			"1 of 2 cases has no verdict: munmap, all.\n" NOT_TIMED);
	assert_int_equal(names(&report, "no_verdict"), 1);
	assert_int_equal(names(&report, "disagree"), 0);
	assert_int_equal(names(&report, "worse"), 0);
	report_free(&report);
	compare_free(&cmp);
}

static void a_case_that_differs_is_named_with_its_side(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "alone", 0, 0);
	add(&base, "munmap", "all", 0, 700);
	add(&base, "munmap", "smt", 0, 100);
	add(&patched, "munmap", "alone", 0, 0);
	add(&patched, "munmap", "all", 0, 700);
	add(&patched, "munmap", "smt", 0, 100);
	give_verdict(&base.cases[0], VERDICT_FALSE, "op 1");
	give_verdict(&patched.cases[1], VERDICT_FALSE, "op 1");
	give_verdict(&base.cases[2], VERDICT_FALSE, "op 1");
	give_verdict(&patched.cases[2], VERDICT_FALSE, "op 1");
	assert_compared(base, patched, "IPIs, base -> patched: sync 0 -> 0, flush 800 -> 800, "
			"all 800 -> 800.\n"
			"No case got worse.\n"
			"3 of 3 cases differ from what the kernel source predicts: munmap, alone (base); "
			"munmap, all (patched); munmap, smt (both sides).\n" NOT_TIMED);
}

static void what_was_not_counted_is_in_no_sum(void **state)
{
	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "all", 0, 700)->ipi.source = IPI_NONE;
	add(&patched, "munmap", "all", 0, 900);
	give_verdict(&base.cases[0], VERDICT_NULL, "no counter");
	assert_compared(base, patched, "IPIs were not counted on both sides.\n"
			"Whether 1 of 1 case got worse cannot be told.\n"
			"1 of 1 case has no verdict: munmap, all.\n" NOT_TIMED);
}

/* Many names are cut in the sentence, and all there for programs. */
static void many_names_are_cut_for_people_only(void **state)
{
	const struct shifts shifts = no_times();
	struct comparison cmp;
	struct report report;
	char placement[16];

	BOTH(base, patched);

	(void)state;
	for (int i = 0; i < 12; i++) {
		snprintf(placement, sizeof(placement), "p%d", i);
		add(&base, "munmap", placement, 0, 700);
		add(&patched, "munmap", placement, 0, 1400);
	}
	compare(&cmp, base, patched);
	build(&report, &cmp, &shifts);
	assert_non_null(strstr(report.headline[1], "12 of 12 cases got worse: munmap, p0 ("));
	assert_non_null(strstr(report.headline[1], "munmap, p7 (flush 7 -> 14 per op); and 4 more."));
	assert_int_equal(names(&report, "worse"), 12);
	report_free(&report);
	compare_free(&cmp);
}

static void only_what_is_equal_is_unchanged(void **state)
{
	const struct shifts shifts = no_times();
	struct comparison cmp;
	struct report report;

	BOTH(base, patched);

	(void)state;
	add(&base, "munmap", "same", 0, 700);
	add(&base, "munmap", "nearly", 0, 70000);
	add(&base, "munmap", "wrong", 0, 700);
	add(&patched, "munmap", "same", 0, 700);
	add(&patched, "munmap", "nearly", 0, 70001);
	add(&patched, "munmap", "wrong", 0, 700);
	give_verdict(&patched.cases[2], VERDICT_FALSE, "op 1");
	compare(&cmp, base, patched);
	build(&report, &cmp, &shifts);
	for (int i = 0; i < 2; i++) {
		assert_true(report.tables[i].rows[0].unchanged);
		assert_false(report.tables[i].rows[1].unchanged);
		assert_false(report.tables[i].rows[2].unchanged);
	}
	report_free(&report);
	compare_free(&cmp);
}

/* ---- a history --------------------------------------------------------------------- */

#define NR_NIGHTS	20
#define NR_SERIES	3

static char kernels[2][8] = { "7.2.0", "7.2.1" };
static double values[NR_SERIES][NR_NIGHTS];
static struct history_night nights[NR_NIGHTS];
static struct history_series series[2][NR_SERIES];
static struct history_case cases[2];
static struct history_line machine = {
	.id = { .host = (char *)"lab", .cpu = (char *)"CPU", .hypervisor = (char *)"", .cpus_online = 8 },
	.series = (char *)"7.2", .key = KEY_ABSENT,
	.nights = nights, .nr_nights = NR_NIGHTS, .cases = cases, .nr_cases = 2,
};
static struct history past = { .lines = &machine, .nr_lines = 1, .nr_records = NR_NIGHTS };
static struct change_point rose = { .last = 9, .night = 10, .before = 100, .after = 200, .size = 100 };
static struct change_point fell = { .last = 9, .night = 10, .before = 200, .after = 100, .size = -100 };
static struct change_point later = {
	.last = 14, .night = 15, .before = 200, .after = 300, .size = 100,
};

/* Two cases, each with sync, p50 and p99; all values are 100. */
static int set_up_history(void **state)
{
	static const struct metric metrics[NR_SERIES] = {
		{ .id = METRIC_SYNC, .name = "sync", .unit = UNIT_COUNT, .better = BETTER_LESS },
		{ .id = METRIC_P50, .name = "p50", .unit = UNIT_NS, .better = BETTER_LESS },
		{ .id = METRIC_P99, .name = "p99", .unit = UNIT_NS, .better = BETTER_LESS },
	};

	(void)state;
	for (int i = 0; i < NR_NIGHTS; i++) {
		nights[i] = (struct history_night){ .day = 20000 + i, .kernel = kernels[i / 10] };
		for (int j = 0; j < NR_SERIES; j++)
			values[j][i] = 100;
	}
	for (int i = 0; i < 2; i++) {
		strcpy(cases[i].id.workload, "munmap");
		strcpy(cases[i].id.placement, i ? "all" : "alone");
		cases[i].series = series[i];
		cases[i].nr_series = NR_SERIES;
		for (int j = 0; j < NR_SERIES; j++)
			series[i][j] = (struct history_series){
				.metric = metrics[j], .night = values[j], .measured = NR_NIGHTS,
				.median = 100, .least = 100, .most = 100,
			};
	}
	return 0;
}

/* The level of this metric moved at @point, and nowhere else. */
static struct history_change move(int at, int metric, struct change_point *point)
{
	series[at][metric].points = point;
	series[at][metric].nr_points = 1;
	return (struct history_change){ &machine, &cases[at], &series[at][metric], point };
}

static void tell(struct report *report, const struct history_change *changes, int nr)
{
	const struct history_view view = {
		.folder = "nights", .history = &past, .changes = changes, .nr_changes = nr,
	};

	assert_int_equal(report_history(report, &view), 0);
}

static void assert_words(const struct cell *cell, const char *words)
{
	assert_int_equal(cell->kind, CELL_TEXT);
	assert_string_equal(cell->text, words);
}

static void what_moved_in_one_case_and_night_is_one_row(void **state)
{
	const struct history_change changes[] = {
		move(0, 1, &rose), move(0, 2, &rose), move(0, 0, &rose),
	};
	struct report report;

	(void)state;
	tell(&report, changes, 3);
	assert_headline(&report, "1 change for the worse: munmap, alone.\n");
	assert_string_equal(report.tables[0].id, "moves");
	assert_int_equal(report.tables[0].nr_rows, 1);
	assert_words(&report.tables[0].rows[0].cells[0], "worse");
	assert_words(&report.tables[0].rows[0].cells[1], "munmap, alone");
	assert_words(&report.tables[0].rows[0].cells[2], "p50");
	assert_words(&report.tables[0].rows[0].cells[6], "p99, sync");
	assert_string_equal(report.tables[0].rows[0].link, report.figures[0].id);
	assert_int_equal(number(&report, "worse"), 1);
	report_free(&report);
}

/* Another case, another night or another direction: each is a row of its own. */
static void what_is_not_of_one_cause_stays_apart(void **state)
{
	const struct history_change changes[] = {
		move(0, 1, &rose), move(1, 1, &rose), move(0, 2, &later), move(0, 0, &fell),
	};
	struct report report;

	(void)state;
	tell(&report, changes, 4);
	assert_headline(&report, "3 changes for the worse: munmap, alone; munmap, all.\n"
			"1 change for the better, 0 that nobody can judge.\n");
	assert_int_equal(report.tables[0].nr_rows, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(report.tables[0].rows[i].cells[6].kind, CELL_EMPTY);
	report_free(&report);
}

static void only_better_is_said_as_such(void **state)
{
	const struct history_change changes[] = { move(0, 1, &fell), move(0, 2, &fell) };
	struct report report;

	(void)state;
	tell(&report, changes, 2);
	assert_headline(&report, "No change for the worse.\n"
			"1 change for the better, 0 that nobody can judge.\n");
	assert_int_equal(number(&report, "better"), 1);
	report_free(&report);
}

/* What never changed has a row; there is no table of moves without moves. */
static void nothing_moved_is_said(void **state)
{
	struct report report;

	(void)state;
	tell(&report, NULL, 0);
	assert_headline(&report, "No level has moved.\n");
	assert_int_equal(report.nr_tables, 1);
	assert_string_equal(report.tables[0].id, "constant");
	assert_int_equal(report.tables[0].nr_rows, 2 * NR_SERIES);
	assert_false(report.tables[0].lead);
	report_free(&report);
	machine.nr_cases = 0;
	tell(&report, NULL, 0);
	assert_int_equal(report.nr_tables, 0);
	report_free(&report);
	machine.nr_cases = 2;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_whose_cases_all_agree_says_so),
		cmocka_unit_test(a_case_that_differs_is_named),
		cmocka_unit_test(an_estimate_is_marked_in_the_headline),
		cmocka_unit_test(the_latency_of_ipis_has_its_tables_and_its_map),
		cmocka_unit_test(a_map_of_very_many_cpus_is_not_drawn),
		cmocka_unit_test(no_latency_is_told_that_means_nothing),
		cmocka_unit_test(counters_are_told_and_what_is_missing_too),
		cmocka_unit_test(without_a_verdict_skipped_and_failed_are_told_apart),
		cmocka_unit_test(a_run_without_cases_has_nothing_to_say),
		cmocka_unit_test(emulation_is_told),
		cmocka_unit_test(what_is_said_of_several_cases_is_one_note),
		cmocka_unit_test(a_run_shows_its_cases_and_what_to_distrust),
		cmocka_unit_test(all_details_have_what_the_sums_are_of),
		cmocka_unit_test(a_headline_alone_is_nothing_else),
		cmocka_unit_test(a_record_cannot_steer_the_terminal),
		cmocka_unit_test(syncs_flushes_and_all_ipis_come_first),
		cmocka_unit_test(deliveries_stand_beside_each_other),
		cmocka_unit_test(more_flushes_of_lazy_cpus_are_worse),
		cmocka_unit_test(each_reason_for_worse_is_told),
		cmocka_unit_test(a_time_that_got_worse_is_a_reason),
		cmocka_unit_test(unequal_numbers_of_ops_give_means_per_op),
		cmocka_unit_test(a_case_that_failed_on_one_side_is_named),
		cmocka_unit_test(chance_is_not_called_worse),
		cmocka_unit_test(estimates_are_never_called_worse),
		cmocka_unit_test(a_case_without_a_verdict_is_no_failure),
		cmocka_unit_test(a_case_that_differs_is_named_with_its_side),
		cmocka_unit_test(what_was_not_counted_is_in_no_sum),
		cmocka_unit_test(many_names_are_cut_for_people_only),
		cmocka_unit_test(only_what_is_equal_is_unchanged),
		cmocka_unit_test_setup(what_moved_in_one_case_and_night_is_one_row, set_up_history),
		cmocka_unit_test_setup(what_is_not_of_one_cause_stays_apart, set_up_history),
		cmocka_unit_test_setup(only_better_is_said_as_such, set_up_history),
		cmocka_unit_test_setup(nothing_moved_is_said, set_up_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
