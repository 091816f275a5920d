// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fork of a child that exits at once, and the wait for it. Each page that the parent
 * writes while the child lives is copied, and each copy flushes, so the number of
 * flushes would vary. The parent must write nothing: the op goes from fork to wait in
 * one piece of assembly, which does not even store a return address, and the kernel
 * leaves this thread's restartable sequence (rseq(2)) alone.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/range.h"

struct fork_state {
	long child;		/* of the last op; or -errno */
	bool quiet;		/* the kernel writes nothing into this thread on its own */
};

/* It is never switched on again: the measuring process ends with the case. */
static bool leave_rseq(void)
{
	void *rseq = (char *)__builtin_thread_pointer() + __rseq_offset;

	return !__rseq_size || !syscall(SYS_rseq, rseq, sizeof(struct rseq),
					RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

static int prepare(struct workload_ctx *ctx)
{
	struct fork_state *state;
	int error = range_prepare(ctx, ctx->param[0]);

	if (!error)
		error = range_map(ctx);
	if (error)
		return error;
	state = calloc(1, sizeof(*state));
	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	((struct range *)ctx->priv)->more = state;
	state->quiet = leave_rseq();
	return 0;
}

/* clone(SIGCHLD); the child: exit(0); the parent: wait4(child). */
static long fork_and_wait(void)
{
	register long r10 __asm__("r10") = 0;
	long result = SYS_clone;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %[exit], %%eax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "syscall\n"
			 "1:\tjs 2f\n\t"
			 "mov %%rax, %%rdi\n\t"
			 "mov %[wait], %%eax\n\t"
			 "syscall\n"
			 "2:"
			 : "+a"(result), "+r"(r10)
			 : "D"((long)SIGCHLD), "S"(0l), "d"(0l), [exit] "i"(SYS_exit),
			   [wait] "i"(SYS_wait4)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

static int op(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	struct fork_state *state = range->more;
	long child = state->child = fork_and_wait();

	return child < 0 ? (int)child : 0;
}

/* There was a child, it is gone, and the memory that both shared is whole. */
static int verify(struct workload_ctx *ctx)
{
	struct range *range = ctx->priv;
	struct fork_state *state = range->more;

	if (state->child <= 0 || waitpid(state->child, NULL, WNOHANG) != -1 || errno != ECHILD)
		return workload_fail(ctx, -EBADMSG, "the child is still there");
	return range_check(ctx);
}

/* dup_mmap() (kernel/fork.c; since 6.16 mm/mmap.c) ends in flush_tlb_mm(oldmm). */
static void expect(const struct workload_ctx *ctx, const struct scene *scene,
		   struct prediction *predicted)
{
	const struct range *range = ctx->priv;
	const struct fork_state *state = range->more;

	predicted->sync = 0;
	predicted->flush = waking_flushes(ctx, scene, 1);
	if (!state->quiet)
		predicted->flush_unknown =
			"the kernel writes to this thread's rseq while the child lives, and that flushes";
}

const struct workload fork_exit_workload = {
	.name = "fork-exit",
	.family = "processes and faults",
	.summary = "fork a child that exits at once, and wait for it",
	.forks = true,
	.params = {
		{ .name = "size", .summary = "bytes that parent and child share",
		  .min = SIZE_4K, .max = SIZE_1G, .multiple = SIZE_4K,
		  STANDARD(64ul << 10, SIZE_2M) },
	},
	.bytes = range_bytes,
	.prepare = prepare, .arm = range_fill, .op = op, .verify = verify,
	.cleanup = range_cleanup, .expect = expect,
};
