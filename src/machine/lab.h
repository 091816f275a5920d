/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the patches of kernel-patches/lab offer in debugfs. Each of its files may be
 * missing, and then it is said which patch brings it.
 */
#ifndef TLBSYNC_MACHINE_LAB_H
#define TLBSYNC_MACHINE_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/settings.h"

#define LAB_FOLDER	"/sys/kernel/debug/tlbsync/"

int lab_find(const char *file, const char *patch, char *why, size_t size);
int lab_find_key(char *why, size_t size);
int lab_set_key(struct settings *settings, bool on, char *why, size_t size);

#endif
