// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CPU features, through libcpuid. It names few of those that matter here, so its
 * cpu_exec_cpuid() asks for the leaves and the bits are tested by number. A
 * hypervisor may show several interfaces; the kernel uses the one with the
 * highest leaf (arch/x86/kernel/cpu/hypervisor.c, detect_hypervisor_vendor()).
 */
#include <errno.h>
#include <libcpuid/libcpuid.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpufeat.h"

#define HYPERVISOR_BASE		0x40000000u	/* asm/cpuid.h, for_each_possible_hypervisor_cpuid_base() */
#define HYPERVISOR_END		0x40010000u
#define HYPERVISOR_STEP		0x100u

static const struct hypervisor {
	char signature[13];	/* EBX, ECX, EDX of the base leaf */
	const char *name;
} hypervisors[] = {
	{ "KVMKVMKVM\0\0\0", "kvm" },
	{ "TCGTCGTCGTCG", "tcg" },
	{ "Microsoft Hv", "hyperv" },
	{ "XenVMMXenVMM", "xen" },
	{ "VMwareVMware", "vmware" },
};

/* Register @reg (EAX, ...) of a basic or extended leaf; 0 beyond the last one. */
static uint32_t leaf(uint32_t number, int reg)
{
	uint32_t regs[4];

	cpu_exec_cpuid(number & 0x80000000u, regs);
	if (regs[EAX] < number)
		return 0;
	cpu_exec_cpuid(number, regs);
	return regs[reg];
}

static bool bit(uint32_t value, int number)
{
	return value >> number & 1;
}

static const char *hypervisor_name(const uint32_t *regs)
{
	for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++)
		if (!memcmp(hypervisors[i].signature, &regs[EBX], 12))
			return hypervisors[i].name;
	return NULL;
}

/* The leaf of the known interface that the kernel uses, its name in @name; 0: none. */
static uint32_t find_interface(const char **name)
{
	uint32_t found = 0;

	for (uint32_t base = HYPERVISOR_BASE; base < HYPERVISOR_END;
	     base += HYPERVISOR_STEP) {
		uint32_t regs[4];
		const char *known;

		cpu_exec_cpuid(base, regs);
		known = hypervisor_name(regs);
		if (!known)
			continue;
		*name = known;
		found = base;
	}
	return found;
}

/* A signature that has no known name, as far as it can be printed. */
static void raw_signature(char *buf, size_t size)
{
	uint32_t regs[4];
	char text[13] = "";

	cpu_exec_cpuid(HYPERVISOR_BASE, regs);
	memcpy(text, &regs[EBX], 12);
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	snprintf(buf, size, "%s", text[0] ? text : "unknown");
}

/* Bits: arch/x86/include/uapi/asm/kvm_para.h, arch/x86/include/asm/hyperv-tlfs.h. */
static void load_hypervisor(struct cpufeat *feat)
{
	const char *name = NULL;
	uint32_t base = find_interface(&name);
	uint32_t regs[4];

	if (!base) {
		raw_signature(feat->hypervisor, sizeof(feat->hypervisor));
		return;
	}
	snprintf(feat->hypervisor, sizeof(feat->hypervisor), "%s", name);
	if (!strcmp(name, "kvm")) {
		cpu_exec_cpuid(base + 1, regs);
		feat->kvm_steal_time = bit(regs[EAX], 5);
		feat->kvm_pv_tlb_flush = bit(regs[EAX], 9);
		feat->kvm_realtime = bit(regs[EDX], 0);
	} else if (!strcmp(name, "hyperv")) {
		cpu_exec_cpuid(base + 4, regs);
		feat->hyperv_remote_flush = bit(regs[EAX], 2);
	}
}

static void load_brand(struct cpufeat *feat)
{
	struct cpu_raw_data_t raw;
	struct cpu_id_t id;

	if (cpuid_get_raw_data(&raw) || cpu_identify(&raw, &id))
		return;
	snprintf(feat->brand, sizeof(feat->brand), "%s", id.brand_str);
	snprintf(feat->vendor, sizeof(feat->vendor), "%s", id.vendor_str);
	feat->family = id.ext_family;
	feat->model = id.ext_model;
}

/*
 * Read the features of the CPU that this thread runs on. Returns 0; or -ENOTSUP if
 * libcpuid cannot read them, and then @feat is all zero.
 */
int cpufeat_load(struct cpufeat *feat)
{
	memset(feat, 0, sizeof(*feat));
	if (!cpuid_present())
		return -ENOTSUP;
	feat->valid = true;
	feat->invariant_tsc = bit(leaf(0x80000007, EDX), 8);
	feat->invlpgb = bit(leaf(0x80000008, EBX), 3);
	feat->mwait = bit(leaf(1, ECX), 3);
	if (bit(leaf(1, ECX), 31))
		load_hypervisor(feat);
	load_brand(feat);
	return 0;
}
