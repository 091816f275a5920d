// SPDX-License-Identifier: GPL-2.0-or-later
/* The lab kernel's folder in debugfs. */
#include "machine/lab.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "machine/sysfs.h"

#define DEBUGFS		"/sys/kernel/debug"

/*
 * Is @file of the lab's folder there, which @patch brings? 0, or -errno with the reason
 * and what to do about it in @why.
 */
int lab_find(const char *file, const char *patch, char *why, size_t size)
{
	char path[128];
	struct statfs fs;
	int error;

	snprintf(path, sizeof(path), LAB_FOLDER "%s", file);
	if (!access(path, R_OK))
		return 0;
	error = -errno;
	if (error == -EACCES)
		snprintf(why, size, "debugfs belongs to root; run as root");
	else if (statfs(DEBUGFS, &fs) || fs.f_type != DEBUGFS_MAGIC)
		snprintf(why, size, "debugfs is not mounted; mount -t debugfs debugfs " DEBUGFS);
	else
		snprintf(why, size, "no %s: this kernel lacks the lab patch '%s' (kernel-patches/lab)",
			 path, patch);
	return error;
}

/* Can the static key be switched here? As lab_find(). */
int lab_find_key(char *why, size_t size)
{
	return lab_find("key", "switch the key at run time", why, size);
}

/*
 * Switch tlb_ipi_broadcast_key on or off; its state comes back with settings_restore().
 * 0 or -errno with @why filled: the kernel switches it on only where it may be on.
 */
int lab_set_key(struct settings *settings, bool on, char *why, size_t size)
{
	int error = settings_write(settings, LAB_FOLDER "key", on ? "1" : "0");

	if (error == -EOPNOTSUPP)
		snprintf(why, size, "the kernel does not switch the key on here: its flush "
			 "backend is not the native one, or the CPU has INVLPGB");
	else if (error)
		snprintf(why, size, "cannot switch the key in " LAB_FOLDER "key: %s",
			 strerror(-error));
	return error;
}
