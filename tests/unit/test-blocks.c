// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What blocks promise: each becomes a record of its own, with its own key and boot id, its
 * cases are moved and not copied, and what is known of the boot is in all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/blocks.h"

/* Two cases, each in blocks off, on, on, off. */
static struct record make_record(void)
{
	struct record rec = { 0 };

	rec.host = strdup("lab");
	rec.started = strdup("2025-01-01T12:00:00Z");
	rec.kernel.boot_id = strdup("boot");
	rec.kernel.static_key = KEY_ON;
	rec.machine.topology = calloc(2, sizeof(*rec.machine.topology));
	rec.machine.topology[1].cpu = 1;
	rec.machine.nr_topology = 2;
	rec.cases = calloc(8, sizeof(*rec.cases));
	rec.nr_cases = 8;
	for (int i = 0; i < 8; i++) {
		struct case_result *c = &rec.cases[i];

		strcpy(c->id.workload, i < 4 ? "collapse" : "unshare");
		c->ops = (uint64_t)i + 1;
		c->latency = malloc(sizeof(*c->latency));
		hist_init(c->latency);
		c->block = i % 4 + 1;
		c->block_key = i % 4 == 1 || i % 4 == 2 ? KEY_ON : KEY_OFF;
	}
	return rec;
}

static void a_block_is_a_record_of_its_own(void **state)
{
	struct record rec = make_record(), second, fourth;

	(void)state;
	assert_int_equal(record_nr_blocks(&rec), 4);
	assert_int_equal(record_take_block(&rec, 2, &second), 0);
	assert_int_equal(record_take_block(&rec, 4, &fourth), 0);
	assert_int_equal(second.kernel.static_key, KEY_ON);
	assert_int_equal(fourth.kernel.static_key, KEY_OFF);
	assert_string_equal(second.kernel.boot_id, "boot, block 2");
	assert_string_equal(fourth.kernel.boot_id, "boot, block 4");
	assert_string_equal(second.host, "lab");
	assert_ptr_not_equal(second.host, rec.host);
	assert_int_equal(second.machine.nr_topology, 2);
	assert_int_equal(second.machine.topology[1].cpu, 1);
	record_free(&rec);
	assert_int_equal(second.nr_cases, 2);
	assert_string_equal(second.cases[0].id.workload, "collapse");
	assert_int_equal(second.cases[0].ops, 2);
	assert_int_equal(second.cases[0].block, 0);
	assert_string_equal(second.cases[1].id.workload, "unshare");
	assert_int_equal(second.cases[1].ops, 6);
	assert_non_null(second.cases[1].latency);
	record_free(&second);
	record_free(&fourth);
}

static void what_is_taken_is_gone(void **state)
{
	struct record rec = make_record(), block;

	(void)state;
	assert_int_equal(record_take_block(&rec, 4, &block), 0);
	record_free(&block);
	assert_int_equal(rec.nr_cases, 6);
	assert_int_equal(record_nr_blocks(&rec), 3);
	assert_int_equal(record_take_block(&rec, 4, &block), 0);
	assert_int_equal(block.nr_cases, 0);
	record_free(&block);
	record_free(&rec);
}

/* The first block of a run that flips the key has it off. */
static void a_run_that_was_stopped_in_its_first_block_lacks_a_key(void **state)
{
	struct record rec = make_record();
	int nr = rec.nr_cases;

	(void)state;
	assert_true(record_has_both_keys(&rec));
	rec.nr_cases = 2;
	assert_true(record_has_both_keys(&rec));
	rec.nr_cases = 1;
	assert_false(record_has_both_keys(&rec));
	rec.nr_cases = nr;
	for (int i = 0; i < nr; i++)
		rec.cases[i].block = 0;
	assert_false(record_has_both_keys(&rec));
	record_free(&rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_a_record_of_its_own),
		cmocka_unit_test(what_is_taken_is_gone),
		cmocka_unit_test(a_run_that_was_stopped_in_its_first_block_lacks_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
