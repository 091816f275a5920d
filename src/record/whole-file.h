/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that appear under their name whole or not at all.
 */
#ifndef TLBSYNC_RECORD_WHOLE_FILE_H
#define TLBSYNC_RECORD_WHOLE_FILE_H

#include <stddef.h>
#include <stdio.h>

int whole_file_check(const char *path, char *why, size_t size);
int whole_file_write(const char *path, int (*print)(const void *what, FILE *out),
		     const void *what, char *why, size_t size);

#endif
