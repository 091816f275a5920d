// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The capacity of a gather, from the structs of include/asm-generic/tlb.h on a
 * 64-bit kernel with 4 KiB pages.
 */
#include "workloads/gather.h"

#define ON_STACK	8			/* MMU_GATHER_BUNDLE */
#define BATCH		((4096 - 16) / 8)	/* MAX_GATHER_BATCH */
#define BATCHES		(10000 / BATCH)		/* MAX_GATHER_BATCH_COUNT */
#define TABLES		((4096 - 24) / 8)	/* MAX_TABLE_BATCH, with the rcu_head */

/*
 * A batch counts as full one entry early, to have room for a page and a number of
 * pages (__tlb_remove_folio_pages_size()). When the last batch is full, the gather
 * flushes and starts over with the batches that it has (tlb_batch_pages_flush()).
 */
#define FULL		((ON_STACK - 1) + BATCHES * (BATCH - 1))

/*
 * Do freed tables go into a batch of their own (tlb_remove_table()), or among the
 * pages? On bare metal they have their own batch always since 6.15, in 6.14 with
 * CONFIG_PT_RECLAIM, and never before (arch/x86/kernel/paravirt.c,
 * native_tlb_remove_table()).
 */
bool gather_has_table_batch(const struct kernel *kernel)
{
	return kernel->pt_reclaim > 0 || kernel_since(kernel, 6, 15);
}

/*
 * Fill in the flushes. Pages: one flush each time the gather is full. Tables: one for
 * each full batch of tables (tlb_table_flush()) or full gather, and one at the end for
 * the rest (tlb_finish_mmu()), which also covers the pages that are left.
 */
void gather_flushes(struct gather *gather)
{
	uint64_t capacity = gather->table_batch ? TABLES : FULL;
	uint64_t entries = gather->tables;

	if (!gather->table_batch)
		entries += gather->pages % FULL;
	gather->page_flushes = gather->pages / FULL;
	gather->table_flushes = (entries + capacity - 1) / capacity;
}
