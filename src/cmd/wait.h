/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What run and stress say and do alike when another run measures on this machine, and when
 * a signal ends them.
 */
#ifndef TLBSYNC_CMD_WAIT_H
#define TLBSYNC_CMD_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/turn.h"

#define WAIT_TAKES	"--wait takes a time such as 30s, 10m or 1h, at most 48h, not '%s'"
#define EXIT_SIGNAL(signo)	(128 + (signo))

int parse_duration(const char *text, uint64_t *ns);
int parse_wait(const char *text, uint64_t *ns);
const char *wait_signal_name(int signo, char *buf, size_t size);
void wait_tell(const char *command, const struct turn *turn);
const char *wait_settings(bool restored);
int wait_failed(const char *command, const struct turn *turn);

#endif
