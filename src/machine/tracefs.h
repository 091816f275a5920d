/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracefs, at its mount point in this namespace. If nobody mounted it, root reads it
 * through a detached mount that no other process sees and that disappears with the
 * file descriptor.
 */
#ifndef TLBSYNC_MACHINE_TRACEFS_H
#define TLBSYNC_MACHINE_TRACEFS_H

#include <stddef.h>

int tracefs_open(void);
int tracefs_find_mount(const char *mounts_path, char *buf, size_t size);
int tracefs_read(int tracefs_fd, const char *file, char *buf, size_t size);
int tracefs_event_id(int tracefs_fd, const char *event);
int tracefs_field(const char *format, const char *field, int *offset, int *size);

#endif
