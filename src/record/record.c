// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as files. A record appears under its name whole or not at all: it is
 * written beside it, synced, then renamed. Only regular files of a sane size are
 * read, and only regular files are replaced (never /dev/null).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/record.h"

/* A file about to be replaced: the real path behind links, and the one beside it. */
struct target {
	char path[PATH_MAX];
	char folder[PATH_MAX];
	char temporary[PATH_MAX + 64];
};

__attribute__((format(printf, 4, 5)))
static int because(int err, char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return err;
}

static int cannot_write(int err, const char *path, char *why, size_t size)
{
	switch (err) {
	case -ENOSPC:
	case -EDQUOT:
		return because(err, why, size,
			       "cannot write '%s': %s; free some space or choose another folder",
			       path, strerror(-err));
	case -ENOMEM:
		return because(err, why, size, "cannot write '%s': out of memory", path);
	default:
		return because(err, why, size,
			       "cannot write '%s': %s; choose a file that you may write",
			       path, strerror(-err));
	}
}

static int split(struct target *target, char *why, size_t size)
{
	const char *slash = strrchr(target->path, '/');
	struct stat st;

	if (!slash)
		strcpy(target->folder, ".");
	else if (slash == target->path)
		strcpy(target->folder, "/");
	else
		snprintf(target->folder, sizeof(target->folder), "%.*s",
			 (int)(slash - target->path), target->path);
	if (stat(target->folder, &st))
		return because(-errno, why, size,
			       "cannot write '%s': the folder '%s': %s; create it or choose another",
			       target->path, target->folder, strerror(errno));
	snprintf(target->temporary, sizeof(target->temporary), "%s/.tlbsync-XXXXXX",
		 target->folder);
	return 0;
}

static int resolve(struct target *target, const char *path, char *why, size_t size)
{
	size_t len = strlen(path);
	struct stat st;

	if (!len || len >= sizeof(target->path))
		return because(-EINVAL, why, size, "cannot write '%s': %s", path,
			       len ? "the name is too long" : "the name is empty");
	if (lstat(path, &st)) {
		strcpy(target->path, path);
		if (path[len - 1] == '/')
			return because(-EISDIR, why, size,
				       "cannot write '%s': that names a folder; give a file name",
				       path);
		return split(target, why, size);
	}
	if (!realpath(path, target->path) || stat(target->path, &st))
		return cannot_write(-errno, path, why, size);
	if (S_ISDIR(st.st_mode))
		return because(-EISDIR, why, size,
			       "cannot write '%s': it is a directory; give a file name", path);
	if (!S_ISREG(st.st_mode))
		return because(-EINVAL, why, size,
			       "cannot write '%s': it is not a regular file; choose another name",
			       path);
	return split(target, why, size);
}

/* A new file of a unique name, with the permissions that any new file has. */
static int open_temporary(struct target *target)
{
	int fd = mkostemp(target->temporary, O_CLOEXEC);
	mode_t mask;

	if (fd < 0)
		return -errno;
	mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
	return fd;
}

/* Some filesystems cannot sync a folder; that is no reason to fail. */
static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return 0;
	if (fsync(fd) && errno == EIO)
		err = -EIO;
	close(fd);
	return err;
}

static int write_temporary(const struct record *rec, struct target *target)
{
	int fd = open_temporary(target);
	FILE *out;
	int err;

	if (fd < 0)
		return fd;
	out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
	} else {
		err = record_print(rec, out);
		if (!err && fsync(fd))
			err = -errno;
		if (fclose(out) && !err)
			err = -errno;
	}
	if (!err && rename(target->temporary, target->path))
		err = -errno;
	if (err)
		unlink(target->temporary);
	return err;
}

/*
 * Can a record be written at @path? Leaves nothing behind; for asking before a long
 * run, not after it. Returns 0 or -errno with @why filled.
 */
int record_check_path(const char *path, char *why, size_t size)
{
	struct target target;
	int fd, err = resolve(&target, path, why, size);

	if (err)
		return err;
	fd = open_temporary(&target);
	if (fd < 0)
		return cannot_write(fd, path, why, size);
	close(fd);
	unlink(target.temporary);
	return 0;
}

/*
 * Writes the record to @path, following links and replacing what was there; on an
 * error the old file is untouched and nothing new is left. Returns 0 or -errno
 * with @why saying what failed and what to do.
 */
int record_write(const struct record *rec, const char *path, char *why, size_t size)
{
	struct target target;
	int err = resolve(&target, path, why, size);

	if (err)
		return err;
	err = write_temporary(rec, &target);
	if (!err)
		err = sync_folder(target.folder);
	return err ? cannot_write(err, path, why, size) : 0;
}

/* An open regular file of @bytes, not empty and not too large; or -errno. */
static int open_record(const char *path, size_t *bytes, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const char *fault = NULL;
	struct stat st;

	if (fd < 0)
		return because(-errno, why, size, "cannot read '%s': %s", path,
			       errno == ENOENT ? "there is no such file" : strerror(errno));
	if (fstat(fd, &st))
		fault = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		fault = "it is a directory; give a record file";
	else if (!S_ISREG(st.st_mode))
		fault = "it is not a regular file";
	else if (!st.st_size)
		fault = "it is empty";
	else if (st.st_size > RECORD_MAX_BYTES)
		fault = "it is too large for a record";
	if (fault) {
		close(fd);
		return because(-EINVAL, why, size, "cannot read '%s': %s", path, fault);
	}
	*bytes = (size_t)st.st_size;
	return fd;
}

static int read_all(int fd, char *buf, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t n = read(fd, buf + done, bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;	/* it shrank meanwhile */
		done += (size_t)n;
	}
	return 0;
}

/* jansson quotes the file's own bytes in its messages: keep them off a terminal. */
static void printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static int parse(const char *path, const char *buf, size_t bytes, struct record *rec,
		 char *why, size_t size)
{
	json_error_t error;
	json_t *json = json_loadb(buf, bytes, JSON_REJECT_DUPLICATES, &error);
	char fault[400];
	int err;

	if (!json) {
		printable(error.text);
		return because(-EINVAL, why, size, "cannot read '%s': not JSON, line %d: %s",
			       path, error.line, error.text);
	}
	err = record_from_json(json, rec, fault, sizeof(fault));
	json_decref(json);
	if (err)
		return because(err, why, size, "cannot read '%s': %s", path, fault);
	return 0;
}

/*
 * Reads the record in the file @path into @rec, whose old content is overwritten.
 * Returns 0, and the caller record_free()s it; or -errno with @why filled and
 * nothing to free.
 */
int record_read(const char *path, struct record *rec, char *why, size_t size)
{
	size_t bytes = 0;
	char *buf;
	int err, fd = open_record(path, &bytes, why, size);

	memset(rec, 0, sizeof(*rec));
	if (fd < 0)
		return fd;
	buf = malloc(bytes);
	err = buf ? read_all(fd, buf, bytes) : -ENOMEM;
	close(fd);
	if (err)
		because(err, why, size, "cannot read '%s': %s", path, strerror(-err));
	else
		err = parse(path, buf, bytes, rec, why, size);
	free(buf);
	return err;
}

/* Frees the cases of a record and leaves the rest of it. */
void record_free_cases(struct record *rec)
{
	for (int i = 0; i < rec->nr_cases; i++)
		case_result_free(&rec->cases[i]);
	free(rec->cases);
	rec->cases = NULL;
	rec->nr_cases = 0;
}

/* Frees all that a record holds, not the struct; twice is harmless. */
void record_free(struct record *rec)
{
	char *const strings[] = {
		rec->id, rec->started, rec->tool, rec->command, rec->profile, rec->host,
		rec->kernel.release, rec->kernel.cmdline, rec->kernel.boot_id,
		rec->kernel.static_key_why, rec->kernel.flush_why,
		rec->machine.cpu, rec->machine.hypervisor, rec->machine.microcode,
		rec->machine.governor, rec->machine.smt, rec->machine.isolated,
		rec->machine.nohz_full, rec->counter, rec->counter_why,
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		free(strings[i]);
	record_free_cases(rec);
	memset(rec, 0, sizeof(*rec));
}
