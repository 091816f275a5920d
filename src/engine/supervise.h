/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes of a run. The command's own process supervises: it never measures.
 * Each case runs in a child with a fresh mm; a small guard process outlives the
 * supervisor, should that be killed. Whoever is left restores the settings.
 */
#ifndef TLBSYNC_ENGINE_SUPERVISE_H
#define TLBSYNC_ENGINE_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/turn.h"
#include "machine/settings.h"

struct supervisor;

int supervisor_start(struct supervisor **supervisor, struct turn *turn);
struct settings *supervisor_settings(const struct supervisor *supervisor);
int supervisor_run(struct supervisor *supervisor, int cpu, void (*body)(void *arg),
		   void *arg, void (*tick)(void *arg), char *why, size_t size);
int supervisor_check(struct supervisor *supervisor);
int supervisor_stopped_by(const struct supervisor *supervisor);
void supervisor_kill(const struct supervisor *supervisor);
bool supervisor_restored(const struct supervisor *supervisor);
int supervisor_stop(struct supervisor *supervisor);
int supervisor_release(struct supervisor *supervisor);

#endif
