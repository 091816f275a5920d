/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stress test is one race between lockless page-table walkers and those who take the
 * tables away, declared as data: one file in this folder, one line in registry.c.
 * This header is what a test sees of the suite. A test runs in a process of its own,
 * which is ended with all its children when the test is over. Its counts and findings lie
 * in memory that it shares with the suite, so nothing is lost if it dies.
 */
#ifndef TLBSYNC_STRESS_STRESS_H
#define TLBSYNC_STRESS_STRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "stats/random.h"
#include "workloads/workload.h"

#define STRESS_MAX_FINDINGS	32
#define STRESS_MAX_COUNTS	24
#define STRESS_MAX_READERS	256

/* How a reader got at the content that it verified. */
enum read_way {
	READ_PIN,		/* vmsplice: the page itself, by GUP-fast */
	READ_LOAD,		/* write to a pipe: a copy, through this CPU's TLB */
	READ_SLOW,		/* process_vm_readv: under the mmap lock, the control */
	READ_DIRECT,		/* O_DIRECT write to a file: a pin, by GUP-fast */
	NR_READ_WAYS,
};

/* A count of a test's own. The name is set once, before its value counts. */
struct stress_count {
	char name[32];
	atomic_ullong value;
};

/* What a test reports, in memory shared by all its processes. Cleared before each test. */
struct stress_tally {
	atomic_ullong iterations;
	atomic_ullong read[NR_READ_WAYS];	/* each of them verified */
	atomic_ullong refused;		/* reads that the kernel turned down: nothing mapped */
	atomic_ullong fresh;		/* found an empty page where one may be */
	atomic_ullong torn;		/* found a word while it was being written */
	atomic_ullong bytes;		/* verified */
	atomic_ullong walks;		/* page sizes that perf's walker reported */
	atomic_ullong first_finding_ns;	/* since the test began; 0: none */
	atomic_int nr_findings;		/* may exceed what is kept of them */
	char finding[STRESS_MAX_FINDINGS][240];
	atomic_int lock;		/* of what follows */
	int nr_counts;
	struct stress_count count[STRESS_MAX_COUNTS];
	char note[4][200];		/* what could not be tried, and why */
	int nr_notes;
	atomic_bool stop;		/* the suite has seen enough */
	bool ended;			/* run() returned */
	int error;			/* what it returned */
	char reason[256];
};

struct stress_options {
	uint64_t time_ns;		/* for each test */
	uint64_t margin_ns;		/* how much longer it may take to end */
	uint64_t seed;
	int readers;			/* 0: as many as there are CPUs for */
	bool windows;			/* open these windows: */
	uint32_t window_pmd_us, window_pte_us;
	bool keep_going;		/* a complaint of the kernel does not end a test */
};

/* One test under way. */
struct stress_ctx {
	struct workload_ctx work;	/* machine, settings, reason: what workloads' helpers take */
	const struct stress_options *options;
	struct stress_tally *tally;
	struct random random;		/* of the test's first thread; others seed their own */
	uint64_t began_ns, until_ns;	/* CLOCK_MONOTONIC */
	const int *cpu;			/* where threads may be pinned */
	int nr_cpus;
	int nr_readers;			/* in all processes together */
	bool walk;			/* readers are sampled by perf */
	bool storm;			/* threads block and wake beside the readers */
};

struct stress_test {
	const char *name;
	const char *summary;
	unsigned int needs;		/* NEEDS_ of a workload */
	uint64_t hugepages;		/* free 2 MiB pages that it takes from the pool */
	/* What else is known to stand in the way: -EOPNOTSUPP with @why; NULL: nothing. */
	int (*blocked)(const struct machine *machine, char *why, size_t size);
	/* Until stress_over(). 0; -EOPNOTSUPP to skip and -errno to fail, with a reason. */
	int (*run)(struct stress_ctx *ctx);
};

extern const struct stress_test *const stress_tests[];	/* NULL-terminated */

int stress_blocked(const struct stress_test *test, const struct machine *machine,
		   char *why, size_t size);
bool stress_over(const struct stress_ctx *ctx);
uint64_t stress_verified(const struct stress_tally *tally);
void stress_count(struct stress_ctx *ctx, const char *name, uint64_t by);
uint64_t stress_counted(const struct stress_tally *tally, const char *name);
void stress_find(struct stress_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void stress_note(struct stress_ctx *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void stress_reseed(struct random *random, uint64_t seed, const char *what, uint64_t nr);
void stress_pin_to(const struct stress_ctx *ctx, int nth);
void stress_pause_us(uint64_t us);

#endif
