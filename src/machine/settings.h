/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System settings that a run changes, and their old values. The table lies in
 * memory shared between the processes of a run, so the one that lives longest
 * can restore everything. An old value is stored before the new one is written.
 */
#ifndef TLBSYNC_MACHINE_SETTINGS_H
#define TLBSYNC_MACHINE_SETTINGS_H

#include <sys/types.h>

struct settings;

struct settings *settings_new(void);
int settings_write(struct settings *settings, const char *path, const char *value);
int settings_pin(struct settings *settings, pid_t pid, int cpu, int nice);
int settings_restore(struct settings *settings);
int settings_changed(const struct settings *settings);
void settings_free(struct settings *settings);

#endif
