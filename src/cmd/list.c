// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync list: workloads with their parameters, placements, memory, profiles; of each
 * whether it can run here, as a run will find it.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/item.h"
#include "cmd/options.h"
#include "cmd/plan.h"
#include "engine/can-run.h"
#include "workloads/workload.h"

#define WHY_SIZE	REASON_SIZE

/* ---- what can run ----------------------------------------------------------- */

static const char *told(int error, char *why, size_t size)
{
	if (!error)
		why[0] = '\0';
	else if (error != -EOPNOTSUPP)
		snprintf(why, size, "%s", strerror(-error));
	return why;
}

/* Why @workload cannot run on @machine at its parameters' first values; "" if it can. */
static const char *workload_why(const struct workload *workload,
				const struct machine *machine, char why[WHY_SIZE])
{
	const struct placement_choice alone = { .rule = placement_find("alone") };
	struct case_plan plan = {
		.member = { { .workload = workload } }, .nr_members = 1, .initiators = 1,
		.placement = &alone,
	};
	struct roles roles = { 0 };
	struct binding memory;
	int error;

	for (int i = 0; i < workload_nr_params(workload); i++)
		plan.member[0].param[i] = workload->params[i].standard[0];
	error = case_can_run(&plan, machine, &roles, &memory, why, WHY_SIZE);
	roles_free(&roles);
	return told(error, why, WHY_SIZE);
}

/* The same of a placement, its memory as @kind says. */
static const char *placement_why(const struct placement *rule, enum memory_kind kind,
				 const struct machine *machine, char why[WHY_SIZE])
{
	const struct placement_choice choice = { .rule = rule, .memory = kind };
	struct roles roles = { 0 };
	struct binding memory;
	int error = can_place(&choice, machine, 1, &roles, &memory, why, WHY_SIZE);

	roles_free(&roles);
	return told(error, why, WHY_SIZE);
}

/* ---- for readers ------------------------------------------------------------ */

/* " (4K 64K 2M)" if there are several standard values, rising. */
static void print_values(FILE *out, const struct workload_param *param)
{
	char value[WORDS_SIZE];
	uint64_t last = 0;

	for (int i = 0; param->nr_standard > 1 && i < param->nr_standard; i++) {
		uint64_t next = UINT64_MAX;

		for (int j = 0; j < param->nr_standard; j++)
			if ((!i || param->standard[j] > last) && param->standard[j] < next)
				next = param->standard[j];
		fprintf(out, "%s%s", i ? " " : " (", words_bytes(value, next));
		last = next;
	}
	fputs(param->nr_standard > 1 ? ")" : "", out);
}

/* "size=64K (4K 64K 2M): bytes to unmap, 4K to 1G" */
static void print_param(const struct workload_param *param)
{
	char first[WORDS_SIZE], min[WORDS_SIZE], max[WORDS_SIZE], *values = NULL;
	size_t size;
	FILE *out = open_memstream(&values, &size);

	if (!out)
		return;
	print_values(out, param);
	if (!fclose(out))
		item_more("%s=%s%s: %s, %s to %s", param->name,
			  words_bytes(first, param->standard[0]), values, param->summary,
			  words_bytes(min, param->min), words_bytes(max, param->max));
	free(values);
}

static void print_workloads(const struct machine *machine)
{
	char why[WHY_SIZE];

	puts("workloads, each parameter with its standard values (-w NAME:PARAM=VALUE):");
	for (int i = 0; workloads[i]; i++) {
		item_print(workloads[i]->name, workloads[i]->summary);
		for (int j = 0; j < workload_nr_params(workloads[i]); j++)
			print_param(&workloads[i]->params[j]);
		item_blocked(workload_why(workloads[i], machine, why));
	}
}

static void print_placements(const struct machine *machine)
{
	char why[WHY_SIZE], name[24];

	puts("\nplacements (-p NAME):");
	for (int i = 0; placements[i]; i++) {
		item_print(placements[i]->name, placements[i]->summary);
		item_blocked(placement_why(placements[i], MEMORY_ANY, machine, why));
	}
	item_print("initiator=CPU,ROLE=CPUS", "a list of CPUs for each role: responder, lazy, "
		   "bystander (initiator=0,responder=2-5,lazy=6,bystander=7)");
	puts("\nmemory, after a placement (alone@remote); else the kernel chooses:");
	for (int kind = MEMORY_LOCAL; kind < NR_MEMORY_KINDS; kind++) {
		snprintf(name, sizeof(name), "@%s", memory_kind_name(kind));
		item_print(name, memory_kind_summary(kind));
		item_blocked(placement_why(placement_find("alone"), kind, machine, why));
	}
}

/* "alone, all" from "alone,all": a list that can be wrapped. */
static void print_words(FILE *out, const char *list)
{
	for (; *list; list++)
		fprintf(out, *list == ',' ? ", " : "%c", *list);
}

static int print_profile(const struct profile *profile)
{
	char time[WORDS_SIZE], *text = NULL;
	const char *comma = "";
	size_t size;
	int nr_cases = profile_cases(profile);
	FILE *out = nr_cases < 0 ? NULL : open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s, %d cases: ", item_time(time, profile->budget_ns), nr_cases);
	if (!profile->core_only)
		fputs("all workloads", out);
	for (int i = 0; workloads[i] && profile->core_only; i++)
		if (workloads[i]->core) {
			fprintf(out, "%s%s", comma, workloads[i]->name);
			comma = ", ";
		}
	fprintf(out, "; %s of a parameter; placements ", profile->variants ?
		"all standard values" : "the first value");
	print_words(out, profile->placements);
	if (fclose(out))
		return -ENOMEM;
	item_print(profile->name, text);
	free(text);
	return 0;
}

static int print_text(const struct machine *machine)
{
	int error = 0;

	print_workloads(machine);
	print_placements(machine);
	puts("\nprofiles (--profile NAME):");
	for (int i = 0; !error && run_profiles[i].name; i++)
		error = print_profile(&run_profiles[i]);
	return error;
}

/* ---- for programs ----------------------------------------------------------- */

static json_t *entry(const char *name, const char *summary, const char *why)
{
	return json_pack("{s:s, s:s, s:b, s:s}", "name", name, "summary", summary,
			 "can_run", !why[0], "reason", why);
}

static json_t *params_json(const struct workload *workload)
{
	json_t *params = json_array();

	for (int i = 0; i < workload_nr_params(workload); i++) {
		const struct workload_param *param = &workload->params[i];
		json_t *values = json_array();

		for (int j = 0; j < param->nr_standard; j++)
			json_array_append_new(values,
				json_integer((json_int_t)param->standard[j]));
		json_array_append_new(params,
			json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "name", param->name,
				  "summary", param->summary, "min", (json_int_t)param->min,
				  "max", (json_int_t)param->max,
				  "multiple", (json_int_t)param->multiple,
				  "standard", values));
	}
	return params;
}

static json_t *workloads_json(const struct machine *machine)
{
	json_t *all = json_array();
	char why[WHY_SIZE];

	for (int i = 0; workloads[i]; i++) {
		json_t *one = entry(workloads[i]->name, workloads[i]->summary,
				    workload_why(workloads[i], machine, why));

		json_object_set_new(one, "params", params_json(workloads[i]));
		json_object_set_new(one, "core", json_boolean(workloads[i]->core));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *profiles_json(void)
{
	json_t *all = json_array();

	for (int i = 0; run_profiles[i].name; i++)
		json_array_append_new(all,
			json_pack("{s:s, s:f, s:i, s:b, s:b, s:s}", "name", run_profiles[i].name,
				  "time_s", (double)run_profiles[i].budget_ns / 1e9,
				  "cases", profile_cases(&run_profiles[i]),
				  "core_only", run_profiles[i].core_only,
				  "all_values", run_profiles[i].variants,
				  "placements", run_profiles[i].placements));
	return all;
}

static int print_json(const struct machine *machine)
{
	json_t *places = json_array(), *memory = json_array(), *all;
	char why[WHY_SIZE];
	int error;

	for (int i = 0; placements[i]; i++)
		json_array_append_new(places,
			entry(placements[i]->name, placements[i]->summary,
			      placement_why(placements[i], MEMORY_ANY, machine, why)));
	for (int kind = MEMORY_LOCAL; kind < NR_MEMORY_KINDS; kind++)
		json_array_append_new(memory,
			entry(memory_kind_name(kind), memory_kind_summary(kind),
			      placement_why(placement_find("alone"), kind, machine, why)));
	all = json_pack("{s:o, s:o, s:o, s:o}", "workloads", workloads_json(machine),
			"placements", places, "memory", memory, "profiles", profiles_json());
	error = all ? json_dumpf(all, stdout, JSON_INDENT(2)) : -1;
	putchar('\n');
	json_decref(all);
	return error;
}

/* ---- the command ------------------------------------------------------------ */

static int list(bool json)
{
	struct machine machine;
	int error = machine_load(&machine);

	if (error) {
		cmd_error("list", "cannot find out what this machine is: %s", strerror(-error));
		return EXIT_UNDONE;
	}
	error = json ? print_json(&machine) : print_text(&machine);
	machine_free(&machine);
	if (!error && (fflush(stdout) || ferror(stdout)))
		error = -errno;
	if (error)
		cmd_error("list", "cannot print: %s", strerror(-error));
	return error ? EXIT_UNDONE : EXIT_DONE;
}

static const struct cmd_option options[] = {
	OPTION(0, "json", NULL, 'j', "print the same as JSON, for programs"),
	{ 0 },
};

static int take(int id, char *value, void *into)
{
	bool *json = into;

	(void)value;
	*json |= id == 'j';
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	bool json = false, go;
	int status = options_parse(&cmd_list, argc, argv, take, &json, &go);

	return go ? list(json) : status;
}

static const char *const usage[] = { "[OPTION]...", NULL };

const struct command cmd_list = {
	.name = "list",
	.summary = "workloads, placements and profiles, and what can run here",
	.usage = usage,
	.about = "Lists the workloads with their parameters, the placements and the profiles. For "
		 "each that cannot run here it says why, and what to do about it. A workload is "
		 "judged by the first values of its parameters, on one CPU; 'tlbsync run --dry-run' "
		 "tells of each case.",
	.exits = "0 listed\n"
		 "2 wrong usage\n"
		 "3 this machine cannot be examined, or the list not printed",
	.options = options,
	.run = run,
};
