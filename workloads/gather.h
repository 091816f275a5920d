/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often one mmu_gather of the kernel flushes (mm/mmu_gather.c). */
#ifndef TLBSYNC_WORKLOADS_GATHER_H
#define TLBSYNC_WORKLOADS_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/kernel.h"

/* One gather: pages are unmapped, then page tables are freed, at least one. */
struct gather {
	uint64_t pages;		/* of 4 KiB, each a folio of its own */
	uint64_t tables;
	bool table_batch;	/* gather_has_table_batch() */
	uint64_t page_flushes;	/* gather_flushes(): before the first table */
	uint64_t table_flushes;	/* with tables: these wake lazy CPUs */
};

bool gather_has_table_batch(const struct kernel *kernel);
void gather_flushes(struct gather *gather);

#endif
