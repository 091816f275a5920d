// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matching and adding up. A record gives its cases to the sums and is then kept
 * without them, so memory grows with the number of cases, not of boots.
 */
#include "stats/compare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What all records must share, then what the records of one side must. */
enum fact {
	FACT_HOST, FACT_CPU, FACT_CPUS_ONLINE, FACT_NODES, FACT_HYPERVISOR, FACT_TOOL,
	FACT_COUNTER, NR_SHARED_FACTS,
	FACT_RELEASE = NR_SHARED_FACTS, FACT_STATIC_KEY, NR_FACTS,
};

static const char *const fact_names[NR_FACTS] = {
	[FACT_HOST] = "host", [FACT_CPU] = "CPU model", [FACT_CPUS_ONLINE] = "CPUs online",
	[FACT_NODES] = "nodes", [FACT_HYPERVISOR] = "hypervisor",
	[FACT_TOOL] = "tool version", [FACT_COUNTER] = "counter",
	[FACT_RELEASE] = "kernel release", [FACT_STATIC_KEY] = "static key",
};

/* "base" or "patched". */
const char *side_name(enum side side)
{
	return side == SIDE_BASE ? "base" : "patched";
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static const char *fact_value(const struct record *rec, enum fact fact, char buf[16])
{
	switch (fact) {
	case FACT_HOST:
		return or_empty(rec->host);
	case FACT_CPU:
		return or_empty(rec->machine.cpu);
	case FACT_CPUS_ONLINE:
		snprintf(buf, 16, "%d", rec->machine.cpus_online);
		return buf;
	case FACT_NODES:
		snprintf(buf, 16, "%d", rec->machine.nodes);
		return buf;
	case FACT_HYPERVISOR:
		return or_empty(rec->machine.hypervisor);
	case FACT_TOOL:
		return or_empty(rec->tool);
	case FACT_COUNTER:
		return or_empty(rec->counter);
	case FACT_RELEASE:
		return or_empty(rec->kernel.release);
	default:
		return key_state_name(rec->kernel.static_key);
	}
}

__attribute__((format(printf, 3, 4)))
static int find_fault(struct comparison *cmp, enum finding_level level,
		      const char *format, ...)
{
	struct finding *more = realloc(cmp->findings, (size_t)(cmp->nr_findings + 1) *
						      sizeof(*more));
	va_list args;
	int len;

	if (!more)
		return -ENOMEM;
	cmp->findings = more;
	va_start(args, format);
	len = vasprintf(&more[cmp->nr_findings].text, format, args);
	va_end(args);
	if (len < 0)
		return -ENOMEM;
	more[cmp->nr_findings++].level = level;
	return 0;
}

static bool same_params(const struct compare_case *a, const struct case_result *b)
{
	if (a->nr_params != b->nr_params)
		return false;
	for (int i = 0; i < a->nr_params; i++)
		if (strcmp(a->params[i].name, b->params[i].name) ||
		    a->params[i].value != b->params[i].value)
			return false;
	return true;
}

/* The case that matches @c, added if it is new; NULL without memory. */
static struct compare_case *match(struct comparison *cmp, const struct case_result *c)
{
	struct compare_case *slot;

	for (int i = 0; i < cmp->nr_cases; i++) {
		slot = &cmp->cases[i];
		if (!strcmp(slot->workload, c->workload) &&
		    !strcmp(slot->placement, c->placement) && same_params(slot, c))
			return slot;
	}
	slot = realloc(cmp->cases, (size_t)(cmp->nr_cases + 1) * sizeof(*slot));
	if (!slot)
		return NULL;
	cmp->cases = slot;
	slot += cmp->nr_cases++;
	memset(slot, 0, sizeof(*slot));
	strcpy(slot->workload, c->workload);
	strcpy(slot->placement, c->placement);
	memcpy(slot->params, c->params, sizeof(slot->params));
	slot->nr_params = c->nr_params;
	slot->last_boot[SIDE_BASE] = slot->last_boot[SIDE_PATCHED] = -1;
	return slot;
}

static bool same_expectation(const struct expectation *a, const struct expectation *b)
{
	return a->has_sync == b->has_sync && a->has_flush == b->has_flush &&
	       a->sync_per_op == b->sync_per_op && a->flush_per_op == b->flush_per_op;
}

/* One boot not as expected and the side is not; else one unknown and it is unknown. */
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
	}
	return __builtin_add_overflow(side->lost, ipi->lost, &side->lost) ? -ERANGE : 0;
}

static int add_measured(struct compare_side *side, const struct case_result *c)
{
	uint64_t *p50 = realloc(side->p50, (size_t)(side->boots + 1) * sizeof(*p50));

	if (!p50)
		return -ENOMEM;
	side->p50 = p50;
	p50[side->boots] = c->latency ? hist_quantile(c->latency, 0.5) : 0;
	if (!side->boots) {
		side->expect = c->expect;
		side->as_expected = c->as_expected;
	}
	side->expect_varies |= !same_expectation(&side->expect, &c->expect);
	side->as_expected = both(side->as_expected, c->as_expected);
	side->boots++;
	if (__builtin_add_overflow(side->ops, c->ops, &side->ops))
		return -ERANGE;
	return add_counts(side, &c->ipi);
}

static int add_case(struct comparison *cmp, enum side which, int boot,
		    const struct case_result *c)
{
	struct compare_case *slot = match(cmp, c);
	struct compare_side *side;

	if (!slot)
		return -ENOMEM;
	side = &slot->side[which];
	if (slot->last_boot[which] == boot)
		return find_fault(cmp, FINDING_FATAL, "%s holds the case %s, %s twice",
				  cmp->boots[which][boot].label, c->workload, c->placement);
	slot->last_boot[which] = boot;
	if (c->status == CASE_OK)
		return add_measured(side, c);
	if (!side->skipped && !side->failed)
		strcpy(side->reason, c->reason);
	if (c->status == CASE_SKIP)
		side->skipped++;
	else
		side->failed++;
	return 0;
}

/*
 * Adds a boot's record to one side; @label names it in messages. Takes over what
 * @rec holds and leaves it empty, on errors too. Returns 0, -ENOMEM, or -ERANGE
 * where the counts no longer fit into 64 bits.
 */
int compare_add(struct comparison *cmp, enum side side, const char *label,
		struct record *rec)
{
	struct compare_boot *boots = realloc(cmp->boots[side],
					     (size_t)(cmp->nr_boots[side] + 1) * sizeof(*boots));
	int boot = cmp->nr_boots[side], err = 0;
	char *name = strdup(label);

	if (boots)
		cmp->boots[side] = boots;
	if (!boots || !name) {
		free(name);
		record_free(rec);
		return -ENOMEM;
	}
	boots[boot] = (struct compare_boot){ name, *rec };
	memset(rec, 0, sizeof(*rec));
	cmp->nr_boots[side]++;
	for (int i = 0; i < boots[boot].rec.nr_cases && !err; i++)
		err = add_case(cmp, side, boot, &boots[boot].rec.cases[i]);
	record_free_cases(&boots[boot].rec);
	return err;
}

/* The first record of @side whose @fact is not that of @first is a finding. */
static int check_fact(struct comparison *cmp, enum fact fact,
		      const struct compare_boot *first, enum side side)
{
	char buf[16], other[16];
	const char *wanted = fact_value(&first->rec, fact, buf);

	for (int i = 0; i < cmp->nr_boots[side]; i++) {
		const struct compare_boot *boot = &cmp->boots[side][i];
		const char *value = fact_value(&boot->rec, fact, other);

		if (strcmp(value, wanted))
			return find_fault(cmp, FINDING_MIXED,
					  "%s differs: '%s' in %s, '%s' in %s",
					  fact_names[fact], wanted, first->label, value,
					  boot->label);
	}
	return 0;
}

static int check_facts(struct comparison *cmp)
{
	int err = 0;

	for (int side = 0; side < NR_SIDES; side++)
		for (int fact = 0; fact < NR_FACTS && !err; fact++) {
			int first = fact < NR_SHARED_FACTS ? SIDE_BASE : side;

			err = check_fact(cmp, (enum fact)fact, cmp->boots[first],
					 (enum side)side);
		}
	return err;
}

static bool same_boot(const struct compare_boot *a, const struct compare_boot *b)
{
	const char *id = or_empty(a->rec.kernel.boot_id);

	return *id && !strcmp(id, or_empty(b->rec.kernel.boot_id));
}

/* A boot is one sample: no boot may count twice on its side, or stand on both. */
static int check_boots(struct comparison *cmp)
{
	int err = 0;

	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < cmp->nr_boots[side]; i++) {
			const struct compare_boot *a = &cmp->boots[side][i];

			for (int j = i + 1; j < cmp->nr_boots[side] && !err; j++)
				if (same_boot(a, &cmp->boots[side][j]))
					err = find_fault(cmp, FINDING_FATAL,
							 "%s and %s are of the same boot, which would count twice",
							 a->label, cmp->boots[side][j].label);
			for (int j = 0; !side && j < cmp->nr_boots[1] && !err; j++)
				if (same_boot(a, &cmp->boots[1][j]))
					err = find_fault(cmp, FINDING_WARNING,
							 "%s (base) and %s (patched) are of the same boot",
							 a->label, cmp->boots[1][j].label);
		}
	return err;
}

/* The first boot of @side whose key is not @wanted is a finding; @meaning says why. */
static int check_key(struct comparison *cmp, enum side side, enum key_state wanted,
		     enum finding_level level, const char *meaning)
{
	for (int i = 0; i < cmp->nr_boots[side]; i++) {
		const struct compare_boot *boot = &cmp->boots[side][i];

		if (boot->rec.kernel.static_key != wanted)
			return find_fault(cmp, level, "%s (%s): the static key is %s, not %s%s",
					  boot->label, side_name(side),
					  key_state_name(boot->rec.kernel.static_key),
					  key_state_name(wanted), meaning);
	}
	return 0;
}

/*
 * After compare_finish(): a boot of @side whose static key is not @key is a fatal
 * finding. Returns 0 or -ENOMEM.
 */
int compare_require_key(struct comparison *cmp, enum side side, enum key_state key)
{
	return check_key(cmp, side, key, FINDING_FATAL, " as required");
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * To be called once, when all records are added: each side must have one. Sorts
 * what needs it and looks for everything that makes the sides unfit to compare.
 * Returns 0 or -ENOMEM; the verdict is in the findings.
 */
int compare_finish(struct comparison *cmp)
{
	int err, matched = 0;

	for (int i = 0; i < cmp->nr_cases; i++) {
		struct compare_case *c = &cmp->cases[i];

		matched += compare_matched(c);
		for (int side = 0; side < NR_SIDES; side++)
			if (c->side[side].boots)
				qsort(c->side[side].p50, (size_t)c->side[side].boots,
				      sizeof(uint64_t), rising);
	}
	err = check_boots(cmp);
	if (!err)
		err = check_facts(cmp);
	if (!err && !matched)
		err = find_fault(cmp, FINDING_FATAL,
				 "base and patched have no measured case in common");
	if (!err)
		err = check_key(cmp, SIDE_BASE, KEY_ABSENT, FINDING_WARNING,
				": is it the kernel without the patches?");
	if (!err)
		err = check_key(cmp, SIDE_PATCHED, KEY_ON, FINDING_WARNING,
				": the patches are not at work, or cannot be seen");
	return err;
}

/* Was the case measured on both sides? */
bool compare_matched(const struct compare_case *c)
{
	return c->side[SIDE_BASE].boots && c->side[SIDE_PATCHED].boots;
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
			if (!strcmp(or_empty(cmp->boots[side][i].rec.machine.hypervisor),
				    "tcg"))
				return true;
	return false;
}

/* Median over the boots of a boot's p50, in ns; the lower of two middle ones. */
uint64_t compare_p50(const struct compare_side *side)
{
	return side->boots ? side->p50[(side->boots - 1) / 2] : 0;
}

/* Frees all that a comparison holds, not the struct. */
void compare_free(struct comparison *cmp)
{
	for (int side = 0; side < NR_SIDES; side++) {
		for (int i = 0; i < cmp->nr_boots[side]; i++) {
			free(cmp->boots[side][i].label);
			record_free(&cmp->boots[side][i].rec);
		}
		free(cmp->boots[side]);
		for (int i = 0; i < cmp->nr_cases; i++)
			free(cmp->cases[i].side[side].p50);
	}
	for (int i = 0; i < cmp->nr_findings; i++)
		free(cmp->findings[i].text);
	free(cmp->findings);
	free(cmp->cases);
	memset(cmp, 0, sizeof(*cmp));
}
