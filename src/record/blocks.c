// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks out of a record: its head copied, their cases moved. */
#include "record/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The largest number of a block; 0: the run did not flip the key. */
int record_nr_blocks(const struct record *rec)
{
	int nr = 0;

	for (int i = 0; i < rec->nr_cases; i++)
		nr = rec->cases[i].block > nr ? rec->cases[i].block : nr;
	return nr;
}

/* Are there blocks with the key off and on? A run that was stopped may lack one of them. */
bool record_has_both_keys(const struct record *rec)
{
	bool off = false, on = false;

	for (int i = 0; i < rec->nr_cases; i++) {
		if (!rec->cases[i].block)
			continue;
		on |= rec->cases[i].block_key == KEY_ON;
		off |= rec->cases[i].block_key != KEY_ON;
	}
	return off && on;
}

/* What is known of the boot, and nothing of its cases. 0 or -ENOMEM. */
static int copy_head(struct record *to, const struct record *from)
{
	size_t bytes = (size_t)from->machine.nr_topology * sizeof(*from->machine.topology);
	char **strings[RECORD_STRINGS];
	int err = 0;

	*to = *from;
	to->cases = NULL;
	to->nr_cases = 0;
	record_strings(to, strings);
	for (int i = 0; i < RECORD_STRINGS; i++) {
		if (!*strings[i])
			continue;
		*strings[i] = strdup(*strings[i]);
		err = *strings[i] ? err : -ENOMEM;
	}
	if (!from->machine.topology)
		return err;
	to->machine.topology = malloc(bytes ? bytes : 1);
	if (!to->machine.topology)
		return -ENOMEM;
	memcpy(to->machine.topology, from->machine.topology, bytes);
	return err;
}

/* Each block is a sample of its own, with an identity of its own. */
static int name_block(struct record *block, int number)
{
	char *id = NULL;

	if (asprintf(&id, "%s, block %d", block->kernel.boot_id ? block->kernel.boot_id : "",
		     number) < 0)
		return -ENOMEM;
	free(block->kernel.boot_id);
	block->kernel.boot_id = id;
	free(block->kernel.static_key_why);
	block->kernel.static_key_why = strdup("set for its blocks");
	return block->kernel.static_key_why ? 0 : -ENOMEM;
}

static int move_cases(struct record *rec, int number, struct record *block)
{
	int left = 0;

	block->cases = calloc((size_t)rec->nr_cases + 1, sizeof(*block->cases));
	if (!block->cases)
		return -ENOMEM;
	for (int i = 0; i < rec->nr_cases; i++) {
		struct case_result *c = &rec->cases[i];

		if (c->block != number) {
			rec->cases[left++] = *c;
			continue;
		}
		block->kernel.static_key = c->block_key;
		block->cases[block->nr_cases] = *c;
		block->cases[block->nr_cases++].block = 0;
	}
	rec->nr_cases = left;
	return 0;
}

/*
 * Moves the cases of block @number of @rec to @block, a record with the same head but for
 * its boot id and static key, which are the block's. record_free() frees it. Returns 0, or
 * -ENOMEM with @block empty.
 */
int record_take_block(struct record *rec, int number, struct record *block)
{
	int err = copy_head(block, rec);

	if (!err)
		err = name_block(block, number);
	if (!err)
		err = move_cases(rec, number, block);
	if (err)
		record_free(block);
	return err;
}
