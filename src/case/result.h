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
#include "case/histogram.h"
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
};

/* A figure of the workload's own, per op of the timing pass. */
struct case_metric {
	char name[32];
	double per_op;
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
	uint64_t ops;			/* in each pass */
	uint64_t repeated_ops;		/* refused with -EAGAIN and tried again, uncounted */
	uint64_t elapsed_ns;		/* both passes, arm and verify included */
	struct histogram *latency;	/* timing pass: no probe is on; empty where there was none */
	uint64_t counted_p50_ns;	/* counting pass: what the probe costs */
	struct case_metric metric[MAX_METRICS];
	int nr_metrics;
	struct bystander_count *bystander;	/* by rising CPU number */
	int nr_bystanders;		/* 0 also where no op was timed */
	struct histogram *gaps;		/* of all bystanders together; NULL: none were there */
	struct ipi_result ipi;
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

#endif
