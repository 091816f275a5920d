// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guard rail: two switches between mms. The op sends a word to a partner, a
 * process that sleeps on the same CPU, and sleeps until the answer comes. So the
 * CPU switches to the partner's mm, and back to this one.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/workload.h"

struct switch_state {
	int fd;			/* ours of a pair of sockets */
	pid_t partner;		/* born on the initiator's CPU and pinned there too */
	uint64_t sent, answer;
};

/* The partner's life: answer each word with its complement, until killed. */
static void answer(int fd, pid_t parent)
{
	uint64_t word;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "tlbsync-partner");
	while (getppid() == parent && read(fd, &word, sizeof(word)) == sizeof(word)) {
		word = ~word;
		if (write(fd, &word, sizeof(word)) != sizeof(word))
			break;
	}
	_exit(1);
}

static int prepare(struct workload_ctx *ctx)
{
	struct switch_state *state = calloc(1, sizeof(*state));
	pid_t parent = getpid();
	int pair[2];

	if (!state)
		return workload_fail(ctx, -ENOMEM, "no memory for the case");
	ctx->priv = state;
	state->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return workload_fail(ctx, -errno, "a pair of sockets");
	state->fd = pair[0];
	state->partner = fork();
	if (!state->partner) {
		close(pair[0]);
		answer(pair[1], parent);
	}
	close(pair[1]);
	return state->partner < 0 ? workload_fail(ctx, -errno, "fork of the partner") : 0;
}

static int arm(struct workload_ctx *ctx)
{
	struct switch_state *state = ctx->priv;

	state->sent++;
	state->answer = 0;
	return 0;
}

static int op(struct workload_ctx *ctx)
{
	struct switch_state *state = ctx->priv;
	ssize_t done = write(state->fd, &state->sent, sizeof(state->sent));

	if (done == sizeof(state->sent))
		done = read(state->fd, &state->answer, sizeof(state->answer));
	if (done < 0)
		return -errno;
	return done == sizeof(state->answer) ? 0 : -EPIPE;	/* the partner is gone */
}

/* The partner ran and answered this word, not an older one. */
static int verify(struct workload_ctx *ctx)
{
	struct switch_state *state = ctx->priv;

	if (state->answer != ~state->sent)
		return workload_fail(ctx, -EBADMSG, "the partner's answer is wrong");
	return 0;
}

static void cleanup(struct workload_ctx *ctx)
{
	struct switch_state *state = ctx->priv;

	if (!state)
		return;
	if (state->partner > 0) {
		kill(state->partner, SIGKILL);
		waitpid(state->partner, NULL, 0);
	}
	if (state->fd >= 0)
		close(state->fd);
	free(state);
}

/*
 * No IPIs: switch_mm_irqs_off() (arch/x86/mm/tlb.c) flushes at most this CPU's own
 * TLB, and a task that wakes another on its own CPU needs no IPI.
 */
const struct workload context_switch_workload = {
	.name = "context-switch",
	.family = "processes and faults",
	.summary = "switch to another process on the same CPU and back",
	.prepare = prepare, .arm = arm, .op = op, .verify = verify,
	.cleanup = cleanup, .expect = workload_no_ipis,
};
