// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/kmsg gives a record at each read (Documentation/ABI/testing/dev-kmsg):
 * "priority,number,time,flags;text", then lines that begin with a blank.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "stress/klog.h"

#define MAX_RECORD	8192	/* the kernel's own limit is 2048 since 6.6 */

/* What a line of an unwell kernel's log has, and what tells that it is no such line. */
static const char *const complaints[] = {
#define COMPLAINT(text)	text,
#define HARMLESS(text)
#include "stress/kernel-complaints.inc"
#undef COMPLAINT
#undef HARMLESS
};

static const char *const harmless[] = {
#define COMPLAINT(text)
#define HARMLESS(text)	text,
#include "stress/kernel-complaints.inc"
#undef COMPLAINT
#undef HARMLESS
};

static bool has_one_of(const char *line, const char *const texts[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(line, texts[i]))
			return true;
	return false;
}

/* Is @line, the text of a record, one that no healthy kernel writes? */
bool klog_is_complaint(const char *line)
{
	return !has_one_of(line, harmless, sizeof(harmless) / sizeof(harmless[0])) &&
		has_one_of(line, complaints, sizeof(complaints) / sizeof(complaints[0]));
}

/* Open the log at its end. @klog->why says why there is none, if so. */
void klog_open(struct klog *klog)
{
	klog->why[0] = '\0';
	klog->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (klog->fd < 0)
		snprintf(klog->why, sizeof(klog->why), "cannot read /dev/kmsg: %s%s",
			 strerror(errno), errno == EPERM || errno == EACCES ?
			 "; run as root, or write 0 to /proc/sys/kernel/dmesg_restrict" : "");
	klog_skip(klog);
}

/* Skip all that was written until now. */
void klog_skip(const struct klog *klog)
{
	if (klog->fd >= 0)
		lseek(klog->fd, 0, SEEK_END);
}

/* Take in the text of @record, if it is a complaint or comes after one. */
void klog_add(struct klog_lines *lines, const char *record)
{
	const char *text = strchr(record, ';');
	size_t len;

	text = text ? text + 1 : record;
	len = strcspn(text, "\n");
	if (lines->nr == KLOG_MAX_LINES)
		return;
	lines->line[lines->nr] = strndup(text, len);
	if (!lines->line[lines->nr])
		return;
	if (lines->nr || klog_is_complaint(lines->line[lines->nr]))
		lines->nr++;
	else
		free(lines->line[lines->nr]);
}

/*
 * Read what was written since the last look, and add the first complaint and all that
 * follows it to @lines, which must be all 0 at first. klog_free() frees them.
 */
void klog_read(const struct klog *klog, struct klog_lines *lines)
{
	char record[MAX_RECORD];

	while (klog->fd >= 0) {
		ssize_t got = read(klog->fd, record, sizeof(record) - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EPIPE) {
			lines->overrun = true;
			continue;
		}
		if (got <= 0)
			break;
		record[got] = '\0';
		klog_add(lines, record);
	}
}

void klog_free(struct klog_lines *lines)
{
	while (lines->nr)
		free(lines->line[--lines->nr]);
}

void klog_close(struct klog *klog)
{
	if (klog->fd >= 0)
		close(klog->fd);
}
