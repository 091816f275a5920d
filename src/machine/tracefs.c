// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracefs, at any mount point. If it is mounted nowhere, root gets a mount of its own
 * with fsopen(2) and fsmount(2) that is never attached to a path. All reading goes
 * through the descriptor of its root directory.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "machine/tracefs.h"

#ifndef TRACEFS_MAGIC
#define TRACEFS_MAGIC		0x74726163
#endif
#ifndef FSOPEN_CLOEXEC		/* glibc before 2.36; linux/mount.h */
#define FSOPEN_CLOEXEC		1
#define FSMOUNT_CLOEXEC		1
#define FSCONFIG_CMD_CREATE	6
#endif

/*
 * The first mount point of tracefs in @mounts_path (/proc/self/mounts), copied to
 * @buf. Returns 0, -ENOENT if there is none, -ENAMETOOLONG if it does not fit, or the
 * -errno of opening @mounts_path.
 */
int tracefs_find_mount(const char *mounts_path, char *buf, size_t size)
{
	struct mntent entry;
	char line[8192];
	int err = -ENOENT;
	FILE *mounts = setmntent(mounts_path, "re");

	if (!mounts)
		return -errno;
	while (err == -ENOENT && getmntent_r(mounts, &entry, line, sizeof(line))) {
		if (strcmp(entry.mnt_type, "tracefs"))
			continue;
		err = (size_t)snprintf(buf, size, "%s", entry.mnt_dir) < size ?
			0 : -ENAMETOOLONG;
	}
	endmntent(mounts);
	return err;
}

static int open_mounted(void)
{
	char path[4096];
	struct statfs fs;
	int err = tracefs_find_mount("/proc/self/mounts", path, sizeof(path));
	int fd;

	if (err)
		return err;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == TRACEFS_MAGIC)
		return fd;
	close(fd);
	return -ENOENT;		/* another mount lies on top of it */
}

static int open_detached(void)
{
	int context = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	int fd;

	if (context < 0)
		return -errno;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = -errno;
	else if ((fd = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0)) < 0)
		fd = -errno;
	close(context);
	return fd;
}

/*
 * Open the root of tracefs: an O_PATH descriptor for openat(2), which the caller
 * closes. Returns it or -errno. If tracefs is mounted nowhere: -EPERM without
 * CAP_SYS_ADMIN, and -ENODEV on a kernel without tracefs. A root that can be opened
 * does not mean that its files can be read: they belong to root, mode 0640.
 */
int tracefs_open(void)
{
	int fd = open_mounted();

	return fd >= 0 ? fd : open_detached();
}

/*
 * Read @file, a path relative to the root of tracefs, into @buf as a string.
 * Returns its length or -errno; -EOVERFLOW if it does not fit.
 */
int tracefs_read(int tracefs_fd, const char *file, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd = openat(tracefs_fd, file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + len, size - len);
		if (n > 0)
			len += n;
	} while (len < size && (n > 0 || (n < 0 && errno == EINTR)));
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	if (len >= size)
		return -EOVERFLOW;
	buf[len] = '\0';
	return len;
}

/*
 * The number by which perf_event_open(2) knows the tracepoint @event, written
 * "csd/csd_queue_cpu": above 0, or -errno (-ENOENT on a kernel without it,
 * -EACCES without the right to read tracefs).
 */
int tracefs_event_id(int tracefs_fd, const char *event)
{
	char path[256], text[32], *end;
	long id;
	int len;

	if ((size_t)snprintf(path, sizeof(path), "events/%s/id", event) >= sizeof(path))
		return -ENAMETOOLONG;
	len = tracefs_read(tracefs_fd, path, text, sizeof(text));
	if (len < 0)
		return len;
	id = strtol(text, &end, 10);
	if (end == text || (*end && *end != '\n') || id <= 0 || id > 0xffff)
		return -EINVAL;
	return id;
}

/* Does the declaration before @end, "unsigned int cpu" or "char comm[16]", declare @field? */
static int declares(const char *declaration, const char *end, const char *field)
{
	const char *bracket = memchr(declaration, '[', end - declaration);
	size_t len = strlen(field);

	if (bracket)
		end = bracket;
	return len > 0 && (size_t)(end - declaration) > len &&
		!memcmp(end - len, field, len) &&
		!isalnum((unsigned char)end[-len - 1]) && end[-len - 1] != '_';
}

/*
 * Where @field lies in the records of a tracepoint, in bytes, from the text of its
 * format file: "field:DECLARATION;<tab>offset:N;<tab>size:N;..." a line
 * (kernel/trace/trace_events.c, f_show()). Returns 0, -ENOENT if no line declares
 * @field, or -EINVAL if that line is malformed.
 */
int tracefs_field(const char *format, const char *field, int *offset, int *size)
{
	const char *at = format;

	while ((at = strstr(at, "field:"))) {
		const char *end;

		at += strlen("field:");
		end = at + strcspn(at, ";\n");
		if (!declares(at, end, field))
			continue;
		if (sscanf(end, "; offset:%d; size:%d;", offset, size) != 2 ||
		    *offset < 0 || *size <= 0)
			return -EINVAL;
		return 0;
	}
	return -ENOENT;
}
