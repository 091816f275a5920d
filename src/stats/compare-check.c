// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes records unfit to be compared: boots that count twice, machines, tools or
 * kernels that differ, patches that are not at work.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "stats/compare.h"

/* What all records must share, then what the records of one side must. */
enum fact {
	FACT_TOOL = NR_MACHINE_FACTS, FACT_COUNTER, NR_SHARED_FACTS,
	FACT_RELEASE = NR_SHARED_FACTS, FACT_STATIC_KEY, NR_FACTS,
};

static const char *fact_name(int fact)
{
	static const char *const names[NR_FACTS] = {
		[FACT_TOOL] = "tool version", [FACT_COUNTER] = "counter",
		[FACT_RELEASE] = "kernel release", [FACT_STATIC_KEY] = "static key",
	};

	return fact < NR_MACHINE_FACTS ? machine_fact_name((enum machine_fact)fact) : names[fact];
}

static const char *fact_value(const struct record *rec, int fact, char buf[FACT_SIZE])
{
	const struct machine_id id = record_machine(rec);

	switch (fact) {
	case FACT_TOOL:
		return or_empty(rec->tool);
	case FACT_COUNTER:
		return or_empty(rec->counter);
	case FACT_RELEASE:
		return or_empty(rec->kernel.release);
	case FACT_STATIC_KEY:
		return key_state_name(rec->kernel.static_key);
	default:
		return machine_fact_value(&id, (enum machine_fact)fact, buf);
	}
}

/* Notes a finding of @level. Returns 0 or -ENOMEM. */
int compare_add_finding(struct comparison *cmp, enum compare_finding_level level, const char *format, ...)
{
	struct compare_finding *more = realloc(cmp->findings, (size_t)(cmp->nr_findings + 1) *
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

/* The first record of @side whose @fact is not that of @first is a finding. */
static int check_fact(struct comparison *cmp, int fact,
		      const struct compare_boot *first, enum side side)
{
	char buf[FACT_SIZE], other[FACT_SIZE];
	const char *wanted;

	if (!cmp->nr_boots[side])
		return 0;
	wanted = fact_value(&first->rec, fact, buf);
	for (int i = 0; i < cmp->nr_boots[side]; i++) {
		const struct compare_boot *boot = &cmp->boots[side][i];
		const char *value = fact_value(&boot->rec, fact, other);

		if (strcmp(value, wanted))
			return compare_add_finding(cmp, FINDING_MIXED,
					  "%s differs: '%s' in %s, '%s' in %s",
					  fact_name(fact), wanted, first->label, value,
					  boot->label);
	}
	return 0;
}

/* Check that each side has one kernel, and that all share machine and tool. */
static int check_facts(struct comparison *cmp)
{
	int err = 0;

	for (int side = 0; side < NR_SIDES; side++)
		for (int fact = 0; fact < NR_FACTS && !err; fact++) {
			int first = fact < NR_SHARED_FACTS ? SIDE_BASE : side;

			err = check_fact(cmp, fact, cmp->boots[first],
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
					err = compare_add_finding(cmp, FINDING_FATAL,
							 "%s and %s are of the same boot, which would count twice",
							 a->label, cmp->boots[side][j].label);
			for (int j = 0; !side && j < cmp->nr_boots[1] && !err; j++)
				if (same_boot(a, &cmp->boots[1][j]))
					err = compare_add_finding(cmp, FINDING_WARNING,
							 "%s (base) and %s (patched) are of the same boot",
							 a->label, cmp->boots[1][j].label);
		}
	return err;
}

/* The first boot of @side whose key is not @wanted is a finding; @meaning says why. */
static int check_key(struct comparison *cmp, enum side side, enum key_state wanted,
		     enum compare_finding_level level, const char *meaning)
{
	for (int i = 0; i < cmp->nr_boots[side]; i++) {
		const struct compare_boot *boot = &cmp->boots[side][i];

		if (boot->rec.kernel.static_key != wanted)
			return compare_add_finding(cmp, level, "%s (%s): the static key is %s, not %s%s",
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

/* Counting events around each op changes the op a little. */
static int check_events(struct comparison *cmp)
{
	const struct compare_boot *first = &cmp->boots[SIDE_BASE][0];

	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < cmp->nr_boots[side]; i++) {
			const struct compare_boot *boot = &cmp->boots[side][i];

			if (!boot->events || !first->events || !strcmp(boot->events, first->events))
				continue;
			return compare_add_finding(cmp, FINDING_WARNING, "%s counted '%s' in its ops, and %s "
						   "'%s': times may differ for that alone; run with equal "
						   "--events", first->label, first->events, boot->label,
						   boot->events);
		}
	return 0;
}

/*
 * Call this once, when all records are added; each side must have one. It looks for
 * everything that makes the sides unfit to compare. Returns 0 or -ENOMEM; the verdict
 * is in the findings.
 */
int compare_finish(struct comparison *cmp)
{
	int err, matched = 0;

	for (int i = 0; i < cmp->nr_cases; i++)
		matched += compare_matched(&cmp->cases[i]);
	err = check_boots(cmp);
	if (!err)
		err = check_facts(cmp);
	if (!err)
		err = check_events(cmp);
	if (!err && !matched)
		err = compare_add_finding(cmp, FINDING_FATAL,
				 "base and patched have no measured case in common");
	if (!err && cmp->blocks)	/* their keys tell their sides */
		return 0;
	if (!err)
		err = check_key(cmp, SIDE_BASE, KEY_ABSENT, FINDING_WARNING,
				": is it the kernel without the patches?");
	if (!err)
		err = check_key(cmp, SIDE_PATCHED, KEY_ON, FINDING_WARNING,
				": the patches are not at work, or cannot be seen");
	return err;
}


/* As compare_finish(), for boots of one kernel, which all stand on the base side. */
int compare_finish_noise(struct comparison *noise)
{
	int err = check_boots(noise);

	return err ? err : check_facts(noise);
}

/*
 * The noise floor must be of the machine that is compared, and of one of its two kernels;
 * if not, that is a finding of @cmp. Both are finished. Returns 0 or -ENOMEM.
 */
int compare_check_noise(struct comparison *cmp, const struct comparison *noise)
{
	const struct compare_boot *first = &noise->boots[SIDE_BASE][0];
	int err = 0;

	for (int fact = 0; fact < NR_SHARED_FACTS && !err; fact++)
		err = check_fact(cmp, fact, first, SIDE_BASE);
	for (int side = 0; side < NR_SIDES; side++)
		if (!strcmp(or_empty(first->rec.kernel.release),
			    or_empty(cmp->boots[side][0].rec.kernel.release)))
			return err;
	return err ? err : compare_add_finding(cmp, FINDING_MIXED,
					"the kernel of --aa, '%s' in %s, is neither of those compared",
					or_empty(first->rec.kernel.release), first->label);
}

/* Does a boot stand on both sides? */
bool compare_shared_boot(const struct comparison *cmp)
{
	for (int i = 0; i < cmp->nr_boots[SIDE_BASE]; i++)
		for (int j = 0; j < cmp->nr_boots[SIDE_PATCHED]; j++)
			if (same_boot(&cmp->boots[SIDE_BASE][i], &cmp->boots[SIDE_PATCHED][j]))
				return true;
	return false;
}
