// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A record out of JSON that anybody may have written. Every value is fetched by a
 * getter that checks it; the first fault is kept with the path of its field, and
 * from then on getters yield zeroes, so the code that reads needs no error checks.
 * Fields that this version does not know are passed over.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

#define MAX_CPUS	65536

struct reader {
	char *why;
	size_t size;
	int err;
};

/* A JSON value and the way to it; json is NULL after a fault. */
struct node {
	const json_t *json;
	const struct node *up;
	const char *key;	/* NULL for an array's element and the root */
	size_t index;
};

static void print_path(const struct node *node, FILE *out)
{
	if (!node->up)
		return;
	print_path(node->up, out);
	if (node->key)
		fprintf(out, "%s%s", node->up->up ? "." : "", node->key);
	else
		fprintf(out, "[%zu]", node->index);
}

/* Notes the first fault, "PATH FAULT"; what the file wrote is made printable. */
__attribute__((format(printf, 3, 4)))
static void fault(struct reader *r, const struct node *node, const char *format, ...)
{
	va_list args;
	FILE *out;

	if (r->err)
		return;
	r->err = -EINVAL;
	out = fmemopen(r->why, r->size, "w");
	if (!out)
		return;
	print_path(node, out);
	if (node->up)
		fputc(' ', out);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fclose(out);
	for (char *c = r->why; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static const char *type_name(json_type type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string", [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number", [JSON_TRUE] = "true or false",
		[JSON_FALSE] = "true or false", [JSON_NULL] = "null",
	};

	return names[type];
}

/* The member @key, of any type. */
static struct node member(struct reader *r, const struct node *up, const char *key)
{
	struct node node = { .up = up, .key = key };

	node.json = json_object_get(up->json, key);
	if (!node.json)
		fault(r, &node, "is missing");
	return node;
}

static void wrong_type(struct reader *r, struct node *node, const char *wanted)
{
	if (node->json)
		fault(r, node, "is %s, not %s", type_name(json_typeof(node->json)), wanted);
	node->json = NULL;
}

static struct node object(struct reader *r, const struct node *up, const char *key)
{
	struct node node = member(r, up, key);

	if (!json_is_object(node.json))
		wrong_type(r, &node, "an object");
	return node;
}

static struct node array(struct reader *r, const struct node *up, const char *key)
{
	struct node node = member(r, up, key);

	if (!json_is_array(node.json))
		wrong_type(r, &node, "an array");
	return node;
}

static struct node element(const struct node *up, size_t index)
{
	return (struct node){ json_array_get(up->json, index), up, NULL, index };
}

static uint64_t integer(struct reader *r, struct node node, uint64_t max)
{
	json_int_t value = json_integer_value(node.json);

	if (!json_is_integer(node.json))
		wrong_type(r, &node, "an integer");
	else if (value < 0)
		fault(r, &node, "is negative: %" JSON_INTEGER_FORMAT, value);
	else if ((uint64_t)value > max)
		fault(r, &node, "is too large: %" JSON_INTEGER_FORMAT, value);
	else
		return (uint64_t)value;
	return 0;
}

static uint64_t number(struct reader *r, const struct node *up, const char *key, uint64_t max)
{
	return integer(r, member(r, up, key), max);
}

/* As number(); null is 0 and makes @known false. */
static uint64_t number_if(struct reader *r, const struct node *up, const char *key,
			  uint64_t max, bool *known)
{
	struct node node = member(r, up, key);

	*known = !json_is_null(node.json);
	return *known ? integer(r, node, max) : 0;
}

static double real_if(struct reader *r, const struct node *up, const char *key, bool *known)
{
	struct node node = member(r, up, key);
	double value = json_number_value(node.json);

	*known = !json_is_null(node.json);
	if (*known && !json_is_number(node.json))
		wrong_type(r, &node, "a number");
	else if (value < 0)
		fault(r, &node, "is negative: %g", value);
	return node.json && value > 0 ? value : 0;
}

static double real(struct reader *r, const struct node *up, const char *key)
{
	bool known;
	double value = real_if(r, up, key, &known);
	struct node node = member(r, up, key);

	if (!known)
		wrong_type(r, &node, "a number");
	return value;
}

/* true 1, false 0, null -1 where that is allowed */
static int tristate(struct reader *r, const struct node *up, const char *key, bool null)
{
	struct node node = member(r, up, key);

	if (null && json_is_null(node.json))
		return -1;
	if (!json_is_boolean(node.json))
		wrong_type(r, &node, "true or false");
	return json_is_true(node.json);
}

/* Points into the JSON; "" after a fault. */
static const char *string(struct reader *r, const struct node *up, const char *key)
{
	struct node node = member(r, up, key);
	const char *value = json_string_value(node.json);

	if (!value)
		wrong_type(r, &node, "a string");
	return value ? value : "";
}

static char *text(struct reader *r, const struct node *up, const char *key)
{
	char *copy = strdup(string(r, up, key));

	if (!copy && !r->err) {
		fault(r, up, "does not fit into memory");
		r->err = -ENOMEM;
	}
	return copy;
}

static void copy_text(struct reader *r, const struct node *node, const char *value,
		      char *buf, size_t size)
{
	if (strlen(value) >= size)
		fault(r, node, "is longer than %zu bytes", size - 1);
	else
		strcpy(buf, value);
}

static void text_into(struct reader *r, const struct node *up, const char *key,
		      char *buf, size_t size)
{
	struct node node = { NULL, up, key, 0 };

	copy_text(r, &node, string(r, up, key), buf, size);
}

static void *allocate(struct reader *r, const struct node *node, size_t nr, size_t size)
{
	void *memory = r->err ? NULL : calloc(nr ? nr : 1, size);

	if (!memory && !r->err) {
		fault(r, node, "does not fit into memory");
		r->err = -ENOMEM;
	}
	return memory;
}

static void unknown_word(struct reader *r, const struct node *up, const char *key)
{
	struct node node = { NULL, up, key, 0 };

	fault(r, &node, "is '%.40s', which this version does not know", string(r, up, key));
}

/* "tlbsync.run/1"; a later minor version would be "tlbsync.run/1.x". */
static void check_schema(struct reader *r, const struct node *root)
{
	const char *schema = string(r, root, "schema");
	size_t len = strlen(RECORD_SCHEMA);

	if (r->err || !strcmp(schema, RECORD_SCHEMA))
		return;
	if (!strncmp(schema, RECORD_SCHEMA ".", len + 1))
		return;
	if (!strncmp(schema, "tlbsync.run/", strlen("tlbsync.run/")))
		fault(r, &(struct node){ 0 },
		      "its schema is '%.40s', this version reads %s: use a newer tlbsync",
		      schema, RECORD_SCHEMA);
	else
		fault(r, &(struct node){ 0 }, "it is no record of a run: its schema is '%.40s', not %s",
		      schema, RECORD_SCHEMA);
}

static void read_kernel(struct reader *r, const struct node *root, struct record *rec)
{
	struct node node = object(r, root, "kernel");

	rec->kernel.release = text(r, &node, "release");
	rec->kernel.cmdline = text(r, &node, "cmdline");
	rec->kernel.boot_id = text(r, &node, "boot_id");
	rec->kernel.tainted = number(r, &node, "tainted", INT64_MAX);
	if (key_state_parse(string(r, &node, "static_key"), &rec->kernel.static_key))
		unknown_word(r, &node, "static_key");
	rec->kernel.static_key_why = text(r, &node, "static_key_why");
	if (flush_backend_parse(string(r, &node, "flush"), &rec->kernel.flush))
		unknown_word(r, &node, "flush");
	rec->kernel.flush_why = text(r, &node, "flush_why");
	rec->kernel.invlpgb = tristate(r, &node, "invlpgb", false);
	rec->kernel.pt_reclaim = tristate(r, &node, "pt_reclaim", true);
}

static void read_machine(struct reader *r, const struct node *root, struct record *rec)
{
	struct node node = object(r, root, "machine");

	rec->machine.cpus_online = (int)number(r, &node, "cpus_online", MAX_CPUS);
	rec->machine.cpus_allowed = (int)number(r, &node, "cpus_allowed", MAX_CPUS);
	rec->machine.nodes = (int)number(r, &node, "nodes", MAX_CPUS);
	rec->machine.cpu = text(r, &node, "cpu");
	rec->machine.hypervisor = text(r, &node, "hypervisor");
	rec->machine.microcode = text(r, &node, "microcode");
	rec->machine.governor = text(r, &node, "governor");
	rec->machine.smt = text(r, &node, "smt");
	rec->machine.isolated = text(r, &node, "isolated");
	rec->machine.nohz_full = text(r, &node, "nohz_full");
	rec->machine.invariant_tsc = tristate(r, &node, "invariant_tsc", false);
	rec->machine.memory_bytes = number(r, &node, "memory_bytes", INT64_MAX);
	if (!r->err && !rec->machine.cpus_online)
		fault(r, &node, "has no CPU online");
}

static void read_clock(struct reader *r, const struct node *root, struct record_clock *clock)
{
	struct node node = object(r, root, "clock");

	text_into(r, &node, "source", clock->source, sizeof(clock->source));
	clock->cost_ns = real(r, &node, "cost_ns");
	clock->hz = real(r, &node, "hz");
}

static void read_params(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node = object(r, up, "params");
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)node.json, key, value) {
		struct node at = { value, &node, key, 0 };
		struct case_param *param = &c->params[c->nr_params];

		if (c->nr_params == MAX_PARAMS) {
			fault(r, &node, "has more than %d members", MAX_PARAMS);
			return;
		}
		copy_text(r, &at, key, param->name, sizeof(param->name));
		param->value = integer(r, at, INT64_MAX);
		c->nr_params++;
	}
}

static void read_role(struct reader *r, const struct node *up, enum role role,
		      struct roles *roles)
{
	struct node node = array(r, up, role_name(role));
	size_t nr = json_array_size(node.json);

	if (nr > MAX_CPUS) {
		fault(r, &node, "has more than %d CPUs", MAX_CPUS);
		return;
	}
	roles->cpu[role] = nr ? allocate(r, &node, nr, sizeof(int)) : NULL;
	for (size_t i = 0; roles->cpu[role] && i < nr; i++) {
		struct node at = element(&node, i);
		int cpu = (int)integer(r, at, MAX_CPUS);

		if (i && cpu <= roles->cpu[role][i - 1])
			fault(r, &at, "is not larger than the one before it");
		roles->cpu[role][i] = cpu;
		roles->nr[role] = (int)i + 1;
	}
}

/* A role that the file does not name has no CPU. */
static void read_roles(struct reader *r, const struct node *up, struct roles *roles)
{
	struct node node = object(r, up, "roles");

	for (int role = 0; role < NR_ROLES; role++)
		if (json_object_get(node.json, role_name((enum role)role)))
			read_role(r, &node, (enum role)role, roles);
}

/* Without the member the kernel chose. */
static void read_memory(struct reader *r, const struct node *up, struct binding *memory)
{
	struct node node;
	size_t nr;

	if (!json_object_get(up->json, "memory_nodes"))
		return;
	node = array(r, up, "memory_nodes");
	nr = json_array_size(node.json);
	if (nr > MAX_BOUND_NODES) {
		fault(r, &node, "has more than %d nodes", MAX_BOUND_NODES);
		return;
	}
	for (size_t i = 0; i < nr; i++)
		memory->node[memory->nr++] = (int)integer(r, element(&node, i), MAX_CPUS);
}

/* The bucket that holds @value; buckets are in rising order. */
static unsigned int bucket_of(uint64_t value)
{
	unsigned int low = 0, high = HIST_BUCKETS - 1;

	while (low < high) {
		unsigned int middle = (low + high + 1) / 2;

		if (hist_bucket_lower(middle) <= value)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* One [lower bound, count]; buckets come in rising order. Returns the bucket. */
static unsigned int read_bucket(struct reader *r, const struct node *node,
				struct histogram *hist)
{
	struct node first = element(node, 0), second = element(node, 1);
	uint64_t lower, count, sum;

	if (json_array_size(node->json) != 2) {
		fault(r, node, "is not a pair [lower bound, count]");
		return 0;
	}
	lower = integer(r, first, INT64_MAX);
	count = integer(r, second, INT64_MAX);
	if (r->err)
		return 0;
	if (hist_bucket_lower(bucket_of(lower)) != lower)
		fault(r, &first, "is not where a bucket begins: %" PRIu64, lower);
	else if (!count)
		fault(r, &second, "is 0");
	else if (__builtin_add_overflow(hist->total, count, &sum) || sum > INT64_MAX)
		fault(r, &second, "makes the counts overflow");
	else
		hist_add_bucket(hist, lower, count);
	return bucket_of(lower);
}

/*
 * Quantiles are computed again from the histogram, but the file must have them. A
 * quantile is a bucket's middle, so it need not lie within the exact min and max.
 */
static void read_extremes(struct reader *r, const struct node *node, struct histogram *hist,
			  unsigned int first, unsigned int last)
{
	static const char *const rising[] = { "p50", "p90", "p99", "p999" };
	uint64_t below = 0;

	hist->min = number(r, node, "min", INT64_MAX);
	hist->max = number(r, node, "max", INT64_MAX);
	for (int i = 0; i < 4; i++) {
		struct node at = { NULL, node, rising[i], 0 };
		uint64_t value = number(r, node, rising[i], INT64_MAX);

		if (value < below)
			fault(r, &at, "is less than %s", rising[i - 1]);
		below = value;
	}
	if (!r->err && (hist->min > hist->max || bucket_of(hist->min) != first ||
			bucket_of(hist->max) != last))
		fault(r, node, "has a min or max that its histogram does not hold");
}

static struct histogram *read_latency(struct reader *r, const struct node *up)
{
	struct node root = member(r, up, "latency_ns"), node;
	unsigned int first = 0, last = 0;
	struct histogram *hist;
	size_t nr;

	if (!root.json || json_is_null(root.json))
		return NULL;
	root = object(r, up, "latency_ns");
	node = array(r, &root, "histogram");
	nr = json_array_size(node.json);
	if (node.json && !nr)
		fault(r, &node, "is empty");
	hist = allocate(r, &root, 1, sizeof(*hist));
	if (!hist)
		return NULL;
	hist_init(hist);
	for (size_t i = 0; i < nr && !r->err; i++) {
		struct node at = element(&node, i);
		unsigned int bucket = read_bucket(r, &at, hist);

		if (!i)
			first = bucket;
		else if (bucket <= last)
			fault(r, &at, "is not above the bucket before it");
		last = bucket;
	}
	read_extremes(r, &root, hist, first, last);
	return hist;
}

/* Every class counts the same CPUs, and they handled no more than all together. */
static uint64_t *read_per_cpu(struct reader *r, const struct node *up, uint64_t handled,
			      int *nr_cpus)
{
	struct node node = member(r, up, "per_cpu");
	size_t nr = json_array_size(node.json);
	uint64_t *per_cpu, sum = 0;

	if (!node.json || json_is_null(node.json))
		return NULL;
	node = array(r, up, "per_cpu");
	if (nr > MAX_CPUS || (*nr_cpus && nr != (size_t)*nr_cpus))
		fault(r, &node, "has %zu CPUs", nr);
	per_cpu = allocate(r, &node, nr, sizeof(*per_cpu));
	for (size_t i = 0; per_cpu && i < nr; i++) {
		per_cpu[i] = integer(r, element(&node, i), INT64_MAX);
		if (__builtin_add_overflow(sum, per_cpu[i], &sum))
			fault(r, &node, "overflows when added up");
	}
	if (!r->err && sum > handled)
		fault(r, &node, "adds up to %" PRIu64 ", more than handled, %" PRIu64, sum,
		      handled);
	if (nr <= MAX_CPUS)
		*nr_cpus = (int)nr;
	return per_cpu;
}

static void read_count(struct reader *r, const struct node *up, struct ipi_count *count,
		       const char *name, struct case_result *c)
{
	struct node node = object(r, up, name);
	bool known[6];

	count->requested = number_if(r, &node, "requested", INT64_MAX, &known[0]);
	count->foreign = number_if(r, &node, "foreign", INT64_MAX, &known[1]);
	count->handled = number(r, &node, "handled", INT64_MAX);
	count->min_per_op = (uint32_t)number_if(r, &node, "min_per_op", UINT32_MAX, &known[2]);
	count->max_per_op = (uint32_t)number_if(r, &node, "max_per_op", UINT32_MAX, &known[3]);
	count->unexpected_ops = number_if(r, &node, "unexpected_ops", INT64_MAX, &known[4]);
	count->between_ops = number_if(r, &node, "between_ops", INT64_MAX, &known[5]);
	count->has_requested = known[0];
	count->per_cpu = read_per_cpu(r, &node, count->handled, &c->nr_cpus);
	for (int i = 1; i < 6; i++)
		if (known[i] != known[0])
			fault(r, &node, "has some counts of requests, and others null");
	if (count->min_per_op > count->max_per_op)
		fault(r, &node, "has a min_per_op above its max_per_op");
	if (count->unexpected_ops > c->ops)
		fault(r, &node, "has more unexpected_ops than the case has ops");
}

static void read_causes(struct reader *r, const struct node *up, struct ipi_result *ipi)
{
	struct node node = array(r, up, "causes");
	size_t nr = json_array_size(node.json);

	if (nr > MAX_CAUSES)
		fault(r, &node, "has more than %d members", MAX_CAUSES);
	for (size_t i = 0; i < nr && !r->err; i++) {
		struct node at = element(&node, i);
		struct ipi_cause *cause = &ipi->cause[i];

		text_into(r, &at, "func", cause->func, sizeof(cause->func));
		cause->requested = number(r, &at, "requested", INT64_MAX);
		cause->foreign = number(r, &at, "foreign", INT64_MAX);
		ipi->nr_causes = (int)i + 1;
	}
}

static void read_ipi(struct reader *r, const struct node *up, struct case_result *c)
{
	struct node node = member(r, up, "ipi");

	if (!node.json || json_is_null(node.json))
		return;
	node = object(r, up, "ipi");
	if (ipi_source_parse(string(r, &node, "source"), &c->ipi.source) ||
	    c->ipi.source == IPI_NONE)
		unknown_word(r, &node, "source");
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		read_count(r, &node, &c->ipi.count[cls], ipi_class_name((enum ipi_class)cls), c);
	read_causes(r, &node, &c->ipi);
	c->ipi.lost = number(r, &node, "lost", INT64_MAX);
}

static void read_expect(struct reader *r, const struct node *up, struct expectation *expect)
{
	struct node node = object(r, up, "expect");

	expect->sync_per_op = real_if(r, &node, "sync_per_op", &expect->has_sync);
	expect->flush_per_op = real_if(r, &node, "flush_per_op", &expect->has_flush);
	text_into(r, &node, "why", expect->why, sizeof(expect->why));
}

static enum verdict read_verdict(struct reader *r, const struct node *up)
{
	int value = tristate(r, up, "as_expected", true);

	return value < 0 ? VERDICT_NULL : value ? VERDICT_TRUE : VERDICT_FALSE;
}

/* A case that says ok has ops and their latencies. */
static void check_case(struct reader *r, const struct node *node, const struct case_result *c)
{
	if (r->err || c->status != CASE_OK)
		return;
	if (!c->ops)
		fault(r, node, "is ok, but has no ops");
	else if (!c->latency)
		fault(r, node, "is ok, but has no latency_ns");
}

static void read_case(struct reader *r, const struct node *node, struct case_result *c)
{
	bool timed;

	if (!json_is_object(node->json)) {
		fault(r, node, "is %s, not an object", type_name(json_typeof(node->json)));
		return;
	}
	text_into(r, node, "workload", c->workload, sizeof(c->workload));
	text_into(r, node, "placement", c->placement, sizeof(c->placement));
	read_params(r, node, c);
	read_roles(r, node, &c->roles);
	read_memory(r, node, &c->memory);
	if (case_status_parse(string(r, node, "status"), &c->status))
		unknown_word(r, node, "status");
	text_into(r, node, "reason", c->reason, sizeof(c->reason));
	c->ops = number(r, node, "ops", INT64_MAX);
	c->repeated_ops = number(r, node, "repeated_ops", INT64_MAX);
	c->elapsed_ns = number(r, node, "elapsed_ns", INT64_MAX);
	c->latency = read_latency(r, node);
	c->counted_p50_ns = number_if(r, node, "counted_p50_ns", INT64_MAX, &timed);
	read_ipi(r, node, c);
	read_expect(r, node, &c->expect);
	c->as_expected = read_verdict(r, node);
	check_case(r, node, c);
}

static void read_cases(struct reader *r, const struct node *root, struct record *rec)
{
	struct node node = array(r, root, "cases");
	size_t nr = json_array_size(node.json);

	if (nr > RECORD_MAX_CASES)
		fault(r, &node, "has more than %d members", RECORD_MAX_CASES);
	rec->cases = allocate(r, &node, nr, sizeof(*rec->cases));
	for (size_t i = 0; i < nr && !r->err; i++) {
		struct node at = element(&node, i);

		rec->nr_cases = (int)i + 1;	/* one half read is freed as well */
		read_case(r, &at, &rec->cases[i]);
	}
}

static void check_counter(struct reader *r, const struct node *root, const char *counter)
{
	enum ipi_source source;

	if (!r->err && ipi_source_parse(counter, &source))
		unknown_word(r, root, "counter");
}

/*
 * Reads a record out of @json into @rec, whose old content is overwritten. Strings
 * that the writer did not have are "". Returns 0, and the caller record_free()s it;
 * or -EINVAL or -ENOMEM with @why naming the field, and nothing to free.
 */
int record_from_json(const json_t *json, struct record *rec, char *why, size_t size)
{
	struct reader r = { .why = why, .size = size };
	struct node root = { .json = json };

	memset(rec, 0, sizeof(*rec));
	if (!json_is_object(json))
		fault(&r, &root, "it is no record of a run: not a JSON object");
	else if (!json_object_get(json, "schema"))
		fault(&r, &root, "it is no record of a run: it has no schema");
	check_schema(&r, &root);
	if (r.err)
		return r.err;
	rec->id = text(&r, &root, "id");
	rec->started = text(&r, &root, "started");
	rec->tool = text(&r, &root, "tool");
	rec->command = text(&r, &root, "command");
	rec->profile = text(&r, &root, "profile");
	rec->host = text(&r, &root, "host");
	read_kernel(&r, &root, rec);
	read_machine(&r, &root, rec);
	read_clock(&r, &root, &rec->clock);
	rec->counter = text(&r, &root, "counter");
	check_counter(&r, &root, rec->counter);
	rec->counter_why = text(&r, &root, "counter_why");
	read_cases(&r, &root, rec);
	if (r.err)
		record_free(rec);
	return r.err;
}
