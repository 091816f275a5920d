// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of machines, and with it their sameness. */
#include "case/machine-id.h"

#include <string.h>

/* For sorting: by host, model, CPUs, hypervisor, nodes; 0 only for the same machine. */
int machine_id_order(const struct machine_id *a, const struct machine_id *b)
{
	int order = strcmp(a->host, b->host);

	if (!order)
		order = strcmp(a->cpu, b->cpu);
	if (!order)
		order = a->cpus_online - b->cpus_online;
	if (!order)
		order = strcmp(a->hypervisor, b->hypervisor);
	return order ? order : a->nodes - b->nodes;
}

/* Are both the same machine, with the same CPUs and nodes online? */
bool machine_id_same(const struct machine_id *a, const struct machine_id *b)
{
	return !machine_id_order(a, b);
}

/* Software emulation: counts are exact there, times mean nothing. */
bool machine_id_emulated(const struct machine_id *id)
{
	return !strcmp(id->hypervisor, "tcg");
}
