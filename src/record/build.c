// SPDX-License-Identifier: GPL-2.0-or-later
/* From machine and results to a record in memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/build.h"
#include "version.h"

static int set_identity(struct record *rec, const struct machine *machine)
{
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32], id[300];

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
	snprintf(id, sizeof(id), "%s-%s-%s", stamp, machine->host, machine->kernel.release);
	for (char *c = id; *c; c++)	/* it becomes a file name */
		if (*c == '/' || *c == ' ')
			*c = '_';
	rec->id = strdup(id);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	rec->started = strdup(stamp);
	rec->tool = strdup("tlbsync " TLBSYNC_VERSION);
	rec->host = strdup(machine->host);
	return rec->id && rec->started && rec->tool && rec->host ? 0 : -ENOMEM;
}

static int set_kernel(struct record *rec, const struct machine *machine)
{
	const struct kernel *kernel = &machine->kernel;

	rec->kernel.release = strdup(kernel->release);
	rec->kernel.cmdline = strdup(kernel->cmdline);
	rec->kernel.version = strdup(kernel->version);
	rec->kernel.config_hash = strdup(kernel->config_hash);
	rec->kernel.patches_hash = strdup(kernel->patches_hash);
	rec->kernel.boot_id = strdup(kernel->boot_id);
	rec->kernel.tainted = kernel->tainted;
	rec->kernel.static_key = kernel->static_key;
	rec->kernel.static_key_why = strdup(kernel->static_key_why);
	rec->kernel.flush = kernel->flush;
	rec->kernel.flush_why = strdup(kernel->flush_why);
	rec->kernel.invlpgb = machine->cpu.invlpgb;
	rec->kernel.pt_reclaim = kernel->pt_reclaim;
	return rec->kernel.release && rec->kernel.cmdline && rec->kernel.boot_id &&
	       rec->kernel.version && rec->kernel.config_hash && rec->kernel.patches_hash &&
	       rec->kernel.static_key_why && rec->kernel.flush_why ? 0 : -ENOMEM;
}

static int set_machine(struct record *rec, const struct machine *machine)
{
	rec->machine.cpus_online = machine->topo.nr_online;
	rec->machine.cpus_allowed = machine->topo.nr_allowed;
	rec->machine.nodes = machine->topo.nr_nodes;
	rec->machine.cpu = strdup(machine->cpu.brand);
	rec->machine.hypervisor = strdup(machine->cpu.hypervisor);
	rec->machine.microcode = strdup(machine->microcode);
	rec->machine.governor = strdup(machine->governor);
	rec->machine.smt = strdup(machine->smt);
	rec->machine.isolated = strdup(machine->isolated);
	rec->machine.nohz_full = strdup(machine->nohz_full);
	rec->machine.invariant_tsc = machine->cpu.invariant_tsc;
	for (int i = 0; i < machine->nr_nodes; i++)
		rec->machine.memory_bytes += machine->nodes[i].bytes_total;
	return rec->machine.cpu && rec->machine.hypervisor && rec->machine.microcode &&
	       rec->machine.governor && rec->machine.smt && rec->machine.isolated &&
	       rec->machine.nohz_full ? 0 : -ENOMEM;
}

static int set_topology(struct record *rec, const struct topology *topo)
{
	struct record_cpu *cpus = calloc((size_t)topo->nr_online, sizeof(*cpus));

	if (!cpus)
		return -ENOMEM;
	for (int i = 0; i < topo->nr_online; i++) {
		const struct topo_cpu *cpu = &topo->cpus[i];

		cpus[i] = (struct record_cpu){ cpu->cpu, cpu->node, cpu->package, cpu->llc,
					       cpu->core };
	}
	rec->machine.topology = cpus;
	rec->machine.nr_topology = topo->nr_online;
	return 0;
}

/*
 * Start @rec: identity, kernel, machine and clock. command, profile, counter and
 * counter_why are the caller's to set (heap strings). 0 or -ENOMEM; either way
 * record_free() frees it.
 */
int record_begin(struct record *rec, const struct machine *machine,
		 const struct record_clock *clock)
{
	int error;

	memset(rec, 0, sizeof(*rec));
	rec->clock = *clock;
	error = set_identity(rec, machine);
	if (!error)
		error = set_kernel(rec, machine);
	if (!error)
		error = set_machine(rec, machine);
	if (!error)
		error = set_topology(rec, &machine->topo);
	return error;
}

/* Append a deep copy of @result. 0 or -ENOMEM, and then the record is as before. */
int record_add_case(struct record *rec, const struct case_result *result)
{
	struct case_result *cases = realloc(rec->cases, (rec->nr_cases + 1) * sizeof(*cases));
	int error;

	if (!cases)
		return -ENOMEM;
	rec->cases = cases;
	error = case_result_copy(&cases[rec->nr_cases], result);
	if (!error)
		rec->nr_cases++;
	return error;
}
