/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log from a moment on: the first complaint, a line that no healthy kernel
 * writes, and all lines after it.
 */
#ifndef TLBSYNC_STRESS_KLOG_H
#define TLBSYNC_STRESS_KLOG_H

#include <stdbool.h>
#include <stddef.h>

#define KLOG_MAX_LINES	60

struct klog {
	int fd;			/* /dev/kmsg, or -1 */
	char why[128];		/* why it cannot be read; "" if it can */
};

/* The first complaint and the lines after it. */
struct klog_lines {
	char *line[KLOG_MAX_LINES];
	int nr;
	bool overrun;		/* the kernel threw lines away before they were read */
};

void klog_open(struct klog *klog);
void klog_skip(const struct klog *klog);
void klog_read(const struct klog *klog, struct klog_lines *lines);
bool klog_is_complaint(const char *line);
void klog_add(struct klog_lines *lines, const char *record);
void klog_free(struct klog_lines *lines);
void klog_close(struct klog *klog);

#endif
