// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose request is it, and in which op? On made-up traces of several initiators: this file
 * stands in for the rings, so every event is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/probe.h"
#include "probe/requests.h"
#include "probe/rings.h"

#define NR_CPUS		8
#define SYNC		0x1000u
#define FLUSH		0x2000u
#define OTHER		0x3000u
#define MAX_EVENTS	64

static struct ring_event event[MAX_EVENTS];
static size_t nr_events;
static uint64_t lost;

/* ---- in place of probe/rings.c ------------------------------------------------------------ */

int rings_open(unsigned int what, struct rings **rings, char *why, size_t size)
{
	static int dummy;

	(void)why;
	(void)size;
	assert_int_equal(what, RINGS_SWITCHES);
	*rings = (struct rings *)&dummy;
	return 0;
}

int rings_map(struct rings *rings, size_t bytes)
{
	(void)rings;
	(void)bytes;
	return 0;
}

size_t rings_size(const struct rings *rings)
{
	(void)rings;
	return 4096;
}

bool rings_tell_sent(const struct rings *rings)
{
	(void)rings;
	return true;
}

int rings_enable(struct rings *rings)
{
	(void)rings;
	return 0;
}

int rings_disable(struct rings *rings)
{
	(void)rings;
	return 0;
}

int rings_read(struct rings *rings, struct event_log *log)
{
	(void)rings;
	log->event = event;
	log->nr = nr_events;
	log->lost = lost;
	log->fullest = 1024;
	return 0;
}

uint64_t rings_now_ns(void)
{
	return 0;
}

void rings_close(struct rings *rings)
{
	(void)rings;
}

void event_log_free(struct event_log *log)
{
	(void)log;
}

/* ---- a stage ---------------------------------------------------------------------------------- */

/* Two initiators, tasks 10 of process 10 and 20 of process 20, with two ops each. */
static struct op_note ops_10[2], ops_20[2];
static struct op_log logs[2];
static struct probe *probe;
static struct ipi_result total;
static uint64_t per_cpu[IPI_ARRAYS * NR_CPUS];

static int set_up(void **state)
{
	static struct machine machine;

	(void)state;
	machine.topo.nr_possible = NR_CPUS;
	machine.kernel.flush = FLUSH_NATIVE;
	machine.kernel.sym.smp_sync = SYNC;
	machine.kernel.sym.flush_func = FLUSH;
	memset(ops_10, 0, sizeof(ops_10));
	memset(ops_20, 0, sizeof(ops_20));
	memset(&total, 0, sizeof(total));
	memset(per_cpu, 0, sizeof(per_cpu));
	ipi_place(&total, per_cpu, NR_CPUS);
	ops_10[0] = (struct op_note){ .began_ns = 100, .ended_ns = 200 };
	ops_10[1] = (struct op_note){ .began_ns = 300, .ended_ns = 400 };
	ops_20[0] = (struct op_note){ .began_ns = 150, .ended_ns = 250 };
	ops_20[1] = (struct op_note){ .began_ns = 260, .ended_ns = 500 };
	logs[0] = (struct op_log){ .pid = 10, .actor = 10, .op = ops_10, .nr_ops = 2 };
	logs[1] = (struct op_log){ .pid = 20, .actor = 20, .op = ops_20, .nr_ops = 2 };
	nr_events = lost = 0;
	return csd_source.open(&machine, &probe, (char[64]){ 0 }, 64);
}

static int tear_down(void **state)
{
	(void)state;
	csd_source.close(probe);
	return 0;
}

static void happens(struct ring_event one)
{
	assert_true(nr_events < MAX_EVENTS);
	if (!one.pid)
		one.pid = one.tid;
	event[nr_events++] = one;
}

static void asks(uint64_t time_ns, pid_t tid, uint64_t func, uint32_t target)
{
	happens((struct ring_event){ .kind = EVENT_QUEUE, .time_ns = time_ns, .tid = tid,
				     .cpu = (uint32_t)tid / 10, .func = func,
				     .csd = (uint64_t)tid, .target = target });
}

static void collect(void)
{
	double fill;

	assert_int_equal(csd_source.collect(probe, logs, 2, &fill), 0);
	assert_true(fill == 0.25);
}

static void tally(void)
{
	assert_int_equal(csd_source.tally(probe, logs, 2, &total), 0);
}

/* The request that @tid asked of @target last begins to run there. */
static void runs(uint64_t time_ns, uint64_t func, uint32_t target, pid_t tid)
{
	happens((struct ring_event){ .kind = EVENT_ENTRY, .time_ns = time_ns, .tid = 5, .cpu = target,
				     .func = func, .csd = (uint64_t)tid });
}

/* ---- promises ---------------------------------------------------------------------------------- */

/* Both ask at the same time; what counts is who. */
static void a_request_is_of_the_op_whose_task_made_it(void **state)
{
	(void)state;
	asks(160, 10, SYNC, 3);
	asks(160, 20, SYNC, 3);
	asks(161, 20, FLUSH, 4);
	asks(320, 10, SYNC, 5);
	asks(320, 20, OTHER, 5);
	collect();
	tally();
	assert_int_equal(ops_10[0].counts.requested[IPI_SYNC], 1);
	assert_int_equal(ops_10[0].counts.requested[IPI_FLUSH], 0);
	assert_int_equal(ops_10[1].counts.requested[IPI_SYNC], 1);
	assert_int_equal(ops_20[0].counts.requested[IPI_SYNC], 1);
	assert_int_equal(ops_20[0].counts.requested[IPI_FLUSH], 1);
	assert_int_equal(ops_20[1].counts.requested[IPI_OTHER], 1);
	assert_int_equal(total.count[IPI_SYNC].own_per_cpu[3], 2);
	assert_int_equal(total.nr_causes, 1);
	assert_int_equal(total.cause[0].requested, 1);
}

static void an_op_holds_its_first_and_its_last_moment(void **state)
{
	(void)state;
	asks(99, 10, SYNC, 1);		/* before the first op of all: nobody's */
	asks(100, 10, SYNC, 1);
	asks(200, 10, SYNC, 1);
	asks(201, 10, SYNC, 1);
	collect();
	tally();
	assert_int_equal(ops_10[0].counts.requested[IPI_SYNC], 2);
	assert_int_equal(total.count[IPI_SYNC].between_ops, 1);
	assert_int_equal(total.count[IPI_SYNC].foreign, 0);
}

/* An initiator that arms asks between its ops, even if another one is in its op. */
static void what_an_initiator_asks_between_its_ops_is_in_no_op(void **state)
{
	(void)state;
	asks(220, 10, FLUSH, 1);
	collect();
	tally();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ops_10[i].counts.requested[IPI_FLUSH], 0);
		assert_int_equal(ops_20[i].counts.requested[IPI_FLUSH], 0);
	}
	assert_int_equal(total.count[IPI_FLUSH].between_ops, 1);
}

static void what_others_ask_is_foreign_while_any_op_is_under_way(void **state)
{
	(void)state;
	asks(50, 70, OTHER, 1);
	asks(220, 70, OTHER, 1);
	asks(255, 70, OTHER, 1);
	collect();
	tally();
	assert_int_equal(total.count[IPI_OTHER].foreign, 1);
	assert_int_equal(total.cause[0].foreign, 1);
}

/* Children of an op, say. Without the initiator's own name, it is none of them. */
static void an_op_may_name_the_tasks_that_act_in_it(void **state)
{
	pid_t actors[] = { 77, 71, 72 };

	(void)state;
	logs[0].actors = actors;
	ops_10[1].first_actor = 1;
	ops_10[1].nr_actors = 2;
	asks(310, 71, SYNC, 1);
	asks(311, 72, SYNC, 1);
	asks(312, 10, SYNC, 1);
	asks(313, 77, SYNC, 1);
	collect();
	tally();
	assert_int_equal(ops_10[1].counts.requested[IPI_SYNC], 2);
	assert_int_equal(total.count[IPI_SYNC].foreign, 1);
	assert_int_equal(total.count[IPI_SYNC].between_ops, 1);
}

static void of_a_dropped_op_nothing_is_added_up(void **state)
{
	(void)state;
	asks(160, 10, SYNC, 3);
	asks(160, 20, SYNC, 3);
	runs(161, SYNC, 3, 10);
	happens((struct ring_event){ .kind = EVENT_SENT, .time_ns = 161, .cpu = 1, .func = 9,
				     .tid = 10, .target = 3, .nr = 1 });
	collect();
	ops_10[0].dropped = true;
	tally();
	assert_int_equal(total.count[IPI_SYNC].own_per_cpu[3], 1);
	assert_int_equal(total.count[IPI_SYNC].handled, 0);
	assert_int_equal(total.count[IPI_SYNC].sent, 0);
	assert_int_equal(total.count[IPI_SYNC].between_ops, 0);
}

/* It is in the figures if its request is, wherever it runs and whatever else is under way. */
static void what_a_target_handles_counts_as_its_request_does(void **state)
{
	(void)state;
	asks(160, 10, FLUSH, 3);
	runs(165, FLUSH, 3, 10);		/* of an op */
	asks(170, 70, FLUSH, 4);
	runs(175, FLUSH, 4, 70);		/* foreign */
	asks(220, 10, FLUSH, 5);
	runs(225, FLUSH, 5, 10);		/* between ops, but in another initiator's op */
	runs(226, FLUSH, 6, 77);		/* nobody saw the request */
	happens((struct ring_event){ .kind = EVENT_ENTRY, .time_ns = 160, .cpu = 1, .func = FLUSH,
				     .csd = 0, .tid = 10 });	/* the sender's own share */
	collect();
	tally();
	assert_int_equal(total.count[IPI_FLUSH].handled, 2);
	assert_int_equal(total.count[IPI_FLUSH].per_cpu[3], 1);
	assert_int_equal(total.count[IPI_FLUSH].per_cpu[4], 1);
}

/* A thread of ours that is no initiator is anybody. */
static void what_a_responder_asks_in_an_op_is_foreign(void **state)
{
	(void)state;
	happens((struct ring_event){ .kind = EVENT_QUEUE, .time_ns = 160, .pid = 10, .tid = 60, .cpu = 6,
				     .func = FLUSH, .csd = 9, .target = 3 });
	happens((struct ring_event){ .kind = EVENT_QUEUE, .time_ns = 600, .pid = 10, .tid = 60, .cpu = 6,
				     .func = FLUSH, .csd = 9, .target = 3 });
	collect();
	tally();
	assert_int_equal(total.count[IPI_FLUSH].foreign, 1);
	assert_int_equal(total.count[IPI_FLUSH].between_ops, 1);
}

static void many_requests_are_told_apart(void **state)
{
	struct requests requests = { 0 };

	(void)state;
	assert_null(requests_get(&requests, 64, 0));
	for (uint64_t csd = 1; csd <= 100; csd++)
		for (uint32_t target = 0; target < 100; target++) {
			struct request *request = requests_put(&requests, csd << 6, target);

			assert_non_null(request);
			request->counted = (csd + target) % 3 == 0;
		}
	for (uint64_t csd = 1; csd <= 100; csd++)
		for (uint32_t target = 0; target < 100; target++)
			assert_int_equal(requests_get(&requests, csd << 6, target)->counted,
					 (csd + target) % 3 == 0);
	assert_null(requests_get(&requests, 1, 1));
	assert_null(requests_get(&requests, 0, 1));
	assert_ptr_equal(requests_put(&requests, 64, 0), requests_get(&requests, 64, 0));
	requests_free(&requests);
}

/* Three requests, two interrupts: one target had one on its way already. */
static void interrupts_are_of_the_class_that_was_queued_before_them(void **state)
{
	(void)state;
	for (uint32_t target = 3; target < 6; target++)
		asks(160, 10, SYNC, target);
	asks(161, 20, FLUSH, 3);
	happens((struct ring_event){ .kind = EVENT_SENT, .time_ns = 162, .cpu = 1, .func = 9,
				     .tid = 10, .target = 4, .nr = 2 });
	happens((struct ring_event){ .kind = EVENT_SENT, .time_ns = 162, .cpu = 2, .func = 9,
				     .tid = 20, .target = 3, .nr = 1 });
	collect();
	tally();
	assert_true(total.count[IPI_SYNC].has_sent);
	assert_int_equal(total.count[IPI_SYNC].sent, 2);
	assert_int_equal(total.count[IPI_FLUSH].sent, 1);
}

static void switched(enum ring_event_kind kind, uint64_t time_ns, pid_t tid)
{
	happens((struct ring_event){ .kind = kind, .time_ns = time_ns, .tid = tid, .cpu = 6 });
}

/* Of its own initiator's ops only: it is in no other mm. */
static void a_responder_that_is_away_displaces_every_op_since_it_left(void **state)
{
	static const struct pinned_task responder = { .tid = 60, .cpu = 6 };

	(void)state;
	logs[0].responder = &responder;
	logs[0].nr_responders = 1;
	switched(EVENT_OUT, 210, 60);
	switched(EVENT_IN, 350, 60);
	collect();
	assert_false(ops_10[0].counts.displaced);
	assert_true(ops_10[1].counts.displaced);
	assert_false(ops_20[0].counts.displaced);
	assert_false(ops_20[1].counts.displaced);
}

static void a_responder_that_has_not_come_back_displaces_the_ops_of_the_next_look(void **state)
{
	static const struct pinned_task responder = { .tid = 60, .cpu = 6 };

	(void)state;
	logs[1].responder = &responder;
	logs[1].nr_responders = 1;
	switched(EVENT_OUT, 255, 60);
	collect();
	assert_false(ops_20[0].counts.displaced);
	assert_true(ops_20[1].counts.displaced);

	nr_events = 0;
	ops_20[0] = (struct op_note){ .began_ns = 700, .ended_ns = 800 };
	ops_20[1] = (struct op_note){ .began_ns = 900, .ended_ns = 990 };
	switched(EVENT_IN, 850, 60);
	collect();
	assert_true(ops_20[0].counts.displaced);
	assert_false(ops_20[1].counts.displaced);
}

static void what_was_lost_is_told(void **state)
{
	(void)state;
	lost = 3;
	collect();
	tally();
	assert_int_equal(total.lost, 3);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(a_request_is_of_the_op_whose_task_made_it),
		STAGED(an_op_holds_its_first_and_its_last_moment),
		STAGED(what_an_initiator_asks_between_its_ops_is_in_no_op),
		STAGED(what_others_ask_is_foreign_while_any_op_is_under_way),
		STAGED(an_op_may_name_the_tasks_that_act_in_it),
		STAGED(of_a_dropped_op_nothing_is_added_up),
		STAGED(what_a_target_handles_counts_as_its_request_does),
		STAGED(what_a_responder_asks_in_an_op_is_foreign),
		STAGED(many_requests_are_told_apart),
		STAGED(interrupts_are_of_the_class_that_was_queued_before_them),
		STAGED(a_responder_that_is_away_displaces_every_op_since_it_left),
		STAGED(a_responder_that_has_not_come_back_displaces_the_ops_of_the_next_look),
		STAGED(what_was_lost_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
