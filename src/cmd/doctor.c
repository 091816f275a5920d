// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync doctor: every fact of this machine that bears on a measurement, and
 * how to mend what is not as it should be. Each fact is one entry of a table and
 * one function; nothing is changed. "missing" is kept for what no run can do
 * without; a "warning" leaves something out or makes it less exact.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "machine/cpulist.h"
#include "machine/machine.h"
#include "machine/sysfs.h"
#include "machine/tracefs.h"

#define MIB		(UINT64_C(1) << 20)
#define ENOUGH_MEMORY	(256 * MIB)	/* so that nothing is reclaimed during an op */
#define ENOUGH_HUGE	4		/* free 2 MiB pages for one shared window */
#define AS_ROOT		"run as root"

enum state { STATE_OK, STATE_WARNING, STATE_MISSING, NR_STATES };

static const struct {
	const char *name, *colour;
} states[NR_STATES] = {
	[STATE_OK] = { "ok", "\033[32m" },
	[STATE_WARNING] = { "warning", "\033[33m" },
	[STATE_MISSING] = { "missing", "\033[31m" },
};

struct finding {
	enum state state;
	char value[256];
	const char *mend;	/* static; NULL where the state is ok */
};

/* Long options; numbered beyond every letter. */
enum { OPT_JSON = 256, OPT_HELP };

struct options {
	bool json;
	bool help;
};

/* The value of a finding that needs no mending; checks start from here. */
static __attribute__((format(printf, 2, 3)))
void found(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->value, sizeof(finding->value), format, args);
	va_end(args);
}

static void mend(struct finding *finding, enum state state, const char *how)
{
	finding->state = state;
	finding->mend = how;
}

static void check_cpus(const struct machine *machine, struct finding *finding)
{
	const struct topology *topo = &machine->topo;
	long offline = sysconf(_SC_NPROCESSORS_CONF) - topo->nr_online;

	if (offline < 0)
		offline = 0;
	found(finding, "%d online, %d allowed, %ld offline", topo->nr_online,
	      topo->nr_allowed, offline);
	if (topo->nr_online < 2)
		mend(finding, STATE_MISSING, "chcpu -e LIST, or add a CPU: a lone one has nobody to interrupt");
	else if (topo->nr_allowed + topo->nr_reachable < topo->nr_online)
		mend(finding, STATE_WARNING,
		     "leave the cpuset or taskset: roles get allowed CPUs only");
	else if (offline > 0)
		mend(finding, STATE_WARNING, "chcpu -e LIST (lscpu -e shows which): offline CPUs get no IPIs");
}

static void check_nodes(const struct machine *machine, struct finding *finding)
{
	int with_memory = 0;

	for (int i = 0; i < machine->nr_nodes; i++)
		with_memory += machine->nodes[i].bytes_total > 0;
	found(finding, "%d, %d with memory", machine->nr_nodes, with_memory);
}

static void check_smt(const struct machine *machine, struct finding *finding)
{
	found(finding, "%s", machine->smt[0] ? machine->smt : "not told by this kernel");
}

static void check_isolated(const struct machine *machine, struct finding *finding)
{
	const struct topology *topo = &machine->topo;
	bool usable = false;

	if (!machine->isolated[0]) {
		found(finding, "none");
		return;
	}
	for (int i = 0; i < topo->nr_online; i++)
		usable |= topo->cpus[i].isolated && topo_usable(&topo->cpus[i]);
	found(finding, "%s: %s", machine->isolated, usable ?
	      "for bystanders first; other roles only by a list (initiator=...)" :
	      "not allowed to this process");
	if (!usable)
		mend(finding, STATE_WARNING, "leave the cpuset or taskset: bystanders go there first");
}

static void check_nohz_full(const struct machine *machine, struct finding *finding)
{
	if (machine->nohz_full[0])
		found(finding, "%s: for bystanders first", machine->nohz_full);
	else
		found(finding, "none");
}

/* Is @name a program in one of the folders of $PATH? */
static bool installed(const char *name)
{
	const char *path = getenv("PATH");
	char *copy = path ? strdup(path) : NULL, *save, file[512];
	bool is = false;

	for (char *dir = copy ? strtok_r(copy, ":", &save) : NULL; dir && !is;
	     dir = strtok_r(NULL, ":", &save)) {
		snprintf(file, sizeof(file), "%s/%s", dir, name);
		is = !access(file, X_OK);
	}
	free(copy);
	return is;
}

/* The CPUs whose peace is of interest: those set apart, else the last one. */
static int quiet_cpus(const struct topology *topo, char *list, size_t size)
{
	int *cpus = calloc(topo->nr_online, sizeof(*cpus)), nr = 0;

	for (int i = 0; cpus && i < topo->nr_online; i++)
		if (topo_set_apart(&topo->cpus[i]))
			cpus[nr++] = topo->cpus[i].cpu;
	if (cpus && !nr)
		cpus[nr++] = topo->cpus[topo->nr_online - 1].cpu;
	cpulist_print(list, size, cpus, nr);
	free(cpus);
	return nr;
}

/* What others measure bystanders with. */
static void check_noise(const struct machine *machine, struct finding *finding)
{
	char list[128];
	int nr = quiet_cpus(&machine->topo, list, sizeof(list));

	if (installed("oslat"))
		found(finding, "as bystanders see it: oslat --cpu-list %s --duration 60", list);
	else if (installed("cyclictest"))
		found(finding, "as bystanders see it: cyclictest -m -q -p 80 -a %s -t %d -D 60",
		      list, nr);
	else
		found(finding, "no oslat or cyclictest (Debian: rt-tests) to hold bystanders against");
}

static void check_governor(const struct machine *machine, struct finding *finding)
{
	found(finding, "%s", machine->governor[0] ? machine->governor : "none (no cpufreq)");
	if (machine->governor[0] && strcmp(machine->governor, "performance"))
		mend(finding, STATE_WARNING, "cpupower frequency-set -g performance");
}

static void check_clock(const struct machine *machine, struct finding *finding)
{
	if (machine->cpu.invariant_tsc) {
		found(finding, "TSC, invariant");
		return;
	}
	found(finding, "CLOCK_MONOTONIC_RAW: the TSC is not invariant");
	mend(finding, STATE_WARNING, "under QEMU: -cpu host,+invtsc; else each clock read costs more");
}

static void check_hypervisor(const struct machine *machine, struct finding *finding)
{
	const char *name = machine->cpu.hypervisor;

	if (!name[0]) {
		found(finding, "none");
	} else if (!strcmp(name, "tcg")) {
		found(finding, "tcg: IPI counts are exact, times are not");
		mend(finding, STATE_WARNING, "measure times on hardware");
	} else {
		found(finding, "%s: times include the hypervisor's part", name);
		mend(finding, STATE_WARNING, "measure absolute times without a hypervisor");
	}
}

static void check_flush(const struct machine *machine, struct finding *finding)
{
	const struct kernel *kernel = &machine->kernel;

	found(finding, "%s: %s", flush_backend_name(kernel->flush), kernel->flush_why);
	switch (kernel->flush) {
	case FLUSH_NATIVE:
		break;
	case FLUSH_KVM:
		mend(finding, STATE_WARNING,
		     "QEMU: -cpu host,kvm-pv-tlb-flush=off; with PV flush the patch skips nothing");
		break;
	case FLUSH_HYPERV:
	case FLUSH_XEN:
		mend(finding, STATE_WARNING,
		     "measure without this hypervisor; with its flush the patch skips nothing");
		break;
	case FLUSH_UNKNOWN:
		mend(finding, STATE_WARNING, "boot a kernel with CONFIG_KALLSYMS");
		break;
	}
}

static void check_invlpgb(const struct machine *machine, struct finding *finding)
{
	if (!machine->cpu.invlpgb) {
		found(finding, "no");
		return;
	}
	found(finding, "yes: a kernel that uses it flushes without IPIs");
	/* X86_FEATURE_INVLPGB, asm/cpufeatures.h: word 13, bit 3 */
	mend(finding, STATE_WARNING, "boot with clearcpuid=419; with INVLPGB the patch skips nothing");
}

static void check_kernel(const struct machine *machine, struct finding *finding)
{
	const struct kernel *kernel = &machine->kernel;

	if (!kernel->tainted) {
		found(finding, "%s, not tainted", kernel->release);
		return;
	}
	found(finding, "%s, tainted (%lu)", kernel->release, kernel->tainted);
	mend(finding, STATE_WARNING, "the bits' meaning: Documentation/admin-guide/tainted-kernels.rst");
}

static void check_pt_reclaim(const struct machine *machine, struct finding *finding)
{
	int pt_reclaim = machine->kernel.pt_reclaim;

	found(finding, "%s", pt_reclaim < 0 ? "unknown" : pt_reclaim ? "yes" : "no");
	if (pt_reclaim < 0)
		mend(finding, STATE_WARNING, "boot a kernel with CONFIG_KALLSYMS");
}

static void check_static_key(const struct machine *machine, struct finding *finding)
{
	const struct kernel *kernel = &machine->kernel;

	found(finding, "%s: %s", key_state_name(kernel->static_key), kernel->static_key_why);
	if (kernel->static_key == KEY_UNKNOWN)
		mend(finding, STATE_WARNING, machine->privileged ?
		     "build the kernel with CONFIG_KALLSYMS_ALL and CONFIG_PROC_KCORE" : AS_ROOT);
}

static void check_kallsyms(const struct machine *machine, struct finding *finding)
{
	found(finding, "%s (kptr_restrict %d)", machine->kernel.sym.readable ?
	      "addresses can be read" : "addresses are hidden", machine->kptr_restrict);
	if (!machine->kernel.sym.readable)
		mend(finding, STATE_WARNING, machine->kptr_restrict > 1 ?
		     "sysctl kernel.kptr_restrict=1, and run as root" : AS_ROOT);
}

/* The kernel lets all read trace records below 0 (perf_event_paranoid, sysctl/kernel.rst). */
static bool may_trace(const struct machine *machine)
{
	return machine->cap_perfmon || machine->perf_event_paranoid < 0;
}

static void check_perf(const struct machine *machine, struct finding *finding)
{
	found(finding, "%s CAP_PERFMON, perf_event_paranoid %d",
	      machine->cap_perfmon ? "has" : "no", machine->perf_event_paranoid);
	if (!may_trace(machine))
		mend(finding, STATE_WARNING, AS_ROOT);
}

/* Why something in tracefs cannot be used, and what to do about it. */
static void no_tracefs(struct finding *finding, int err)
{
	found(finding, "%s", strerror(-err));
	mend(finding, STATE_WARNING, err == -EPERM || err == -EACCES ? AS_ROOT :
	     "boot a kernel with the csd tracepoints and CONFIG_ENABLE_DEFAULT_TRACERS");
}

static void check_tracefs(const struct machine *machine, struct finding *finding)
{
	char path[256];
	int fd = tracefs_open();

	(void)machine;
	if (fd < 0) {
		no_tracefs(finding, fd);
		return;
	}
	close(fd);
	if (tracefs_find_mount("/proc/self/mounts", path, sizeof(path)))
		found(finding, "not mounted; root mounts it for itself");
	else
		found(finding, "%s", path);
}

/* The number of tracepoint @event, or -errno. */
static int event_id(const char *event)
{
	int fd = tracefs_open();
	int id;

	if (fd < 0)
		return fd;
	id = tracefs_event_id(fd, event);
	close(fd);
	return id;
}

static void check_event(struct finding *finding, const char *event)
{
	int id = event_id(event);

	if (id < 0)
		no_tracefs(finding, id);
	else
		found(finding, "tracepoint %d", id);
}

static void check_queue(const struct machine *machine, struct finding *finding)
{
	(void)machine;
	check_event(finding, "csd/csd_queue_cpu");
}

static void check_entry(const struct machine *machine, struct finding *finding)
{
	(void)machine;
	check_event(finding, "csd/csd_function_entry");
}

static bool interrupts_count_calls(void)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char *line = NULL;
	size_t size = 0;
	bool has = false;

	while (file && !has && getline(&line, &size, file) > 0)
		has = !strncmp(line + strspn(line, " "), "CAL:", 4);
	free(line);
	if (file)
		fclose(file);
	return has;
}

static void check_counter(const struct machine *machine, struct finding *finding)
{
	bool csd = may_trace(machine) && machine->kernel.sym.readable &&
		event_id("csd/csd_queue_cpu") > 0 && event_id("csd/csd_function_entry") > 0;

	if (csd) {
		found(finding, "csd tracepoints: exact");
	} else if (interrupts_count_calls()) {
		found(finding, "/proc/interrupts: an estimate");
		mend(finding, STATE_WARNING, "mend kallsyms, perf and csd above for exact counts");
	} else {
		found(finding, "no csd tracepoints, no CAL line in /proc/interrupts");
		mend(finding, STATE_MISSING, "mount /proc, or run as root");
	}
}

static void check_thp(const struct machine *machine, struct finding *finding)
{
	if (!machine->thp_enabled[0]) {
		found(finding, "not in this kernel, nothing can be collapsed");
		mend(finding, STATE_MISSING, "boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE");
		return;
	}
	found(finding, "%s", machine->thp_enabled);
	if (!strcmp(machine->thp_enabled, "never") && !machine->privileged)
		mend(finding, STATE_WARNING,
		     "echo madvise | sudo tee " SYSFS_THP "enabled");
}

static void check_khugepaged(const struct machine *machine, struct finding *finding)
{
	if (!machine->khugepaged) {
		found(finding, "not in this kernel");
		mend(finding, STATE_WARNING, "boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE");
	} else if (!machine->privileged) {
		found(finding, "its settings cannot be changed: collapse-khugepaged is skipped");
		mend(finding, STATE_WARNING, AS_ROOT);
	} else {
		found(finding, "its settings can be changed");
	}
}

static void check_hugetlb(const struct machine *machine, struct finding *finding)
{
	bool enough = machine->hugepages_free >= ENOUGH_HUGE;

	if (!machine->hugetlb_2m) {
		found(finding, "no 2 MiB pages in this kernel: hugetlb workloads are skipped");
		mend(finding, STATE_WARNING, "boot a kernel with CONFIG_HUGETLBFS");
		return;
	}
	found(finding, "%llu of %llu pages free%s",
	      (unsigned long long)machine->hugepages_free,
	      (unsigned long long)machine->hugepages_total,
	      !enough && machine->privileged ? "; a run as root lets the pool grow" : "");
	if (!enough && !machine->privileged)
		mend(finding, STATE_WARNING, "sudo sysctl vm.nr_hugepages=8");
}

static void check_memory(const struct machine *machine, struct finding *finding)
{
	found(finding, "%llu MiB available",
	      (unsigned long long)(machine->mem_available / MIB));
	if (machine->mem_available < ENOUGH_MEMORY)
		mend(finding, STATE_WARNING, "free some: below 256 MiB the kernel reclaims during ops");
}

static void check_kcore(const struct machine *machine, struct finding *finding)
{
	uint64_t address = machine->kernel.sym.flush_func;
	char byte;
	int err = address ? kcore_read("/proc/kcore", address, &byte, 1) : -EACCES;

	if (!err) {
		found(finding, "can be read");
	} else if (machine->kernel.static_key == KEY_ABSENT) {
		found(finding, "cannot be read; not needed without the static key");
	} else {
		found(finding, "cannot be read: %s", strerror(-err));
		mend(finding, STATE_WARNING, err == -ENOENT || err == -ENXIO ?
		     "boot a kernel with CONFIG_PROC_KCORE" :
		     "run as root, on a boot without lockdown");
	}
}

static const struct check {
	const char *fact;
	void (*look)(const struct machine *machine, struct finding *finding);
} checks[] = {
	{ "cpus", check_cpus },
	{ "nodes", check_nodes },
	{ "smt", check_smt },
	{ "isolated", check_isolated },
	{ "nohz_full", check_nohz_full },
	{ "noise", check_noise },
	{ "governor", check_governor },
	{ "clock", check_clock },
	{ "hypervisor", check_hypervisor },
	{ "flush", check_flush },
	{ "invlpgb", check_invlpgb },
	{ "kernel", check_kernel },
	{ "pt_reclaim", check_pt_reclaim },
	{ "static_key", check_static_key },
	{ "kcore", check_kcore },
	{ "kallsyms", check_kallsyms },
	{ "perf", check_perf },
	{ "tracefs", check_tracefs },
	{ "csd_queue_cpu", check_queue },
	{ "csd_function_entry", check_entry },
	{ "counter", check_counter },
	{ "thp", check_thp },
	{ "khugepaged", check_khugepaged },
	{ "hugetlb", check_hugetlb },
	{ "memory", check_memory },
};

#define NR_CHECKS	(sizeof(checks) / sizeof(checks[0]))

static void print_table(const struct finding *findings)
{
	const char *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);

	for (size_t i = 0; i < NR_CHECKS; i++) {
		const struct finding *finding = &findings[i];

		printf("%s%-7s%s  %-18s  %s%s%s\n",
		       colour ? states[finding->state].colour : "",
		       states[finding->state].name, colour ? "\033[0m" : "",
		       checks[i].fact, finding->value,
		       finding->mend ? " -> " : "", finding->mend ? finding->mend : "");
	}
}

/* Returns 0 or -ENOMEM. A mend that is not needed is null. */
static int print_json(const struct finding *findings)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < NR_CHECKS; i++) {
		json_t *entry = json_pack("{s:s, s:s, s:s, s:s?}",
					  "fact", checks[i].fact,
					  "state", states[findings[i].state].name,
					  "value", findings[i].value,
					  "mend", findings[i].mend);

		if (json_array_append_new(array, entry))
			err = -ENOMEM;
	}
	if (!err && !json_dumpf(array, stdout, JSON_INDENT(2)))
		putchar('\n');
	json_decref(array);
	return err;
}

/* Say in one line whether a run is possible. Returns the exit code. */
static int conclude(const struct finding *findings)
{
	int count[NR_STATES] = { 0 };

	for (size_t i = 0; i < NR_CHECKS; i++)
		count[findings[i].state]++;
	if (count[STATE_MISSING]) {
		cmd_error("doctor", "%d missing, %d warnings: mend what is missing first",
			  count[STATE_MISSING], count[STATE_WARNING]);
		return EXIT_FAILED;
	}
	cmd_error("doctor", "nothing is missing, %d warnings", count[STATE_WARNING]);
	return EXIT_DONE;
}

static int examine(const struct options *options)
{
	struct finding findings[NR_CHECKS] = { 0 };
	struct machine machine;
	int err = machine_load(&machine);

	if (err) {
		cmd_error("doctor", "cannot read this machine's CPUs: %s", strerror(-err));
		return EXIT_CANNOT;
	}
	for (size_t i = 0; i < NR_CHECKS; i++)
		checks[i].look(&machine, &findings[i]);
	machine_free(&machine);
	if (options->json)
		err = print_json(findings);
	else
		print_table(findings);
	if (err || fflush(stdout) || ferror(stdout)) {
		cmd_error("doctor", "cannot write: %s", strerror(err ? -err : errno));
		return EXIT_FAILED;
	}
	return conclude(findings);
}

static void help(void)
{
	fputs("usage: tlbsync doctor [--json]\n\n"
	      "Show each fact of this machine that bears on a measurement: ok, warning or\n"
	      "missing, and after an arrow the mend. Nothing is changed.\n\n"
	      "  --json      an array of {fact, state, value, mend}; mend is null where ok\n"
	      "  -h, --help  this text\n\n"
	      "Exit code: 0 if a run is possible, 1 if something for it is missing.\n", stdout);
}

/* A short option is named by its letter: it may stand among others in one word. */
static int bad_option(const char *word)
{
	static const char *const names[] = { "--json", "--help", NULL };
	const char *near = cmd_nearest(word, names);

	if (optopt > 0 && optopt < OPT_JSON)
		cmd_error("doctor", "no option '-%c'; see tlbsync doctor --help", optopt);
	else if (optopt)
		cmd_error("doctor", "option '%s' takes no value", word);
	else
		cmd_error("doctor", "no option '%s'; %s%s", word,
			  near ? "did you mean " : "see tlbsync doctor --help",
			  near ? near : "");
	return EXIT_USAGE;
}

/* Returns EXIT_DONE, or EXIT_USAGE after a message. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "help", no_argument, NULL, OPT_HELP },
		{ 0 },
	};
	int opt;

	opterr = 0;
	optind = 0;	/* glibc: start afresh */
	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (opt == OPT_JSON)
			options->json = true;
		else if (opt == OPT_HELP || opt == 'h')
			options->help = true;
		else
			return bad_option(argv[optind - 1]);
	}
	if (optind < argc) {
		cmd_error("doctor", "takes no argument '%s'", argv[optind]);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int doctor(int argc, char **argv)
{
	struct options options = { 0 };
	int code = parse(argc, argv, &options);

	if (code != EXIT_DONE)
		return code;
	if (options.help) {
		help();
		return EXIT_DONE;
	}
	return examine(&options);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "what of this machine bears on a measurement, and the mends",
	.run = doctor,
};
