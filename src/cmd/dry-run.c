// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan on paper: each case with its roles, the share of time or the ops that it gets,
 * and why it cannot run if it cannot. Nothing is started and nothing is locked.
 */
#include "cmd/dry-run.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/item.h"
#include "engine/can-run.h"
#include "machine/cpulist.h"

#define PLAN_SCHEMA	"tlbsync.plan/1"

/* A case of the plan, as this machine has it. */
struct prospect {
	const struct case_plan *plan;
	struct roles roles;
	struct binding memory;
	uint64_t ns;		/* that it may take, if its ops are not given */
	char why[REASON_SIZE];	/* "" where it can run */
};

static int nr_can_run(const struct prospect *prospects, int nr)
{
	int can = 0;

	for (int i = 0; i < nr; i++)
		can += !prospects[i].why[0];
	return can;
}

/* How many passes take the whole time that is given: the ipi pass ends after some ops. */
static uint64_t nr_passes(const struct machine *machine, unsigned int passes)
{
	bool timed = strcmp(machine->cpu.hypervisor, "tcg") != 0;
	uint64_t nr = !!(passes & PASS_COUNT) + (timed && passes & PASS_TIME);

	return nr ? nr : 1;
}

/* All prospects of @plan, for free_all(); NULL without memory. */
static struct prospect *look_at_all(const struct plan *plan, const struct machine *machine,
				    unsigned int passes)
{
	struct prospect *all = calloc(plan->nr, sizeof(*all));
	int error = 0;

	for (int i = 0; all && i < plan->nr; i++) {
		struct prospect *one = &all[i];

		one->plan = &plan->cases[i];
		one->ns = one->plan->time_ns ? nr_passes(machine, passes) * one->plan->time_ns :
			  one->plan->budget_ns;
		error = case_can_run(one->plan, machine, &one->roles, &one->memory,
				     one->why, sizeof(one->why));
		if (!error)
			one->why[0] = '\0';
		else if (error != -EOPNOTSUPP)
			snprintf(one->why, sizeof(one->why), "%s", strerror(-error));
	}
	return all;
}

static void free_all(struct prospect *all, int nr)
{
	for (int i = 0; all && i < nr; i++)
		roles_free(&all[i].roles);
	free(all);
}

/* ns that the cases which can run will take; 0 where that depends on the ops asked for. */
static uint64_t time_of(const struct prospect *all, int nr)
{
	uint64_t ns = 0;

	for (int i = 0; i < nr; i++)
		if (!all[i].why[0] && !all[i].plan->ops)
			ns += all[i].ns;
	return ns;
}

/* ---- for readers ------------------------------------------------------------ */

static void print_roles(FILE *out, const struct prospect *one)
{
	const char *before = ": ";
	char cpus[1024];

	for (int role = 0; role < NR_ROLES; role++) {
		if (!one->roles.nr[role])
			continue;
		cpulist_print(cpus, sizeof(cpus), one->roles.cpu[role], one->roles.nr[role]);
		fprintf(out, "%s%s %s", before, role_name(role), cpus);
		before = ", ";
	}
	if (one->memory.nr) {
		cpulist_print(cpus, sizeof(cpus), one->memory.node, one->memory.nr);
		fprintf(out, ", memory on node %s", cpus);
	}
}

static void print_share(FILE *out, const struct prospect *one, uint64_t blocks)
{
	char text[WORDS_SIZE];

	if (!one->plan->ops)
		fprintf(out, "; %s", words_ns(text, one->ns));
	else if (blocks)
		fprintf(out, "; %llu blocks of %s ops", (unsigned long long)blocks,
			words_count(text, one->plan->ops));
	else
		fprintf(out, "; %s ops", words_count(text, one->plan->ops));
}

/* "munmap size=64K, all: initiator 0, responder 1-7; 1.1 s" */
static int print_case(const struct prospect *one, uint64_t blocks)
{
	char value[WORDS_SIZE], *line = NULL, *placement;
	struct case_id id;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return -ENOMEM;
	case_plan_id(one->plan, &id);
	placement = words_placement(&id);
	fprintf(out, "  %s", id.workload);
	for (int i = 0; i < id.nr_params; i++)
		fprintf(out, " %s=%s", id.params[i].name, words_bytes(value, id.params[i].value));
	fprintf(out, ", %s", placement ? placement : id.placement);
	free(placement);
	if (one->why[0]) {
		fprintf(out, ": cannot run here: %s", one->why);
	} else {
		print_roles(out, one);
		print_share(out, one, blocks);
	}
	if (fclose(out))
		return -ENOMEM;
	text_wrap(stdout, line, ITEM_WIDTH, 6);
	free(line);
	return 0;
}

static void print_sum(const struct run_options *options, const struct prospect *all, int nr)
{
	int can = nr_can_run(all, nr);
	char time[WORDS_SIZE];

	printf("%d case%s, %d can run here", nr, nr == 1 ? "" : "s", can);
	if (options->selection.ops)
		printf("; the time depends on how long an op takes\n");
	else if (can)
		printf("; about %s\n", item_time(time, time_of(all, nr)));
	else
		putchar('\n');
}

static int print_text(const struct run_options *options, const struct prospect *all, int nr)
{
	int error = 0;

	for (int i = 0; !error && i < nr; i++)
		error = print_case(&all[i], options->blocks);
	print_sum(options, all, nr);
	return error;
}

/* ---- for programs ----------------------------------------------------------- */

static json_t *numbers(const int *number, int nr)
{
	json_t *json = json_array();

	for (int i = 0; i < nr; i++)
		json_array_append_new(json, json_integer(number[i]));
	return json;
}

static json_t *case_json(const struct prospect *one)
{
	const struct case_plan *plan = one->plan;
	json_t *params = json_object(), *roles = json_object();
	struct case_id id;

	case_plan_id(plan, &id);
	for (int i = 0; i < id.nr_params; i++)
		json_object_set_new(params, id.params[i].name,
				    json_integer((json_int_t)id.params[i].value));
	for (int role = 0; role < NR_ROLES; role++)
		json_object_set_new(roles, role_name(role),
				    numbers(one->roles.cpu[role], one->roles.nr[role]));
	return json_pack("{s:s, s:o, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:b, s:s}",
			 "workload", id.workload, "params", params,
			 "placement", id.placement, "initiators", case_id_initiators(&id),
			 "as", crew_as_name(id.as), "roles", roles,
			 "memory_nodes", numbers(one->memory.node, one->memory.nr),
			 "ops", plan->ops ? json_integer((json_int_t)plan->ops) : json_null(),
			 "time_s", plan->ops ? json_null() : json_real((double)one->ns / 1e9),
			 "can_run", !one->why[0], "reason", one->why);
}

static int print_json(const struct run_options *options, const struct prospect *all, int nr)
{
	json_t *cases = json_array(), *json;
	int error;

	for (int i = 0; i < nr; i++)
		json_array_append_new(cases, case_json(&all[i]));
	json = json_pack("{s:s, s:s, s:I, s:i, s:o, s:o}", "schema", PLAN_SCHEMA,
			 "profile", options->selection.profile,
			 "blocks", (json_int_t)options->blocks,
			 "can_run", nr_can_run(all, nr), "time_s", options->selection.ops ?
			 json_null() : json_real(time_of(all, nr) / 1e9), "cases", cases);
	error = json && !json_dumpf(json, stdout, JSON_INDENT(2)) ? 0 : -EIO;
	putchar('\n');
	json_decref(json);
	return error;
}

/* Print @plan as it is for @machine. An exit status: 77 if nothing of it can run. */
int dry_run(const struct run_options *options, const struct plan *plan,
	    const struct machine *machine)
{
	struct prospect *all = look_at_all(plan, machine, options->passes);
	int error = -ENOMEM, can = 0;

	if (all) {
		error = options->json ? print_json(options, all, plan->nr) :
			print_text(options, all, plan->nr);
		can = nr_can_run(all, plan->nr);
	}
	free_all(all, plan->nr);
	if (!error && fflush(stdout))
		error = -errno;
	if (error)
		cmd_error("run", "cannot print the plan: %s", strerror(-error));
	if (error)
		return EXIT_UNDONE;
	return can ? EXIT_DONE : EXIT_CANNOT;
}
