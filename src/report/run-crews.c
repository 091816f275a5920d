// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases with several initiators: what all did together, and what each did. */
#include <math.h>
#include <string.h>

#include "case/result.h"
#include "report/parts.h"
#include "report/run-parts.h"
#include "report/words.h"

enum {
	CREW_CASE, CREW_RATE, CREW_FAIR, CREW_BUSIEST, CREW_MERGED, NR_CREW_COLUMNS,
};

static const struct report_column crew_columns[NR_CREW_COLUMNS] = {
	{ "case", "case", .right = false }, { "ops/s", "rate_per_s", .right = true },
	{ "slowest", "slowest_of_fastest", .right = true },
	{ "IPIs/CPU/s", "ipis_per_cpu_per_s", .right = true },
	{ "merged", "merged", .right = true },
};

/* Requests of all classes per op that the CPUs handled: the most of one CPU. */
static double busiest_per_op(const struct case_result *c)
{
	uint64_t most = 0;

	for (int cpu = 0; cpu < c->nr_cpus; cpu++) {
		uint64_t handled = 0;

		for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
			handled += c->ipi.count[cls].per_cpu ? c->ipi.count[cls].per_cpu[cpu] : 0;
		most = handled > most ? handled : most;
	}
	return c->ops ? (double)most / (double)c->ops : NAN;
}

/* The share of the ops' requests that came without an interrupt of their own. */
static double merged_share(const struct case_result *c)
{
	uint64_t requested = 0, sent = 0;

	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		if (!c->ipi.count[cls].has_sent)
			return NAN;
		requested += c->ipi.count[cls].requested;
		sent += c->ipi.count[cls].sent;
	}
	return requested && sent <= requested ? 1 - (double)sent / (double)requested : NAN;
}

static void add_crew(struct report *report, struct report_table *table,
		     const struct case_result *c)
{
	struct cell *cells = report_add_row(report, table);
	double rate = c->rate_per_s > 0 ? c->rate_per_s : NAN, fair = case_fairness(c);
	double busiest = rate * busiest_per_op(c);

	if (!cells)
		return;
	cells[CREW_CASE] = cell_text(report_case(report, &c->id));
	cells[CREW_RATE] = cell_value(value_of(QUANTITY_RATE, rate));
	cells[CREW_FAIR] = cell_value(value_of(QUANTITY_SHARE, fair > 0 ? fair : NAN));
	/* of a mix the ops that were counted are not in the proportion of those that were timed */
	if (c->ipi.source != IPI_CSD || case_id_is_mix(&c->id))
		busiest = NAN;
	cells[CREW_BUSIEST] = cell_value(value_of(QUANTITY_RATE, busiest));
	cells[CREW_MERGED] = cell_value(value_of(QUANTITY_SHARE, merged_share(c)));
}

enum {
	ONE_CASE, ONE_CPU, ONE_WORKLOAD, ONE_OPS, ONE_P50, ONE_P99, ONE_RATE, ONE_SYNC, ONE_FLUSH,
	ONE_EXPECTED, NR_ONE_COLUMNS,
};

static const struct report_column one_columns[NR_ONE_COLUMNS] = {
	{ "case", "case", .right = false }, { "CPU", "cpu", .right = true },
	{ "workload", "workload", .right = false }, { "ops", "ops", .right = true },
	{ "p50", "p50_ns", .right = true }, { "p99", "p99_ns", .right = true },
	{ "ops/s", "rate_per_s", .right = true }, { "sync/op", "sync_per_op", .right = true },
	{ "flush/op", "flush_per_op", .right = true }, { "expected", "expected", .right = true },
};

/* The @at'th of the workloads that "a+b+c" names. */
static char *member_name(struct report *report, const struct case_id *id, int at)
{
	const char *name = id->workload;

	while (at-- && strchr(name, '+'))
		name = strchr(name, '+') + 1;
	return report_text(report, "%.*s", (int)strcspn(name, "+"), name);
}

static void add_initiator(struct report *report, struct report_table *table,
			  const struct case_result *c, const struct initiator_result *one)
{
	struct cell *cells = report_add_row(report, table);
	bool counted = c->ipi.source == IPI_CSD;
	double rate = initiator_rate(one);

	if (!cells)
		return;
	cells[ONE_CASE] = cell_text(report_case(report, &c->id));
	cells[ONE_CPU] = cell_value(value_of(QUANTITY_PLAIN, one->cpu));
	cells[ONE_WORKLOAD] = cell_text(member_name(report, &c->id, one->member));
	cells[ONE_OPS] = cell_value(value_count(one->ops));
	cells[ONE_P50] = quantile_cell(one->latency, 0.5);
	cells[ONE_P99] = quantile_cell(one->latency, 0.99);
	cells[ONE_RATE] = cell_value(value_of(QUANTITY_RATE, rate > 0 ? rate : NAN));
	cells[ONE_SYNC] = cell_value(counted ? value_per_op(one->requested[IPI_SYNC], one->ops) :
				     value_unknown());
	cells[ONE_FLUSH] = cell_value(counted ? value_per_op(one->requested[IPI_FLUSH], one->ops) :
				      value_unknown());
	cells[ONE_EXPECTED] = expected_cell(&one->expect);
}

/* Two tables of the cases of @rec with several initiators, if there are such. */
void run_crews(struct report *report, const struct record *rec)
{
	struct report_table *table = NULL;

	for (int i = 0; i < rec->nr_cases; i++) {
		if (rec->cases[i].nr_initiators < 2)
			continue;
		if (!table)
			table = report_add_table(report, "initiators", "Several initiators at once",
						 crew_columns, NR_CREW_COLUMNS);
		add_crew(report, table, &rec->cases[i]);
	}
	if (!table)
		return;
	report_legend(report, table, "slowest: the rate of the slowest initiator, of the fastest one's; "
		      "IPIs/CPU/s: handled by the CPU with the most; merged: the share of requests that "
		      "came without an interrupt of their own.");
	table = report_add_table(report, "per-initiator", "What each initiator did", one_columns,
				 NR_ONE_COLUMNS);
	if (!table)
		return;
	table->detail = table->grouped = true;
	for (int i = 0; i < rec->nr_cases; i++)
		for (int j = 0; j < rec->cases[i].nr_initiators && rec->cases[i].nr_initiators > 1; j++)
			add_initiator(report, table, &rec->cases[i], &rec->cases[i].initiator[j]);
}
