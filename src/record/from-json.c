// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A record out of JSON: which fields there are, and what their values may be. All
 * are required but those that came later, which say so; fields that this version
 * does not know are passed over.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "record/histogram-from-json.h"
#include "record/ipi-latency-json.h"
#include "record/json-reader.h"
#include "record/record.h"
#include "workloads/workload.h"

#define MAX_CPUS	65536
#define MAX_LOAD	1e9
#define MAX_SECONDS	1e12

/* Is @schema that of another kind of file that the suite writes, of whichever version? */
static bool is_known_schema(const char *schema)
{
	static const char *const kinds[] = {
		"compare", "history", "judge", "night", "noise", "plan", "run-report", "stress",
		"topology", "vm",
	};
	const char *kind = strncmp(schema, "tlbsync.", strlen("tlbsync.")) ? "" :
			   schema + strlen("tlbsync.");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(kind, kinds[i], strlen(kinds[i])) && kind[strlen(kinds[i])] == '/')
			return true;
	return false;
}

/* What scripts/vm-run says of a boot has no schema. */
static bool is_vm(const struct node *root)
{
	return has_member(root, "accel") && has_member(root, "cpus") &&
	       has_member(root, "failed_boots");
}

/* "tlbsync.run/1"; a later minor version would be "tlbsync.run/1.x". */
static void check_schema(struct reader *r, const struct node *root)
{
	const char *schema = get_string(r, root, "schema");
	size_t len = strlen(RECORD_SCHEMA);

	if (r->err || !strcmp(schema, RECORD_SCHEMA))
		return;
	if (!strncmp(schema, RECORD_SCHEMA ".", len + 1))
		return;
	if (!strncmp(schema, "tlbsync.run/", strlen("tlbsync.run/")))
		json_fault(r, &(struct node){ 0 },
		      "its schema is '%.40s', this version reads %s: use a newer tlbsync",
		      schema, RECORD_SCHEMA);
	else
		json_fault(r, &(struct node){ 0 }, "it is no record of a run: its schema is '%.40s', not %s",
		      schema, RECORD_SCHEMA);
	if (is_known_schema(schema))
		r->err = -ENOMSG;
}

static void read_kernel(struct reader *r, const struct node *root, struct record *rec)
{
	struct node node = get_object(r, root, "kernel");

	rec->kernel.release = get_text(r, &node, "release");
	rec->kernel.cmdline = get_text(r, &node, "cmdline");
	rec->kernel.boot_id = get_text(r, &node, "boot_id");
	rec->kernel.version = get_text_if(r, &node, "version");
	rec->kernel.config_hash = get_text_if(r, &node, "config_hash");
	rec->kernel.patches_hash = get_text_if(r, &node, "patches_hash");
	rec->kernel.tainted = get_number(r, &node, "tainted", INT64_MAX);
	if (key_state_parse(get_string(r, &node, "static_key"), &rec->kernel.static_key))
		json_unknown_word(r, &node, "static_key");
	rec->kernel.static_key_why = get_text(r, &node, "static_key_why");
	if (flush_backend_parse(get_string(r, &node, "flush"), &rec->kernel.flush))
		json_unknown_word(r, &node, "flush");
	rec->kernel.flush_why = get_text(r, &node, "flush_why");
	rec->kernel.invlpgb = get_tristate(r, &node, "invlpgb", false);
	rec->kernel.pt_reclaim = get_tristate(r, &node, "pt_reclaim", true);
}

/* One level of all CPUs: as many entries as the machine has online; a node may be unknown. */
static void read_level(struct reader *r, const struct node *up, const char *level,
		       struct record *rec, size_t offset)
{
	bool may_be_unknown = offset == offsetof(struct record_cpu, node);
	struct record_cpu *cpu = rec->machine.topology;
	struct node node = get_array(r, up, level);

	if (!r->err && json_nr(&node) != (size_t)rec->machine.nr_topology)
		json_fault(r, &node, "has %zu entries for %d CPUs", json_nr(&node),
			   rec->machine.nr_topology);
	for (struct node at = first_below(&node); !r->err && at.json; at = next_below(&at)) {
		bool unknown = may_be_unknown && at.json->kind == VALUE_INTEGER &&
			       at.json->integer == -1;
		int value = unknown ? -1 : (int)get_integer(r, at, MAX_CPUS);

		memcpy((char *)cpu++ + offset, &value, sizeof(value));
	}
}

/* Records of older versions lack it. */
static void read_topology(struct reader *r, const struct node *machine, struct record *rec)
{
	struct node node;

	if (!has_member(machine, "topology"))
		return;
	node = get_object(r, machine, "topology");
	rec->machine.topology = json_allocate(r, &node, (size_t)rec->machine.cpus_online,
					      sizeof(*rec->machine.topology));
	rec->machine.nr_topology = rec->machine.topology ? rec->machine.cpus_online : 0;
	read_level(r, &node, "cpu", rec, offsetof(struct record_cpu, cpu));
	read_level(r, &node, "node", rec, offsetof(struct record_cpu, node));
	read_level(r, &node, "package", rec, offsetof(struct record_cpu, package));
	read_level(r, &node, "llc", rec, offsetof(struct record_cpu, llc));
	read_level(r, &node, "core", rec, offsetof(struct record_cpu, core));
}

static void read_machine(struct reader *r, const struct node *root, struct record *rec)
{
	struct node node = get_object(r, root, "machine");

	rec->machine.cpus_online = (int)get_number(r, &node, "cpus_online", MAX_CPUS);
	rec->machine.cpus_allowed = (int)get_number(r, &node, "cpus_allowed", MAX_CPUS);
	rec->machine.nodes = (int)get_number(r, &node, "nodes", MAX_CPUS);
	rec->machine.cpu = get_text(r, &node, "cpu");
	rec->machine.hypervisor = get_text(r, &node, "hypervisor");
	rec->machine.microcode = get_text(r, &node, "microcode");
	rec->machine.governor = get_text(r, &node, "governor");
	rec->machine.smt = get_text(r, &node, "smt");
	rec->machine.isolated = get_text(r, &node, "isolated");
	rec->machine.nohz_full = get_text(r, &node, "nohz_full");
	rec->machine.invariant_tsc = get_tristate(r, &node, "invariant_tsc", false);
	rec->machine.memory_bytes = get_number(r, &node, "memory_bytes", INT64_MAX);
	if (!r->err && !rec->machine.cpus_online)
		json_fault(r, &node, "has no CPU online");
	read_topology(r, &node, rec);
}

static void read_clock(struct reader *r, const struct node *root, struct record_clock *clock)
{
	struct node node = get_object(r, root, "clock");

	get_text_into(r, &node, "source", clock->source, sizeof(clock->source));
	clock->cost_ns = get_real(r, &node, "cost_ns");
	clock->hz = get_real(r, &node, "hz");
}

static void read_params(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node = get_object(r, up, "params");

	for (struct node at = first_below(&node); at.json; at = next_below(&at)) {
		struct case_param *param = &c->id.params[c->id.nr_params];

		if (c->id.nr_params == MAX_PARAMS) {
			json_fault(r, &node, "has more than %d members", MAX_PARAMS);
			return;
		}
		json_copy_text(r, &at, at.key, param->name, sizeof(param->name));
		param->value = get_integer(r, at, INT64_MAX);
		c->id.nr_params++;
	}
}

static void read_role(struct reader *r, const struct node *up, enum role role,
		      struct roles *roles)
{
	struct node node = get_array(r, up, role_name(role));
	size_t nr = json_nr(&node);

	if (nr > MAX_CPUS) {
		json_fault(r, &node, "has more than %d CPUs", MAX_CPUS);
		return;
	}
	roles->cpu[role] = nr ? json_allocate(r, &node, nr, sizeof(int)) : NULL;
	if (!roles->cpu[role])
		return;
	for (struct node at = first_below(&node); at.json; at = next_below(&at)) {
		int cpu = (int)get_integer(r, at, MAX_CPUS), i = roles->nr[role]++;

		if (i && cpu <= roles->cpu[role][i - 1])
			json_fault(r, &at, "is not larger than the one before it");
		roles->cpu[role][i] = cpu;
	}
}

/* A role that the file does not name has no CPU. */
static void read_roles(struct reader *r, const struct node *up, struct roles *roles)
{
	struct node node = get_object(r, up, "roles");

	for (int role = 0; role < NR_ROLES; role++)
		if (has_member(&node, role_name((enum role)role)))
			read_role(r, &node, (enum role)role, roles);
}

/* Without the member the kernel chose. */
static void read_memory(struct reader *r, const struct node *up, struct binding *memory)
{
	struct node node;

	if (!has_member(up, "memory_nodes"))
		return;
	node = get_array(r, up, "memory_nodes");
	if (json_nr(&node) > MAX_BOUND_NODES) {
		json_fault(r, &node, "has more than %d nodes", MAX_BOUND_NODES);
		return;
	}
	for (struct node at = first_below(&node); at.json; at = next_below(&at))
		memory->node[memory->nr++] = (int)get_integer(r, at, MAX_CPUS);
}

/* Every class counts the same CPUs, and together they have at most @most. */
static uint64_t *read_per_cpu(struct reader *r, const struct node *up, const char *key,
			      uint64_t most, const char *what, int *nr_cpus)
{
	struct node node = get_member(r, up, key);
	size_t nr = json_nr(&node);
	uint64_t *per_cpu, sum = 0;

	if (!node.json || is_null(&node))
		return NULL;
	node = get_array(r, up, key);
	if (!nr || nr > MAX_CPUS || (*nr_cpus && nr != (size_t)*nr_cpus))
		json_fault(r, &node, "has %zu CPUs", nr);
	per_cpu = json_allocate(r, &node, nr, sizeof(*per_cpu));
	if (!per_cpu)
		return NULL;
	for (struct node at = first_below(&node); at.json; at = next_below(&at)) {
		per_cpu[at.index] = get_integer(r, at, INT64_MAX);
		if (__builtin_add_overflow(sum, per_cpu[at.index], &sum))
			json_fault(r, &node, "overflows when added up");
	}
	if (!r->err && sum > most)
		json_fault(r, &node, "adds up to %" PRIu64 ", more than %s, %" PRIu64, sum, what,
			   most);
	if (nr <= MAX_CPUS)
		*nr_cpus = (int)nr;
	return per_cpu;
}

static void read_count(struct reader *r, const struct node *up, struct ipi_count *count,
		       const char *name, struct case_result *c)
{
	struct node node = get_object(r, up, name);
	bool known[6];

	count->requested = get_number_if(r, &node, "requested", INT64_MAX, &known[0]);
	count->foreign = get_number_if(r, &node, "foreign", INT64_MAX, &known[1]);
	if (has_member(&node, "sent"))		/* records of older versions lack it */
		count->sent = get_number_if(r, &node, "sent", INT64_MAX, &count->has_sent);
	count->handled = get_number(r, &node, "handled", INT64_MAX);
	count->min_per_op = (uint32_t)get_number_if(r, &node, "min_per_op", UINT32_MAX, &known[2]);
	count->max_per_op = (uint32_t)get_number_if(r, &node, "max_per_op", UINT32_MAX, &known[3]);
	count->unexpected_ops = get_number_if(r, &node, "unexpected_ops", INT64_MAX, &known[4]);
	count->between_ops = get_number_if(r, &node, "between_ops", INT64_MAX, &known[5]);
	count->has_requested = known[0];
	count->per_cpu = read_per_cpu(r, &node, "per_cpu", count->handled, "handled",
				      &c->nr_cpus);
	if (has_member(&node, "requested_per_cpu"))	/* records of older versions lack it */
		count->own_per_cpu = read_per_cpu(r, &node, "requested_per_cpu", count->requested,
						  "requested", &c->nr_cpus);
	for (int i = 1; i < 6; i++)
		if (known[i] != known[0])
			json_fault(r, &node, "has some counts of requests, and others null");
	if (count->min_per_op > count->max_per_op)
		json_fault(r, &node, "has a min_per_op above its max_per_op");
	if (count->unexpected_ops > c->ops)
		json_fault(r, &node, "has more unexpected_ops than the case has ops");
}

static void read_causes(struct reader *r, const struct node *up, struct ipi_result *ipi)
{
	struct node node = get_array(r, up, "causes");

	if (json_nr(&node) > MAX_CAUSES)
		json_fault(r, &node, "has more than %d members", MAX_CAUSES);
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at)) {
		struct ipi_cause *cause = &ipi->cause[ipi->nr_causes];

		get_text_into(r, &at, "func", cause->func, sizeof(cause->func));
		cause->requested = get_number(r, &at, "requested", INT64_MAX);
		cause->foreign = get_number(r, &at, "foreign", INT64_MAX);
		ipi->nr_causes++;
	}
}

static void read_ipi(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node = get_member(r, up, "ipi");

	if (!node.json || is_null(&node))
		return;
	node = get_object(r, up, "ipi");
	if (ipi_source_parse(get_string(r, &node, "source"), &c->ipi.source) ||
	    c->ipi.source == IPI_NONE)
		json_unknown_word(r, &node, "source");
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		read_count(r, &node, &c->ipi.count[cls], ipi_class_name((enum ipi_class)cls), c);
	read_causes(r, &node, &c->ipi);
	c->ipi.lost = get_number(r, &node, "lost", INT64_MAX);
}

/* Of threads that share an mm: from the least to the most. */
static void read_range(struct reader *r, const struct node *up, struct expectation *expect)
{
	struct node node = get_object(r, up, "flush_range");

	expect->has_flush = true;
	expect->flush_least = get_real(r, &node, "least");
	expect->flush_per_op = get_real(r, &node, "most");
	if (!r->err && expect->flush_least > expect->flush_per_op)
		json_fault(r, &node, "has a least above its most");
}

static void read_expect(struct reader *r, const struct node *up, struct expectation *expect)
{
	struct node node = get_object(r, up, "expect");

	expect->sync_per_op = get_real_if(r, &node, "sync_per_op", &expect->has_sync);
	expect->flush_per_op = expect->flush_least =
		get_real_if(r, &node, "flush_per_op", &expect->has_flush);
	if (has_member(&node, "flush_range"))
		read_range(r, &node, expect);
	get_text_into(r, &node, "why", expect->why, sizeof(expect->why));
}

/* Missing in the first records: the figures of the workload's own. */
static void read_metrics(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node;

	if (!has_member(up, "metrics"))
		return;
	node = get_object(r, up, "metrics");
	for (struct node at = first_below(&node); at.json; at = next_below(&at)) {
		struct case_metric *metric = &c->metric[c->nr_metrics];

		if (c->nr_metrics == MAX_METRICS) {
			json_fault(r, &node, "has more than %d members", MAX_METRICS);
			return;
		}
		json_copy_text(r, &at, at.key, metric->name, sizeof(metric->name));
		metric->per_op = get_real(r, &node, at.key);
		c->nr_metrics++;
	}
}

static void read_counter(struct reader *r, const struct node *at, struct case_counter *counter)
{
	int role = 0;
	const char *name;

	get_text_into(r, at, "event", counter->event, sizeof(counter->event));
	name = get_string(r, at, "role");
	while (!r->err && role < NR_ROLES && strcmp(name, role_name((enum role)role)))
		role++;
	if (role == NR_ROLES) {
		json_unknown_word(r, at, "role");
		return;
	}
	counter->role = (enum role)role;
	if (has_member(at, "why")) {
		get_text_into(r, at, "why", counter->why, sizeof(counter->why));
		return;
	}
	counter->per_op = get_real(r, at, "per_op");
	counter->counted_share = get_real(r, at, "counted_share");
	counter->rdpmc = get_tristate(r, at, "rdpmc", false) > 0;
	if (!r->err && counter->counted_share > 1)
		json_fault(r, at, "has a counted_share above 1");
}

/* Missing where none was asked for. */
static void read_counters(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node;
	size_t nr;

	if (!has_member(up, "counters"))
		return;
	node = get_array(r, up, "counters");
	nr = json_nr(&node);
	if (nr > MAX_COUNTERS * NR_ROLES)
		json_fault(r, &node, "has more than %d members", MAX_COUNTERS * NR_ROLES);
	c->counter = json_allocate(r, &node, nr, sizeof(*c->counter));
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at))
		read_counter(r, &at, &c->counter[c->nr_counters++]);
}

static void read_bystander(struct reader *r, const struct node *node,
			   struct bystander_count *count)
{
	count->cpu = (int)get_number(r, node, "cpu", MAX_CPUS);
	count->bias_ns = get_number(r, node, "bias_ns", INT64_MAX);
	count->threshold_ns = get_number(r, node, "threshold_ns", INT64_MAX);
	count->gaps = get_number(r, node, "gaps", INT64_MAX);
	count->stolen_ns = get_number(r, node, "stolen_ns", INT64_MAX);
	count->longest_ns = get_number(r, node, "longest_ns", INT64_MAX);
	if (count->longest_ns > count->stolen_ns)
		json_fault(r, node, "has a longest_ns above its stolen_ns");
}

/* Missing in the first records: what the timing pass cost the bystanders; null where there were none. */
static void read_bystanders(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node, cpus;
	size_t nr;

	if (!has_member(up, "bystanders"))
		return;
	node = get_member(r, up, "bystanders");
	if (is_null(&node))
		return;
	node = get_object(r, up, "bystanders");
	cpus = get_array(r, &node, "cpus");
	nr = json_nr(&cpus);
	if (nr > MAX_CPUS)
		json_fault(r, &cpus, "has more than %d CPUs", MAX_CPUS);
	c->bystander = json_allocate(r, &cpus, nr, sizeof(*c->bystander));
	for (struct node at = first_below(&cpus); at.json && !r->err; at = next_below(&at))
		read_bystander(r, &at, &c->bystander[c->nr_bystanders++]);
	c->gaps = json_histogram(r, &node, "gaps_ns");
}

/* Only in a run that flips the key. */
static void read_block(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node;

	if (!has_member(up, "block"))
		return;
	node = get_object(r, up, "block");
	c->block = (int)get_number(r, &node, "number", RECORD_MAX_CASES);
	if (key_state_parse(get_string(r, &node, "static_key"), &c->block_key))
		json_unknown_word(r, &node, "static_key");
	if (!r->err && (!c->block || (c->block_key != KEY_ON && c->block_key != KEY_OFF)))
		json_fault(r, &node, "is no block: they count from 1, with the key on or off");
}

static void read_initiator(struct reader *r, const struct node *node,
			   struct initiator_result *one)
{
	static const char *const requested[] = {
		"sync_requested", "flush_requested", "other_requested",
	}, *const unexpected[] = { "sync_unexpected_ops", "flush_unexpected_ops" };
	bool known;

	one->cpu = (int)get_number(r, node, "cpu", MAX_CPUS);
	one->member = (int)get_number(r, node, "workload", INT16_MAX);
	one->ops = get_number(r, node, "ops", INT64_MAX);
	one->repeated_ops = get_number(r, node, "repeated_ops", INT64_MAX);
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		one->requested[cls] = get_number_if(r, node, requested[cls], INT64_MAX, &known);
	for (int cls = 0; cls < IPI_OTHER; cls++)
		one->unexpected_ops[cls] = get_number_if(r, node, unexpected[cls], INT64_MAX, &known);
	read_expect(r, node, &one->expect);
	one->window_ns = get_number_if(r, node, "window_ns", INT64_MAX, &known);
	one->window_ops = get_number_if(r, node, "window_ops", INT64_MAX, &known);
	one->latency = json_histogram(r, node, "latency_ns");
}

/* Missing in records from before there could be several: then there is one. */
static void read_crew(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node;
	size_t nr;

	c->id.initiators = 1;
	if (has_member(up, "initiators"))
		c->id.initiators = (int)get_number(r, up, "initiators", MAX_CPUS);
	if (has_member(up, "as") && crew_as_parse(get_string(r, up, "as"), &c->id.as))
		json_unknown_word(r, up, "as");
	if (!r->err && c->id.initiators < 1)
		json_fault(r, up, "has no initiator");
	if (!has_member(up, "per_initiator"))
		return;
	node = get_array(r, up, "per_initiator");
	nr = json_nr(&node);
	if (!r->err && nr != (size_t)c->id.initiators)
		json_fault(r, &node, "has not as many rows as there are initiators");
	c->initiator = json_allocate(r, &node, nr, sizeof(*c->initiator));
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at))
		read_initiator(r, &at, &c->initiator[c->nr_initiators++]);
}

static enum verdict read_verdict(struct reader *r, const struct node *up)
{
	int value = get_tristate(r, up, "as_expected", true);

	return value < 0 ? VERDICT_NULL : value ? VERDICT_TRUE : VERDICT_FALSE;
}

/* A case that says ok has ops, and was timed or counted or both. */
static void check_case(struct reader *r, const struct node *node, const struct case_result *c)
{
	if (r->err || c->status != CASE_OK)
		return;
	if (!c->ops)
		json_fault(r, node, "is ok, but has no ops");
	else if (!c->latency && c->ipi.source == IPI_NONE &&
		 !(c->ipi_latency && c->ipi_latency->ops))
		json_fault(r, node, "is ok, but has neither latency_ns nor ipi nor ipi_latency");
}

static void read_case(struct reader *r, const struct node *node, struct case_result *c)
{
	bool timed, known;

	if (!is_object(r, node))
		return;
	get_text_into(r, node, "workload", c->id.workload, sizeof(c->id.workload));
	get_text_into(r, node, "placement", c->id.placement, sizeof(c->id.placement));
	read_params(r, node, c);
	workload_mark_standard(&c->id);
	read_block(r, node, c);
	read_roles(r, node, &c->roles);
	read_memory(r, node, &c->memory);
	if (case_status_parse(get_string(r, node, "status"), &c->status))
		json_unknown_word(r, node, "status");
	get_text_into(r, node, "reason", c->reason, sizeof(c->reason));
	c->ops = get_number(r, node, "ops", INT64_MAX);
	c->repeated_ops = get_number(r, node, "repeated_ops", INT64_MAX);
	c->elapsed_ns = get_number(r, node, "elapsed_ns", INT64_MAX);
	c->latency = json_histogram(r, node, "latency_ns");
	c->counted_p50_ns = get_number_if(r, node, "counted_p50_ns", INT64_MAX, &timed);
	if (has_member(node, "rate_per_s"))
		c->rate_per_s = get_real_if(r, node, "rate_per_s", &known);
	read_crew(r, node, c);
	read_metrics(r, node, c);
	read_counters(r, node, c);
	read_bystanders(r, node, c);
	read_ipi(r, node, c);
	c->ipi_latency = read_ipi_latency(r, node);
	read_expect(r, node, &c->expect);
	c->as_expected = read_verdict(r, node);
	check_case(r, node, c);
}

static void read_cases(struct reader *r, const struct node *root, struct record *rec)
{
	struct node node = get_array(r, root, "cases");
	size_t nr = json_nr(&node);

	if (nr > RECORD_MAX_CASES)
		json_fault(r, &node, "has more than %d members", RECORD_MAX_CASES);
	rec->cases = json_allocate(r, &node, nr, sizeof(*rec->cases));
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at))
		read_case(r, &at, &rec->cases[rec->nr_cases++]);	/* half read, it is freed too */
}

static double real_or_unknown(struct reader *r, const struct node *up, const char *key, double max)
{
	bool known;
	double value = get_real_if(r, up, key, &known);

	if (value > max)
		json_fault(r, up, "has the %s %g, more than %g", key, value, max);
	return known ? value : BUSY_UNKNOWN;
}

/* Older records lack it. */
static void read_load(struct reader *r, const struct node *root, struct record *rec)
{
	struct busy_before *before = &rec->load.before;
	struct busy_during *during = &rec->load.during;
	struct node load, node;

	rec->has_load = has_member(root, "load");
	if (!rec->has_load)
		return;
	load = get_object(r, root, "load");
	node = get_object(r, &load, "before");
	before->loadavg = real_or_unknown(r, &node, "loadavg", MAX_LOAD);
	before->busy_share = real_or_unknown(r, &node, "busy_share", 1);
	before->steal_share = real_or_unknown(r, &node, "steal_share", 1);
	node = get_object(r, &load, "during");
	during->cpu_s = real_or_unknown(r, &node, "cpu_s", MAX_SECONDS);
	during->own_s = real_or_unknown(r, &node, "own_s", MAX_SECONDS);
	during->other_share = real_or_unknown(r, &node, "other_share", 1);
	during->steal_share = real_or_unknown(r, &node, "steal_share", 1);
}

/* Complete runs lack it, older ones too. */
static void read_incomplete(struct reader *r, const struct node *root, struct record *rec)
{
	struct record_incomplete *incomplete = &rec->incomplete;
	struct node node;

	if (!has_member(root, "incomplete"))
		return;
	node = get_object(r, root, "incomplete");
	get_text_into(r, &node, "signal", incomplete->signal, sizeof(incomplete->signal));
	if (!r->err && !incomplete->signal[0])
		json_fault(r, &node, "names no signal");
	incomplete->cases_planned = (int)get_number(r, &node, "cases_planned", INT_MAX);
	if (!r->err && incomplete->cases_planned < rec->nr_cases)
		json_fault(r, &node, "was to have %d cases, but there are %d",
			   incomplete->cases_planned, rec->nr_cases);
}

static void check_counter(struct reader *r, const struct node *root, const char *counter)
{
	enum ipi_source source;

	if (!r->err && ipi_source_parse(counter, &source))
		json_unknown_word(r, root, "counter");
}

/* As record_from_json(), but what was read before a fault is left for the caller to free. */
static void read_record(struct reader *r, const struct node *root, struct record *rec)
{
	if (root->json->kind != VALUE_OBJECT)
		json_fault(r, root, "it is no record of a run: not a JSON object");
	else if (!has_member(root, "schema"))
		json_fault(r, root, "it is no record of a run: it has no schema");
	else
		check_schema(r, root);
	if (r->err == -EINVAL && root->json->kind == VALUE_OBJECT && is_vm(root))
		r->err = -ENOMSG;
	if (r->err)
		return;
	rec->id = get_text(r, root, "id");
	rec->started = get_text(r, root, "started");
	rec->tool = get_text(r, root, "tool");
	rec->command = get_text(r, root, "command");
	rec->profile = get_text(r, root, "profile");
	rec->host = get_text(r, root, "host");
	read_kernel(r, root, rec);
	read_machine(r, root, rec);
	read_clock(r, root, &rec->clock);
	rec->counter = get_text(r, root, "counter");
	check_counter(r, root, rec->counter);
	rec->counter_why = get_text(r, root, "counter_why");
	read_cases(r, root, rec);
	read_load(r, root, rec);
	read_incomplete(r, root, rec);
}

/*
 * Reads a record out of @bytes of JSON @text into @rec, whose old content is
 * overwritten. Strings that the writer did not have are "". Returns 0, and the caller
 * record_free()s it; or -EINVAL or -ENOMEM with @why naming the field, or the line and
 * column of what is no JSON, or -ENOMSG if it is another file that the suite writes, not
 * a record of a run; and nothing to free.
 */
int record_from_json(const char *text, size_t bytes, struct record *rec, char *why, size_t size)
{
	struct reader r = { .why = why, .size = size };
	struct json_tree tree;

	memset(rec, 0, sizeof(*rec));
	r.err = json_tree_read(&tree, text, bytes, why, size);
	if (r.err)
		return r.err;
	read_record(&r, &(struct node){ .json = tree.root }, rec);
	json_tree_free(&tree);
	if (r.err)
		record_free(rec);
	return r.err;
}
