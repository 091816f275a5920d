// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A folder of records is plain files, perhaps one folder a machine and year. What does
 * not end in .json is no record; hidden files are half written ones of somebody.
 */
#include "record/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH	2	/* folders below the one that is named */

static int add_file(struct record_files *files, char *path)
{
	if (files->nr == files->room) {
		int room = files->room ? 2 * files->room : 64;
		char **larger = realloc(files->path, (size_t)room * sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		files->path = larger;
		files->room = room;
	}
	files->path[files->nr++] = path;
	return 0;
}

static bool ends_in_json(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".json");
}

static int walk(const char *folder, int depth, struct record_files *files);

/*
 * Takes @path over or frees it. Links to folders, which may lead round in circles, and
 * folders below that cannot be read are left out.
 */
static int visit(char *path, const char *name, int depth, struct record_files *files)
{
	struct stat st;
	int err = 0;

	if (!lstat(path, &st) && S_ISDIR(st.st_mode)) {
		if (depth < MAX_DEPTH && walk(path, depth + 1, files) == -ENOMEM)
			err = -ENOMEM;
	} else if (ends_in_json(name)) {
		err = add_file(files, path);
		if (!err)
			return 0;
	}
	free(path);
	return err;
}

static int walk(const char *folder, int depth, struct record_files *files)
{
	size_t len = strlen(folder);
	const char *slash = len && folder[len - 1] == '/' ? "" : "/";
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir))) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s%s%s", folder, slash, entry->d_name) < 0)
			err = -ENOMEM;
		else
			err = visit(path, entry->d_name, depth, files);
	}
	closedir(dir);
	return err;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Finds the files NAME.json in @folder and two levels below. 0, and the caller frees
 * them; or -errno with @why filled and nothing to free.
 */
int record_files_find(const char *folder, struct record_files *files, char *why, size_t size)
{
	int err;

	memset(files, 0, sizeof(*files));
	err = walk(folder, 0, files);
	if (err) {
		snprintf(why, size, "cannot read the folder '%s': %s", folder,
			 err == -ENOENT ? "there is no such folder" : strerror(-err));
		record_files_free(files);
		return err;
	}
	if (files->nr)
		qsort(files->path, (size_t)files->nr, sizeof(*files->path), by_name);
	return 0;
}

void record_files_free(struct record_files *files)
{
	for (int i = 0; i < files->nr; i++)
		free(files->path[i]);
	free(files->path);
	memset(files, 0, sizeof(*files));
}
