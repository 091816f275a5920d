/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number in shared memory that only rises, and processes that wait until it has.
 */
#ifndef TLBSYNC_STRESS_GATE_H
#define TLBSYNC_STRESS_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef atomic_uint gate_t;

void gate_raise(gate_t *gate, uint32_t to);
bool gate_await(gate_t *gate, uint32_t until, uint32_t patience_ms);
void gate_race(gate_t *gate, uint32_t until);

#endif
