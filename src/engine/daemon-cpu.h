/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kernel daemon that does an op's work disturbs the roles least. */
#ifndef TLBSYNC_ENGINE_DAEMON_CPU_H
#define TLBSYNC_ENGINE_DAEMON_CPU_H

#include "case/roles.h"
#include "machine/topology.h"

int daemon_cpu(const struct topology *topo, const struct roles *roles);

#endif
