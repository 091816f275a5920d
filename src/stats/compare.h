/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two sets of records, base beside patched, a record a boot. Cases are matched by
 * workload, placement and parameters; counts are added up exactly, and each boot's
 * figures are kept. compare-check.c finds what makes the sets unfit to compare, and the
 * caller judges it.
 */
#ifndef TLBSYNC_STATS_COMPARE_H
#define TLBSYNC_STATS_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "case/metric.h"
#include "record/record.h"

enum side { SIDE_BASE, SIDE_PATCHED, NR_SIDES };

/* One boot's figures of a case, in the order of the case's metrics; NAN: it has none. */
struct figures {
	int boot;
	double value[CASE_MAX_METRICS];
};

/* One case on one side: the sum over its boots. */
struct compare_side {
	int boots;		/* in which the case was measured */
	int skipped, failed;	/* boots in which it was not */
	char reason[REASON_SIZE];	/* of the first of these */
	uint64_t ops;
	uint64_t total[NR_IPI_CLASSES];	/* requested; handled if @estimate */
	uint32_t most[NR_IPI_CLASSES];	/* requested by one op, the most of all boots */
	bool uncounted;		/* a boot had no counter: @total is meaningless */
	bool estimate;		/* a boot had /proc/interrupts only */
	struct expectation expect;
	bool expect_varies;	/* between boots: @expect is the first one's */
	enum verdict as_expected;	/* in all boots */
	uint64_t lost;		/* trace records */
	double rate_sum;	/* ops a second of all initiators, over @rated boots */
	int rated;
	struct figures *figures;	/* one a boot in which it was measured */
	struct histogram *latency;	/* all boots' ops together, for the eye only; or NULL */
	struct ipi_latency **ipi_latency;	/* one a boot whose ipi pass was timed */
	int nr_latencies;
	uint64_t *per_cpu[NR_IPI_CLASSES];	/* handled, by CPU number; NULL: not known */
	uint64_t *own_per_cpu[NR_IPI_CLASSES];	/* asked for by the op, by target CPU */
	bool own_unknown;	/* a boot does not tell @own_per_cpu */
	int nr_cpus;		/* entries in each of these */
	struct roles roles;	/* of the first boot in which it was measured */
};

struct compare_case {
	struct case_id id;
	struct metric metric[CASE_MAX_METRICS];	/* of all its boots */
	int nr_metrics;
	struct compare_side side[NR_SIDES];
	int last_boot[NR_SIDES];	/* that had the case; -1 none */
};

/* A boot's record without its cases, and the name of its file. */
struct compare_boot {
	char *label;
	int number;	/* of a block, in order of adding; 0: it is a boot */
	struct record rec;
	char *events;	/* that its timing passes counted, "" for none */
};

enum compare_finding_level {
	FINDING_FATAL,	/* no comparison can mean anything */
	FINDING_MIXED,	/* the sets are of different machines, tools or kernels */
	FINDING_WARNING,
};

struct compare_finding {
	enum compare_finding_level level;
	char *text;
};

/* A boot is the unit of a comparison; or a block, where all are of one boot. */
struct comparison {
	bool blocks;
	struct compare_boot *boots[NR_SIDES];
	int nr_boots[NR_SIDES];
	struct compare_case *cases;
	int nr_cases;
	struct compare_finding *findings;
	int nr_findings;
};

const char *side_name(enum side side);
const char *compare_unit(const struct comparison *cmp);
int compare_add(struct comparison *cmp, enum side side, const char *label,
		struct record *rec);
int compare_add_detail(struct compare_side *side, struct case_result *c);
void compare_free_detail(struct compare_side *side);
int compare_add_finding(struct comparison *cmp, enum compare_finding_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int compare_finish(struct comparison *cmp);
int compare_finish_noise(struct comparison *noise);
int compare_check_noise(struct comparison *cmp, const struct comparison *noise);
int compare_require_key(struct comparison *cmp, enum side side, enum key_state key);
bool compare_matched(const struct compare_case *c);
bool compare_counts_told(const struct compare_case *c);
bool compare_grew(const struct compare_case *c, enum ipi_class cls);
enum verdict compare_verdict(const struct compare_case *c);
bool compare_shared_boot(const struct comparison *cmp);
bool compare_emulated(const struct comparison *cmp);
struct compare_case *compare_case_of(const struct comparison *cmp, const struct case_id *id);
void compare_free(struct comparison *cmp);

#endif
