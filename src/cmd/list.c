// SPDX-License-Identifier: GPL-2.0-or-later
/* tlbsync list: workloads and placements, and which of them can run here. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "engine/driver.h"
#include "engine/placement.h"
#include "workloads/workload.h"

/* Why @placement cannot be had on @machine; "" when it can. */
static void placement_blocked(const struct placement *placement,
			      const struct machine *machine, char *why, size_t size)
{
	struct roles roles = { 0 };

	why[0] = '\0';
	if (placement->place(&machine->topo, &roles, why, size) && !why[0])
		snprintf(why, size, "out of memory");
	roles_free(&roles);
}

/* The same of memory bound in the @kind, for the rule alone. */
static void memory_blocked(enum memory_kind kind, const struct machine *machine,
			   char *why, size_t size)
{
	struct binding binding;
	struct roles roles = { 0 };

	why[0] = '\0';
	if (!placement_find("alone")->place(&machine->topo, &roles, why, size))
		binding_choose(kind, machine, roles.cpu[ROLE_INITIATOR][0], &binding,
			       why, size);
	roles_free(&roles);
}

static void print_line(const char *name, const char *summary, const char *why)
{
	printf("  %-28s%s\n", name, summary);
	if (why[0])
		printf("  %-28scannot run here: %s\n", "", why);
}

static void print_params(const struct workload *workload)
{
	for (int i = 0; i < workload_nr_params(workload); i++) {
		const struct workload_param *param = &workload->params[i];

		printf("  %-28s  :%s=N  %s, %llu to %llu\n", "", param->name, param->summary,
		       (unsigned long long)param->min, (unsigned long long)param->max);
	}
}

static void print_text(const struct machine *machine)
{
	char why[256];

	puts("workloads:");
	for (int i = 0; workloads[i]; i++) {
		why[0] = '\0';
		workload_blocked(workloads[i], machine, why, sizeof(why));
		print_line(workloads[i]->name, workloads[i]->summary, why);
		print_params(workloads[i]);
	}
	puts("\nplacements:");
	for (int i = 0; placements[i]; i++) {
		placement_blocked(placements[i], machine, why, sizeof(why));
		print_line(placements[i]->name, placements[i]->summary, why);
	}
	puts("  initiator=CPU,ROLE=CPUS  a list of CPUs for each role: responder, lazy, bystander\n"
	     "                          (initiator=0,responder=2-5,lazy=6,bystander=7)\n"
	     "\nmemory, after a placement (alone@remote); else the kernel chooses:");
	for (int kind = MEMORY_LOCAL; kind < NR_MEMORY_KINDS; kind++) {
		char name[24];

		snprintf(name, sizeof(name), "@%s", memory_kind_name(kind));
		memory_blocked(kind, machine, why, sizeof(why));
		print_line(name, memory_kind_summary(kind), why);
	}
}

static json_t *entry(const char *name, const char *summary, const char *why)
{
	return json_pack("{s:s, s:s, s:b, s:s}", "name", name, "summary", summary,
			 "can_run", !why[0], "reason", why);
}

static int print_json(const struct machine *machine)
{
	json_t *works = json_array(), *places = json_array(), *memory = json_array(), *all;
	char why[256];
	int error;

	for (int i = 0; workloads[i]; i++) {
		why[0] = '\0';
		workload_blocked(workloads[i], machine, why, sizeof(why));
		json_array_append_new(works, entry(workloads[i]->name,
						   workloads[i]->summary, why));
	}
	for (int i = 0; placements[i]; i++) {
		placement_blocked(placements[i], machine, why, sizeof(why));
		json_array_append_new(places, entry(placements[i]->name,
						    placements[i]->summary, why));
	}
	for (int kind = MEMORY_LOCAL; kind < NR_MEMORY_KINDS; kind++) {
		memory_blocked(kind, machine, why, sizeof(why));
		json_array_append_new(memory, entry(memory_kind_name(kind),
						    memory_kind_summary(kind), why));
	}
	all = json_pack("{s:o, s:o, s:o}", "workloads", works, "placements", places,
			"memory", memory);
	error = all ? json_dumpf(all, stdout, JSON_INDENT(2)) : -1;
	putchar('\n');
	json_decref(all);
	return error;
}

static int list(bool json)
{
	struct machine machine;
	int error = machine_load(&machine);

	if (error) {
		cmd_error("list", "cannot find out what this machine is: %s", strerror(-error));
		return EXIT_FAILED;
	}
	if (json)
		error = print_json(&machine);
	else
		print_text(&machine);
	machine_free(&machine);
	return error || fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool json = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'h':
			puts("usage: tlbsync list [--json]\n\n"
			     "Workloads with their parameters, and placements; for each, why it\n"
			     "cannot run here if it cannot, and what to do about it.");
			return EXIT_DONE;
		default:
			cmd_error("list", "unknown option '%s' (see tlbsync list --help)",
				  argv[optind - 1]);
			return EXIT_USAGE;
		}
	if (optind < argc) {
		cmd_error("list", "what is '%s'? (see tlbsync list --help)", argv[optind]);
		return EXIT_USAGE;
	}
	return list(json);
}

const struct command cmd_list = {
	.name = "list",
	.summary = "workloads and placements, and which of them can run here",
	.run = run,
};
