/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this process may do on this machine, asked once and without doing it. A fact is 0
 * where it may, else the errno with which the kernel refuses: so "only root can tell" is
 * not "this kernel has none". What an op may meet all the same, a memory that is short or
 * a limit that is reached, is found out by the op.
 */
#ifndef TLBSYNC_MACHINE_CAPABILITIES_H
#define TLBSYNC_MACHINE_CAPABILITIES_H

#include <stddef.h>
#include <stdint.h>

struct machine;

struct refusals {
	int set_thp;		/* writing the THP setting */
	int set_shmem_thp;	/* writing the one of shmem */
	int set_khugepaged;	/* writing khugepaged's settings */
	int set_hugepages;	/* writing the size of the 2 MiB pool */
	int collapse;		/* madvise(MADV_COLLAPSE): EINVAL before 6.1 */
	int see_frames;		/* page frame numbers in /proc/self/pagemap */
	int see_khugepaged;	/* kernel threads: ESRCH in a PID namespace */
	int move_pages;		/* move_pages(2) */
	int bind_memory;	/* set_mempolicy(2) */
	int debugfs;		/* ENOENT: not mounted; ENODEV: not in this kernel */
	int gup_test;		/* the kernel's gup_test in debugfs */
	int inject_faults;	/* /proc/self/make-it-fail: ENOENT without fault injection */
	int fail_alloc;		/* fail_page_alloc in debugfs */
	int cap_sys_resource;	/* which fault injection takes as well */
};

#define DEBUGFS		"/sys/kernel/debug"
#define GUP_TEST	DEBUGFS "/gup_test"
#define FAIL_PAGE_ALLOC	DEBUGFS "/fail_page_alloc/"

void refusals_load(struct refusals *refused);
int debugfs_ask(void);

/*
 * Each of these: 0, or -EOPNOTSUPP with the reason, and what to do about it, in @why. They
 * ask nothing: all that they know is in their arguments.
 */
int thp_blocked(const struct machine *machine, char *why, size_t size);
int shmem_thp_blocked(const struct machine *machine, char *why, size_t size);
int collapse_blocked(const struct machine *machine, char *why, size_t size);
int khugepaged_blocked(const struct machine *machine, char *why, size_t size);
int two_nodes_blocked(const struct machine *machine, char *why, size_t size);
int gup_test_blocked(const struct machine *machine, char *why, size_t size);
int fail_alloc_blocked(const struct machine *machine, char *why, size_t size);
int hugepages_blocked(const struct machine *machine, uint64_t pages, const int *nodes,
		      int nr_nodes, char *why, size_t size);
int debugfs_blocked(int error, int debugfs, const char *absent, char *why, size_t size);

#endif
