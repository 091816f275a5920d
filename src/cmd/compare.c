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
#include "record/record.h"
#include "render/render.h"
#include "stats/shifts.h"

/* What is compared, and what it yields. */
struct work {
	struct comparison cmp, noise;
	struct shifts shifts, floor;
};

static int load_file(struct comparison *cmp, enum side side, const char *path)
{
	struct record rec;
	char why[1024];
	int err = record_read(path, &rec, why, sizeof(why));

	if (err) {
		cmd_error("compare", "%s", why);
		return err;
	}
	err = compare_add(cmp, side, path, &rec);
	if (err)
		cmd_error("compare", "cannot add up '%s': %s", path, strerror(-err));
	return err;
}

/* Every broken file is named, not only the first. */
static int load(struct work *work, const struct compare_options *opt)
{
	int err = 0;

	for (int set = 0; set < NR_SETS; set++)
		for (int i = 0; i < opt->nr_files[set]; i++) {
			enum side side = set == SET_PATCHED ? SIDE_PATCHED : SIDE_BASE;

			if (load_file(set == SET_NOISE ? &work->noise : &work->cmp, side,
				      opt->files[set][i]))
				err = -EINVAL;
		}
	return err;
}

/* Is there a comparison, not only boots of one kernel? */
static bool has_sides(const struct compare_options *opt)
{
	return opt->nr_files[SET_PATCHED] > 0;
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
		const struct finding *finding = &cmp->findings[i];

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

static int print_json(const struct compare_view *view)
{
	json_t *json = compare_to_json(view);
	int err = json ? json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : -1;

	json_decref(json);
	putchar('\n');
	return err ? -ENOMEM : 0;
}

static int print_as(enum format format, const struct compare_view *view)
{
	struct style style = style_for(stdout);

	switch (format) {
	case FORMAT_MAIL:
		return render_compare_mail(stdout, view);
	case FORMAT_MARKDOWN:
		return render_compare_markdown(stdout, view);
	case FORMAT_JSON:
		return print_json(view);
	default:
		return render_compare(stdout, &style, view);
	}
}

static int print(const struct work *work, const struct compare_options *opt)
{
	bool sides = has_sides(opt);
	struct compare_view view = {
		.cmp = sides ? &work->cmp : &work->noise,
		.shifts = sides ? &work->shifts : &work->floor,
		.noise = sides && opt->noise ? &work->noise : NULL,
		.words = opt->words, .nr_words = opt->nr_words,
	};
	int err = print_as(opt->format, &view);

	if (fflush(stdout) || ferror(stdout))
		err = -errno;
	if (err)
		cmd_error("compare", "cannot print: %s", strerror(-err));
	return err;
}

/* The tool's check of itself: counts are what the kernel source predicts. */
static int check_expected(const struct comparison *cmp)
{
	int differ = 0, matched = 0;

	for (int i = 0; i < cmp->nr_cases; i++) {
		if (!compare_matched(&cmp->cases[i]))
			continue;
		matched++;
		differ += compare_verdict(&cmp->cases[i]) == VERDICT_FALSE;
	}
	if (!differ)
		return EXIT_DONE;
	cmd_error("compare", "%d of %d cases are not as expected", differ, matched);
	return EXIT_FAILED;
}

static int compare(const struct compare_options *opt)
{
	struct work work = { 0 };
	int status = EXIT_FAILED;

	if (!load(&work, opt) && !check(&work, opt) && !refused(&work.noise, opt) &&
	    !refused(&work.cmp, opt) && !find_shifts(&work, opt) && !print(&work, opt))
		status = check_expected(&work.cmp);
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

const struct command cmd_compare = {
	.name = "compare",
	.summary = "records of the base kernel beside those of the patched one",
	.run = run,
};
