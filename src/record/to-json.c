// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A record as JSON. Field names are the schema's; what is unknown is null, never
 * a number that looks measured. One case a line, so that diff and grep are of use.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/ipi-latency-json.h"
#include "record/json-writer.h"
#include "record/record.h"

static json_t *verdict(enum verdict value)
{
	return json_tristate(value == VERDICT_NULL ? -1 : value == VERDICT_TRUE);
}

static json_t *params_json(const struct case_result *c)
{
	json_t *json = json_object();

	for (int i = 0; json && i < c->id.nr_params; i++)
		json_object_set_new(json, c->id.params[i].name, json_number(c->id.params[i].value));
	return json;
}

static json_t *roles_json(const struct roles *roles)
{
	json_t *json = json_object();

	for (int role = 0; json && role < NR_ROLES; role++) {
		json_t *cpus = json_array();

		for (int i = 0; cpus && i < roles->nr[role]; i++)
			json_array_append_new(cpus, json_integer(roles->cpu[role][i]));
		json_object_set_new(json, role_name((enum role)role), cpus);
	}
	return json;
}

/* Only the buckets that are not empty: [[lower bound in ns, count], ...] */
static json_t *buckets_json(const struct histogram *hist)
{
	json_t *json = json_array();

	for (unsigned int i = 0; json && i < HIST_BUCKETS; i++)
		if (hist->count[i])
			json_array_append_new(json, json_pack("[o, o]",
							      json_number(hist_bucket_lower(i)),
							      json_number(hist->count[i])));
	return json;
}

static json_t *histogram_json(const struct histogram *hist)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "min", json_number(hist->min),
			 "p50", json_number(hist_quantile(hist, 0.5)),
			 "p90", json_number(hist_quantile(hist, 0.9)),
			 "p99", json_number(hist_quantile(hist, 0.99)),
			 "p999", json_number(hist_quantile(hist, 0.999)),
			 "max", json_number(hist->max),
			 "histogram", buckets_json(hist));
}

static json_t *per_cpu_json(const uint64_t *per_cpu, int nr)
{
	json_t *json;

	if (!per_cpu)
		return json_null();
	json = json_array();
	for (int i = 0; json && i < nr; i++)
		json_array_append_new(json, json_number(per_cpu[i]));
	return json;
}

static json_t *count_json(const struct ipi_count *count, int nr_cpus)
{
	bool known = count->has_requested;

	return json_pack("{s:o, s:o*, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o*}",
			 "requested", json_number_if(known, count->requested),
			 "sent", known && count->has_sent ? json_number(count->sent) : NULL,
			 "foreign", json_number_if(known, count->foreign),
			 "handled", json_number(count->handled),
			 "min_per_op", json_number_if(known, count->min_per_op),
			 "max_per_op", json_number_if(known, count->max_per_op),
			 "between_ops", json_number_if(known, count->between_ops),
			 "unexpected_ops", json_number_if(known, count->unexpected_ops),
			 "per_cpu", per_cpu_json(count->per_cpu, nr_cpus),
			 "requested_per_cpu", known && count->own_per_cpu ?
			 per_cpu_json(count->own_per_cpu, nr_cpus) : NULL);
}

static json_t *causes_json(const struct ipi_result *ipi)
{
	json_t *json = json_array();

	for (int i = 0; json && i < ipi->nr_causes; i++)
		json_array_append_new(json, json_pack("{s:o, s:o, s:o}",
						      "func", json_text(ipi->cause[i].func),
						      "requested",
						      json_number(ipi->cause[i].requested),
						      "foreign",
						      json_number(ipi->cause[i].foreign)));
	return json;
}

static json_t *ipi_json(const struct ipi_result *ipi, int nr_cpus)
{
	json_t *json = json_pack("{s:s}", "source", ipi_source_name(ipi->source));

	for (int cls = 0; json && cls < NR_IPI_CLASSES; cls++)
		json_object_set_new(json, ipi_class_name((enum ipi_class)cls),
				    count_json(&ipi->count[cls], nr_cpus));
	json_object_set_new(json, "causes", causes_json(ipi));
	json_object_set_new(json, "lost", json_number(ipi->lost));
	return json;
}

static json_t *expect_json(const struct expectation *expect)
{
	bool range = expect->has_flush && expect->flush_least < expect->flush_per_op;

	return json_pack("{s:o, s:o, s:o*, s:o}",
			 "sync_per_op", json_real_if(expect->has_sync, expect->sync_per_op),
			 "flush_per_op", json_real_if(expect->has_flush && !range, expect->flush_per_op),
			 "flush_range", range ? json_pack("{s:f, s:f}", "least", expect->flush_least,
							  "most", expect->flush_per_op) : NULL,
			 "why", json_text(expect->why));
}

static json_t *metrics_json(const struct case_result *c)
{
	json_t *json = json_object();

	for (int i = 0; json && i < c->nr_metrics; i++)
		json_object_set_new(json, c->metric[i].name, json_real(c->metric[i].per_op));
	return json;
}

static json_t *counter_json(const struct case_counter *counter)
{
	if (*counter->why)
		return json_pack("{s:o, s:s, s:o}", "event", json_text(counter->event), "role",
				 role_name(counter->role), "why", json_text(counter->why));
	return json_pack("{s:o, s:s, s:f, s:f, s:b}", "event", json_text(counter->event),
			 "role", role_name(counter->role), "per_op", counter->per_op,
			 "counted_share", counter->counted_share, "rdpmc", counter->rdpmc);
}

/* No member where none was asked for. */
static json_t *counters_json(const struct case_result *c)
{
	json_t *json = c->nr_counters ? json_array() : NULL;

	for (int i = 0; json && i < c->nr_counters; i++)
		json_array_append_new(json, counter_json(&c->counter[i]));
	return json;
}

static json_t *bystander_json(const struct bystander_count *count)
{
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "cpu", count->cpu,
			 "bias_ns", json_number(count->bias_ns),
			 "threshold_ns", json_number(count->threshold_ns),
			 "gaps", json_number(count->gaps),
			 "stolen_ns", json_number(count->stolen_ns),
			 "longest_ns", json_number(count->longest_ns));
}

static json_t *bystanders_json(const struct case_result *c)
{
	json_t *cpus;

	if (!c->nr_bystanders)
		return json_null();
	cpus = json_array();
	for (int i = 0; cpus && i < c->nr_bystanders; i++)
		json_array_append_new(cpus, bystander_json(&c->bystander[i]));
	return json_pack("{s:o, s:o}", "cpus", cpus, "gaps_ns",
			 c->gaps && c->gaps->total ? histogram_json(c->gaps) : json_null());
}

/* The nodes that memory is bound to; NULL where the kernel chooses. */
static json_t *memory_json(const struct binding *memory)
{
	json_t *nodes = memory->nr ? json_array() : NULL;

	for (int i = 0; nodes && i < memory->nr; i++)
		json_array_append_new(nodes, json_integer(memory->node[i]));
	return nodes;
}

static json_t *block_json(const struct case_result *c)
{
	return c->block ? json_pack("{s:i, s:s}", "number", c->block, "static_key",
				    key_state_name(c->block_key)) : NULL;
}

static json_t *initiator_json(const struct case_result *c, int i, bool timed)
{
	const struct initiator_result *one = &c->initiator[i];
	bool counted = c->ipi.source == IPI_CSD;
	double rate = initiator_rate(one);

	return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "cpu", one->cpu, "workload", one->member, "ops", json_number(one->ops),
			 "repeated_ops", json_number(one->repeated_ops),
			 "sync_requested", json_number_if(counted, one->requested[IPI_SYNC]),
			 "flush_requested", json_number_if(counted, one->requested[IPI_FLUSH]),
			 "other_requested", json_number_if(counted, one->requested[IPI_OTHER]),
			 "sync_unexpected_ops", json_number_if(counted, one->unexpected_ops[IPI_SYNC]),
			 "flush_unexpected_ops", json_number_if(counted, one->unexpected_ops[IPI_FLUSH]),
			 "expect", expect_json(&one->expect),
			 "window_ns", json_number_if(rate > 0, one->window_ns),
			 "window_ops", json_number_if(rate > 0, one->window_ops),
			 "latency_ns", timed && one->latency && one->latency->total ?
			 histogram_json(one->latency) : json_null());
}

/* A row for each of several initiators, by rising CPU number; NULL for one. */
static json_t *initiators_json(const struct case_result *c, bool timed)
{
	json_t *json = c->nr_initiators > 1 ? json_array() : NULL;

	for (int i = 0; json && i < c->nr_initiators; i++)
		json_array_append_new(json, initiator_json(c, i, timed));
	return json;
}

static json_t *case_json(const struct case_result *c)
{
	bool timed = c->status != CASE_SKIP && c->latency && c->latency->total;
	bool counted = c->status != CASE_SKIP && c->ipi.source != IPI_NONE;

	return json_pack("{s:o, s:o, s:i, s:s, s:o, s:o*, s:o, s:o*, s:s, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o*, s:o, s:o*, s:o, s:o, s:o*, s:o, s:o}",
			 "workload", json_text(c->id.workload),
			 "placement", json_text(c->id.placement),
			 "initiators", case_id_initiators(&c->id),
			 "as", crew_as_name(c->id.as),
			 "params", params_json(c),
			 "block", block_json(c),
			 "roles", roles_json(&c->roles),
			 "memory_nodes", memory_json(&c->memory),
			 "status", case_status_name(c->status),
			 "reason", json_text(c->reason),
			 "ops", json_number(c->ops),
			 "repeated_ops", json_number(c->repeated_ops),
			 "elapsed_ns", json_number(c->elapsed_ns),
			 "latency_ns", timed ? histogram_json(c->latency) : json_null(),
			 "counted_p50_ns", json_number_if(timed, c->counted_p50_ns),
			 "rate_per_s", json_real_if(timed && c->rate_per_s > 0, c->rate_per_s),
			 "per_initiator", initiators_json(c, timed),
			 "metrics", metrics_json(c),
			 "counters", counters_json(c),
			 "bystanders", bystanders_json(c),
			 "ipi", counted ? ipi_json(&c->ipi, c->nr_cpus) : json_null(),
			 "ipi_latency", ipi_latency_to_json(c->ipi_latency),
			 "expect", expect_json(&c->expect),
			 "as_expected", verdict(c->as_expected));
}

static json_t *cases_json(const struct record *rec)
{
	json_t *json = json_array();

	for (int i = 0; json && i < rec->nr_cases; i++) {
		if (json_array_append_new(json, case_json(&rec->cases[i]))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

static json_t *kernel_json(const struct record *rec)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o*, s:o*, s:s, s:o, s:s, s:o, s:o, s:o}",
			 "release", json_text(rec->kernel.release),
			 "cmdline", json_text(rec->kernel.cmdline),
			 "boot_id", json_text(rec->kernel.boot_id),
			 "version", json_text(rec->kernel.version),
			 "tainted", json_number(rec->kernel.tainted),
			 "config_hash", json_text_if(rec->kernel.config_hash),
			 "patches_hash", json_text_if(rec->kernel.patches_hash),
			 "static_key", key_state_name(rec->kernel.static_key),
			 "static_key_why", json_text(rec->kernel.static_key_why),
			 "flush", flush_backend_name(rec->kernel.flush),
			 "flush_why", json_text(rec->kernel.flush_why),
			 "invlpgb", json_boolean(rec->kernel.invlpgb),
			 "pt_reclaim", json_tristate(rec->kernel.pt_reclaim));
}

/* One list a level, one entry a CPU. */
static json_t *topology_json(const struct record *rec)
{
	json_t *list[5] = { json_array(), json_array(), json_array(), json_array(), json_array() };

	for (int i = 0; i < rec->machine.nr_topology; i++) {
		const struct record_cpu *cpu = &rec->machine.topology[i];
		const int value[] = { cpu->cpu, cpu->node, cpu->package, cpu->llc, cpu->core };

		for (int j = 0; j < 5; j++)
			json_array_append_new(list[j], json_integer(value[j]));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "cpu", list[0], "node", list[1],
			 "package", list[2], "llc", list[3], "core", list[4]);
}

static json_t *machine_json(const struct record *rec)
{
	return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o*}",
			 "cpus_online", rec->machine.cpus_online,
			 "cpus_allowed", rec->machine.cpus_allowed,
			 "nodes", rec->machine.nodes,
			 "cpu", json_text(rec->machine.cpu),
			 "hypervisor", json_text(rec->machine.hypervisor),
			 "microcode", json_text(rec->machine.microcode),
			 "governor", json_text(rec->machine.governor),
			 "smt", json_text(rec->machine.smt),
			 "isolated", json_text(rec->machine.isolated),
			 "nohz_full", json_text(rec->machine.nohz_full),
			 "invariant_tsc", json_boolean(rec->machine.invariant_tsc),
			 "memory_bytes", json_number(rec->machine.memory_bytes),
			 "topology", rec->machine.topology ? topology_json(rec) : NULL);
}

static json_t *clock_json(const struct record_clock *clock)
{
	return json_pack("{s:o, s:o, s:o}", "source", json_text(clock->source),
			 "cost_ns", json_real(clock->cost_ns),
			 "hz", json_real(clock->hz));
}

static json_t *known(double value)
{
	return json_real_if(value >= 0, value);
}

static json_t *load_json(const struct record *rec)
{
	const struct busy_before *before = &rec->load.before;
	const struct busy_during *during = &rec->load.during;

	return rec->has_load ? json_pack("{s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o, s:o}}", "before",
					 "loadavg", known(before->loadavg),
					 "busy_share", known(before->busy_share),
					 "steal_share", known(before->steal_share), "during",
					 "cpu_s", known(during->cpu_s),
					 "own_s", known(during->own_s),
					 "other_share", known(during->other_share),
					 "steal_share", known(during->steal_share)) : NULL;
}

/* Only of a run that was not completed. */
static json_t *incomplete_json(const struct record_incomplete *incomplete)
{
	return incomplete->signal[0] ? json_pack("{s:o, s:i}", "signal", json_text(incomplete->signal),
						 "cases_planned", incomplete->cases_planned) : NULL;
}

/* The record as a new JSON object, the caller's to json_decref(); NULL: no memory. */
json_t *record_to_json(const struct record *rec)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o*, s:o*, s:o}",
			 "schema", RECORD_SCHEMA,
			 "id", json_text(rec->id),
			 "started", json_text(rec->started),
			 "tool", json_text(rec->tool),
			 "command", json_text(rec->command),
			 "profile", json_text(rec->profile),
			 "host", json_text(rec->host),
			 "kernel", kernel_json(rec),
			 "machine", machine_json(rec),
			 "clock", clock_json(&rec->clock),
			 "counter", json_text(rec->counter),
			 "counter_why", json_text(rec->counter_why),
			 "load", load_json(rec),
			 "incomplete", incomplete_json(&rec->incomplete),
			 "cases", cases_json(rec));
}

static void print_value(const json_t *value, FILE *out)
{
	json_dumpf(value, out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
}

static void print_cases(const json_t *cases, FILE *out)
{
	const char *separator = "\n    ";
	const json_t *value;
	size_t i;

	fputc('[', out);
	json_array_foreach(cases, i, value) {
		fputs(separator, out);
		print_value(value, out);
		separator = ",\n    ";
	}
	fputs(i ? "\n  ]" : "]", out);
}

/*
 * Prints the record's JSON text: one member a line, one case a line. Returns 0,
 * -ENOMEM, or the error of writing to @out, which is flushed.
 */
int record_print(const struct record *rec, FILE *out)
{
	json_t *json = record_to_json(rec);
	const char *separator = "{\n";
	const char *key;
	json_t *value;

	if (!json)
		return -ENOMEM;
	errno = 0;
	json_object_foreach(json, key, value) {
		fprintf(out, "%s  \"%s\": ", separator, key);
		if (!strcmp(key, "cases"))
			print_cases(value, out);
		else
			print_value(value, out);
		separator = ",\n";
	}
	fputs("\n}\n", out);
	json_decref(json);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
