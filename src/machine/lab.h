/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the patches of kernel-patches/lab offer in debugfs: the static key, windows that are
 * held open in GUP-fast for tasks that ask for it, and counters that show whether a flush
 * came before each sync that was skipped. If one of them is missing, the reason names the
 * patch that adds it.
 */
#ifndef TLBSYNC_MACHINE_LAB_H
#define TLBSYNC_MACHINE_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/settings.h"

#define LAB_FOLDER	"/sys/kernel/debug/tlbsync/"

/* Syncs that were skipped since the counters were cleared, with and without proof of a flush. */
struct lab_assert {
	uint64_t seen, proved, unproved;
};

int lab_find(const char *file, const char *patch, char *why, size_t size);
int lab_find_key(char *why, size_t size);
int lab_set_key(struct settings *settings, bool on, char *why, size_t size);
int lab_open_windows(struct settings *settings, uint32_t pmd_us, uint32_t pte_us,
		     char *why, size_t size);
int lab_enter_window(void);
int lab_read_assert(struct lab_assert *counts);
int lab_parse_assert(const char *text, struct lab_assert *counts);

#endif
