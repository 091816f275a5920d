// SPDX-License-Identifier: GPL-2.0-or-later
/* The facts of a machine, one by one, and what follows from them: order and sameness. */
#include "case/machine-id.h"

#include <stdio.h>
#include <string.h>

/* As a message names it. */
const char *machine_fact_name(enum machine_fact fact)
{
	static const char *const names[NR_MACHINE_FACTS] = {
		[MACHINE_HOST] = "host", [MACHINE_CPU] = "CPU model",
		[MACHINE_CPUS_ONLINE] = "CPUs online", [MACHINE_HYPERVISOR] = "hypervisor",
		[MACHINE_NODES] = "nodes",
	};

	return names[fact];
}

/* Its value for @id, in @buf if it is a number. */
const char *machine_fact_value(const struct machine_id *id, enum machine_fact fact,
			       char buf[FACT_SIZE])
{
	switch (fact) {
	case MACHINE_HOST:
		return id->host;
	case MACHINE_CPU:
		return id->cpu;
	case MACHINE_HYPERVISOR:
		return id->hypervisor;
	default:
		snprintf(buf, FACT_SIZE, "%d", fact == MACHINE_NODES ? id->nodes :
			 id->cpus_online);
		return buf;
	}
}

static int order_of(const struct machine_id *a, const struct machine_id *b, enum machine_fact fact)
{
	char first[FACT_SIZE], second[FACT_SIZE];

	if (fact == MACHINE_CPUS_ONLINE)
		return a->cpus_online - b->cpus_online;
	if (fact == MACHINE_NODES)
		return a->nodes - b->nodes;
	return strcmp(machine_fact_value(a, fact, first), machine_fact_value(b, fact, second));
}

/* For sorting; 0 only for the same machine. */
int machine_id_order(const struct machine_id *a, const struct machine_id *b)
{
	int order = 0;

	for (int fact = 0; !order && fact < NR_MACHINE_FACTS; fact++)
		order = order_of(a, b, (enum machine_fact)fact);
	return order;
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
