// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One-value kernel files. They are read and written by one system call each:
 * the kernel makes the text when it is asked, and takes a value only whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/sysfs.h"

static ssize_t read_whole(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}
	return len;
}

/*
 * Read the file at @path into @buf as a string, without its last newline.
 * Returns 0 or -errno. -EOVERFLOW: @buf holds the first @size - 1 bytes. After
 * any other error @buf is "".
 */
int sysfs_read(const char *path, char *buf, size_t size)
{
	ssize_t len;
	char more;
	int err = 0;
	int fd;

	if (size == 0)
		return -EINVAL;
	buf[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read_whole(fd, buf, size - 1);
	if (len < 0) {
		err = len;
		len = 0;
	} else if ((size_t)len == size - 1 && read_whole(fd, &more, 1) == 1 &&
		   more != '\n') {
		err = -EOVERFLOW;
	}
	close(fd);
	buf[len] = '\0';
	if (len > 0 && buf[len - 1] == '\n')
		buf[len - 1] = '\0';
	return err;
}

/* Read one unsigned decimal number. Returns 0 or -errno; *@value changes only on 0. */
int sysfs_read_u64(const char *path, uint64_t *value)
{
	char buf[32], *end;
	unsigned long long number;
	int err = sysfs_read(path, buf, sizeof(buf));

	if (err)
		return err;
	if (buf[0] < '0' || buf[0] > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(buf, &end, 10);
	if (errno)
		return -errno;
	if (*end)
		return -EINVAL;
	*value = number;
	return 0;
}

/*
 * Read the chosen word of a file such as "always [madvise] never" into @buf.
 * Returns 0 or -errno; -EINVAL if no word is in brackets.
 */
int sysfs_read_choice(const char *path, char *buf, size_t size)
{
	char text[256];
	const char *open_at, *close_at;
	int err = sysfs_read(path, text, sizeof(text));

	if (size == 0)
		return -EINVAL;
	buf[0] = '\0';
	if (err)
		return err;
	open_at = strchr(text, '[');
	close_at = open_at ? strchr(open_at, ']') : NULL;
	if (!close_at)
		return -EINVAL;
	if ((size_t)(close_at - open_at) > size)
		return -EOVERFLOW;
	memcpy(buf, open_at + 1, close_at - open_at - 1);
	buf[close_at - open_at - 1] = '\0';
	return 0;
}

/* Write @value to the file at @path, in one system call. Returns 0 or -errno. */
int sysfs_write(const char *path, const char *value)
{
	size_t len = strlen(value);
	ssize_t n;
	int err = 0;
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, value, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		err = -errno;
	else if ((size_t)n != len)
		err = -EIO;
	if (close(fd) && !err)
		err = -errno;
	return err;
}
