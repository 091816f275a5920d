// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three workloads beside stress-ng's nearest stressors, for readers who know those
 * figures. No stressor does just what a workload does, so each line says what a
 * bogo op of it holds, seen with strace on 0.15.06 of Debian 12, and nothing is
 * judged. Both sides run on this process's CPU in turns.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

#define PAIRS		7	/* odd; stress-ng takes a second or more of each */
#define OUR_NS		500000000ull
#define OUR_OPS		10	/* between two looks at the clock */

struct beside {
	const char *workload;
	uint64_t size;
	const char *stressor;
	const char *options;
	unsigned int per_bogo_op;	/* of @unit */
	const char *unit;
	const char *work;
};

static const struct beside table[] = {
	{ "munmap", 64 << 10, "vm", "--vm 1 --vm-bytes 64K --vm-method write64",
	  16, "unmaps of 64 KiB",
	  "mmap, 3 advices at random, writing every byte (here: a word a page), munmap; a bogo op is 16 times that" },
	{ "munmap", 4 << 10, "munmap", "--munmap 1", 1, "unmaps of a page",
	  "forked children unmap their libraries page by page; no mmap, no touch (here: both)" },
	{ "mprotect", 64 << 10, "mprotect", "--mprotect 1", 1, "changes of 1 to 4 pages",
	  "8 processes on this CPU change 1 to 4 of 4 shared pages; also calls that fail, and a SIGSEGV for each forbidden access" },
	{ "madvise-dontneed", 64 << 10, "madvise", "--madvise 1",
	  8 * 2048, "advices on one page",
	  "any of 22 advices at random to pages of a 4 MiB file, an msync after each, 8 threads, new at each bogo op" },
};

/*
 * Run stress-ng's @options for a second. Never as root: its madvise stressor would
 * poison pages of this machine's memory (MADV_HWPOISON).
 */
static FILE *start(const struct machine *machine, const char *options)
{
	char command[512];

	snprintf(command, sizeof(command), "%sstress-ng %s --temp-path /tmp --timeout 1 --metrics-brief 2>&1",
		 machine->privileged ?
		 "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all " : "",
		 options);
	return popen(command, "re");
}

/* Bogo ops a second of real time, from the line of --metrics-brief. 0: no such line. */
static double bogo_ops(const struct machine *machine, const struct beside *row)
{
	FILE *output = start(machine, row->options);
	char line[512] = "", name[32];
	double rate, found = 0;

	while (output && fgets(line, sizeof(line), output)) {
		const char *at = strchr(line, ']');

		if (at && sscanf(at + 1, " %31s %*f %*f %*f %*f %lf", name, &rate) == 2 &&
		    !strcmp(name, row->stressor))
			found = rate;
	}
	if (!output || pclose(output) || !found) {
		fprintf(stderr, "stress-ng %s: no figure; it says: %s\n", row->options, line);
		return 0;
	}
	return found;
}

static int run_pairs(const struct machine *machine, const struct beside *row,
		     struct engine_side *side, double *ours, double *theirs, double *ratio)
{
	for (int i = 0; i < PAIRS; i++) {
		if (i % 2)
			ours[i] = engine_ops_per_second(side, OUR_OPS, OUR_NS);
		theirs[i] = bogo_ops(machine, row) * row->per_bogo_op;
		if (!(i % 2))
			ours[i] = engine_ops_per_second(side, OUR_OPS, OUR_NS);
		if (!ours[i] || !theirs[i])
			return -EIO;
		ratio[i] = ours[i] / theirs[i];
	}
	return 0;
}

static int compare(const struct machine *machine, const struct beside *row)
{
	static struct engine_side side;
	double ours[PAIRS], theirs[PAIRS], ratio[PAIRS], mid;
	int error = engine_open(&side, machine, workload_find(row->workload), row->size);

	if (!error)
		error = run_pairs(machine, row, &side, ours, theirs, ratio);
	engine_close(&side);
	if (error == -ENOENT) {
		printf("           %s: skipped, there is no such workload\n", row->workload);
		return 0;
	}
	if (error)
		return error;
	mid = median(ratio, PAIRS);
	printf("           %s %u KiB: %.0f ops/s; --%s: %.0f %s/s; ratio %.2f, from %.2f to %.2f\n"
	       "             not the same work: %s\n", row->workload,
	       (unsigned int)(row->size >> 10), median(ours, PAIRS), row->stressor,
	       median(theirs, PAIRS), row->unit, mid, ratio[0], ratio[PAIRS - 1], row->work);
	return 0;
}

/* Its version, as it names it itself: "0.15.06". False where there is no stress-ng. */
static bool find_version(char *version, size_t size)
{
	FILE *output = popen("stress-ng --version 2>/dev/null", "re");
	char line[256], text[32] = "";

	if (output && fgets(line, sizeof(line), output))
		sscanf(line, "stress-ng, version %31s", text);
	if (output)
		pclose(output);
	snprintf(version, size, "%s", text);
	return text[0];
}

int bench_stress_ng(const struct machine *machine)
{
	char version[32];
	int error = 0;

	if (!find_version(version, sizeof(version))) {
		printf("stress-ng  skipped: it is not installed; run ./bootstrap --bench\n");
		return 0;
	}
	printf("stress-ng  %s, on the same CPU, %d interleaved pairs each; no verdict\n",
	       version, PAIRS);
	for (size_t i = 0; !error && i < sizeof(table) / sizeof(table[0]); i++)
		error = compare(machine, &table[i]);
	return error;
}
