// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding a process: one pass over /proc, which may change meanwhile. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "machine/process.h"
#include "machine/sysfs.h"

/* A name may hold any letter, even ')': it ends at the last ')' of the line. */
static bool parse_stat(char *stat, struct process *process)
{
	char *name = strchr(stat, '('), *end = strrchr(stat, ')');

	if (!name || !end || sscanf(stat, "%d", &process->pid) != 1 ||
	    sscanf(end, ") %c %d %d", &process->state, &process->parent,
		   &process->group) != 3)
		return false;
	*end = '\0';
	snprintf(process->name, sizeof(process->name), "%s", name + 1);
	return true;
}

/*
 * The first process for which @is_it(process, @arg) holds, in *@found (which may
 * be NULL). False if there is none, or no /proc.
 */
bool process_find(bool (*is_it)(const struct process *process, const void *arg),
		  const void *arg, struct process *found)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool match = false;

	while (proc && !match && (entry = readdir(proc))) {
		char path[300], stat[1024];
		struct process process;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		if (sysfs_read(path, stat, sizeof(stat)) || !parse_stat(stat, &process))
			continue;
		match = is_it(&process, arg);
		if (match && found)
			*found = process;
	}
	if (proc)
		closedir(proc);
	return match;
}

/*
 * Is this process in a time namespace whose CLOCK_MONOTONIC and _RAW differ from the
 * kernel's own (kernel/time/namespace.c)? What the kernel stamps is then of another clock.
 */
bool process_clock_is_shifted(void)
{
	FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long seconds, ns;
	char name[32];
	bool shifted = false;

	while (file && fscanf(file, "%31s %lld %lld", name, &seconds, &ns) == 3)
		shifted |= (!strcmp(name, "monotonic") || !strcmp(name, "1")) && (seconds || ns);
	if (file)
		fclose(file);
	return shifted;
}

/* An event of each CPU is a file: raise the limit on them as far as it goes. */
void process_allow_many_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}
