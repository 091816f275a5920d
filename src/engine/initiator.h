/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of initiators: a process, its threads, and what each does on an order. */
#ifndef TLBSYNC_ENGINE_INITIATOR_H
#define TLBSYNC_ENGINE_INITIATOR_H

#include "engine/crew.h"

void initiator_process(struct crew *crew, int first, int nr) __attribute__((noreturn));

#endif
