/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run that flips the key holds each case once a block: with the key off or on, in turns,
 * within one boot. Here it is taken apart into one record a block.
 */
#ifndef TLBSYNC_RECORD_BLOCKS_H
#define TLBSYNC_RECORD_BLOCKS_H

#include "record/record.h"

int record_nr_blocks(const struct record *rec);
bool record_has_both_keys(const struct record *rec);
int record_take_block(struct record *rec, int number, struct record *block);

#endif
