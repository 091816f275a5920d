/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record files in a folder and the folders in it.
 */
#ifndef TLBSYNC_RECORD_FOLDER_H
#define TLBSYNC_RECORD_FOLDER_H

#include <stddef.h>

struct record_files {
	char **path;	/* in the order of their names */
	int nr, room;
};

int record_files_find(const char *folder, struct record_files *files, char *why, size_t size);
void record_files_free(struct record_files *files);

#endif
