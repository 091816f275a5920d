// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a fact is asked: by opening the file that will be written, or by a system call that
 * is turned down for its arguments only after it was found to be allowed.
 */
#include "machine/capabilities.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <numaif.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "machine/machine.h"
#include "machine/sysfs.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define ROOM	3	/* pages that are advised to be there for others */

/* ---- asking ----------------------------------------------------------------- */

/* May this process open @path so? 0 or errno. Lockdown is found only by opening. */
static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Of no bytes, it does nothing where the kernel knows it. */
static int try_collapse(void)
{
	return madvise(NULL, 0, MADV_COLLAPSE) ? errno : 0;
}

/* The frame of a page that is surely there: the one with this variable. */
static int try_frames(void)
{
	volatile uint64_t mine = 0;
	uint64_t entry = 0;
	off_t at = (uintptr_t)&mine / sysconf(_SC_PAGESIZE) * sizeof(entry);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
		error = EIO;
	else if (!(entry & ((1ull << 55) - 1)))
		error = EPERM;	/* shown as 0 to those who may not see it */
	close(fd);
	return error;
}

/* kthreadd is process 2 of the machine, but not of a PID namespace. */
static int try_kernel_threads(void)
{
	char name[32];

	return sysfs_read("/proc/2/comm", name, sizeof(name)) || strcmp(name, "kthreadd") ?
	       ESRCH : 0;
}

/* A policy that there is not: EINVAL says that one that there is may be set. */
static int try_policy(void)
{
	return set_mempolicy(-1, NULL, 0) && errno != EINVAL ? errno : 0;
}

static int try_capability(int nr)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &header, data))
		return errno;
	return data[nr / 32].effective >> nr % 32 & 1 ? 0 : EPERM;
}

static bool debugfs_known(void)
{
	FILE *file = fopen("/proc/filesystems", "re");
	bool known = !file;	/* then nobody knows */
	char line[128];

	while (file && !known && fgets(line, sizeof(line), file))
		known = strstr(line, "\tdebugfs\n");
	if (file)
		fclose(file);
	return known;
}

/* 0 where debugfs is mounted, ENOENT where it could be, ENODEV where it could not. */
int debugfs_ask(void)
{
	struct statfs fs;

	if (!statfs(DEBUGFS, &fs) && fs.f_type == DEBUGFS_MAGIC)
		return 0;
	return debugfs_known() ? ENOENT : ENODEV;
}

/* Ask for all facts. Nothing is changed by that. */
void refusals_load(struct refusals *refused)
{
	*refused = (struct refusals){
		.set_thp = try_open(SYSFS_THP "enabled", O_WRONLY),
		.set_shmem_thp = try_open(SYSFS_THP "shmem_enabled", O_WRONLY),
		.set_khugepaged = try_open(SYSFS_KHUGEPAGED "scan_sleep_millisecs", O_WRONLY),
		.set_hugepages = try_open(SYSFS_HUGETLB_2M "nr_hugepages", O_WRONLY),
		.collapse = try_collapse(),
		.see_frames = try_frames(),
		.see_khugepaged = try_kernel_threads(),
		.move_pages = move_pages(0, 0, NULL, NULL, NULL, 0) < 0 ? errno : 0,
		.bind_memory = try_policy(),
		.debugfs = debugfs_ask(),
		.gup_test = try_open(GUP_TEST, O_RDWR),
		.inject_faults = try_open("/proc/self/make-it-fail", O_WRONLY),
		.fail_alloc = try_open(FAIL_PAGE_ALLOC "times", O_WRONLY),
		.cap_sys_resource = try_capability(CAP_SYS_RESOURCE),
	};
}

/* ---- telling ---------------------------------------------------------------- */

__attribute__((format(printf, 3, 4)))
static int blocked(char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return -EOPNOTSUPP;
}

/* What helps where a file of /sys or /proc/sys cannot be written. */
static const char *remedy(int error)
{
	return error == EROFS ? "/sys is read-only here: run outside of the container" :
	       "run as root";
}

/*
 * Why a file of debugfs cannot be used, from the @error (errno) of trying and what
 * debugfs_ask() said; @absent where debugfs is there and the file is not.
 */
int debugfs_blocked(int error, int debugfs, const char *absent, char *why, size_t size)
{
	if (!error)
		return 0;
	if (error == EACCES)
		return blocked(why, size, "debugfs belongs to root; run as root");
	if (error == EPERM)
		return blocked(why, size, "this kernel is locked down, debugfs too; boot it "
			       "without lockdown= and Secure Boot");
	if (error == EROFS)
		return blocked(why, size, "debugfs is read-only here; run outside of the container");
	if (debugfs == ENODEV)
		return blocked(why, size, "this kernel has no debugfs; boot one with "
			       "CONFIG_DEBUG_FS, without debugfs=off");
	if (debugfs)
		return blocked(why, size, "debugfs is not mounted; mount -t debugfs debugfs "
			       DEBUGFS ", and run as root");
	return blocked(why, size, "%s", absent);
}

/*
 * Can memory be collapsed? It needs 4 KiB pages first: with THP "always" a fault gives a
 * huge page at once (mm/memory.c, __handle_mm_fault()), so a run switches to "madvise".
 * MADV_COLLAPSE itself works whatever the setting is, but "never" says that whoever runs
 * this machine wants no huge pages.
 */
int thp_blocked(const struct machine *machine, char *why, size_t size)
{
	if (!machine->thp_enabled[0])
		return blocked(why, size, "this kernel has no transparent huge pages; boot one "
			       "with CONFIG_TRANSPARENT_HUGEPAGE");
	if (machine->refused.set_thp && !strcmp(machine->thp_enabled, "always"))
		return blocked(why, size, "THP is 'always', so faults give huge pages at once; "
			       "%s, or write madvise to " SYSFS_THP "enabled",
			       remedy(machine->refused.set_thp));
	return 0;
}

/* The same of shmem. Faults must give 4 KiB pages and MADV_COLLAPSE must be allowed. */
int shmem_thp_blocked(const struct machine *machine, char *why, size_t size)
{
	const char *now = machine->shmem_thp;

	if (!now[0])
		return blocked(why, size, "this kernel has no huge pages for shmem; boot one "
			       "with CONFIG_SHMEM");
	if (!machine->refused.set_shmem_thp || !strcmp(now, "never") || !strcmp(now, "advise"))
		return 0;
	return blocked(why, size, "shmem's huge pages are set to '%s'; %s, or write never to "
		       SYSFS_THP "shmem_enabled", now, remedy(machine->refused.set_shmem_thp));
}

/* Does madvise() collapse? */
int collapse_blocked(const struct machine *machine, char *why, size_t size)
{
	if (!machine->refused.collapse)
		return 0;
	return blocked(why, size, "this kernel has no MADV_COLLAPSE; boot Linux 6.1 or later");
}

/* May khugepaged be steered, and can it be told what it did? */
int khugepaged_blocked(const struct machine *machine, char *why, size_t size)
{
	const struct refusals *refused = &machine->refused;

	if (!machine->khugepaged)
		return blocked(why, size, "this kernel has no khugepaged; boot one with "
			       "CONFIG_TRANSPARENT_HUGEPAGE");
	if (refused->set_khugepaged == EROFS)
		return blocked(why, size, "khugepaged's settings cannot be written; %s",
			       remedy(EROFS));
	if (refused->set_khugepaged)
		return blocked(why, size, "khugepaged's settings belong to root; run as root");
	if (refused->see_frames)
		return blocked(why, size, "/proc/self/pagemap hides page frames, so a collapse "
			       "cannot be told; run as root with CAP_SYS_ADMIN");
	if (refused->see_khugepaged)
		return blocked(why, size, "khugepaged cannot be seen from this PID namespace; "
			       "run as root outside of the container");
	return 0;
}

/* Are there two nodes to move memory between, and may it be moved? */
int two_nodes_blocked(const struct machine *machine, char *why, size_t size)
{
	int error = machine->refused.move_pages, nr = 0, barred = 0;

	for (int i = 0; i < machine->nr_nodes; i++) {
		nr += machine->nodes[i].bytes_total > 0;
		barred += machine->nodes[i].bytes_total > 0 && machine->nodes[i].barred;
	}
	if (nr < 2)
		return blocked(why, size, "there is no second memory node; boot a machine with two");
	if (nr - barred < 2)
		return blocked(why, size, "the cpuset allows memory of one node only; run as "
			       "root outside of the cpuset or container");
	if (error == ENOSYS)
		return blocked(why, size, "this kernel has no move_pages(2); boot one with "
			       "CONFIG_MIGRATION, and CONFIG_NUMA_MIGRATION where there is one");
	if (error)
		return blocked(why, size, "move_pages(2) is refused here (%s); run as root "
			       "outside of the container", strerror(error));
	return 0;
}

/* Is the kernel's gup_test there? */
int gup_test_blocked(const struct machine *machine, char *why, size_t size)
{
	return debugfs_blocked(machine->refused.gup_test, machine->refused.debugfs,
			       "this kernel has no gup_test; boot one with CONFIG_GUP_TEST "
			       "(gup-vmsplice does without)", why, size);
}

/* Can page allocations be made to fail? */
int fail_alloc_blocked(const struct machine *machine, char *why, size_t size)
{
	static const char absent[] = "this kernel fails no page allocations on demand; boot one "
		"with CONFIG_FAIL_PAGE_ALLOC and CONFIG_FAULT_INJECTION_DEBUG_FS";
	const struct refusals *refused = &machine->refused;

	if (refused->inject_faults == ENOENT)
		return blocked(why, size, "%s", absent);
	if (debugfs_blocked(refused->fail_alloc, refused->debugfs, absent, why, size))
		return -EOPNOTSUPP;
	if (refused->inject_faults || refused->cap_sys_resource)
		return blocked(why, size, "making allocations fail takes CAP_SYS_RESOURCE; run "
			       "as root outside of the container");
	return 0;
}

/* ---- the 2 MiB pool --------------------------------------------------------- */

/* The pages free of the whole pool, or of one node's part if @node is not -1. */
static uint64_t pages_free(const struct machine *machine, int node)
{
	uint64_t nr = node < 0 ? machine->hugepages_free : 0;

	for (int i = 0; i < machine->nr_nodes; i++)
		if (machine->nodes[i].node == node)
			nr = machine->nodes[i].hugepages_free;
	return nr > machine->hugepages_reserved ? nr - machine->hugepages_reserved : 0;
}

static int pool_blocked(const struct machine *machine, uint64_t pages, int node,
			char *why, size_t size)
{
	uint64_t there = pages_free(machine, node);
	int error = machine->refused.set_hugepages;
	char path[96] = SYSFS_HUGETLB_2M, has[80] = "no free 2 MiB page in the pool";

	if (!error || there >= pages)
		return 0;
	if (node >= 0)
		snprintf(path, sizeof(path), SYSFS_NODE_HUGETLB_2M, node);
	if (error == EROFS)
		snprintf(has, sizeof(has), "the hugepage pool cannot grow (%s)", strerror(error));
	else if (there)
		snprintf(has, sizeof(has), "%llu of %llu 2 MiB pages are free in the pool",
			 (unsigned long long)there, (unsigned long long)pages);
	return blocked(why, size, "%s; %s, or write %llu to %snr_hugepages", has,
		       error == EROFS ? "free memory" : "run as root",
		       (unsigned long long)(2 * (pages + ROOM)), path);
}

/*
 * Can @pages 2 MiB pages be had, on each of the @nr_nodes @nodes if memory is bound? Where
 * the pool may grow, that is tried by the run.
 */
int hugepages_blocked(const struct machine *machine, uint64_t pages, const int *nodes,
		      int nr_nodes, char *why, size_t size)
{
	int error = 0;

	if (!machine->hugetlb_2m)
		return blocked(why, size, "this kernel has no 2 MiB hugetlb pool; boot one with "
			       "CONFIG_HUGETLBFS");
	if (!nr_nodes)
		return pool_blocked(machine, pages, -1, why, size);
	for (int i = 0; !error && i < nr_nodes; i++)
		error = pool_blocked(machine, pages, nodes[i], why, size);
	return error;
}
