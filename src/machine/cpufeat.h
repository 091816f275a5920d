/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU features that bear on a measurement, read with libcpuid: may the TSC be
 * used as a clock, and does this CPU (or its hypervisor) flush TLBs without IPIs.
 */
#ifndef TLBSYNC_MACHINE_CPUFEAT_H
#define TLBSYNC_MACHINE_CPUFEAT_H

#include <stdbool.h>
#include <stdint.h>

struct cpufeat {
	char brand[64];		/* CPUID brand string */
	char vendor[16];	/* CPUID 0: "GenuineIntel", "AuthenticAMD", ... */
	int family, model;	/* with their extensions, as the kernel prints them */
	char hypervisor[16];	/* "" on bare metal, else "kvm", "tcg", "hyperv", "xen", "vmware" or the raw signature */
	bool invariant_tsc;	/* CPUID 0x80000007 EDX bit 8 */
	bool invlpgb;		/* CPUID 0x80000008 EBX bit 3 */
	bool mwait;		/* CPUID 1 ECX bit 3: a guest with it gets no KVM PV flush */
	bool kvm_pv_tlb_flush;	/* KVM offers it: CPUID 0x40000001 EAX bit 9 */
	bool kvm_steal_time;	/* the same leaf, EAX bit 5 */
	bool kvm_realtime;	/* the same leaf, EDX bit 0: vCPUs are never preempted */
	bool hyperv_remote_flush;	/* CPUID 0x40000004 EAX bit 2, Hyper-V only */
	bool valid;		/* libcpuid could read this CPU */
};

int cpufeat_load(struct cpufeat *feat);

#endif
