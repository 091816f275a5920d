// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that appear under their name whole or not at all: written beside it, synced,
 * then renamed. Only regular files are replaced (never /dev/null).
 */
#include "record/whole-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int write_temporary(struct target *target, int (*print)(const void *what, FILE *out),
			   const void *what)
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
		errno = 0;
		err = print(what, out);
		if (!err && (fflush(out) || ferror(out)))
			err = errno ? -errno : -EIO;
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
 * Can a file be written at @path? Leaves nothing behind; for asking before a long
 * run, not after it. Returns 0 or -errno with @why filled.
 */
int whole_file_check(const char *path, char *why, size_t size)
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
 * Writes what @print prints of @what to @path, following links and replacing what was
 * there; on an error the old file is untouched and nothing new is left. @print returns 0
 * or -errno; errors of @out need not concern it. Returns 0 or -errno with @why saying
 * what failed and what to do.
 */
int whole_file_write(const char *path, int (*print)(const void *what, FILE *out),
		     const void *what, char *why, size_t size)
{
	struct target target;
	int err = resolve(&target, path, why, size);

	if (err)
		return err;
	err = write_temporary(&target, print, what);
	if (!err)
		err = sync_folder(target.folder);
	return err ? cannot_write(err, path, why, size) : 0;
}
