/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A workload is one kind of operation, declared as data: one file in this
 * folder and one line in registry.c. This header is all that a workload sees of the
 * suite. It does not know how it is counted, timed or printed.
 */
#ifndef TLBSYNC_WORKLOADS_WORKLOAD_H
#define TLBSYNC_WORKLOADS_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "case/case-id.h"
#include "machine/machine.h"
#include "machine/settings.h"

#define WORKLOAD_MAX_PARAMS	5
#define WORKLOAD_MAX_METRICS	4

/* What a workload needs of the machine; needs_blocked() checks it. */
enum workload_needs {
	NEEDS_THP	    = 1 << 0,	/* 4 KiB faults now, collapse on demand */
	NEEDS_MADV_COLLAPSE = 1 << 1,	/* the process may ask for that itself */
	NEEDS_SHMEM_THP	    = 1 << 2,	/* the same in shmem */
	NEEDS_KHUGEPAGED    = 1 << 3,	/* may steer the daemon: root */
	NEEDS_TWO_NODES	    = 1 << 4,	/* two nodes with memory */
	NEEDS_GUP_TEST	    = 1 << 5,	/* the kernel's gup_test */
	NEEDS_FAIL_ALLOC    = 1 << 6,	/* page allocations that fail on demand */
};

struct workload_param {
	const char *name;
	const char *summary;
	uint64_t min, max, multiple;	/* @multiple divides every good value */
	uint64_t standard[6];		/* the full profile runs all, the others the first */
	int nr_standard;
};

/* .standard and .nr_standard of a parameter. */
#define STANDARD(...)	.standard = { __VA_ARGS__ }, \
	.nr_standard = sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t)

/*
 * Where the op happens, as expect() sees it: the letters of the formulas. L and
 * Z are counted from the CPU on which the op's requests are made. Facts of the
 * kernel are in ctx->machine.
 */
struct scene {
	int n;		/* N: CPUs online */
	int l;		/* L: other CPUs running a thread of this mm */
	int z;		/* Z: CPUs that hold it lazily */
	bool shared;	/* other initiators unmap in the same mm meanwhile */
	bool skips_sync;	/* tlb_ipi_broadcast_key is on */
	bool wakes_lazy;	/* the series is in, key on or off: unsharing wakes lazy CPUs */
};

/* IPIs per op that the kernel source predicts. */
struct prediction {
	double sync, flush;
	const char *sync_unknown;	/* why @sync cannot be predicted; else NULL */
	const char *flush_unknown;	/* why @flush cannot be predicted; else NULL */
};

/* A figure of a workload's own: the sum over the ops of the timing pass. */
struct workload_metric {
	const char *name;	/* with its unit: "system_ns" */
	double sum;
};

/* One case under way. A workload keeps its own things behind @priv. */
struct workload_ctx {
	uint64_t param[WORKLOAD_MAX_PARAMS];
	const struct machine *machine;
	struct settings *settings;	/* every system setting goes through it */
	const int *lazy_cpu;		/* CPUs with the role lazy */
	int nr_lazy;
	const int *memory_node;		/* nodes that memory is bound to */
	int nr_memory_nodes;		/* 0: the kernel's own choice */
	int initiator_cpu;
	bool pool_settled;	/* an initiator before this one has had the 2 MiB pool grow for all */
	uint64_t pool_others;	/* pages that the other initiators take */
	int daemon_cpu;		/* where a kernel daemon disturbs the roles least */
	pid_t actor;		/* task that makes the op's requests: the initiator */
	int actor_cpu;		/* unless prepare() says otherwise */
	char reason[256];	/* of the last error, see workload_fail() */
	struct workload_metric metric[WORKLOAD_MAX_METRICS];
	int nr_metrics;
	void *priv;
};

struct workload {
	const char *name;
	const char *family;	/* workloads whose IPIs are told of together */
	const char *summary;
	unsigned int needs;
	bool core;		/* in the quick profile too */
	bool forks;		/* in arm() or op(): then other threads of the mm have page copies to make */
	const char *only_one;	/* why it cannot have several initiators; NULL: it can */
	struct workload_param params[WORKLOAD_MAX_PARAMS];
	/* What else is known to stand in the way: -EOPNOTSUPP with @why; NULL: nothing. */
	int (*blocked)(const struct machine *machine, const uint64_t *param,
		       char *why, size_t size);
	/* Free 2 MiB pages that a case takes from the pool; NULL: none. */
	uint64_t (*hugepages)(const uint64_t *param);
	/* Bytes of memory that a case with these parameters takes; NULL: little. */
	uint64_t (*bytes)(const uint64_t *param);
	/*
	 * All but expect() return 0 or -errno and run on the initiator's CPU.
	 * prepare() once; then for each op arm(), op() (the only one that is
	 * timed and counted), verify() (the memory still holds what was
	 * written); at last cleanup(), also after a failed prepare().
	 * With several initiators each has a ctx of its own; their prepare() run one after
	 * the other, all else at once.
	 * -EOPNOTSUPP from prepare() skips the case with ctx->reason. -EAGAIN from
	 * op() has the op armed and tried again.
	 */
	int (*prepare)(struct workload_ctx *ctx);
	int (*arm)(struct workload_ctx *ctx);
	int (*op)(struct workload_ctx *ctx);
	int (*verify)(struct workload_ctx *ctx);
	void (*cleanup)(struct workload_ctx *ctx);
	/*
	 * The tasks that asked for requests as part of the op just done: up to @room of
	 * them into @tid; returns how many. NULL: ctx->actor is the only one.
	 */
	int (*actors)(const struct workload_ctx *ctx, pid_t *tid, int room);
	void (*expect)(const struct workload_ctx *ctx, const struct scene *scene,
		       struct prediction *predicted);
};

extern const struct workload *const workloads[];	/* NULL-terminated */

const struct workload *workload_find(const char *name);
void workload_mark_standard(struct case_id *id);
int workload_nr_params(const struct workload *workload);
int workload_crew_blocked(const struct workload *workload, int initiators, enum crew_as as,
			  char *why, size_t size);
int needs_blocked(unsigned int needs, const struct machine *machine, char *why, size_t size);
int workload_blocked(const struct workload *workload, const uint64_t *param, int initiators,
		     const struct machine *machine, const int *nodes, int nr_nodes,
		     char *why, size_t size);
uint64_t one_hugepage(const uint64_t *param);
double waking_flushes(const struct workload_ctx *ctx, const struct scene *scene,
		      uint64_t nr);
void workload_no_ipis(const struct workload_ctx *ctx, const struct scene *scene,
		      struct prediction *predicted);
void workload_metric(struct workload_ctx *ctx, const char *name, double value);
int workload_fail(struct workload_ctx *ctx, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
