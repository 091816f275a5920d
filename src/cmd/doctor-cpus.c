// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's facts of the hardware: CPUs, nodes, their clock, who runs them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/doctor.h"
#include "engine/clock.h"
#include "machine/busy.h"
#include "machine/cpulist.h"

static void check_cpus(const struct machine *machine, struct finding *finding)
{
	const struct topology *topo = &machine->topo;
	long offline = sysconf(_SC_NPROCESSORS_CONF) - topo->nr_online;

	if (offline < 0)
		offline = 0;
	finding_is(finding, "%d online, %d allowed, %ld offline", topo->nr_online,
		   topo->nr_allowed, offline);
	if (topo->nr_online < 2)
		finding_mend(finding, STATE_MISSING,
			     "chcpu -e LIST, or add a CPU: a lone one has nobody to interrupt");
	else if (topo->nr_allowed + topo->nr_reachable < topo->nr_online)
		finding_mend(finding, STATE_WARNING,
			     "leave the cpuset or taskset: roles get allowed CPUs only");
	else if (offline > 0)
		finding_mend(finding, STATE_WARNING,
			     "chcpu -e LIST (lscpu -e shows which): offline CPUs get no IPIs");
}

static void check_nodes(const struct machine *machine, struct finding *finding)
{
	int with_memory = 0;

	for (int i = 0; i < machine->nr_nodes; i++)
		with_memory += machine->nodes[i].bytes_total > 0;
	finding_is(finding, "%d, %d with memory", machine->nr_nodes, with_memory);
}

static void check_smt(const struct machine *machine, struct finding *finding)
{
	finding_is(finding, "%s", machine->smt[0] ? machine->smt : "not told by this kernel");
}

static void check_isolated(const struct machine *machine, struct finding *finding)
{
	const struct topology *topo = &machine->topo;
	bool usable = false;

	if (!machine->isolated[0]) {
		finding_is(finding, "none");
		return;
	}
	for (int i = 0; i < topo->nr_online; i++)
		usable |= topo->cpus[i].isolated && topo_usable(&topo->cpus[i]);
	finding_is(finding, "%s: %s", machine->isolated, usable ?
		   "for bystanders first; other roles only by a list (initiator=...)" :
		   "not allowed to this process");
	if (!usable)
		finding_mend(finding, STATE_WARNING,
			     "leave the cpuset or taskset: bystanders go there first");
}

static void check_nohz_full(const struct machine *machine, struct finding *finding)
{
	if (machine->nohz_full[0])
		finding_is(finding, "%s: for bystanders first", machine->nohz_full);
	else
		finding_is(finding, "none");
}

/* What others take from the CPUs just now. */
static void check_noise(const struct machine *machine, struct finding *finding)
{
	struct busy_sample sample;
	const struct busy_before *now = &sample.before;

	if (busy_look(&machine->topo, &sample) || now->busy_share < 0) {
		finding_is(finding, "unknown: /proc/stat does not tell");
		finding_mend(finding, STATE_WARNING, "mount /proc");
		return;
	}
	finding_is(finding, "jobs take %.0f %% of the CPUs, a hypervisor %.0f %%; CPU %d most: %.0f %%",
		   now->busy_share * 100, now->steal_share * 100, sample.busiest,
		   sample.busiest_share * 100);
	if (now->busy_share + now->steal_share > BUSY_LIMIT)
		finding_mend(finding, STATE_WARNING, "end what else runs here: times may be off");
}

static void check_governor(const struct machine *machine, struct finding *finding)
{
	finding_is(finding, "%s", machine->governor[0] ? machine->governor : "none (no cpufreq)");
	if (machine->governor[0] && strcmp(machine->governor, "performance"))
		finding_mend(finding, STATE_WARNING, "cpupower frequency-set -g performance");
}

static void check_clock(const struct machine *machine, struct finding *finding)
{
	struct clock clock;

	if (machine->cpu.invariant_tsc && !clock_init(&clock, true)) {
		finding_is(finding, "TSC, invariant, %.1f MHz", clock.hz / 1e6);
		return;
	}
	finding_is(finding, "CLOCK_MONOTONIC_RAW: the TSC is not invariant");
	finding_mend(finding, STATE_WARNING,
		     "under QEMU: -cpu host,+invtsc; else each clock read costs more");
}

static void check_hypervisor(const struct machine *machine, struct finding *finding)
{
	const char *name = machine->cpu.hypervisor;

	if (!name[0]) {
		finding_is(finding, "none");
	} else if (!strcmp(name, "tcg")) {
		finding_is(finding, "tcg: IPI counts are exact, times are not");
		finding_mend(finding, STATE_WARNING, "measure times on hardware");
	} else {
		finding_is(finding, "%s: times include the hypervisor's part", name);
		finding_mend(finding, STATE_WARNING, "measure absolute times without a hypervisor");
	}
}

const struct check doctor_cpus[] = {
	{ "cpus", check_cpus },
	{ "nodes", check_nodes },
	{ "smt", check_smt },
	{ "isolated", check_isolated },
	{ "nohz_full", check_nohz_full },
	{ "noise", check_noise },
	{ "governor", check_governor },
	{ "clock", check_clock },
	{ "hypervisor", check_hypervisor },
	{ 0 },
};
