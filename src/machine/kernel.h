/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel is and what it does on a TLB flush: release, symbols,
 * the state of the series' static key, the flush backend.
 */
#ifndef TLBSYNC_MACHINE_KERNEL_H
#define TLBSYNC_MACHINE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "machine/cpufeat.h"

enum key_state {
	KEY_UNKNOWN,	/* symbols hidden, or the value cannot be read */
	KEY_ABSENT,	/* the kernel has no tlb_ipi_broadcast_key: unpatched */
	KEY_OFF,	/* there, disabled at boot (PV flush or INVLPGB) */
	KEY_ON,		/* there, enabled: redundant syncs are skipped */
};

enum flush_backend {
	FLUSH_UNKNOWN,
	FLUSH_NATIVE,	/* IPIs from native_flush_tlb_multi() */
	FLUSH_KVM,	/* kvm_flush_tlb_multi(): skips preempted vCPUs */
	FLUSH_HYPERV,
	FLUSH_XEN,
};

/* Names that /proc/kallsyms may list; bits of kernel_symbols.listed. */
enum kernel_symbol {
	SYM_SMP_SYNC	= 1 << 0,
	SYM_FLUSH_FUNC	= 1 << 1,
	SYM_KEY		= 1 << 2,
	SYM_KEY_INIT	= 1 << 3,
	SYM_PV_OPS	= 1 << 4,
	SYM_NATIVE	= 1 << 5,
	SYM_KVM		= 1 << 6,
	SYM_HYPERV	= 1 << 7,
	SYM_XEN		= 1 << 8,
	SYM_PT_RECLAIM	= 1 << 9,
	SYM_OTHER_PV	= 1 << 10,	/* some other backend's ..._flush_tlb_multi */
	SYM_FLUSH_ALL	= 1 << 11,
	SYM_FLUSH_RANGE	= 1 << 12,
};

/* Addresses from /proc/kallsyms; 0 if absent or hidden. */
struct kernel_symbols {
	uint64_t smp_sync;	/* tlb_remove_table_smp_sync */
	uint64_t flush_func;	/* flush_tlb_func */
	uint64_t flush_all;	/* do_flush_tlb_all: of the kernel's own addresses, like the next */
	uint64_t flush_range;	/* do_kernel_range_flush */
	uint64_t key;		/* tlb_ipi_broadcast_key: data, so only with KALLSYMS_ALL */
	uint64_t key_init;	/* native_pv_tlb_init: text, in every patched kernel */
	uint64_t pv_ops;
	uint64_t native_flush, kvm_flush, hyperv_flush, xen_flush; /* *_flush_tlb_multi */
	uint64_t pt_reclaim;	/* __tlb_remove_table_one_rcu */
	uint32_t listed;	/* SYM_* bits: the name is there, even if addresses are hidden */
	int readable;		/* kallsyms gave real addresses */
};

struct kernel {
	char release[128];
	char version[128];	/* uname -v: when it was built */
	char config_hash[16];	/* of a lab kernel, from its command line; "" */
	char patches_hash[16];	/* of the patches in it, "none" */
	char cmdline[4096];
	char boot_id[40];
	unsigned long tainted;
	struct kernel_symbols sym;
	enum key_state static_key;
	const char *static_key_why;	/* how it was found, or why it is unknown */
	enum flush_backend flush;
	const char *flush_why;
	int pt_reclaim;		/* CONFIG_PT_RECLAIM: 1, 0, or -1 if unknown */
};

int kernel_load(struct kernel *kernel, const struct cpufeat *feat);
bool kernel_since(const struct kernel *kernel, int major, int minor);
bool kernel_clears_mm_cpumask(const struct kernel *kernel);
int kallsyms_parse(FILE *file, struct kernel_symbols *sym);
const char *kallsyms_name(FILE *file, uint64_t address, char *buf, int size);
int kcore_read(const char *path, uint64_t address, void *buf, int size);
const char *key_state_name(enum key_state state);
int key_state_parse(const char *name, enum key_state *state);
const char *flush_backend_name(enum flush_backend backend);
int flush_backend_parse(const char *name, enum flush_backend *backend);

#endif
