// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync compare: records of the base kernel beside records of the patched one.
 * Sets that do not belong together are refused, not averaged.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/compare-options.h"
#include "cmd/compare-scale.h"
#include "cmd/print.h"
#include "record/blocks.h"
#include "record/record.h"
#include "record/whole-file.h"
#include "report/compare.h"

/* What is compared, and what it yields. */
struct work {
	struct comparison cmp, noise;
	struct shifts shifts, floor;
	struct scale scale;
};

/* An incomplete record has fewer cases than its run was to have: no reason to refuse it. */
static int warn_if_incomplete(struct comparison *cmp, const char *path,
			      const struct record_incomplete *incomplete, int nr_cases)
{
	if (!incomplete->signal[0])
		return 0;
	return compare_add_finding(cmp, FINDING_WARNING,
			    "%s is incomplete: %s ended the run after %d of %d cases", path,
			    incomplete->signal, nr_cases, incomplete->cases_planned);
}

static int load_file(struct comparison *cmp, enum side side, const char *path)
{
	struct record rec;
	char why[1024];
	int err = record_read(path, &rec, why, sizeof(why));

	if (err) {
		cmd_error("compare", "%s", why);
		return err;
	}
	err = warn_if_incomplete(cmp, path, &rec.incomplete, rec.nr_cases);
	if (err)
		record_free(&rec);
	else
		err = compare_add(cmp, side, path, &rec);
	if (err)
		cmd_error("compare", "cannot add up '%s': %s", path, strerror(-err));
	return err;
}

/* One block of @rec, to the side that its key tells. */
static int load_block(struct comparison *cmp, struct record *rec, const char *path, int number)
{
	struct record block;
	char *label = NULL;
	int err = record_take_block(rec, number, &block);

	if (err)
		return err;
	if (asprintf(&label, "%s, block %d", path, number) < 0) {
		record_free(&block);
		return -ENOMEM;
	}
	err = compare_add(cmp, block.kernel.static_key == KEY_ON ? SIDE_PATCHED : SIDE_BASE, label,
			  &block);
	free(label);
	return err;
}

static int load_flipped(struct comparison *cmp, const char *path)
{
	struct record rec;
	char why[1024];
	int err = record_read(path, &rec, why, sizeof(why)), nr;

	if (err) {
		cmd_error("compare", "%s", why);
		return err;
	}
	nr = record_nr_blocks(&rec);
	cmp->blocks = true;
	err = warn_if_incomplete(cmp, path, &rec.incomplete, rec.nr_cases);
	for (int i = 1; i <= nr && !err; i++)
		err = load_block(cmp, &rec, path, i);
	record_free(&rec);
	if (err)
		cmd_error("compare", "cannot add up '%s': %s", path, strerror(-err));
	else if (!cmp->nr_boots[SIDE_BASE] || !cmp->nr_boots[SIDE_PATCHED])
		cmd_error("compare", "'%s' has no blocks with the key off and on: "
			  "record it with run --flip-key", path);
	else
		return 0;
	return -EINVAL;
}

/* Every broken file is named, not only the first. */
static int load(struct work *work, const struct compare_options *opt)
{
	int err = 0;

	if (opt->flipped)
		return load_flipped(&work->cmp, opt->files[SET_BASE][0]) ? -EINVAL :
		       compare_scale_load(&work->scale, opt);
	for (int set = 0; set <= SET_NOISE; set++)
		for (int i = 0; i < opt->nr_files[set]; i++) {
			enum side side = set == SET_PATCHED ? SIDE_PATCHED : SIDE_BASE;

			if (load_file(set == SET_NOISE ? &work->noise : &work->cmp, side,
				      opt->files[set][i]))
				err = -EINVAL;
		}
	return err ? err : compare_scale_load(&work->scale, opt);
}

/* Is there a comparison, not only boots of one kernel? */
static bool has_sides(const struct compare_options *opt)
{
	return opt->nr_files[SET_PATCHED] > 0 || opt->flipped;
}

static int check(struct work *work, const struct compare_options *opt)
{
	int err = opt->noise ? compare_finish_noise(&work->noise) : 0;

	if (!err && has_sides(opt))
		err = compare_finish(&work->cmp);
	if (!err && has_sides(opt) && opt->noise)
		err = compare_check_noise(&work->cmp, &work->noise);
	for (int side = 0; side < NR_SIDES && opt->have_keys && has_sides(opt) && !err; side++)
		err = compare_require_key(&work->cmp, (enum side)side, opt->keys[side]);
	if (err)
		cmd_error("compare", "cannot compare: %s", strerror(-err));
	return err;
}

/* Says what forbids the comparison; without --force mixed records do. */
static bool refused(const struct comparison *cmp, const struct compare_options *opt)
{
	bool fatal = false, mixed = false;

	for (int i = 0; i < cmp->nr_findings; i++) {
		const struct compare_finding *finding = &cmp->findings[i];

		if (finding->level == FINDING_WARNING ||
		    (finding->level == FINDING_MIXED && opt->force))
			continue;
		fatal |= finding->level == FINDING_FATAL;
		mixed |= finding->level == FINDING_MIXED;
		cmd_error("compare", "%s", finding->text);
	}
	if (mixed && !fatal)
		cmd_error("compare", "these records do not belong together; "
			  "--force compares them all the same");
	return fatal || mixed;
}

/* The noise floor where one is asked for, then the shifts. */
static int find_shifts(struct work *work, const struct compare_options *opt)
{
	struct shifts_how how = { .tested = opt->tested };
	const struct shifts_how halves = { .halves = true };
	int err = opt->noise ? shifts_find(&work->floor, &work->noise, &halves) : 0;

	if (!err && *work->floor.none) {
		cmd_error("compare", "--aa gives no noise floor: %s", work->floor.none);
		return -EINVAL;
	}
	if (opt->noise) {
		how.noise = &work->noise;
		how.floor = &work->floor;
	}
	if (!err && has_sides(opt))
		err = shifts_find(&work->shifts, &work->cmp, &how);
	if (err)
		cmd_error("compare", "cannot compare times: %s", strerror(-err));
	return err;
}

static int print(const struct work *work, const struct compare_options *opt)
{
	bool sides = has_sides(opt);
	const struct compare_view view = {
		.cmp = sides ? &work->cmp : &work->noise,
		.shifts = sides ? &work->shifts : &work->floor,
		.noise = sides && opt->noise ? &work->noise : NULL,
		.scale = &work->scale, .words = opt->words, .nr_words = opt->nr_words,
	};
	struct report report;
	int status = EXIT_UNDONE;

	if (report_compare(&report, &view))
		cmd_error("compare", "out of memory");
	else
		status = cmd_print("compare", &report, &opt->print);
	report_free(&report);
	return status;
}

/* The tool's check of itself: counts are what the kernel source predicts, nothing failed. */
static int check_expected(const struct comparison *cmp)
{
	int differ = 0, matched = 0, failed = 0;

	for (int i = 0; i < cmp->nr_cases; i++) {
		const struct compare_case *c = &cmp->cases[i];

		failed += c->side[SIDE_BASE].failed || c->side[SIDE_PATCHED].failed;
		if (!compare_matched(c))
			continue;
		matched++;
		differ += compare_verdict(c) == VERDICT_FALSE;
	}
	if (differ)
		cmd_error("compare", "%d of %d cases are not as expected", differ, matched);
	if (failed)
		cmd_error("compare", "%d of %d cases failed in some boot", failed, cmp->nr_cases);
	return differ || failed ? EXIT_DIFFERS : EXIT_DONE;
}

/* Everything that can be told before anything is printed. */
static bool ready(struct work *work, const struct compare_options *opt)
{
	char why[1024];

	if (opt->print.output && whole_file_check(opt->print.output, why, sizeof(why))) {
		cmd_error("compare", "%s", why);
		return false;
	}
	return !load(work, opt) && !check(work, opt) && !refused(&work->noise, opt) &&
	       !refused(&work->cmp, opt) && !find_shifts(work, opt);
}

static int compare(const struct compare_options *opt)
{
	struct work work = { 0 };
	int status = EXIT_UNDONE;

	if (ready(&work, opt))
		status = print(&work, opt);
	if (status == EXIT_DONE)
		status = check_expected(&work.cmp);
	scale_free(&work.scale);
	shifts_free(&work.shifts);
	shifts_free(&work.floor);
	compare_free(&work.cmp);
	compare_free(&work.noise);
	return status;
}

static int run(int argc, char **argv)
{
	struct compare_options opt;
	bool go = false;
	int status = compare_options_parse(argc, argv, &opt, &go);

	if (go)
		status = compare(&opt);
	compare_options_free(&opt);
	return status;
}

int cmd_compare_flipped(const char *path, const struct printing *how)
{
	char *argv[] = { (char *)"compare", (char *)"--flipped", (char *)path, NULL };
	struct compare_options opt;
	bool go = false;
	int status = compare_options_parse(3, argv, &opt, &go);

	opt.print = *how;
	if (go)
		status = compare(&opt);
	compare_options_free(&opt);
	return status;
}

static const char *const usage[] = {
	"[OPTION]... BASE... --vs PATCHED... [--aa RECORD...] [--scale RECORD...]",
	"[OPTION]... --aa RECORD...",
	"[OPTION]... --flipped RECORD",
	NULL,
};

const struct command cmd_compare = {
	.name = "compare",
	.summary = "records of the base kernel beside those of the patched one",
	.usage = usage,
	.about = "Prints the records BASE beside the records PATCHED: a record is one boot. Cases "
		 "are matched by workload, placement and parameters. Times are compared from 4 "
		 "boots a side on, never from emulation.",
	.exits = "0 compared\n"
		 "1 a case in both is not as expected on a side\n"
		 "2 wrong usage\n"
		 "3 a record cannot be read, the records do not belong together, no case is "
		 "in both, or nothing can be printed\n"
		 "77 there is no gnuplot",
	.options = compare_options_table,
	.operand = "RECORD",
	.operands_many = true,
	.run = run,
};
