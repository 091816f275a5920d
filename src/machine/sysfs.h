/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One-value kernel files (sysfs, /proc/sys): read, write, pick the [chosen] word. */
#ifndef TLBSYNC_MACHINE_SYSFS_H
#define TLBSYNC_MACHINE_SYSFS_H

#include <stddef.h>
#include <stdint.h>

#define SYSFS_THP		"/sys/kernel/mm/transparent_hugepage/"
#define SYSFS_KHUGEPAGED	SYSFS_THP "khugepaged/"
#define SYSFS_NODE_HUGETLB_2M	"/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/"
#define SYSFS_HUGETLB_2M	"/sys/kernel/mm/hugepages/hugepages-2048kB/"

int sysfs_read(const char *path, char *buf, size_t size);
int sysfs_read_u64(const char *path, uint64_t *value);
int sysfs_read_choice(const char *path, char *buf, size_t size);
int sysfs_write(const char *path, const char *value);

#endif
