/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stage: what the keeper (sharing.c) and the leavers (sharing-leaver.c) share. */
#ifndef TLBSYNC_STRESS_SHARING_PARTS_H
#define TLBSYNC_STRESS_SHARING_PARTS_H

#include "stress/gate.h"
#include "stress/sharing.h"

#define SHARING_PAGES	8	/* 4 KiB pages at the start that hold stamps */
#define SHARING_LOOK_MS	100	/* how often a waiting keeper checks that all live */

enum stage_command { ATTACH, LEAVE, DETACH, QUIT };

/* Between the keeper and one leaver. A step is a command, numbered from 1. */
struct stage {
	gate_t told;		/* keeper: do the step of this number */
	gate_t ready, go;	/* before it leaves: the leaver is ready; it may go */
	gate_t done;		/* leaver: that step is done */
	enum stage_command command;
	enum leave_way way;
	atomic_uint seen;	/* right reads of its readers */
	atomic_uint round;
	atomic_uint punched;	/* the last round in which the file lost its pages */
	uint64_t leave_ns;	/* how long leaving took, smoothed */
	bool shared;		/* attached: the table was there already */
	int error;		/* of the last step */
	char reason[128];
};

/* The word at @offset of the gigabyte; each use is one access. */
static inline volatile uint64_t *sharing_word(const struct sharing *sharing, size_t offset)
{
	return (volatile uint64_t *)(sharing->window.base + offset);
}

int sharing_map(const struct sharing *sharing);
int sharing_empty(char *gigabyte);
void sharing_be_leaver(struct sharing *sharing, int nth, pid_t parent)
	__attribute__((noreturn));

#endif
