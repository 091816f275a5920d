/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hugetlb gigabyte that processes share, page table included: a memfd of 2 MiB
 * pages, mapped MAP_NORESERVE, so that one touched page is all the memory it takes.
 * These functions keep it behind ctx->priv. A workload can name them in its
 * declaration if they do all that it needs.
 */
#ifndef TLBSYNC_WORKLOADS_HUGETLB_H
#define TLBSYNC_WORKLOADS_HUGETLB_H

#include "workloads/memory.h"
#include "workloads/sharers.h"
#include "workloads/workload.h"

#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB	(21u << 26)
#endif

struct hugetlb_share {
	struct window window;	/* where every process maps the gigabyte */
	struct window target;	/* where mremap moves it to, unless empty */
	int fd;			/* the memfd, 1 GiB */
	char *view;		/* its first 2 MiB, mapped on their own: never shared tables */
	struct sharers keepers;	/* share from prepare to cleanup */
	struct sharers leavers;	/* share until an op ends them */
};

/* prepare() */
int hugetlb_share_open(struct workload_ctx *ctx);
int hugetlb_share_keep(struct workload_ctx *ctx, int nr);
int hugetlb_unshare_prepare(struct workload_ctx *ctx);

/* arm() */
int hugetlb_share_attach(struct workload_ctx *ctx);
int hugetlb_share_invite(struct workload_ctx *ctx, int nr, enum sharers_visit visit);

/* verify(), cleanup(), actors() */
int hugetlb_share_verify(struct workload_ctx *ctx);
int hugetlb_share_verify_window(struct workload_ctx *ctx);
void hugetlb_share_cleanup(struct workload_ctx *ctx);
int hugetlb_share_left(const struct workload_ctx *ctx, pid_t *tid, int room);

/* for an op that takes the pages out of the file itself */
int hugetlb_zap_prepare(struct workload_ctx *ctx);
int hugetlb_zap_arm(struct workload_ctx *ctx);
int hugetlb_zap_verify(struct workload_ctx *ctx);

/* expect() of an op that unshares a table of the initiator's, now exclusive */
void hugetlb_unshare_expect(const struct workload_ctx *ctx, const struct scene *scene,
			    struct prediction *predicted);

#endif
