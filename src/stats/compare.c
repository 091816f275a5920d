// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matching and adding up. A record gives its cases to the sums and is then kept
 * without them, so memory grows with the number of cases, not of boots.
 */
#include "stats/compare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "base" or "patched". */
const char *side_name(enum side side)
{
	return side == SIDE_BASE ? "base" : "patched";
}

/* What a sample of the comparison is: "boot" or "block". */
const char *compare_unit(const struct comparison *cmp)
{
	return cmp->blocks ? "block" : "boot";
}

/* The case @id; NULL if there is none. */
struct compare_case *compare_case_of(const struct comparison *cmp, const struct case_id *id)
{
	for (int i = 0; i < cmp->nr_cases; i++)
		if (case_id_same(&cmp->cases[i].id, id))
			return &cmp->cases[i];
	return NULL;
}

/* The case that matches @c, added if it is new; NULL without memory. */
static struct compare_case *match(struct comparison *cmp, const struct case_result *c)
{
	struct compare_case *slot = compare_case_of(cmp, &c->id);

	if (slot)
		return slot;
	slot = realloc(cmp->cases, (size_t)(cmp->nr_cases + 1) * sizeof(*slot));
	if (!slot)
		return NULL;
	cmp->cases = slot;
	slot += cmp->nr_cases++;
	memset(slot, 0, sizeof(*slot));
	slot->id = c->id;
	for (int i = 0; i < METRIC_OWN; i++)
		slot->metric[slot->nr_metrics++] = *metric_builtin((enum metric_id)i);
	slot->last_boot[SIDE_BASE] = slot->last_boot[SIDE_PATCHED] = -1;
	return slot;
}

static bool same_expectation(const struct expectation *a, const struct expectation *b)
{
	return a->has_sync == b->has_sync && a->has_flush == b->has_flush &&
	       a->sync_per_op == b->sync_per_op && a->flush_per_op == b->flush_per_op;
}

/* If one boot is not as expected, the side is not. Else, if one is unknown, the side is. */
static enum verdict both(enum verdict a, enum verdict b)
{
	if (a == VERDICT_FALSE || b == VERDICT_FALSE)
		return VERDICT_FALSE;
	return a == VERDICT_NULL || b == VERDICT_NULL ? VERDICT_NULL : VERDICT_TRUE;
}

static int add_counts(struct compare_side *side, const struct ipi_result *ipi)
{
	side->uncounted |= ipi->source == IPI_NONE;
	side->estimate |= ipi->source == IPI_INTERRUPTS;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
		const struct ipi_count *count = &ipi->count[cls];
		uint64_t nr = count->has_requested ? count->requested : count->handled;

		if (__builtin_add_overflow(side->total[cls], nr, &side->total[cls]))
			return -ERANGE;
		if (count->max_per_op > side->most[cls])
			side->most[cls] = count->max_per_op;
	}
	return __builtin_add_overflow(side->lost, ipi->lost, &side->lost) ? -ERANGE : 0;
}

/* The place of @metric among those of @slot, a new one if it is new; -1: there is no room. */
static int place_metric(struct compare_case *slot, const struct metric *metric)
{
	int i = metric->id;

	if (metric->id != METRIC_OWN)
		return i;
	while (i < slot->nr_metrics && strcmp(slot->metric[i].name, metric->name))
		i++;
	if (i == CASE_MAX_METRICS)
		return -1;
	if (i == slot->nr_metrics)
		slot->metric[slot->nr_metrics++] = *metric;
	return i;
}

/* The figures of @c in the boot number @boot of its side. */
static struct figures figures_of(struct compare_case *slot, const struct case_result *c, int boot)
{
	struct figures figures = { .boot = boot };
	struct case_metrics metrics;

	for (int i = 0; i < CASE_MAX_METRICS; i++)
		figures.value[i] = NAN;
	case_metrics_of(c, &metrics);
	for (int i = 0; i < metrics.nr; i++) {
		int at = place_metric(slot, &metrics.metric[i]);

		if (at >= 0)
			figures.value[at] = metrics.value[i];
	}
	return figures;
}

static int add_measured(struct compare_case *slot, enum side which, int boot,
			struct case_result *c)
{
	struct compare_side *side = &slot->side[which];
	struct figures *figures = realloc(side->figures,
					  (size_t)(side->boots + 1) * sizeof(*figures));

	if (!figures)
		return -ENOMEM;
	side->figures = figures;
	figures[side->boots] = figures_of(slot, c, boot);
	if (!side->boots) {
		side->expect = c->expect;
		side->as_expected = c->as_expected;
	}
	side->expect_varies |= !same_expectation(&side->expect, &c->expect);
	side->as_expected = both(side->as_expected, c->as_expected);
	side->rate_sum += c->rate_per_s;
	side->rated += c->rate_per_s > 0;
	side->boots++;
	if (__builtin_add_overflow(side->ops, c->ops, &side->ops) || add_counts(side, &c->ipi))
		return -ERANGE;
	return compare_add_detail(side, c);
}

static int add_case(struct comparison *cmp, enum side which, int boot, struct case_result *c)
{
	struct compare_case *slot = match(cmp, c);
	struct compare_side *side;

	if (!slot)
		return -ENOMEM;
	side = &slot->side[which];
	if (slot->last_boot[which] == boot)
		return compare_add_finding(cmp, FINDING_FATAL, "%s holds the case %s, %s twice",
				  cmp->boots[which][boot].label, c->id.workload, c->id.placement);
	slot->last_boot[which] = boot;
	if (c->status == CASE_OK)
		return add_measured(slot, which, boot, c);
	if (!side->skipped && !side->failed)
		strcpy(side->reason, c->reason);
	if (c->status == CASE_SKIP)
		side->skipped++;
	else
		side->failed++;
	return 0;
}

static bool has_blocks(const struct record *rec)
{
	return rec->nr_cases && rec->cases[0].block;
}

/* "instructions page-faults" of the first case that counted any, on the heap. */
static char *events_of(const struct record *rec)
{
	const struct case_result *c = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < rec->nr_cases && !c; i++)
		c = rec->cases[i].nr_counters ? &rec->cases[i] : NULL;
	for (int i = 0; out && c && i < c->nr_counters; i++)
		if (c->counter[i].role == ROLE_INITIATOR && !*c->counter[i].why)
			fprintf(out, "%s%s", ftell(out) ? " " : "", c->counter[i].event);
	if (out)
		fclose(out);
	return text;
}

/*
 * Adds a boot's record to one side; @label names it in messages. Takes over what
 * @rec holds and leaves it empty, on errors too. Returns 0, -ENOMEM, or -ERANGE
 * if the counts no longer fit into 64 bits.
 */
int compare_add(struct comparison *cmp, enum side side, const char *label,
		struct record *rec)
{
	struct compare_boot *boots = realloc(cmp->boots[side],
					     (size_t)(cmp->nr_boots[side] + 1) * sizeof(*boots));
	int boot = cmp->nr_boots[side], number = 0, err = 0;
	char *name = strdup(label);

	if (boots)
		cmp->boots[side] = boots;
	if (!boots || !name) {
		free(name);
		record_free(rec);
		return -ENOMEM;
	}
	if (cmp->blocks)
		number = cmp->nr_boots[SIDE_BASE] + cmp->nr_boots[SIDE_PATCHED] + 1;
	boots[boot] = (struct compare_boot){ name, number, *rec, events_of(rec) };
	memset(rec, 0, sizeof(*rec));
	cmp->nr_boots[side]++;
	if (has_blocks(&boots[boot].rec)) {
		record_free_cases(&boots[boot].rec);
		return compare_add_finding(cmp, FINDING_FATAL, "%s holds blocks of one boot, which are "
				    "both sides: give it alone, with --flipped", label);
	}
	for (int i = 0; i < boots[boot].rec.nr_cases && !err; i++)
		err = add_case(cmp, side, boot, &boots[boot].rec.cases[i]);
	record_free_cases(&boots[boot].rec);
	return err;
}

/* Was the case measured on both sides? */
bool compare_matched(const struct compare_case *c)
{
	return c->side[SIDE_BASE].boots && c->side[SIDE_PATCHED].boots;
}

/* Were IPIs counted exactly on both sides? */
bool compare_counts_told(const struct compare_case *c)
{
	for (int side = 0; side < NR_SIDES; side++)
		if (c->side[side].uncounted || c->side[side].estimate || c->side[side].lost ||
		    !c->side[side].ops)
			return false;
	return true;
}

/*
 * Did a count grow? Patched must be above what even the costliest op of base took: any
 * growth of a count that is the same in every op, but no chance of one that varies. False
 * where counts are not told.
 */
bool compare_grew(const struct compare_case *c, enum ipi_class cls)
{
	const struct compare_side *b = &c->side[SIDE_BASE], *p = &c->side[SIDE_PATCHED];

	return compare_counts_told(c) &&
	       (double)p->total[cls] * (double)b->ops > (double)b->total[cls] * (double)p->ops &&
	       (double)p->total[cls] > (double)b->most[cls] * (double)p->ops;
}

/* Is the case as expected on both sides, in every boot? */
enum verdict compare_verdict(const struct compare_case *c)
{
	return both(c->side[SIDE_BASE].as_expected, c->side[SIDE_PATCHED].as_expected);
}

/* Is a record from software emulation, whose times mean nothing? */
bool compare_emulated(const struct comparison *cmp)
{
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < cmp->nr_boots[side]; i++)
			if (record_emulated(&cmp->boots[side][i].rec))
				return true;
	return false;
}

/* Frees all that a comparison holds, not the struct. */
void compare_free(struct comparison *cmp)
{
	for (int side = 0; side < NR_SIDES; side++) {
		for (int i = 0; i < cmp->nr_boots[side]; i++) {
			free(cmp->boots[side][i].label);
			free(cmp->boots[side][i].events);
			record_free(&cmp->boots[side][i].rec);
		}
		free(cmp->boots[side]);
		for (int i = 0; i < cmp->nr_cases; i++) {
			free(cmp->cases[i].side[side].figures);
			compare_free_detail(&cmp->cases[i].side[side]);
		}
	}
	for (int i = 0; i < cmp->nr_findings; i++)
		free(cmp->findings[i].text);
	free(cmp->findings);
	free(cmp->cases);
	memset(cmp, 0, sizeof(*cmp));
}
