/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run at a time on a machine: two would disturb each other's counts and restore
 * each other's settings. Who holds the turn can be told, and waited for.
 */
#ifndef TLBSYNC_ENGINE_TURN_H
#define TLBSYNC_ENGINE_TURN_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#define TURN_FOR_EVER	UINT64_MAX

struct turn {
	uint64_t wait_ns;		/* how long to wait for another run; 0: not at all */
	void (*told)(const struct turn *turn);	/* called once, before the wait; or NULL */
	/* found out: */
	pid_t pid;			/* who holds it, or held it; 0: unknown */
	char command[256];		/* its command line, as its user typed it; "": unknown */
	int signo;			/* that ended the wait; 0: none */
	int error;			/* why it could not be taken, -errno; 0: it could */
};

int turn_take(struct turn *turn, const sigset_t *signals, int *fd);

#endif
