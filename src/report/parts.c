// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts as the lines above a table tell them, and lists of cases as sentences name them. */
#include "report/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/words.h"

#define NAMES_SHOWN	8

/* "" for one, "s" for any other number. */
const char *plural(int nr)
{
	return nr == 1 ? "" : "s";
}

/* Release, static key and flush backend. */
void fact_kernel(struct report *report, const char *label, const struct record *rec)
{
	const char *why = rec->kernel.static_key_why;
	bool say = why && *why && rec->kernel.static_key != KEY_ON;

	report_fact(report, label, "%s; static key %s%s%s%s; flush %s%s",
		    words_or_unknown(rec->kernel.release),
		    key_state_name(rec->kernel.static_key), say ? " (" : "", say ? why : "",
		    say ? ")" : "", flush_backend_name(rec->kernel.flush),
		    rec->kernel.invlpgb ? "; the CPU has INVLPGB" : "");
}

/* When the kernel was built, and of which configuration and patches. */
void fact_build(struct report *report, const struct record *rec)
{
	const char *version = rec->kernel.version, *config = rec->kernel.config_hash;
	bool lab = config && *config;

	if (version && *version)
		report_fact(report, "built", "%s%s%s%s%s", version, lab ? "; config " : "",
			    lab ? config : "", lab ? ", patches " : "",
			    lab ? words_or_unknown(rec->kernel.patches_hash) : "");
}

/* The kernel's command line; of both kernels once if it is the same. */
void fact_booted(struct report *report, const struct record *rec, const struct record *other)
{
	const char *line = rec->kernel.cmdline, *second = other ? other->kernel.cmdline : NULL;

	if (line && *line)
		report_fact(report, "booted", "%s", line);
	if (second && *second && (!line || strcmp(line, second)))
		report_fact(report, "booted", "%s (patched)", second);
}

/* Host, CPUs, nodes, model and hypervisor. */
void fact_machine(struct report *report, const struct record *rec)
{
	const struct machine_id id = record_machine(rec);
	char allowed[40] = "";

	if (rec->machine.cpus_allowed != id.cpus_online)
		snprintf(allowed, sizeof(allowed), " (%d allowed)", rec->machine.cpus_allowed);
	report_fact(report, "machine", "%s; %d CPU%s online%s, %d node%s; %s; %s%s",
		    words_or_unknown(id.host), id.cpus_online, plural(id.cpus_online), allowed,
		    id.nodes, plural(id.nodes), words_or_unknown(id.cpu),
		    *id.hypervisor ? "under " : "no hypervisor", id.hypervisor);
}

/* How the IPIs were counted, and how far that can be trusted. */
void fact_counter(struct report *report, const struct record *rec)
{
	const char *why = rec->counter_why && *rec->counter_why ? rec->counter_why : NULL;
	const char *what = "none: IPIs are not counted";

	if (!strcmp(rec->counter, "csd"))
		what = "csd tracepoints: exact, by function";
	else if (!strcmp(rec->counter, "interrupts"))
		what = "/proc/interrupts: an ESTIMATE, other IPIs included (marked ~)";
	report_fact(report, "counter", "%s%s%s%s", what, why ? " (" : "", why ? why : "",
		    why ? ")" : "");
}

/* Takes @name, which may be NULL, over. */
void names_add(struct report *report, struct names *names, char *name)
{
	report_add_text(report, &names->name, &names->nr, name);
}

/* "a; b; c", or "a; b; ...; h; and 4 more"; on the heap, NULL without memory. */
char *names_text(struct report *report, const struct names *names)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; out && i < names->nr && i < NAMES_SHOWN; i++)
		fprintf(out, "%s%s", i ? "; " : "", names->name[i]);
	if (out && names->nr > NAMES_SHOWN)
		fprintf(out, "; and %d more", names->nr - NAMES_SHOWN);
	if (out && !fclose(out))
		return text;
	free(text);
	return report_text(report, "(out of memory)");
}

/* All of them, as an array. */
json_t *names_json(const struct names *names)
{
	json_t *json = json_array();

	for (int i = 0; json && i < names->nr; i++)
		json_array_append_new(json, json_string(names->name[i]));
	return json;
}

/* Frees what a list holds, not the struct. */
void names_free(struct names *names)
{
	for (int i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
}

/* @text as JSON, which must be UTF-8; file names need not be. NULL without memory. */
json_t *string_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy = json ? NULL : strdup(text);

	for (char *c = copy; c && *c; c++)
		if (*c & 0x80)
			*c = '?';
	if (copy)
		json = json_string(copy);
	free(copy);
	return json;
}

/* @value, or null if it is infinite or not a number. */
json_t *real_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* The parameters of a case, by name. */
json_t *params_json(const struct case_id *id)
{
	json_t *json = json_object();

	for (int i = 0; json && i < id->nr_params; i++)
		json_object_set_new(json, id->params[i].name,
				    json_integer((json_int_t)id->params[i].value));
	return json;
}

/* The least number of flushes per op, where the prediction is a range. */
struct value least_flush(const struct expectation *expect)
{
	bool range = expect->has_flush && expect->flush_least < expect->flush_per_op;

	return range ? value_of(QUANTITY_PLAIN, expect->flush_least) : value_unknown();
}
