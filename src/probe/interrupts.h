/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsing of /proc/interrupts. It stands apart so that tests can use fixture files. */
#ifndef TLBSYNC_PROBE_INTERRUPTS_H
#define TLBSYNC_PROBE_INTERRUPTS_H

#include <stdint.h>

struct interrupt_counts {
	uint64_t *call;		/* the CAL line, by CPU number */
	uint64_t *tlb;		/* the TLB line */
	int nr_cpus;		/* entries in both */
};

int interrupts_parse(char *text, struct interrupt_counts *counts);

#endif
