// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fallback without privilege: CAL and TLB of /proc/interrupts around each
 * op. CAL counts every function-call interrupt and includes the TLB flushes
 * (arch/x86/kernel/irq.c, arch_show_interrupts()). So CAL - TLB counts anybody's
 * calls as syncs, and requests that merge into one interrupt count once. This is an
 * estimate, and every output labels it as one.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/interrupts.h"
#include "probe/probe.h"

struct interrupts_probe {
	struct probe probe;
	int fd;
	char *text;
	size_t size;
	struct interrupt_counts before, after;
};

/* CPU numbers of the header line, column by column. Returns how many. */
static int parse_header(const char *line, int *column, int max)
{
	int nr = 0, cpu, used;

	while (nr < max && sscanf(line, " CPU%d%n", &cpu, &used) == 1) {
		column[nr++] = cpu;
		line += used;
	}
	return nr;
}

static int parse_row(const char *line, const int *column, int nr_columns,
		     uint64_t *counts, int nr_cpus)
{
	for (int i = 0; i < nr_columns; i++) {
		char *end;
		unsigned long long value = strtoull(line, &end, 10);

		if (end == line)
			return -EPROTO;
		if (column[i] >= 0 && column[i] < nr_cpus)
			counts[column[i]] = value;
		line = end;
	}
	return 0;
}

/*
 * Fill @counts from the text of /proc/interrupts, which is cut into lines in
 * place. CPUs without a column (offline) keep 0. 0; -EPROTO if the header or
 * one of the lines CAL and TLB is missing or broken; -ENOMEM.
 */
int interrupts_parse(char *text, struct interrupt_counts *counts)
{
	int *column = calloc(counts->nr_cpus + 1, sizeof(*column));
	char *save, *line = strtok_r(text, "\n", &save);
	int nr_columns = 0, seen = 0, error = 0;

	if (!column)
		return -ENOMEM;
	memset(counts->call, 0, counts->nr_cpus * sizeof(counts->call[0]));
	memset(counts->tlb, 0, counts->nr_cpus * sizeof(counts->tlb[0]));
	if (line)
		nr_columns = parse_header(line, column, counts->nr_cpus);
	while (!error && line && (line = strtok_r(NULL, "\n", &save))) {
		while (isspace((unsigned char)*line))
			line++;
		if (strncmp(line, "CAL:", 4) && strncmp(line, "TLB:", 4))
			continue;
		error = parse_row(line + 4, column, nr_columns,
				  line[0] == 'C' ? counts->call : counts->tlb,
				  counts->nr_cpus);
		seen |= line[0] == 'C' ? 1 : 2;
	}
	free(column);
	if (!error && (!nr_columns || seen != 3))
		error = -EPROTO;
	return error;
}

/* Read the whole file in one piece; it grows with CPUs and devices. */
static int snapshot(struct interrupts_probe *ints, struct interrupt_counts *counts)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = pread(ints->fd, ints->text + used, ints->size - 1 - used, used);

		if (got < 0)
			return -errno;
		if (!got)
			break;
		used += got;
		if (used + 1 == ints->size) {
			char *bigger = realloc(ints->text, ints->size * 2);

			if (!bigger)
				return -ENOMEM;
			ints->text = bigger;
			ints->size *= 2;
		}
	}
	ints->text[used] = '\0';
	return interrupts_parse(ints->text, counts);
}

static void interrupts_begin(struct probe *probe)
{
	struct interrupts_probe *ints = (struct interrupts_probe *)probe;

	snapshot(ints, &ints->before);
}

static void interrupts_end(struct probe *probe, struct ipi_result *total)
{
	struct interrupts_probe *ints = (struct interrupts_probe *)probe;

	if (snapshot(ints, &ints->after)) {
		total->lost++;
		return;
	}
	for (int cpu = 0; cpu < ints->after.nr_cpus; cpu++) {
		uint64_t tlb = ints->after.tlb[cpu] - ints->before.tlb[cpu];
		uint64_t call = ints->after.call[cpu] - ints->before.call[cpu];
		uint64_t rest = call > tlb ? call - tlb : 0;

		total->count[IPI_FLUSH].handled += tlb;
		total->count[IPI_FLUSH].per_cpu[cpu] += tlb;
		total->count[IPI_SYNC].handled += rest;
		total->count[IPI_SYNC].per_cpu[cpu] += rest;
	}
}

static int interrupts_attach(struct probe *probe, size_t ring_bytes)
{
	(void)probe;
	(void)ring_bytes;
	return 0;
}

static int interrupts_nothing(struct probe *probe)
{
	(void)probe;
	return 0;
}

static void interrupts_close(struct probe *probe)
{
	struct interrupts_probe *ints = (struct interrupts_probe *)probe;

	if (ints->fd >= 0)
		close(ints->fd);
	free(ints->before.call);
	free(ints->before.tlb);
	free(ints->after.call);
	free(ints->after.tlb);
	free(ints->text);
	free(ints);
}

static int counts_new(struct interrupt_counts *counts, int nr_cpus)
{
	counts->nr_cpus = nr_cpus;
	counts->call = calloc(nr_cpus, sizeof(counts->call[0]));
	counts->tlb = calloc(nr_cpus, sizeof(counts->tlb[0]));
	return counts->call && counts->tlb ? 0 : -ENOMEM;
}

static int interrupts_open(const struct machine *machine, struct probe **probe,
			   char *why, size_t size)
{
	struct interrupts_probe *ints = calloc(1, sizeof(*ints));
	int error;

	if (!ints)
		return -ENOMEM;
	ints->probe.source = &interrupts_source;
	ints->size = 64 << 10;
	ints->text = malloc(ints->size);
	ints->fd = open("/proc/interrupts", O_RDONLY | O_CLOEXEC);
	error = ints->fd < 0 ? -errno : 0;
	if (!error && !ints->text)
		error = -ENOMEM;
	if (!error)
		error = counts_new(&ints->before, machine->topo.nr_possible);
	if (!error)
		error = counts_new(&ints->after, machine->topo.nr_possible);
	if (!error)
		error = snapshot(ints, &ints->before);
	if (error) {
		snprintf(why, size, "%s/proc/interrupts cannot be used: %s",
			 why[0] ? "; " : "", strerror(-error));
		interrupts_close(&ints->probe);
		return error;
	}
	*probe = &ints->probe;
	return 0;
}

const struct probe_source interrupts_source = {
	.kind = IPI_INTERRUPTS,
	.one_initiator = true,	/* the file does not say who asked */
	.open = interrupts_open, .attach = interrupts_attach,
	.enable = interrupts_nothing, .disable = interrupts_nothing,
	.begin = interrupts_begin, .end = interrupts_end,
	.close = interrupts_close,
};
