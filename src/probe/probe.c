// SPDX-License-Identifier: GPL-2.0-or-later
/* Choosing a counter source: the best one that works here, or the one asked for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probe/probe.h"

static const struct {
	const char *name;
	const struct probe_source *source;
} sources[] = {
	{ "csd", &csd_source },
	{ "interrupts", &interrupts_source },
	{ "none", &none_source },
};

/*
 * Open the source called @name, or for "auto" the csd tracepoints and, where
 * they cannot be used, /proc/interrupts. 0 with *@probe, to be closed with
 * probe->source->close(), and in @why the reason for a fallback ("" if there was
 * none); -EINVAL for an unknown name; else -errno with @why.
 */
int probe_open(const char *name, const struct machine *machine, struct probe **probe,
	       char *why, size_t size)
{
	why[0] = '\0';
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(name, sources[i].name))
			return sources[i].source->open(machine, probe, why, size);
	if (strcmp(name, "auto"))
		return -EINVAL;
	if (!csd_source.open(machine, probe, why, size))
		return 0;
	return interrupts_source.open(machine, probe, why + strlen(why), size - strlen(why));
}

/* Count one request of class other under the function that it runs. */
void ipi_add_cause(struct ipi_result *total, uint64_t address, bool foreign)
{
	struct ipi_cause *cause = total->cause;
	int i = 0;

	while (i < total->nr_causes && cause[i].address != address)
		i++;
	if (i == MAX_CAUSES) {		/* the last entry gathers the rest */
		i = MAX_CAUSES - 1;
		cause[i].address = 0;
	} else if (i == total->nr_causes) {
		cause[i].address = address;
		total->nr_causes++;
	}
	if (foreign)
		cause[i].foreign++;
	else
		cause[i].requested++;
}

static int none_open(const struct machine *machine, struct probe **probe,
		     char *why, size_t size)
{
	static struct probe none = { .source = &none_source };

	(void)machine;
	(void)why;
	(void)size;
	*probe = &none;
	return 0;
}

static int none_nothing(struct probe *probe)
{
	(void)probe;
	return 0;
}

static void none_begin(struct probe *probe, struct ipi_result *between)
{
	(void)probe;
	(void)between;
}

static void none_end(struct probe *probe, const struct probe_actor *actor,
		     struct probe_op *op, struct ipi_result *total)
{
	(void)probe;
	(void)actor;
	(void)total;
	memset(op, 0, sizeof(*op));
}

static void none_close(struct probe *probe)
{
	(void)probe;
}

/* Counts nothing, for runs that want times only. */
const struct probe_source none_source = {
	.kind = IPI_NONE,
	.open = none_open, .attach = none_nothing, .enable = none_nothing,
	.disable = none_nothing, .begin = none_begin, .end = none_end,
	.close = none_close,
};
