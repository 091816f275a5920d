// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync compare on synthetic records: 100 boots a side, 60 cases with bystanders, all
 * metrics tested. The boots are not in turns: pairs are less work. Reading the files is
 * measured by itself.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/record.h"
#include "render/render.h"
#include "report/compare.h"
#include "stats/random.h"
#include "tests/bench/bench.h"

#define NR_TIMES	(METRIC_CREW_RATE - METRIC_P50)	/* of a case of one initiator */
#define NR_BOOTS	100
#define NR_CASES	60
#define NR_OPS		2000
#define NR_CPUS		64
#define AT_MOST_S	1.0

/* A case with its own spread of ops, shifted as a whole by the boot's @factor. */
static void fill_case(struct case_result *c, int at, double factor, struct random *random)
{
	static uint64_t per_cpu[NR_CPUS];
	static struct bystander_count bystander[4];

	memset(c, 0, sizeof(*c));
	snprintf(c->id.workload, sizeof(c->id.workload), "synthetic-%d", at / 4);
	snprintf(c->id.placement, sizeof(c->id.placement), "place-%d", at % 4);
	c->ops = NR_OPS;
	c->latency = malloc(sizeof(*c->latency));
	if (!c->latency)
		abort();
	hist_init(c->latency);
	for (int i = 0; i < NR_OPS; i++)
		hist_add(c->latency, (uint64_t)(1000 * (at + 1) * factor *
						exp(0.08 * random_normal(random))));
	for (int i = 0; i < 4; i++)
		bystander[i] = (struct bystander_count){
			.cpu = i + 1, .bias_ns = 40, .threshold_ns = 320, .gaps = NR_OPS,
			.stolen_ns = (uint64_t)(900 * NR_OPS * factor), .longest_ns = 5000,
		};
	c->bystander = bystander;
	c->nr_bystanders = 4;
	c->gaps = c->latency;
	c->ipi.source = IPI_CSD;
	c->nr_cpus = NR_CPUS;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		c->ipi.count[i] = (struct ipi_count){ .has_requested = true, .per_cpu = per_cpu };
	c->as_expected = VERDICT_TRUE;
}

static int write_boot(const char *path, enum side side, int boot, struct random *random)
{
	struct case_result cases[NR_CASES];
	char started[40], boot_id[24];
	struct record rec = {
		.started = started, .tool = (char *)"tlbsync", .host = (char *)"synthetic",
		.counter = (char *)"csd", .cases = cases, .nr_cases = NR_CASES,
		.kernel = { .release = (char *)(side ? "patched" : "base"), .boot_id = boot_id,
			    .static_key = side ? KEY_ON : KEY_ABSENT },
		.machine = { .cpus_online = NR_CPUS, .cpus_allowed = NR_CPUS, .nodes = 1 },
	};
	double factor = exp(0.03 * random_normal(random)) * (side ? 0.95 : 1);
	FILE *out = fopen(path, "w");
	int err = out ? 0 : -errno;

	snprintf(boot_id, sizeof(boot_id), "%d-%d", side, boot);
	snprintf(started, sizeof(started), "2025-01-%02dT%02d:%02d:00Z", 1 + side, boot / 60, boot % 60);
	for (int i = 0; i < NR_CASES; i++)
		fill_case(&cases[i], i, factor, random);
	if (!err)
		err = record_print(&rec, out);
	for (int i = 0; i < NR_CASES; i++)
		free(cases[i].latency);
	if (out && fclose(out) && !err)
		err = -errno;
	return err;
}

static void path_of(char path[80], const char *folder, int side, int boot)
{
	snprintf(path, 80, "%s/%s-%d.json", folder, side_name((enum side)side), boot);
}

static int write_all(const char *folder)
{
	struct random random;
	char path[80];
	int err = 0;

	random_seed(&random, 1);
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < NR_BOOTS && !err; i++) {
			path_of(path, folder, side, i);
			err = write_boot(path, (enum side)side, i, &random);
		}
	return err;
}

/* Reads and adds every record; the time for either is added up apart, in s. */
static int load_all(const char *folder, struct comparison *cmp, double *reading, double *adding)
{
	char path[80], why[400];
	struct record rec;
	int err = 0;

	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < NR_BOOTS && !err; i++) {
			uint64_t start = clock_monotonic_ns(), read;

			path_of(path, folder, side, i);
			err = record_read(path, &rec, why, sizeof(why));
			read = clock_monotonic_ns();
			if (err)
				fprintf(stderr, "compare: %s\n", why);
			else
				err = compare_add(cmp, (enum side)side, path, &rec);
			*reading += (double)(read - start) / 1e9;
			*adding += (double)(clock_monotonic_ns() - read) / 1e9;
		}
	return err;
}

static int print(const struct compare_view *view, FILE *out)
{
	const struct style plain = { .width = 100 };
	struct report report;
	int err = report_compare(&report, view);

	if (!err)
		err = render_text(out, &plain, &report, DETAIL_USUAL);
	report_free(&report);
	return err;
}

/* All that tlbsync compare does with records once they are added. */
static int compare_all(struct comparison *cmp, double *seconds)
{
	const struct shifts_how how = { .tested = (2u << METRIC_OWN) - 1 };
	struct compare_view view = { .cmp = cmp };
	uint64_t start = clock_monotonic_ns();
	FILE *out = fopen("/dev/null", "w");
	struct shifts shifts;
	int err = out ? compare_finish(cmp) : -errno;

	if (!err)
		err = shifts_find(&shifts, cmp, &how);
	if (!err) {
		view.shifts = &shifts;
		err = shifts.nr == NR_CASES * NR_TIMES ? 0 : -EINVAL;
		if (!err)
			err = print(&view, out);
		shifts_free(&shifts);
	}
	if (out)
		fclose(out);
	*seconds += (double)(clock_monotonic_ns() - start) / 1e9;
	return err;
}

static void remove_all(const char *folder)
{
	char path[80];

	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < NR_BOOTS; i++) {
			path_of(path, folder, side, i);
			unlink(path);
		}
	rmdir(folder);
}

/* What comparing costs, and what reading the records does. */
int bench_compare(void)
{
	double reading = 0, adding = 0, comparing = 0;
	char folder[] = "/tmp/tlbsync-bench-XXXXXX";
	struct comparison cmp = { 0 };
	bool good;
	int err;

	if (!mkdtemp(folder))
		return -errno;
	err = write_all(folder);
	if (!err)
		err = load_all(folder, &cmp, &reading, &adding);
	if (!err)
		err = compare_all(&cmp, &comparing);
	compare_free(&cmp);
	remove_all(folder);
	if (err) {
		fprintf(stderr, "compare: %s\n", strerror(-err));
		return err;
	}
	good = adding + comparing < AT_MOST_S;
	printf("compare   %d boots a side x %d cases x %d metrics: %.2f s (figures %.2f, tests and "
	       "table %.2f), target %.0f: %s\n", NR_BOOTS, NR_CASES, NR_TIMES,
	       adding + comparing, adding, comparing, AT_MOST_S, judged(good));
	printf("          reading the %d records first: %.2f s\n", 2 * NR_BOOTS, reading);
	return !good;
}
