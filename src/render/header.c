// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lines above a table, each "label   facts"; labels are nine columns wide.
 */
#include "render/header.h"

#include <string.h>

#include "render/text.h"

/* Release, static key and flush backend on one line that begins with @label. */
void header_kernel(FILE *out, const char *label, const struct record *rec)
{
	const char *why = rec->kernel.static_key_why;
	bool say = why && *why && rec->kernel.static_key != KEY_ON;

	text_line(out, "%-9s%s; static key %s%s%s%s; flush %s%s", label,
		  text_or_unknown(rec->kernel.release), key_state_name(rec->kernel.static_key),
		  say ? " (" : "", say ? why : "", say ? ")" : "",
		  flush_backend_name(rec->kernel.flush),
		  rec->kernel.invlpgb ? "; the CPU has INVLPGB" : "");
}

/* Host, CPUs, nodes, model and hypervisor on one line. */
void header_machine(FILE *out, const struct record *rec)
{
	const char *hypervisor = rec->machine.hypervisor;
	char allowed[40] = "";

	if (rec->machine.cpus_allowed != rec->machine.cpus_online)
		snprintf(allowed, sizeof(allowed), " (%d allowed)", rec->machine.cpus_allowed);
	text_line(out, "%-9s%s; %d CPU%s online%s, %d node%s; %s; %s%s", "machine",
		  text_or_unknown(rec->host), rec->machine.cpus_online,
		  rec->machine.cpus_online == 1 ? "" : "s", allowed, rec->machine.nodes,
		  rec->machine.nodes == 1 ? "" : "s", text_or_unknown(rec->machine.cpu),
		  hypervisor && *hypervisor ? "under " : "no hypervisor",
		  hypervisor ? hypervisor : "");
}

/* How the IPIs were counted, and how far that can be trusted. */
void header_counter(FILE *out, const struct record *rec)
{
	const char *why = rec->counter_why && *rec->counter_why ? rec->counter_why : NULL;
	const char *what = "none: IPIs are not counted";

	if (!strcmp(rec->counter, "csd"))
		what = "csd tracepoints: exact, by function";
	else if (!strcmp(rec->counter, "interrupts"))
		what = "/proc/interrupts: an ESTIMATE, other IPIs included (marked ~)";
	text_line(out, "%-9s%s%s%s%s", "counter", what, why ? " (" : "", why ? why : "",
		  why ? ")" : "");
}

/* One line if others took too much of the measured CPUs; nothing if not, or if unknown. */
void header_busy(FILE *out, const struct record *rec)
{
	const struct busy_during *during = &rec->load.during;
	bool stolen = during->steal_share >= 0.005;
	char steal[60] = "";

	if (!record_busy(rec))
		return;
	if (stolen)
		snprintf(steal, sizeof(steal), ", the hypervisor %.0f %%", during->steal_share * 100);
	text_line(out, "Busy: another job took %.0f %% of the measured CPUs%s; %s",
		  during->other_share * 100, steal, strcmp(rec->counter, "csd") ?
		  "times and counts may be off" : "times may be off, counts are not");
}
