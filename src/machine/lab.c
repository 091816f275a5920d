// SPDX-License-Identifier: GPL-2.0-or-later
/* The lab kernel's folder in debugfs. */
#include "machine/lab.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/capabilities.h"
#include "machine/sysfs.h"

/*
 * Is @file of the lab's folder there, which @patch brings? 0, or -errno with the reason
 * and what to do about it in @why.
 */
int lab_find(const char *file, const char *patch, char *why, size_t size)
{
	char path[128], absent[256];
	int error;

	snprintf(path, sizeof(path), LAB_FOLDER "%s", file);
	if (!access(path, R_OK))
		return 0;
	error = -errno;
	snprintf(absent, sizeof(absent), "no %s: this kernel lacks the lab patch '%s' "
		 "(kernel-patches/lab)", path, patch);
	debugfs_blocked(-error, debugfs_ask(), absent, why, size);
	return error;
}

/* Can the static key be switched here? As lab_find(). */
int lab_find_key(char *why, size_t size)
{
	return lab_find("key", "switch the key at run time", why, size);
}

/*
 * Switch tlb_ipi_broadcast_key on or off; its state comes back with settings_restore().
 * 0 or -errno with @why filled: the kernel refuses to switch it on if it may not be on.
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

static int write_us(struct settings *settings, const char *path, uint32_t us,
		    char *why, size_t size)
{
	char text[16];
	int error;

	snprintf(text, sizeof(text), "%u", us);
	error = settings_write(settings, path, text);
	if (error)
		snprintf(why, size, "cannot write %s to %s: %s", text, path, strerror(-error));
	return error;
}

/* Hold the windows open for so many microseconds, until the settings are restored. */
int lab_open_windows(struct settings *settings, uint32_t pmd_us, uint32_t pte_us,
		     char *why, size_t size)
{
	int error = write_us(settings, LAB_FOLDER "window_pmd_us", pmd_us, why, size);

	return error ? error :
	       write_us(settings, LAB_FOLDER "window_pte_us", pte_us, why, size);
}

/* From now on this thread's walks wait in the windows. 0 or -errno. */
int lab_enter_window(void)
{
	return sysfs_write(LAB_FOLDER "window", "1");
}

/* From "seen N\nproved N\nunproved N": 0 or -EINVAL. */
int lab_parse_assert(const char *text, struct lab_assert *counts)
{
	return sscanf(text, "seen %" SCNu64 " proved %" SCNu64 " unproved %" SCNu64,
		      &counts->seen, &counts->proved, &counts->unproved) == 3 ? 0 : -EINVAL;
}

/* The counters now. 0 or -errno. */
int lab_read_assert(struct lab_assert *counts)
{
	char text[128];
	int error = sysfs_read(LAB_FOLDER "assert_flush", text, sizeof(text));

	return error ? error : lab_parse_assert(text, counts);
}
