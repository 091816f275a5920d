// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The records of a folder, read on all CPUs and given away one by one. Files that cannot
 * be used are named, but not those that the suite itself puts beside records.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/history.h"
#include "cmd/parallel.h"
#include "record/folder.h"

#define KEPT_BYTES	(64 << 20)	/* of freed memory, for the next record */

/* A file that was read: a record, or why it is none. */
struct reading {
	struct record rec;
	int err;
	char why[1024];
};

/* What the threads work on. */
struct work {
	struct record_files files;
	struct history_reader *reader;
};

static void *read_file(void *ctx, int index)
{
	const struct work *work = ctx;
	struct reading *reading = malloc(sizeof(*reading));

	if (reading)
		reading->err = record_read(work->files.path[index], &reading->rec, reading->why,
					   sizeof(reading->why));
	return reading;
}

static void give(struct history_reader *reader, const char *path, struct record *rec)
{
	char why[256];
	int err = reader->add(reader->ctx, rec, why, sizeof(why));

	record_free(rec);
	if (err == -ENOMEM) {
		reader->err = err;
	} else if (err) {
		cmd_error("history", "passed over: cannot use '%s': %s", path, why);
		reader->passed_over++;
	}
}

static void take_file(void *ctx, int index, void *result)
{
	struct reading *reading = result;
	const struct work *work = ctx;
	struct history_reader *reader = work->reader;

	if (!reading || reading->err == -ENOMEM) {
		reader->err = -ENOMEM;
	} else if (reading->err == -ENOMSG) {
		reader->known_others++;
	} else if (reading->err) {
		cmd_error("history", "passed over: %s", reading->why);
		reader->passed_over++;
	} else {
		give(reader, work->files.path[index], &reading->rec);
	}
	free(reading);
}

/*
 * Gives the records in @folder and two levels below to @reader, in the order of their
 * names. 0; or -errno, after a message unless it is -ENOMEM.
 */
int history_read(struct history_reader *reader, const char *folder)
{
	struct work work = { .reader = reader };
	char why[1024];
	int err = record_files_find(folder, &work.files, why, sizeof(why));

	if (err) {
		cmd_error("history", "%s", why);
		return err;
	}
	/* Its histograms take 58 KiB each: to the kernel and back is longer than to read it. */
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	parallel_run(&(struct parallel_job){ work.files.nr, &work, read_file, take_file });
	record_files_free(&work.files);
	return reader->err;
}
