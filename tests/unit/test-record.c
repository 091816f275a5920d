// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record's promises: what is written is read back the same, a file that is
 * broken in any way is refused with a message, and a failed write leaves nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/record.h"

#define WEIRD	"a \"quote\", \\ and\nnewline\ttab \xc3\xa9\xe2\x82\xac <script>alert(1)</script>"

static char folder[64];
static char path[128];

/* Two threads, whose flushes have a range. */
static void fill_crew(struct case_result *c, struct histogram *hist)
{
	static struct initiator_result rows[2];

	c->id.initiators = 2;
	c->id.as = AS_THREAD;
	c->rate_per_s = 1234.5;
	c->initiator = rows;
	c->nr_initiators = 2;
	for (int i = 0; i < 2; i++)
		rows[i] = (struct initiator_result){
			.cpu = i, .member = i, .ops = 250, .repeated_ops = 1,
			.requested = { 250, 10, 1 }, .unexpected_ops = { 1, 2, 0 },
			.expect = {
				.has_sync = true, .has_flush = true, .sync_per_op = 1,
				.flush_per_op = 3, .flush_least = 1,
			},
			.latency = hist, .window_ns = 1000000, .window_ops = 260 + (uint64_t)i,
		};
}

/* Two requests that were matched, of three. */
static void fill_latency(struct case_result *c)
{
	static struct spread_bucket bucket[] = { { 900, 1 }, { 1024, 1 } };
	static struct last_target last = { 1, 2 };
	static struct ipi_edge edge[] = {
		{ LATENCY_SYNC, 0, 1, 2, 900, 1024, 1024 }, { LATENCY_FLUSH, 0, 2, 1, 7, 8, 9 },
	};
	static struct ipi_latency latency;
	struct spread spread = { 2, 900, 901, 1027, 1027, 1027, 1027, bucket, 2 };
	struct class_latency *sync = &latency.of[LATENCY_SYNC];

	latency = (struct ipi_latency){
		.ops = 3, .timed = true, .lost = 4, .traced_p50_ns = 5555, .edge = edge,
		.nr_edges = 2, .edges_left_off = 6, .has_stolen = true, .gaps_left_off = 8,
		.stolen = { [GAP_TIMER] = { 1.5, 2000.25 } },
	};
	*sync = (struct class_latency){
		.requested = 3, .matched = 2, .merged = 1, .delivery = spread, .handler = spread,
		.merged_delivery = spread, .wait = spread, .wait_share = 0.25, .last = &last,
		.nr_last = 1,
	};
	sync->by_distance[DISTANCE_REMOTE][TARGET_IDLE] = (struct spread){
		.n = 2, .p50 = 10, .p99 = 20, .max = 30,
	};
	latency.of[LATENCY_FLUSH] = (struct class_latency){ .requested = 1, .matched = 1 };
	c->ipi_latency = &latency;
}

static void fill_case(struct case_result *c, struct histogram *hist)
{
	static struct bystander_count bystander[1];
	static struct case_counter counter[2];
	static uint64_t per_cpu[NR_IPI_CLASSES][2] = { { 0, 500 }, { 0, 3 }, { 1, 1 } };
	static int cpus[] = { 0, 1 };

	memset(c, 0, sizeof(*c));
	strcpy(c->id.workload, "munmap");
	strcpy(c->id.placement, "all");
	c->id.params[0] = (struct case_param){ .name = "size", .value = 65536 };
	c->id.params[1] = (struct case_param){ .name = "a", .value = 1 };
	c->id.nr_params = 2;
	c->roles.cpu[ROLE_INITIATOR] = &cpus[0];
	c->roles.nr[ROLE_INITIATOR] = 1;
	c->roles.cpu[ROLE_RESPONDER] = &cpus[1];
	c->roles.nr[ROLE_RESPONDER] = 1;
	strcpy(c->reason, WEIRD);
	c->ops = 500;
	c->repeated_ops = 3;
	c->elapsed_ns = 987654321;
	hist_init(hist);
	for (uint64_t i = 0; i < 500; i++)
		hist_add(hist, 900 + i * i * 37);
	c->latency = hist;
	c->counted_p50_ns = 4321;
	c->nr_cpus = 2;
	c->ipi.source = IPI_CSD;
	for (int i = 0; i < NR_IPI_CLASSES; i++) {
		c->ipi.count[i].per_cpu = c->ipi.count[i].own_per_cpu = per_cpu[i];
		c->ipi.count[i].handled = per_cpu[i][0] + per_cpu[i][1];
		c->ipi.count[i].requested = c->ipi.count[i].handled;
		c->ipi.count[i].has_requested = true;
		c->ipi.count[i].max_per_op = 1;
		c->ipi.count[i].foreign = (uint64_t)i;
		c->ipi.count[i].between_ops = (uint64_t)i + 5;
	}
	c->ipi.count[IPI_SYNC].unexpected_ops = 2;
	strcpy(c->metric[0].name, "system_ns");
	c->metric[0].per_op = 1234.5;
	c->nr_metrics = 1;
	bystander[0] = (struct bystander_count){ 1, 40, 320, 3, 9000, 5000 };
	c->bystander = bystander;
	c->nr_bystanders = 1;
	c->gaps = hist;
	strcpy(c->ipi.cause[0].func, "do_flush_tlb_all");
	c->ipi.cause[0].requested = 2;
	c->ipi.cause[0].foreign = 1;
	c->ipi.nr_causes = 1;
	c->ipi.lost = 7;
	c->expect = (struct expectation){ true, false, 1, 0, "the kernel may be lazy", 0 };
	c->as_expected = VERDICT_FALSE;
	counter[0] = (struct case_counter){ "page-faults", ROLE_BYSTANDER, 2.5, 0.75, true, "" };
	counter[1] = (struct case_counter){ "cycles", ROLE_INITIATOR, 0, 0, false, WEIRD };
	c->counter = counter;
	c->nr_counters = 2;
	fill_crew(c, hist);
	fill_latency(c);
}

/* Cases: measured with csd, measured with /proc/interrupts, skipped. */
static void fill(struct record *rec, struct case_result cases[3], struct histogram *hist)
{
	static struct ipi_latency none = { .why = WEIRD };
	static struct record_cpu topology[] = { { 0, -1, 0, 0, 0 }, { 2, 1, 0, 1, 3 } };

	memset(rec, 0, sizeof(*rec));
	rec->id = rec->started = rec->tool = rec->command = (char *)WEIRD;
	rec->profile = (char *)"quick";
	rec->host = (char *)WEIRD;
	rec->kernel.release = rec->kernel.cmdline = (char *)WEIRD;
	rec->kernel.boot_id = (char *)"00000000-0000-4000-8000-000000000001";
	rec->kernel.version = (char *)WEIRD;
	rec->kernel.config_hash = (char *)"0123456789ab";
	rec->kernel.patches_hash = (char *)"none";
	rec->kernel.tainted = 4096;
	rec->kernel.static_key = KEY_OFF;
	rec->kernel.flush = FLUSH_KVM;
	rec->kernel.invlpgb = 1;
	rec->kernel.pt_reclaim = -1;
	rec->machine.cpus_online = rec->machine.cpus_allowed = 2;
	rec->machine.nodes = 1;
	rec->machine.cpu = (char *)WEIRD;
	rec->machine.memory_bytes = 1ull << 33;
	rec->machine.topology = topology;
	rec->machine.nr_topology = 2;
	strcpy(rec->clock.source, "tsc");
	rec->clock.cost_ns = 12.25;
	rec->clock.hz = 2.5e9;
	rec->counter = (char *)"csd";
	fill_case(&cases[0], hist);
	cases[1] = cases[0];
	cases[1].ipi.source = IPI_INTERRUPTS;
	cases[1].ipi.nr_causes = 0;
	cases[1].as_expected = VERDICT_NULL;
	cases[1].ipi_latency = &none;
	cases[1].block = 3;
	cases[1].block_key = KEY_ON;
	for (int i = 0; i < NR_IPI_CLASSES; i++)
		cases[1].ipi.count[i] = (struct ipi_count){
			.handled = cases[0].ipi.count[i].handled,
			.per_cpu = cases[0].ipi.count[i].per_cpu,
		};
	memset(&cases[2], 0, sizeof(cases[2]));
	strcpy(cases[2].id.workload, "collapse-madvise");
	cases[2].id.initiators = 1;
	cases[2].status = CASE_SKIP;
	strcpy(cases[2].reason, "no THP");
	rec->load.before = (struct busy_before){ 1.25, 0.5, BUSY_UNKNOWN };
	rec->load.during = (struct busy_during){ 20.5, 10.25, 0.125, 0 };
	rec->has_load = true;
	rec->incomplete = (struct record_incomplete){ "SIGINT", 7 };
	rec->cases = cases;
	rec->nr_cases = 3;
}

static json_t *full_json(void)
{
	static struct histogram hist;
	struct case_result cases[3];
	struct record rec;
	json_t *json;

	fill(&rec, cases, &hist);
	json = record_to_json(&rec);
	assert_non_null(json);
	return json;
}

static void write_full(const char *to)
{
	static struct histogram hist;
	struct case_result cases[3];
	struct record rec;
	char why[400];

	fill(&rec, cases, &hist);
	assert_int_equal(record_write(&rec, to, why, sizeof(why)), 0);
}

static void write_bytes(const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int entries(void)
{
	DIR *dir = opendir(folder);
	int nr = 0;

	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr - 2;
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test-record-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/record.json", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* The file's read must fail, without a leak, and say @message. */
static void assert_refused(const char *file, const char *message)
{
	struct record rec;
	char why[400] = "";

	assert_true(record_read(file, &rec, why, sizeof(why)) < 0);
	if (!strstr(why, message))
		fail_msg("'%s' does not say '%s'", why, message);
}

static int from_json(const json_t *json, struct record *rec, char *why, size_t size)
{
	char *text = json_dumps(json, JSON_REAL_PRECISION(15));
	int err;

	assert_non_null(text);
	err = record_from_json(text, strlen(text), rec, why, size);
	free(text);
	return err;
}

static void assert_json_refused(const json_t *json, const char *message)
{
	struct record rec;
	char why[400] = "";
	int err = from_json(json, &rec, why, sizeof(why));

	if (!err || !strstr(why, message))
		fail_msg("err %d, '%s' does not say '%s'", err, why, message);
}

static void a_record_is_read_back_the_same(void **state)
{
	json_t *before = full_json(), *after;
	struct record rec;
	char why[400];

	(void)state;
	write_full(path);
	assert_int_equal(record_read(path, &rec, why, sizeof(why)), 0);
	after = record_to_json(&rec);
	assert_true(json_equal(before, after));
	assert_string_equal(rec.host, WEIRD);
	assert_string_equal(rec.cases[0].reason, WEIRD);
	assert_string_equal(rec.kernel.version, WEIRD);
	assert_string_equal(rec.kernel.config_hash, "0123456789ab");
	assert_string_equal(rec.kernel.patches_hash, "none");
	assert_int_equal(rec.cases[0].ipi.count[IPI_SYNC].own_per_cpu[1], 500);
	assert_null(rec.cases[1].ipi.count[IPI_SYNC].own_per_cpu);
	assert_int_equal(rec.kernel.static_key, KEY_OFF);
	assert_int_equal(rec.kernel.pt_reclaim, -1);
	assert_int_equal(rec.machine.nr_topology, 2);
	assert_int_equal(rec.machine.topology[0].node, -1);
	assert_int_equal(rec.machine.topology[1].cpu, 2);
	assert_int_equal(rec.machine.topology[1].core, 3);
	assert_true(rec.has_load && record_busy(&rec));
	assert_true(rec.load.before.loadavg == 1.25 && rec.load.before.steal_share < 0);
	assert_true(rec.load.during.cpu_s == 20.5 && rec.load.during.other_share == 0.125);
	assert_int_equal(rec.cases[0].ipi_latency->of[LATENCY_SYNC].delivery.p50, 901);
	assert_int_equal(rec.cases[0].ipi_latency->edge[1].to, 2);
	assert_true(rec.cases[0].ipi_latency->stolen[GAP_TIMER].ns == 2000.25);
	assert_string_equal(rec.cases[1].ipi_latency->why, WEIRD);
	assert_null(rec.cases[2].ipi_latency);
	assert_int_equal(rec.cases[0].nr_counters, 2);
	assert_true(rec.cases[0].counter[0].per_op == 2.5 && rec.cases[0].counter[0].rdpmc);
	assert_int_equal(rec.cases[0].counter[0].role, ROLE_BYSTANDER);
	assert_string_equal(rec.cases[0].counter[1].why, WEIRD);
	assert_string_equal(rec.incomplete.signal, "SIGINT");
	assert_int_equal(rec.incomplete.cases_planned, 7);
	assert_string_equal(rec.cases[0].id.params[0].name, "size");
	assert_int_equal(rec.cases[0].id.params[0].value, 65536);
	assert_string_equal(rec.cases[0].id.params[1].name, "a");
	assert_int_equal(rec.cases[0].latency->total, 500);
	assert_int_equal(rec.cases[0].nr_metrics, 1);
	assert_string_equal(rec.cases[0].metric[0].name, "system_ns");
	assert_true(rec.cases[0].metric[0].per_op == 1234.5);
	assert_int_equal(rec.cases[0].nr_bystanders, 1);
	assert_int_equal(rec.cases[0].bystander[0].stolen_ns, 9000);
	assert_int_equal(rec.cases[0].gaps->total, 500);
	assert_int_equal(rec.cases[0].latency->min, 900);
	assert_int_equal(rec.cases[0].latency->max, 900 + 499 * 499 * 37);
	assert_int_equal(rec.cases[0].as_expected, VERDICT_FALSE);
	assert_int_equal(rec.cases[0].block, 0);
	assert_int_equal(rec.cases[1].block, 3);
	assert_int_equal(rec.cases[1].block_key, KEY_ON);
	assert_false(rec.cases[1].ipi.count[IPI_SYNC].has_requested);
	assert_int_equal(rec.cases[1].ipi.count[IPI_SYNC].handled, 500);
	assert_int_equal(rec.cases[2].status, CASE_SKIP);
	assert_null(rec.cases[2].latency);
	json_decref(before);
	json_decref(after);
	record_free(&rec);
}

static void the_schema_has_its_fixed_names(void **state)
{
	json_t *json = full_json(), *one, *sync;
	const char *schema, *status, *source, *key, *flush;
	json_int_t requested, cpu, p50, first;
	double expected;

	(void)state;
	assert_int_equal(json_unpack(json, "{s:s, s:{s:s, s:s}}", "schema", &schema,
				     "kernel", "static_key", &key, "flush", &flush), 0);
	assert_string_equal(schema, "tlbsync.run/1");
	assert_string_equal(key, "off");
	assert_string_equal(flush, "kvm");
	one = json_array_get(json_object_get(json, "cases"), 0);
	assert_int_equal(json_unpack(one, "{s:s, s:{s:[I]}, s:{s:I, s:[[I]]}, s:{s:s, s:o},"
				     " s:{s:f}}", "status", &status, "roles", "responder",
				     &cpu, "latency_ns", "p50", &p50, "histogram", &first,
				     "ipi", "source", &source, "sync", &sync, "expect",
				     "sync_per_op", &expected), 0);
	assert_int_equal(json_unpack(sync, "{s:I}", "requested", &requested), 0);
	assert_string_equal(source, "csd");
	assert_int_equal(requested, 500);
	assert_int_equal(cpu, 1);
	assert_true(json_is_false(json_object_get(one, "as_expected")));
	one = json_array_get(json_object_get(json, "cases"), 2);
	assert_true(json_is_null(json_object_get(one, "ipi")));
	assert_true(json_is_null(json_object_get(one, "latency_ns")));
	json_decref(json);
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
	static struct histogram hist;
	struct case_result cases[3];
	struct record rec, back;
	char why[400];

	(void)state;
	fill(&rec, cases, &hist);
	rec.host = (char *)"lab\xff\xfe";
	assert_int_equal(record_write(&rec, path, why, sizeof(why)), 0);
	assert_int_equal(record_read(path, &back, why, sizeof(why)), 0);
	assert_string_equal(back.host, "lab??");
	record_free(&back);
}

static void fields_of_a_later_version_are_passed_over(void **state)
{
	json_t *json = full_json();
	struct record rec;
	char why[400];

	(void)state;
	json_object_set_new(json, "new", json_integer(1));
	json_object_set_new(json_object_get(json, "kernel"), "new", json_true());
	json_object_set_new(json_array_get(json_object_get(json, "cases"), 0), "new",
			    json_null());
	assert_int_equal(from_json(json, &rec, why, sizeof(why)), 0);
	record_free(&rec);
	json_decref(json);
}

static void a_truncated_record_is_refused(void **state)
{
	static char data[1 << 20];
	size_t size;
	FILE *file;

	(void)state;
	write_full(path);
	file = fopen(path, "r");
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	assert_true(size > 2000 && size < sizeof(data));
	for (size_t cut = 100; cut < size - 2; cut += 100) {
		write_bytes(data, cut);
		assert_refused(path, "not JSON, line ");
	}
}

static void foreign_schemas_are_named(void **state)
{
	json_t *json = full_json();

	(void)state;
	json_object_set_new(json, "schema", json_string("tlbsync.run/2"));
	assert_json_refused(json, "'tlbsync.run/2', this version reads tlbsync.run/1");
	json_object_set_new(json, "schema", json_string("tlbsync.run/10"));
	assert_json_refused(json, "use a newer tlbsync");
	json_object_set_new(json, "schema", json_string("other\033[31m/1"));
	assert_json_refused(json, "it is no record of a run: its schema is 'other?[31m/1'");
	json_object_set_new(json, "schema", json_integer(1));
	assert_json_refused(json, "schema is an integer, not a string");
	json_object_del(json, "schema");
	assert_json_refused(json, "it has no schema");
	json_decref(json);
	json = json_array();
	assert_json_refused(json, "not a JSON object");
	json_decref(json);
}

/* The @n-th member of an object anywhere below @json; NULL when there are fewer. */
static json_t *nth_owner(json_t *json, int *n, const char **key)
{
	json_t *value, *found = NULL;
	const char *name;
	size_t i;

	if (json_is_array(json)) {
		json_array_foreach(json, i, value) {
			found = nth_owner(value, n, key);
			if (found)
				return found;
		}
	} else if (json_is_object(json)) {
		json_object_foreach(json, name, value) {
			*key = name;
			if (!(*n)--)
				return json;
			found = nth_owner(value, n, key);
			if (found)
				return found;
		}
	}
	return NULL;
}

static bool optional(const char *key)
{
	return !strcmp(key, "size") || !strcmp(key, "a") || !strcmp(key, "initiator") ||
	       !strcmp(key, "responder") || !strcmp(key, "lazy") || !strcmp(key, "bystander") ||
	       !strcmp(key, "metrics") || !strcmp(key, "system_ns") ||
	       !strcmp(key, "bystanders") || !strcmp(key, "topology") || !strcmp(key, "block") ||
	       !strcmp(key, "incomplete") || !strcmp(key, "load") ||
	       !strcmp(key, "version") || !strcmp(key, "config_hash") ||
	       !strcmp(key, "patches_hash") || !strcmp(key, "requested_per_cpu") ||
	       !strcmp(key, "initiators") || !strcmp(key, "as") || !strcmp(key, "rate_per_s") ||
	       !strcmp(key, "per_initiator") || !strcmp(key, "sent") || !strcmp(key, "flush_range") ||
	       !strcmp(key, "ipi_latency") || !strcmp(key, "why") || !strcmp(key, "stolen") ||
	       !strcmp(key, "sync") || !strcmp(key, "flush") || !strcmp(key, "kernel") ||
	       !strcmp(key, "counters");
}

/* Breaks each field of the full record in turn by @breakage and expects a refusal. */
static int break_each(bool (*breakage)(json_t *owner, const char *key))
{
	int broken = 0;

	for (int i = 0;; i++) {
		json_t *json = full_json(), *owner;
		const char *key = "";
		int n = i;

		owner = nth_owner(json, &n, &key);
		if (!owner) {
			json_decref(json);
			return broken;
		}
		if (breakage(owner, key)) {
			struct record rec;
			char why[400] = "";

			if (!from_json(json, &rec, why, sizeof(why)))
				fail_msg("field %d is broken and the record is read", i);
			assert_true(strlen(why) > 8);
			broken++;
		}
		json_decref(json);
	}
}

static bool remove_field(json_t *owner, const char *key)
{
	return !optional(key) && !json_object_del(owner, key);
}

static bool change_type(json_t *owner, const char *key)
{
	json_t *value = json_object_get(owner, key);

	return !json_object_set_new(owner, key,
				    json_is_object(value) ? json_array() : json_object());
}

static bool make_negative(json_t *owner, const char *key)
{
	if (!json_is_number(json_object_get(owner, key)))
		return false;
	return !json_object_set_new(owner, key, json_integer(-1));
}

static void every_missing_field_is_refused(void **state)
{
	json_t *json = full_json();

	(void)state;
	assert_true(break_each(remove_field) > 100);
	json_object_del(json_object_get(json_object_get(json_array_get(
		json_object_get(json, "cases"), 0), "ipi"), "sync"), "requested");
	assert_json_refused(json, "cases[0].ipi.sync.requested is missing");
	json_decref(json);
}

static void every_wrong_type_is_refused(void **state)
{
	(void)state;
	assert_true(break_each(change_type) > 100);
}

static void every_negative_number_is_refused(void **state)
{
	(void)state;
	assert_true(break_each(make_negative) > 50);
}

static json_t *first_case(json_t *json, const char *member)
{
	json_t *one = json_array_get(json_object_get(json, "cases"), 0);

	return member ? json_object_get(one, member) : one;
}

static void absurd_numbers_are_refused(void **state)
{
	static const struct {
		const char *histogram, *message;
	} bad[] = {
		{ "[]", "latency_ns.histogram is empty" },
		{ "[[900, 0]]", "histogram[0][1] is 0" },
		{ "[[901, 5]]", "is not where a bucket begins" },
		{ "[[900]]", "histogram[0] is not a pair" },
		{ "[7]", "histogram[0] is not a pair" },
		{ "[[904, 1], [900, 1]]", "is not above the bucket before it" },
		{ "[[900, 1], [900, 1]]", "is not above the bucket before it" },
		{ "[[900, 9223372036854775807], [904, 1]]", "makes the counts overflow" },
		{ "[[900, 500]]", "its histogram does not hold" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *json = full_json();

		json_object_set_new(first_case(json, "latency_ns"), "histogram",
				    json_loads(bad[i].histogram, 0, NULL));
		assert_json_refused(json, bad[i].message);
		json_decref(json);
	}
}

static void contradictions_are_refused(void **state)
{
	json_t *json = full_json();

	(void)state;
	json_object_set_new(first_case(json, NULL), "ops", json_integer(0));
	json_object_set_new(json_object_get(first_case(json, "ipi"), "sync"),
			    "unexpected_ops", json_integer(0));
	assert_json_refused(json, "cases[0] is ok, but has no ops");
	json_object_set_new(first_case(json, NULL), "ops", json_integer(500));
	json_object_set_new(first_case(json, NULL), "latency_ns", json_null());
	json_object_set_new(first_case(json, NULL), "ipi", json_null());
	json_object_set_new(first_case(json, NULL), "ipi_latency", json_pack("{s:s}", "why", "no"));
	assert_json_refused(json, "cases[0] is ok, but has neither latency_ns nor ipi");
	json_decref(json);
	json = full_json();
	json_object_set_new(json_object_get(first_case(json, "ipi"), "sync"), "handled",
			    json_integer(499));
	assert_json_refused(json, "per_cpu adds up to 500, more than handled, 499");
	json_decref(json);
	json = full_json();
	json_object_set_new(json_object_get(json, "machine"), "cpus_online",
			    json_integer(1000000));
	assert_json_refused(json, "machine.cpus_online is too large: 1000000");
	json_decref(json);
}

static void a_complete_record_lacks_incomplete(void **state)
{
	json_t *json = full_json(), *incomplete = json_object_get(json, "incomplete"), *again;
	struct record rec;
	char why[400];

	(void)state;
	json_object_set_new(incomplete, "cases_planned", json_integer(2));
	assert_json_refused(json, "incomplete was to have 2 cases, but there are 3");
	json_object_set_new(incomplete, "cases_planned", json_integer(3));
	json_object_set_new(incomplete, "signal", json_string(""));
	assert_json_refused(json, "incomplete names no signal");
	json_object_del(json, "incomplete");
	assert_int_equal(from_json(json, &rec, why, sizeof(why)), 0);
	assert_string_equal(rec.incomplete.signal, "");
	again = record_to_json(&rec);
	assert_true(json_equal(json, again));
	record_free(&rec);
	json_decref(again);
	json_decref(json);
}

static void a_record_without_a_known_load_is_not_busy(void **state)
{
	json_t *json = full_json(), *load = json_object_get(json, "load"), *again;
	json_t *during = json_object_get(load, "during");
	struct record rec;
	char why[400];

	(void)state;
	assert_true(json_is_null(json_object_get(json_object_get(load, "before"), "steal_share")));
	json_object_set_new(during, "steal_share", json_real(1.5));
	assert_json_refused(json, "load.during has the steal_share 1.5, more than 1");
	json_object_set_new(during, "steal_share", json_null());
	json_object_set_new(during, "other_share", json_null());
	assert_int_equal(from_json(json, &rec, why, sizeof(why)), 0);
	assert_false(record_busy(&rec));
	record_free(&rec);
	json_object_del(json, "load");
	assert_int_equal(from_json(json, &rec, why, sizeof(why)), 0);
	assert_false(record_busy(&rec));
	again = record_to_json(&rec);
	assert_true(json_equal(json, again));
	record_free(&rec);
	json_decref(again);
	json_decref(json);
}

static void a_topology_must_fit_the_machine_and_may_be_missing(void **state)
{
	json_t *json = full_json(), *machine = json_object_get(json, "machine");
	struct record rec;
	char why[400];

	(void)state;
	json_array_append_new(json_object_get(json_object_get(machine, "topology"), "core"),
			      json_integer(4));
	assert_json_refused(json, "machine.topology.core has 3 entries for 2 CPUs");
	json_object_set_new(json_object_get(machine, "topology"), "core",
			    json_pack("[i, i]", 0, -1));
	assert_json_refused(json, "machine.topology.core[1] is negative: -1");
	json_object_del(machine, "topology");
	assert_int_equal(from_json(json, &rec, why, sizeof(why)), 0);
	assert_null(rec.machine.topology);
	record_free(&rec);
	json_decref(json);
}

static void rows_of_initiators_come_back(void **state)
{
	json_t *json = full_json();
	const struct initiator_result *row;
	struct record rec;
	char why[400] = "";

	(void)state;
	assert_int_equal(from_json(json, &rec, why, sizeof(why)), 0);
	assert_int_equal(case_id_initiators(&rec.cases[0].id), 2);
	assert_int_equal(rec.cases[0].id.as, AS_THREAD);
	assert_true(rec.cases[0].rate_per_s == 1234.5);
	assert_int_equal(rec.cases[0].nr_initiators, 2);
	row = &rec.cases[0].initiator[1];
	assert_int_equal(row->cpu, 1);
	assert_int_equal(row->member, 1);
	assert_int_equal(row->requested[IPI_FLUSH], 10);
	assert_int_equal(row->unexpected_ops[IPI_FLUSH], 2);
	assert_true(row->expect.flush_least == 1 && row->expect.flush_per_op == 3);
	assert_int_equal(row->latency->total, 500);
	assert_true(initiator_rate(row) == 261e6 / 1000);
	assert_true(case_fairness(&rec.cases[0]) == 260.0 / 261);
	record_free(&rec);
	json_decref(json);
}

static void rows_that_do_not_fit_the_initiators_are_refused(void **state)
{
	json_t *json = full_json(), *one = json_array_get(json_object_get(json, "cases"), 0);
	struct record rec;
	char why[400] = "";

	(void)state;
	json_array_remove(json_object_get(one, "per_initiator"), 0);
	assert_int_not_equal(from_json(json, &rec, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "as many rows"));
	json_decref(json);
}

static void what_is_no_json_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "{\n\"a\": 1,\n\"a\": 2}", "line 3, column 3: the same key twice in an object" },
		{ "{\"a\": [{\"b\": 1, \"c\": 2, \"b\": 3}]}", "the same key twice" },
		{ "{\n  \"a\": NaN}", "line 2, column 8: lexical error" },
		{ "{\"a\": -Infinity}", "malformed number" },
		{ "{\"a\": 01}", "column 7: parse error" },
		{ "{\"a\": 1.}", "malformed number" },
		{ "{\"a\": 9223372036854775808}", "integer overflow" },
		{ "{\"a\": 1e999}", "overflow" },
		{ "{\"a\": 1,}", "parse error" },
		{ "{\"a\": 1} {}", "trailing garbage" },
		{ "{\"a\": 1}}", "trailing garbage" },
		{ "{'a': 1}", "lexical error" },
		{ "// a\n{}", "lexical error" },
		{ "{\"a\": \"\n\"}", "line 1, column 7: lexical error" },
		{ "{\"a\": \"\\u0000\"}", "\\u0000 in a string" },
		{ "{\"\\u0000\": 1}", "\\u0000 in a string" },
		{ "{\"a\": \"\\x\"}", "lexical error" },
		{ "{\"a\": \"\xff\"}", "UTF8" },
		{ "{\"a\": \"\xc0\xaf\"}", "not UTF-8" },	/* a slash in two bytes */
		{ "{\"a\": \"\xed\xa0\x80\"}", "not UTF-8" },	/* half of a pair */
		{ "{\"a\": \"\\udc00\"}", "not UTF-8" },
		{ "{\"a\": \"\xf4\x90\x80\x80\"}", "not UTF-8" },	/* above U+10FFFF */
		{ "\xef\xbb\xbf{}", "lexical error" },
		{ " ", "premature EOF" },
		{ "\"\033[31m", "invalid character inside string" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_bytes(bad[i].text, strlen(bad[i].text));
		assert_refused(path, "not JSON, line ");
		assert_refused(path, bad[i].message);
	}
}

/* A file of 16 MiB could hold millions: their search would take for ever. */
static void no_end_of_members_or_depth_is_refused(void **state)
{
	char *text = malloc(1 << 20), *at = text;

	(void)state;
	assert_non_null(text);
	memset(text, '[', 100000);
	write_bytes(text, 100000);
	assert_refused(path, "nested too deeply");
	for (int i = 0; i < 50000; i++)
		at += sprintf(at, "%s\"%d\": 0", i ? ", " : "{", i);
	write_bytes(text, (size_t)(at - text));
	assert_refused(path, "an object with too many members");
	free(text);
}

static void files_that_are_no_records_are_refused(void **state)
{
	(void)state;
	assert_refused(path, "there is no such file");
	assert_refused(folder, "it is a directory");
	assert_refused("/dev/null", "it is not a regular file");
	write_bytes("", 0);
	assert_refused(path, "it is empty");
	write_bytes("{}\0\377", 4);
	assert_refused(path, "not JSON, line 1");
	write_bytes("{\n\"a\": 1,\n\"a\": 2}", 18);
	assert_refused(path, "not JSON, line 3");
	assert_int_equal(truncate(path, RECORD_MAX_BYTES + 1), 0);
	assert_refused(path, "it is too large");
}

static void a_failed_write_leaves_nothing(void **state)
{
	static struct histogram hist;
	struct case_result cases[3];
	char deep[256], why[400];
	struct record rec;

	(void)state;
	fill(&rec, cases, &hist);
	assert_true(record_write(&rec, folder, why, sizeof(why)) < 0);
	assert_non_null(strstr(why, "it is a directory; give a file name"));
	snprintf(deep, sizeof(deep), "%s/none/record.json", folder);
	assert_true(record_write(&rec, deep, why, sizeof(why)) < 0);
	assert_non_null(strstr(why, "/none': No such file or directory; create it"));
	assert_true(record_write(&rec, "/dev/null", why, sizeof(why)) < 0);
	assert_non_null(strstr(why, "it is not a regular file"));
	assert_true(record_write(&rec, "", why, sizeof(why)) < 0);
	assert_true(record_write(&rec, "/proc/record.json", why, sizeof(why)) < 0);
	assert_int_equal(entries(), 0);
}

static void a_write_replaces_the_file_behind_a_link(void **state)
{
	char link[160], why[400];
	struct record rec;
	struct stat st;

	(void)state;
	write_bytes("old", 3);
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink("record.json", link), 0);
	write_full(link);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(record_read(path, &rec, why, sizeof(why)), 0);
	record_free(&rec);
	assert_int_equal(entries(), 2);
	unlink(link);
}

static void a_path_can_be_checked_before_the_run(void **state)
{
	char why[400];

	(void)state;
	assert_int_equal(record_check_path(path, why, sizeof(why)), 0);
	assert_int_equal(entries(), 0);
	assert_true(record_check_path(folder, why, sizeof(why)) < 0);
	assert_true(record_check_path("/dev/null", why, sizeof(why)) < 0);
	assert_true(record_check_path("/proc/record.json", why, sizeof(why)) < 0);
}

static void a_copy_of_a_case_shares_nothing(void **state)
{
	static struct histogram hist;
	struct case_result one, copy;

	(void)state;
	fill_case(&one, &hist);
	assert_int_equal(case_result_copy(&copy, &one), 0);
	assert_ptr_not_equal(copy.latency, one.latency);
	assert_memory_equal(copy.latency, one.latency, sizeof(hist));
	assert_ptr_not_equal(copy.gaps, one.gaps);
	assert_ptr_not_equal(copy.bystander, one.bystander);
	assert_memory_equal(copy.bystander, one.bystander, sizeof(*one.bystander));
	assert_ptr_not_equal(copy.roles.cpu[ROLE_RESPONDER], one.roles.cpu[ROLE_RESPONDER]);
	assert_int_equal(copy.roles.cpu[ROLE_RESPONDER][0], 1);
	for (int i = 0; i < NR_IPI_CLASSES; i++) {
		assert_ptr_not_equal(copy.ipi.count[i].per_cpu, one.ipi.count[i].per_cpu);
		assert_memory_equal(copy.ipi.count[i].per_cpu, one.ipi.count[i].per_cpu,
				    2 * sizeof(uint64_t));
	}
	assert_ptr_not_equal(copy.ipi_latency, one.ipi_latency);
	assert_int_equal(copy.ipi_latency->of[LATENCY_SYNC].wait.bucket[1].lower, 1024);
	case_result_free(&copy);
	case_result_free(&copy);
}

/* Emulation has counts, and no times. */
static void latencies_that_mean_nothing_are_not_written(void **state)
{
	static struct histogram hist;
	struct case_result cases[3];
	struct record rec, back;
	char why[400];
	json_t *json, *sync;

	(void)state;
	fill(&rec, cases, &hist);
	cases[0].ipi_latency->timed = false;
	json = record_to_json(&rec);
	sync = json_object_get(first_case(json, "ipi_latency"), "sync");
	assert_true(json_is_null(json_object_get(sync, "delivery_ns")));
	assert_true(json_is_null(json_object_get(sync, "wait_share")));
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(sync, "edges"), 0),
						 "p50_ns")));
	assert_null(json_object_get(first_case(json, "ipi_latency"), "stolen"));
	assert_int_equal(from_json(json, &back, why, sizeof(why)), 0);
	assert_false(back.cases[0].ipi_latency->timed);
	assert_int_equal(back.cases[0].ipi_latency->of[LATENCY_SYNC].matched, 2);
	assert_int_equal(back.cases[0].ipi_latency->edge[0].n, 2);
	record_free(&back);
	json_decref(json);
}

#define TEST(function)	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_read_back_the_same),
		TEST(the_schema_has_its_fixed_names),
		TEST(bytes_that_are_no_utf8_are_replaced),
		TEST(fields_of_a_later_version_are_passed_over),
		TEST(a_truncated_record_is_refused),
		TEST(latencies_that_mean_nothing_are_not_written),
		TEST(foreign_schemas_are_named),
		TEST(every_missing_field_is_refused),
		TEST(every_wrong_type_is_refused),
		TEST(every_negative_number_is_refused),
		TEST(absurd_numbers_are_refused),
		TEST(contradictions_are_refused),
		TEST(a_complete_record_lacks_incomplete),
		TEST(a_record_without_a_known_load_is_not_busy),
		TEST(a_topology_must_fit_the_machine_and_may_be_missing),
		TEST(what_is_no_json_is_told_with_its_place),
		TEST(no_end_of_members_or_depth_is_refused),
		TEST(files_that_are_no_records_are_refused),
		TEST(a_failed_write_leaves_nothing),
		TEST(a_write_replaces_the_file_behind_a_link),
		TEST(a_path_can_be_checked_before_the_run),
		TEST(a_copy_of_a_case_shares_nothing),
		cmocka_unit_test(rows_of_initiators_come_back),
		cmocka_unit_test(rows_that_do_not_fit_the_initiators_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
