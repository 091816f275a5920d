// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of a run, and their parsing. */
#include "cmd/run-options.h"

#include <stdio.h>
#include <string.h>

#include "cmd/wait.h"
#include "record/record.h"

#define MAX_OPS		100000000ull
#define BLOCKS		20	/* of a case when the key is flipped */
#define BLOCK_OPS	5	/* of each */
#define LIMIT_NS	600000000000ull
#define MIN_RING	4096ull
#define MAX_RING	(64ull << 20)

enum { OPT_OPS = OPTION_FIRST, OPT_PROFILE, OPT_COUNTER, OPT_RESULTS_DIR, OPT_JSON, OPT_FLIP_KEY,
       OPT_DRY_RUN, OPT_WAIT, OPT_INITIATORS, OPT_AS, OPT_TIME, OPT_LIMIT, OPT_RING_SIZE,
       OPT_PASSES, OPT_EVENTS };

/* ---- the table ----------------------------------------------------------------------- */

static const char *workload_name(int at)
{
	return workloads[at] ? workloads[at]->name : NULL;
}

static const char *counter_name(int at)
{
	static const char *const names[] = { "auto", "csd", "interrupts", "none", NULL };

	return names[at];
}

static const char *event_name(int at)
{
	return at ? counter_event_name(at - 1) : "none";
}

static const char *pass_name(int at)
{
	static const char *const names[] = { "count", "time", "ipi", NULL };

	return names[at];
}

const struct cmd_option run_options_table[] = {
	OPTION('w', "workload", "NAME[:PARAM=VALUE][,...]", 'w', "these workloads only (default: all); "
	       "NAME+NAME deals several out to the initiators in turn",
	       .many = true, .values = workload_name, .details =
	       "These workloads only; a parameter that is not given takes its first standard value,\n"
	       "in the full profile all of them. Sizes may end in K, M or G.\n"
	       "Names with\n"
	       ".Sq +\n"
	       "between them are one case: the initiators get them in turn, by rising CPU number."),
	OPTION('p', "placement", "PLACEMENT[,...]", 'p',
	       "these placements only (default: the profile's): names, or CPUs by role, as in "
	       "initiator=0,responder=2-5,lazy=6,bystander=7. Behind either, @local, @remote or "
	       "@interleave says on which node memory lies",
	       .many = true, .values = choices_rule_name, .details =
	       "These placements, see\n"
	       ".Sx PLACEMENTS ;\n"
	       "without it\n"
	       ".Cm alone\n"
	       "and\n"
	       ".Cm all ,\n"
	       "in the full profile every rule,\n"
	       ".Cm alone@remote\n"
	       "and\n"
	       ".Cm alone@interleave ."),
	OPTION(0, "initiators", "K[,...]", OPT_INITIATORS, "how many CPUs run ops at once, a case for "
	       "each K; nodes: one a node; all: every CPU that may be used (default: 1)",
	       .many = true, .details =
	       "How many CPUs run ops at once, and a case for each number:\n"
	       ".Cm nodes\n"
	       "is one a node,\n"
	       ".Cm all\n"
	       "every CPU that may be used; default 1, or as many as a mix has workloads. They are dealt\n"
	       "out over nodes first, then caches, then cores. A placement that lists\n"
	       ".Cm initiator=\n"
	       "has its own."),
	OPTION(0, "as", "KIND[,...]", OPT_AS, "several initiators are processes, each with its own mm, "
	       "or threads of one (default: processes)",
	       .many = true, .values = plan_as_name, .details =
	       "What several initiators are:\n"
	       ".Cm processes ,\n"
	       "each with an mm of its own, or\n"
	       ".Cm threads\n"
	       "of one mm. Of threads, which wait for each other, flushes have a predicted range."),
	OPTION(0, "ops", "N", OPT_OPS, "ops of each initiator in each pass of a case; in the ipi "
	       "pass at most 1000 (default: as many as fit the profile's time)"),
	OPTION(0, "time", "TIME", OPT_TIME, "in place of --ops: each pass of a case takes TIME: 10s, 2m"),
	OPTION(0, "passes", "PASS[,...]", OPT_PASSES, "only these passes: count (IPIs), time (latency of "
	       "ops), ipi (latency of each IPI) (default: all)",
	       .many = true, .values = pass_name, .details =
	       "Only these of the passes through a case's ops:\n"
	       ".Cm count\n"
	       "(IPIs of each op),\n"
	       ".Cm time\n"
	       "(latency of each op, no probe is on) and\n"
	       ".Cm ipi\n"
	       "(latency of each IPI, over at most 1000 ops)."),
	OPTION(0, "events", "EVENT[,...]", OPT_EVENTS, "count these per op of the timing pass as well: cycles, "
	       "instructions, dTLB-load-misses, dtlb_walk, context-switches, page-faults, ...; none (default: "
	       "instructions and dTLB-load-misses of core workloads, where there is a PMU)",
	       .many = true, .values = event_name, .details =
	       "Count these events per op of the timing pass as well, by role: names as in\n"
	       ".Xr perf-list 1 ,\n"
	       ".Cm dtlb_walk\n"
	       "(page walks of data accesses), a raw number as in\n"
	       ".Cm r0e08 ,\n"
	       "or a tracepoint as in\n"
	       ".Cm tlb:tlb_flush ;\n"
	       ".Cm none\n"
	       "counts nothing. Without it core workloads count instructions and dTLB-load-misses, where\n"
	       "there is a PMU. What cannot be counted says why."),
	OPTION(0, "profile", "NAME", OPT_PROFILE,
	       "quick: the core workloads, 10 seconds in all; default: every workload with its "
	       "first standard values, a minute; full: all standard values and placements, "
	       "10 minutes (default: default)",
	       .values = profile_name, .details =
	       ".Cm quick :\n"
	       "the core of the workloads, 10 seconds in all;\n"
	       ".Cm default :\n"
	       "every workload with its parameters' first standard values, a minute;\n"
	       ".Cm full :\n"
	       "all standard values, 10 minutes."),
	OPTION(0, "flip-key", "BLOCKS", OPT_FLIP_KEY,
	       "measure each case in BLOCKS blocks (default: 20) of --ops ops (default: 5), with the "
	       "static key off, on, on, off, and so on: both kernels in one boot. Needs a lab "
	       "kernel; see tlbsync compare --flipped",
	       .optional = true, .details =
	       "Measure each case in so many blocks (20, a multiple of 4) of\n"
	       ".Fl -ops\n"
	       "ops (5), the static key off, on, on, off, and so on: both kernels in one boot, told apart\n"
	       "by\n"
	       ".Cm compare Fl -flipped .\n"
	       "Needs a kernel with the first patch of\n"
	       ".Pa kernel-patches/lab ;\n"
	       "the key has its old state afterwards."),
	OPTION(0, "counter", "NAME", OPT_COUNTER,
	       "how IPIs are counted: csd (exact), interrupts (an estimate), none, or auto, which is "
	       "the best that works here (default: auto)",
	       .values = counter_name, .details =
	       ".Cm csd\n"
	       "(tracepoints, exact),\n"
	       ".Cm interrupts\n"
	       ".Pq Pa /proc/interrupts , No an estimate ,\n"
	       ".Cm none ,\n"
	       "or\n"
	       ".Cm auto ,\n"
	       "the best that works here."),
	OPTION('o', "output", "FILE", 'o', "write the record to FILE (default: TIME-HOST-KERNEL.json in "
	       "the folder of records)",
	       .details =
	       "Where the record goes; default\n"
	       ".Ar dir Ns / Ns Ao UTC time Ac Ns - Ns Ao host Ac Ns - Ns Ao kernel Ac Ns .json ."),
	OPTION(0, "results-dir", "DIR", OPT_RESULTS_DIR, "the folder of records, where they go without -o "
	       "(default: results)",
	       .details =
	       "The folder of records without\n"
	       ".Fl o ;\n"
	       "default\n"
	       ".Pa results ."),
	OPTION(0, "dry-run", NULL, OPT_DRY_RUN, "print the cases, and which of them can run here; run "
	       "nothing"),
	OPTION(0, "json", NULL, OPT_JSON, "print the record instead of the table"),
	OPTION(0, "ring-size", "SIZE", OPT_RING_SIZE, "memory of each CPU's trace ring, 4K to 64M "
	       "(default: what suits the number of CPUs)", .details =
	       "The memory of each CPU's trace ring, a power of two; default 1M on up to 8 CPUs, 128K from\n"
	       "64 CPUs on. When records are lost, the run says so, and a larger one helps."),
	OPTION(0, "limit", "TIME", OPT_LIMIT, "a case in which no op ends for TIME has failed "
	       "(default: 10m)"),
	OPTION(0, "wait", "TIME", OPT_WAIT, "if another run measures on this machine, wait until it has "
	       "ended, at most TIME: 30s, 10m, 1h (default: no limit)", .optional = true, .details =
	       "If another run measures on this machine, wait until it has ended, at most\n"
	       ".Ar time\n"
	       ".Pq Cm 30s , 10m , 1h ;\n"
	       "default no limit. Without it the exit status is 4 at once. Either way it is told whose\n"
	       "run that is."),
	PRINT_OPTIONS,
	{ 0 },
};

/* ---- parsing ------------------------------------------------------------------------- */

/* An exit status, after a message if it is not 0. */
static int parse_ops(const char *text, uint64_t *ops)
{
	int error = parse_number(text, ops);

	if (!error && *ops >= 1 && *ops <= MAX_OPS)
		return EXIT_DONE;
	cmd_error("run", "--ops takes a whole number from 1 to %llu, not '%s'", MAX_OPS, text);
	return EXIT_USAGE;
}

/* The same. Whole ABBA groups only, so that what drifts falls on both sides alike. */
static int parse_blocks(const char *text, uint64_t *blocks)
{
	*blocks = BLOCKS;
	if (!text || (!parse_number(text, blocks) && *blocks && *blocks <= RECORD_MAX_CASES &&
		      *blocks % 4 == 0))
		return EXIT_DONE;
	cmd_error("run", "--flip-key takes a multiple of 4 up to %d, not '%s'", RECORD_MAX_CASES,
		  text);
	return EXIT_USAGE;
}

/* The value of --@option, a time, in *@ns. The same. */
static int parse_time(const char *option, const char *text, uint64_t *ns)
{
	if (!parse_duration(text, ns))
		return EXIT_DONE;
	cmd_error("run", "--%s takes a time like 30s, 10m or 1h, not '%s'", option, text);
	return EXIT_USAGE;
}

/* The same. */
static int parse_ring(const char *text, uint64_t *bytes)
{
	if (!parse_number(text, bytes) && *bytes >= MIN_RING && *bytes <= MAX_RING &&
	    !(*bytes & (*bytes - 1)))
		return EXIT_DONE;
	cmd_error("run", "--ring-size takes a power of two from 4K to 64M, not '%s'", text);
	return EXIT_USAGE;
}

/* The same, of PASS_ bits. */
static int parse_passes(char *text, unsigned int *passes)
{
	char *save, *word;

	*passes = 0;
	for (word = strtok_r(text, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		const char *names[4] = { pass_name(0), pass_name(1), pass_name(2) };
		char why[128];
		int at = 0;

		while (names[at] && strcmp(names[at], word))
			at++;
		if (!names[at]) {
			cmd_unknown("pass", word, names, why, sizeof(why));
			cmd_error("run", "%s", why);
			return EXIT_USAGE;
		}
		*passes |= 1u << at;
	}
	if (*passes)
		return EXIT_DONE;
	cmd_error("run", "--passes takes count, time and ipi, or some of them");
	return EXIT_USAGE;
}

/* The same, of the events to count; each once. */
static int parse_event(const char *name, struct run_options *options)
{
	const char *names[64] = { NULL };
	struct cpufeat feat;
	char why[192];
	struct counter_list *list = &options->events;

	for (int i = 0; i < list->nr; i++)
		if (!strcmp(list->event[i].name, name))
			return EXIT_DONE;
	if (list->nr == MAX_COUNTERS) {
		cmd_error("run", "--events takes at most %d events", MAX_COUNTERS);
		return EXIT_USAGE;
	}
	cpufeat_load(&feat);
	if (!counter_event_parse(name, &feat, &list->event[list->nr])) {
		list->nr++;
		return EXIT_DONE;
	}
	for (int i = 0; i < 63 && event_name(i); i++)
		names[i] = event_name(i);
	cmd_unknown("event", name, names, why, sizeof(why));
	cmd_error("run", "%s", why);
	return EXIT_USAGE;
}

static int parse_events(char *text, struct run_options *options)
{
	char *save, *word;
	int status = EXIT_DONE;

	options->has_events = true;
	options->events.nr = 0;
	if (!strcmp(text, "none"))
		return EXIT_DONE;
	for (word = strtok_r(text, ",", &save); word && !status; word = strtok_r(NULL, ",", &save))
		status = parse_event(word, options);
	if (!status && !options->events.nr) {
		cmd_error("run", "--events takes names of events, or none");
		return EXIT_USAGE;
	}
	return status;
}

/* One option and its value. An exit status. */
static int take(int id, char *value, void *into)
{
	struct run_options *options = into;

	switch (id) {
	case 'q':
	case 'v':
	case OPT_FORM:
		return print_take("run", id, value, &options->print);
	case 'w':
		options->selection.workloads = value;
		break;
	case 'p':
		options->selection.placements = value;
		break;
	case OPT_OPS:
		return parse_ops(value, &options->selection.ops);
	case OPT_INITIATORS:
		options->selection.initiators = value;
		break;
	case OPT_AS:
		options->selection.as = value;
		break;
	case OPT_TIME:
		return parse_time("time", value, &options->selection.time_ns);
	case OPT_LIMIT:
		return parse_time("limit", value, &options->limit_ns);
	case OPT_RING_SIZE:
		return parse_ring(value, &options->ring_bytes);
	case OPT_EVENTS:
		return parse_events(value, options);
	case OPT_PASSES:
		return parse_passes(value, &options->passes);
	case OPT_FLIP_KEY:
		return parse_blocks(value, &options->blocks);
	case OPT_PROFILE:
		options->selection.profile = value;
		break;
	case OPT_COUNTER:
		options->counter = value;
		break;
	case 'o':
		options->output = value;
		break;
	case OPT_RESULTS_DIR:
		options->results_dir = value;
		break;
	case OPT_DRY_RUN:
		options->dry = true;
		break;
	case OPT_WAIT:
		if (!parse_wait(value, &options->wait_ns))
			break;
		cmd_error("run", WAIT_TAKES, value);
		return EXIT_USAGE;
	case OPT_JSON:
		options->json = true;
		break;
	}
	return EXIT_DONE;
}

/*
 * argv[0] is "run"; @options point into @argv. @go: there is something to run. If not,
 * the exit status is returned, after --help or a message.
 */
int run_options_parse(int argc, char **argv, struct run_options *options, bool *go)
{
	int status;

	*options = (struct run_options){
		.selection.profile = "default", .results_dir = "results", .print.detail = DETAIL_USUAL, .counter = "auto",
		.limit_ns = LIMIT_NS, .passes = PASS_ALL,
	};
	status = options_parse(&cmd_run, argc, argv, take, options, go);
	if (*go && options->selection.ops && options->selection.time_ns) {
		cmd_error("run", "--ops and --time exclude each other");
		*go = false;
		return EXIT_USAGE;
	}
	if (*go && options->blocks && !options->selection.time_ns && !options->selection.ops)
		options->selection.ops = BLOCK_OPS;
	return status;
}
