/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one case yields. The engine fills it, the record stores it, the
 * renderers read it back: one shape from end to end.
 */
#ifndef TLBSYNC_CASE_RESULT_H
#define TLBSYNC_CASE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "case/binding.h"
#include "case/case-id.h"
#include "case/counter.h"
#include "case/histogram.h"
#include "case/ipi-latency.h"
#include "case/ipi.h"
#include "case/roles.h"
#include "machine/kernel.h"

#define MAX_METRICS	4
#define REASON_SIZE	256

enum case_status { CASE_OK, CASE_SKIP, CASE_FAIL };
enum verdict { VERDICT_NULL, VERDICT_FALSE, VERDICT_TRUE };

struct expectation {
	bool has_sync, has_flush;
	double sync_per_op, flush_per_op;
	char why[REASON_SIZE];	/* why one of them cannot be predicted */
	double flush_least;	/* flush_per_op is the most: a range, if this is less */
};

/* A figure of the workload's own, per op of the timing pass. */
struct case_metric {
	char name[32];
	double per_op;
};

/* What one of several initiators did. */
struct initiator_result {
	int cpu;
	int member;			/* of the workloads of the case: whose ops, from 0 on */
	uint64_t ops;			/* counted */
	uint64_t repeated_ops;
	struct expectation expect;
	uint64_t requested[NR_IPI_CLASSES];	/* by its ops */
	uint64_t unexpected_ops[NR_IPI_CLASSES];
	struct histogram *latency;	/* of its timed ops; empty or NULL where there was none */
	uint64_t window_ns;		/* of the timing pass: while all initiators ran */
	uint64_t window_ops;		/* that it did in it */
};

/* What the timing pass cost one bystander's CPU, inside ops only. */
struct bystander_count {
	int cpu;
	uint64_t bias_ns;	/* its loop's own time, taken off each gap */
	uint64_t threshold_ns;	/* shorter gaps are not counted */
	uint64_t gaps;
	uint64_t stolen_ns;	/* their sum */
	uint64_t longest_ns;
};

struct case_result {
	struct case_id id;
	struct roles roles;
	struct binding memory;
	enum case_status status;
	char reason[REASON_SIZE];	/* of skip, fail, or a null verdict */
	uint64_t ops;			/* counted, of all initiators; else timed; else of the ipi pass */
	uint64_t repeated_ops;		/* refused with -EAGAIN and tried again, uncounted */
	struct initiator_result *initiator;	/* by rising CPU number */
	int nr_initiators;		/* entries; 0 also in records of one initiator */
	double rate_per_s;		/* ops of all initiators, arm and verify included; 0: untimed */
	uint64_t elapsed_ns;		/* all passes, arm and verify included */
	struct histogram *latency;	/* timing pass: no trace is on; empty where there was none */
	uint64_t counted_p50_ns;	/* counting pass: what the probe costs */
	struct case_metric metric[MAX_METRICS];
	int nr_metrics;
	struct case_counter *counter;	/* of the timing pass; NULL: none was asked for */
	int nr_counters;
	struct bystander_count *bystander;	/* by rising CPU number */
	int nr_bystanders;		/* 0 also where no op was timed */
	struct histogram *gaps;		/* of all bystanders together; NULL: none were there */
	struct ipi_result ipi;
	struct ipi_latency *ipi_latency;	/* NULL: nobody asked for it */
	int nr_cpus;			/* entries in every per_cpu */
	struct expectation expect;
	enum verdict as_expected;
	int block;			/* of a run that flips the key, from 1 on; 0: of none */
	enum key_state block_key;	/* in that block */
};

const char *case_status_name(enum case_status status);
const char *ipi_source_name(enum ipi_source source);
const char *ipi_class_name(enum ipi_class cls);
int case_status_parse(const char *name, enum case_status *status);
int ipi_source_parse(const char *name, enum ipi_source *source);
int case_result_copy(struct case_result *to, const struct case_result *from);
void case_result_free(struct case_result *result);
double initiator_rate(const struct initiator_result *one);
double case_fairness(const struct case_result *c);

#endif
