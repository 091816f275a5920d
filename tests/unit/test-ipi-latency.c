// SPDX-License-Identifier: GPL-2.0-or-later
/* From events to latencies, on made-up traces of a machine with two nodes of four CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/ipi-pass.h"
#include "probe/edges.h"
#include "probe/gaps.h"
#include "probe/ipi-latency.h"

#define NR_CPUS		8
#define SYNC		0x1000u
#define FLUSH		0x2000u
#define KERNEL		0x3000u
#define OTHER		0x4000u
#define MAX_EVENTS	256

static struct machine machine;
static struct ring_event event[MAX_EVENTS];
static struct event_log trace;
static struct op_note ops_0[2], ops_1[2];
static struct op_log logs[2];
static struct latency_matcher *matcher;
static struct ipi_latency *latency;
static void *memory;

/* Initiators on CPUs 0 and 4, tasks 10 and 20; CPU 1 idles lazily, 3 watches, 2 has no role. */
static int set_up(void **state)
{
	struct roles roles = { 0 };

	(void)state;
	assert_int_equal(topology_load_synthetic(&machine.topo,
						 "numa:2 l3:1 core:2 pu:2", NULL), 0);
	machine.kernel.sym = (struct kernel_symbols){
		.smp_sync = SYNC, .flush_func = FLUSH, .flush_range = KERNEL,
	};
	assert_int_equal(roles_add(&roles, ROLE_INITIATOR, 0), 0);
	assert_int_equal(roles_add(&roles, ROLE_INITIATOR, 4), 0);
	assert_int_equal(roles_add(&roles, ROLE_LAZY, 1), 0);
	assert_int_equal(roles_add(&roles, ROLE_BYSTANDER, 3), 0);
	matcher = latency_matcher_new(&machine, &roles, true);
	assert_non_null(matcher);
	roles_free(&roles);
	memory = calloc(1, ipi_latency_size(NR_CPUS));
	latency = ipi_latency_place(memory, NR_CPUS);
	ops_0[0] = (struct op_note){ .began_ns = 1000, .ended_ns = 2000 };
	ops_0[1] = (struct op_note){ .began_ns = 3000, .ended_ns = 4000 };
	ops_1[0] = (struct op_note){ .began_ns = 1000, .ended_ns = 2000 };
	ops_1[1] = (struct op_note){ .began_ns = 3000, .ended_ns = 4000 };
	logs[0] = (struct op_log){ .pid = 10, .actor = 10, .op = ops_0, .nr_ops = 2 };
	logs[1] = (struct op_log){ .pid = 20, .actor = 20, .op = ops_1, .nr_ops = 2 };
	trace = (struct event_log){ .event = event };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	latency_matcher_free(matcher);
	topology_free(&machine.topo);
	free(memory);
	return 0;
}

static void happens(enum ring_event_kind kind, uint64_t time_ns, uint32_t cpu, uint64_t func,
		    uint64_t csd, uint32_t target)
{
	assert_true(trace.nr < MAX_EVENTS);
	event[trace.nr++] = (struct ring_event){
		.kind = kind, .time_ns = time_ns, .cpu = cpu, .func = func, .csd = csd,
		.target = target, .pid = cpu ? 20 : 10, .tid = cpu ? 20 : 10,
	};
}

/* The request of CPU @from to @target has this name, as long as it is the same function. */
static uint64_t name(uint32_t from, uint32_t target)
{
	return 0x100 + 64 * from + target;
}

static void asks(uint64_t at, uint32_t from, uint32_t target, uint64_t func)
{
	happens(EVENT_QUEUE, at, from, func, name(from, target), target);
}

static void sends(uint64_t at, uint32_t from, uint32_t target)
{
	happens(EVENT_SENT, at, from, 1, 0, target);
}

static void runs(uint64_t from_ns, uint64_t to_ns, uint32_t from, uint32_t target, uint64_t func)
{
	happens(EVENT_ENTRY, from_ns, target, func, name(from, target), 0);
	happens(EVENT_EXIT, to_ns, target, func, name(from, target), 0);
}

static void report(void)
{
	assert_int_equal(latency_match(matcher, &trace, logs, 2), 0);
	latency_report(matcher, latency, MAX_EDGES(NR_CPUS));
}

/* ---- promises -------------------------------------------------------------------------------- */

static void a_request_is_timed_from_queue_to_entry_to_exit(void **state)
{
	const struct class_latency *sync = &latency->of[LATENCY_SYNC];

	(void)state;
	asks(1100, 0, 3, SYNC);
	sends(1101, 0, 3);
	runs(1150, 1157, 0, 3, SYNC);
	report();
	assert_int_equal(sync->requested, 1);
	assert_int_equal(sync->matched, 1);
	assert_int_equal(sync->merged, 0);
	assert_int_equal(sync->delivery.p50, 50);
	assert_int_equal(sync->handler.p50, 7);
	assert_int_equal(latency->ops, 4);
	assert_int_equal(latency->of[LATENCY_FLUSH].requested, 0);
}

/* The same data is used again and again, by another function too. */
static void a_data_that_is_used_again_is_another_request(void **state)
{
	(void)state;
	asks(1100, 0, 3, SYNC);
	sends(1100, 0, 3);
	runs(1110, 1111, 0, 3, SYNC);
	asks(1200, 0, 3, FLUSH);
	sends(1200, 0, 3);
	runs(1230, 1235, 0, 3, FLUSH);
	asks(1300, 0, 3, KERNEL);
	sends(1300, 0, 3);
	runs(1340, 1349, 0, 3, KERNEL);
	asks(1400, 0, 3, OTHER);
	sends(1400, 0, 3);
	runs(1450, 1455, 0, 3, OTHER);
	report();
	assert_int_equal(latency->of[LATENCY_SYNC].delivery.p50, 10);
	assert_int_equal(latency->of[LATENCY_FLUSH].delivery.p50, 30);
	assert_int_equal(latency->of[LATENCY_KERNEL].delivery.p50, 40);
	assert_int_equal(latency->of[LATENCY_KERNEL].handler.p50, 9);
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
		assert_int_equal(latency->of[cls].matched, 1);
	assert_int_equal(latency->nr_edges, 3);
}

/* Its target had an interrupt on its way already: for it none was sent. */
static void a_request_without_an_interrupt_of_its_own_is_told_apart(void **state)
{
	const struct class_latency *sync = &latency->of[LATENCY_SYNC];

	(void)state;
	asks(1100, 0, 2, SYNC);
	asks(1101, 0, 3, SYNC);
	sends(1102, 0, 2);
	runs(1110, 1112, 0, 3, SYNC);
	runs(1140, 1142, 0, 2, SYNC);
	asks(1200, 0, 3, SYNC);		/* and later it gets one */
	sends(1201, 0, 3);
	runs(1240, 1242, 0, 3, SYNC);
	report();
	assert_int_equal(sync->matched, 3);
	assert_int_equal(sync->merged, 1);
	assert_int_equal(sync->delivery.n, 2);
	assert_int_equal(sync->delivery.min, 40);
	assert_int_equal(sync->delivery.max, 40);
	assert_int_equal(sync->merged_delivery.n, 1);
	assert_int_equal(sync->merged_delivery.p50, 9);
	assert_int_equal(sync->handler.n, 3);
}

/* A tick on the sender, in the middle of its broadcast, wakes another CPU. */
static void what_an_interrupt_sends_meanwhile_changes_nothing(void **state)
{
	(void)state;
	asks(1100, 0, 2, SYNC);
	happens(EVENT_QUEUE, 1101, 0, OTHER, 77, 5);
	sends(1102, 0, 5);
	sends(1102, 0, 0);		/* to itself */
	asks(1103, 0, 3, SYNC);
	sends(1104, 0, 2);
	sends(1104, 0, 3);
	runs(1110, 1112, 0, 2, SYNC);
	runs(1110, 1112, 0, 3, SYNC);
	report();
	assert_int_equal(latency->of[LATENCY_SYNC].matched, 2);
	assert_int_equal(latency->of[LATENCY_SYNC].merged, 0);
}

static void what_was_not_seen_to_its_end_is_not_matched(void **state)
{
	const struct class_latency *sync = &latency->of[LATENCY_SYNC];

	(void)state;
	asks(1100, 0, 2, SYNC);
	asks(1100, 0, 3, SYNC);
	happens(EVENT_ENTRY, 1150, 3, SYNC, name(0, 3), 0);	/* its exit is lost */
	happens(EVENT_EXIT, 1160, 2, SYNC, name(0, 2), 0);	/* its entry is lost */
	asks(3100, 0, 3, SYNC);
	sends(3100, 0, 3);
	runs(3110, 3111, 0, 3, SYNC);
	trace.lost = 2;
	report();
	assert_int_equal(sync->requested, 3);
	assert_int_equal(sync->matched, 1);
	assert_int_equal(latency->lost, 2);
	assert_int_equal(sync->wait.n, 1);	/* of the op whose requests were all seen */
	assert_int_equal(sync->wait.p50, 11);
}

/* A data that nobody waits for may be queued again while its function runs. */
static void a_request_that_is_queued_again_before_its_exit_is_two(void **state)
{
	(void)state;
	asks(1100, 0, 3, SYNC);
	sends(1100, 0, 3);
	happens(EVENT_ENTRY, 1110, 3, SYNC, name(0, 3), 0);
	asks(1111, 0, 3, SYNC);
	sends(1111, 0, 3);
	happens(EVENT_EXIT, 1115, 3, SYNC, name(0, 3), 0);
	runs(1131, 1134, 0, 3, SYNC);
	report();
	assert_int_equal(latency->of[LATENCY_SYNC].matched, 2);
	assert_int_equal(latency->of[LATENCY_SYNC].delivery.min, 10);
	assert_int_equal(latency->of[LATENCY_SYNC].delivery.max, 20);
	assert_int_equal(latency->of[LATENCY_SYNC].handler.max, 5);
}

/* Two broadcasts in one op: what lies between them is no wait. */
static void an_op_waits_while_any_of_its_requests_is_open(void **state)
{
	const struct class_latency *sync = &latency->of[LATENCY_SYNC];

	(void)state;
	asks(1100, 0, 2, SYNC);
	asks(1102, 0, 3, SYNC);
	runs(1110, 1120, 0, 3, SYNC);
	runs(1130, 1140, 0, 2, SYNC);
	asks(1500, 0, 2, SYNC);
	asks(1500, 0, 3, SYNC);
	runs(1510, 1520, 0, 2, SYNC);
	runs(1530, 1560, 0, 3, SYNC);
	report();
	assert_int_equal(sync->wait.n, 1);
	assert_int_equal(sync->wait.p50, 100);
	assert_true(sync->wait_share == 100. / 4000);	/* of four ops of 1000 ns */
	assert_int_equal(sync->nr_last, 1);
	assert_int_equal(sync->last[0].cpu, 3);
	assert_int_equal(sync->last[0].ops, 1);
}

/* Between its ops, and what tasks do that are no initiators. */
static void only_what_the_ops_ask_for_is_timed(void **state)
{
	(void)state;
	asks(2500, 0, 3, SYNC);
	runs(2510, 2511, 0, 3, SYNC);
	happens(EVENT_QUEUE, 3100, 6, SYNC, 77, 3);
	event[trace.nr - 1].tid = event[trace.nr - 1].pid = 99;
	happens(EVENT_ENTRY, 3110, 3, SYNC, 77, 0);
	happens(EVENT_EXIT, 3120, 3, SYNC, 77, 0);
	happens(EVENT_ENTRY, 3130, 0, SYNC, 0, 0);	/* the sender's own share */
	happens(EVENT_EXIT, 3140, 0, SYNC, 0, 0);
	report();
	assert_int_equal(latency->of[LATENCY_SYNC].requested, 0);
	assert_int_equal(latency->nr_edges, 0);
}

static void distance_and_state_of_the_target_are_told(void **state)
{
	const struct class_latency *sync = &latency->of[LATENCY_SYNC];
	uint32_t target[] = { 1, 2, 3, 4, 5 };

	(void)state;
	for (int i = 0; i < 5; i++)
		asks(1100, 0, target[i], SYNC);
	for (int i = 0; i < 5; i++)
		sends(1101, 0, target[i]);
	for (int i = 0; i < 5; i++)
		runs(1110 + 10 * (uint64_t)i, 1111 + 10 * (uint64_t)i, 0, target[i], SYNC);
	report();
	assert_int_equal(sync->by_distance[DISTANCE_CORE][TARGET_IDLE].p50, 10);
	assert_int_equal(sync->by_distance[DISTANCE_CACHE][TARGET_IDLE].p50, 20);
	assert_int_equal(sync->by_distance[DISTANCE_CACHE][TARGET_BUSY].p50, 30);
	assert_int_equal(sync->by_distance[DISTANCE_REMOTE][TARGET_BUSY].p50, 40);
	assert_int_equal(sync->by_distance[DISTANCE_REMOTE][TARGET_IDLE].p50, 50);
	assert_int_equal(sync->by_distance[DISTANCE_CORE][TARGET_BUSY].n, 0);
}

static void a_pair_of_cpus_has_its_own_quantiles(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 40; i++) {
		trace.nr = 0;
		asks(1100, 0, 3, SYNC);
		sends(1100, 0, 3);
		runs(1100 + i, 1200, 0, 3, SYNC);
		asks(3100, 4, 3, SYNC);
		sends(3100, 4, 3);
		runs(3107, 3108, 4, 3, SYNC);
		assert_int_equal(latency_match(matcher, &trace, logs, 2), 0);
	}
	latency_report(matcher, latency, MAX_EDGES(NR_CPUS));
	assert_int_equal(latency->nr_edges, 2);
	assert_int_equal(latency->edge[0].from, 0);
	assert_int_equal(latency->edge[0].to, 3);
	assert_int_equal(latency->edge[0].n, 40);
	assert_int_equal(latency->edge[0].p50, 20);
	assert_int_equal(latency->edge[0].p99, 40);
	assert_int_equal(latency->edge[0].max, 40);
	assert_int_equal(latency->edge[1].from, 4);
	assert_int_equal(latency->edge[1].max, 7);
	assert_int_equal(latency->ops, 160);
}

static void pairs_without_room_are_counted(void **state)
{
	struct edges *edges = edges_new(4);

	(void)state;
	for (int to = 1; to < 4; to++)
		for (int i = 0; i < EDGE_SAMPLES + 5; i++)
			assert_int_equal(edges_add(edges, LATENCY_FLUSH, 0, to,
						   i < EDGE_SAMPLES ? 3 : 1000), 0);
	edges_report(edges, latency, 2);
	assert_int_equal(latency->nr_edges, 2);
	assert_int_equal(latency->edges_left_off, 1);
	assert_int_equal(latency->edge[1].to, 2);
	assert_int_equal(latency->edge[1].n, EDGE_SAMPLES + 5);
	assert_int_equal(latency->edge[1].p99, 3);	/* of the first */
	assert_int_equal(latency->edge[1].max, 1000);	/* of all */
	edges_free(edges);
}

/* The copy is whole and does not need what it was made from. */
static void a_result_can_be_copied(void **state)
{
	struct ipi_latency *copy;

	(void)state;
	asks(1100, 0, 3, SYNC);
	sends(1101, 0, 3);
	runs(1150, 1157, 0, 3, SYNC);
	report();
	assert_int_equal(ipi_latency_copy(&copy, latency), 0);
	memset(memory, 0xff, ipi_latency_size(NR_CPUS));
	assert_int_equal(copy->of[LATENCY_SYNC].delivery.nr_buckets, 1);
	assert_int_equal(copy->of[LATENCY_SYNC].delivery.bucket[0].lower, 50);
	assert_int_equal(copy->edge[0].p99, 50);
	assert_int_equal(copy->of[LATENCY_SYNC].last[0].cpu, 3);
	ipi_latency_free(copy);
	memset(memory, 0, sizeof(*latency));
	assert_int_equal(ipi_latency_copy(&copy, latency), 0);
	assert_null(copy);
}

/* ---- gaps ----------------------------------------------------------------------------------------- */

static void a_gap_is_put_down_to_what_was_seen_in_it(void **state)
{
	struct gap gap[] = {	/* not by rising time: those of an op may be told late */
		{ 1310, 1400, 90 },		/* a sync and two flushes */
		{ 1490, 1500, 10 },		/* nothing */
		{ 1620, 1700, 80 },		/* a timer, and another task */
		{ 1790, 1800, 5 },		/* something else's function */
		{ 1100, 1200, 100 },		/* a sync */
	};
	struct stolen_time stolen[NR_GAP_CAUSES] = { 0 };

	(void)state;
	runs(1110, 1120, 0, 3, SYNC);
	runs(1150, 1151, 0, 2, FLUSH);		/* elsewhere */
	runs(1250, 1251, 0, 3, FLUSH);		/* in no gap */
	runs(1320, 1321, 0, 3, SYNC);
	runs(1330, 1331, 0, 3, FLUSH);
	runs(1340, 1341, 4, 3, FLUSH);
	happens(EVENT_INTERRUPT, 1650, 3, 0, 0, INTERRUPT_TIMER);
	happens(EVENT_OUT, 1651, 3, 0, 0, 0);
	happens(EVENT_IN, 1690, 3, 0, 0, 0);
	runs(1796, 1797, 4, 3, OTHER);
	gaps_explain(gap, 5, 3, &trace, &machine.kernel.sym, stolen);
	assert_float_equal(stolen[GAP_SYNC].ns, 100 + 30, 1e-6);
	assert_float_equal(stolen[GAP_SYNC].gaps, 1 + 1. / 3, 1e-6);
	assert_float_equal(stolen[GAP_FLUSH].ns, 60, 1e-6);
	assert_float_equal(stolen[GAP_UNSEEN].ns, 10, 1e-6);
	assert_float_equal(stolen[GAP_TIMER].ns, 40, 1e-6);
	assert_float_equal(stolen[GAP_TASK].ns, 40, 1e-6);
	assert_float_equal(stolen[GAP_REQUEST].ns, 5, 1e-6);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(a_request_is_timed_from_queue_to_entry_to_exit),
		STAGED(a_data_that_is_used_again_is_another_request),
		STAGED(a_request_without_an_interrupt_of_its_own_is_told_apart),
		STAGED(what_an_interrupt_sends_meanwhile_changes_nothing),
		STAGED(what_was_not_seen_to_its_end_is_not_matched),
		STAGED(a_request_that_is_queued_again_before_its_exit_is_two),
		STAGED(an_op_waits_while_any_of_its_requests_is_open),
		STAGED(only_what_the_ops_ask_for_is_timed),
		STAGED(distance_and_state_of_the_target_are_told),
		STAGED(a_pair_of_cpus_has_its_own_quantiles),
		STAGED(pairs_without_room_are_counted),
		STAGED(a_result_can_be_copied),
		STAGED(a_gap_is_put_down_to_what_was_seen_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
