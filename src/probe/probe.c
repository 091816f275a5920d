// SPDX-License-Identifier: GPL-2.0-or-later
/* Choosing a counter source: the best one that works here, or the one asked for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probe/probe.h"
#include "probe/rings.h"

static const struct {
	const char *name;
	const struct probe_source *source;
} sources[] = {
	{ "csd", &csd_source },
	{ "interrupts", &interrupts_source },
	{ "none", &none_source },
};

/*
 * Open the source called @name. "auto" means the csd tracepoints or, if they cannot be
 * used, /proc/interrupts. 0 with *@probe, which probe->source->close() closes; @why has
 * the reason for a fallback, or "". -EINVAL for an unknown name; else -errno with @why.
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

/* Count @nr requests of class other under the function that they run. */
void ipi_add_cause(struct ipi_result *total, uint64_t address, bool foreign, uint64_t nr)
{
	struct ipi_cause *cause = total->cause;
	int i = 0;

	if (!nr)
		return;
	while (i < total->nr_causes && cause[i].address != address)
		i++;
	if (i == MAX_CAUSES) {		/* the last entry gathers the rest */
		i = MAX_CAUSES - 1;
		cause[i].address = 0;
	} else if (i == total->nr_causes) {
		cause[i] = (struct ipi_cause){ .address = address };
		total->nr_causes++;
	}
	if (foreign)
		cause[i].foreign += nr;
	else
		cause[i].requested += nr;
}

/* Give @counts its arrays out of @memory, IPI_ARRAYS * @nr_cpus zeroes. */
void ipi_place(struct ipi_result *counts, uint64_t *memory, int nr_cpus)
{
	for (int class = 0; class < NR_IPI_CLASSES; class++) {
		counts->count[class].per_cpu = &memory[2 * class * nr_cpus];
		counts->count[class].own_per_cpu = &memory[(2 * class + 1) * nr_cpus];
	}
}

/* The clock by which ops are noted: the one that stamps the trace. */
uint64_t probe_now_ns(void)
{
	return rings_now_ns();
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

static int none_attach(struct probe *probe, size_t ring_bytes)
{
	(void)probe;
	(void)ring_bytes;
	return 0;
}

static int none_nothing(struct probe *probe)
{
	(void)probe;
	return 0;
}

static void none_close(struct probe *probe)
{
	(void)probe;
}

/* Counts nothing, for runs that want times only. */
const struct probe_source none_source = {
	.kind = IPI_NONE,
	.open = none_open, .attach = none_attach, .enable = none_nothing,
	.disable = none_nothing, .close = none_close,
};
