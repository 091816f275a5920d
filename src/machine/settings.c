// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of changed settings. An entry is complete before the setting is
 * touched, and the count is raised last. So the table is right at every moment: a
 * process that reads it, even after the writer was killed, restores what it must.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "machine/settings.h"
#include "machine/sysfs.h"

#define MAX_SETTINGS	32

struct setting {
	char path[160];		/* of a file; "" for a process's CPUs and nice value */
	char old[64];
	pid_t pid;
	cpu_set_t old_cpus;
	int old_nice;
};

struct settings {
	atomic_int nr;
	struct setting setting[MAX_SETTINGS];
};

/* An empty table in memory that children share, or NULL; free with settings_free(). */
struct settings *settings_new(void)
{
	struct settings *settings = mmap(NULL, sizeof(*settings), PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return settings == MAP_FAILED ? NULL : settings;
}

static int find(const struct settings *settings, const char *path, pid_t pid)
{
	for (int i = 0; i < atomic_load(&settings->nr); i++)
		if (settings->setting[i].pid == pid &&
		    !strcmp(settings->setting[i].path, path))
			return i;
	return -1;
}

/* "always [madvise] never" means that madvise is what to write back. */
static int read_old(const char *path, char *old, size_t size)
{
	int error = sysfs_read(path, old, size);

	if (error < 0)
		return error;
	if (strchr(old, '['))
		return sysfs_read_choice(path, old, size);
	return 0;
}

/* Enter the present value of @path in the table, unless @path is in it already. */
static int remember(struct settings *settings, const char *path)
{
	int nr = atomic_load(&settings->nr);
	struct setting *new = &settings->setting[nr];
	int error;

	if (find(settings, path, 0) >= 0)
		return 0;
	if (nr == MAX_SETTINGS || strlen(path) >= sizeof(new->path))
		return -ENOSPC;
	error = read_old(path, new->old, sizeof(new->old));
	if (error < 0)
		return error;
	new->pid = 0;
	strcpy(new->path, path);
	atomic_store(&settings->nr, nr + 1);
	return 0;
}

/*
 * Write @value to the kernel file @path; its old value comes back with
 * settings_restore(). 0 or -errno, and then nothing has changed.
 */
int settings_write(struct settings *settings, const char *path, const char *value)
{
	int before = atomic_load(&settings->nr);
	int error = remember(settings, path);

	if (error)
		return error;
	error = sysfs_write(path, value);
	if (error)
		atomic_store(&settings->nr, before);
	return error;
}

/*
 * Let @pid run on @cpu only, at @nice, until settings_restore(). 0 or -errno
 * (sched_setaffinity(2), setpriority(2)).
 */
int settings_pin(struct settings *settings, pid_t pid, int cpu, int nice)
{
	int nr = atomic_load(&settings->nr);
	struct setting *new = &settings->setting[nr];
	cpu_set_t cpus;

	if (find(settings, "", pid) < 0) {
		if (nr == MAX_SETTINGS)
			return -ENOSPC;
		if (sched_getaffinity(pid, sizeof(new->old_cpus), &new->old_cpus))
			return -errno;
		errno = 0;
		new->old_nice = getpriority(PRIO_PROCESS, pid);
		if (errno)
			return -errno;
		new->pid = pid;
		new->path[0] = '\0';
		atomic_store(&settings->nr, nr + 1);
	}
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(pid, sizeof(cpus), &cpus) ||
	    setpriority(PRIO_PROCESS, pid, nice))
		return -errno;
	return 0;
}

/* Does the setting hold its old value again? For a process that has ended: yes. */
static int restore_one(const struct setting *setting)
{
	if (setting->path[0])
		return sysfs_write(setting->path, setting->old);
	if (sched_setaffinity(setting->pid, sizeof(setting->old_cpus), &setting->old_cpus) ||
	    setpriority(PRIO_PROCESS, setting->pid, setting->old_nice))
		return errno == ESRCH ? 0 : -errno;
	return 0;
}

static void complain(const struct setting *setting, int error)
{
	if (setting->path[0])
		fprintf(stderr, "tlbsync: cannot restore %s (%s); write '%s' to it by hand\n",
			setting->path, strerror(-error), setting->old);
	else
		fprintf(stderr, "tlbsync: cannot restore CPUs and nice %d of process %d (%s); use taskset and renice\n",
			setting->old_nice, setting->pid, strerror(-error));
}

/*
 * Give every setting its old value again, the last one first, and empty the
 * table. 0, or the first -errno, with one line on standard error for each
 * setting that could not be restored.
 */
int settings_restore(struct settings *settings)
{
	int first = 0;

	for (int i = atomic_load(&settings->nr) - 1; i >= 0; i--) {
		const struct setting *setting = &settings->setting[i];
		int error = restore_one(setting);

		if (error)
			complain(setting, error);
		if (error && !first)
			first = error;
	}
	atomic_store(&settings->nr, 0);
	return first;
}

/* How many settings have been changed and not yet restored. */
int settings_changed(const struct settings *settings)
{
	return atomic_load(&settings->nr);
}

/* Forget the table without restoring anything. */
void settings_free(struct settings *settings)
{
	if (settings)
		munmap(settings, sizeof(*settings));
}
