// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's facts of the kernel: how it flushes, and what its key is. */
#include <errno.h>
#include <string.h>

#include "cmd/doctor.h"

static void check_flush(const struct machine *machine, struct finding *finding)
{
	const struct kernel *kernel = &machine->kernel;

	finding_is(finding, "%s: %s", flush_backend_name(kernel->flush), kernel->flush_why);
	switch (kernel->flush) {
	case FLUSH_NATIVE:
		break;
	case FLUSH_KVM:
		finding_mend(finding, STATE_WARNING,
			     "QEMU: -cpu host,kvm-pv-tlb-flush=off; with PV flush the patch skips nothing");
		break;
	case FLUSH_HYPERV:
	case FLUSH_XEN:
		finding_mend(finding, STATE_WARNING,
			     "measure without this hypervisor; with its flush the patch skips nothing");
		break;
	case FLUSH_UNKNOWN:
		finding_mend(finding, STATE_WARNING, "boot a kernel with CONFIG_KALLSYMS");
		break;
	}
}

static void check_invlpgb(const struct machine *machine, struct finding *finding)
{
	if (!machine->cpu.invlpgb) {
		finding_is(finding, "no");
		return;
	}
	finding_is(finding, "yes: a kernel that uses it flushes without IPIs");
	/* X86_FEATURE_INVLPGB, asm/cpufeatures.h: word 13, bit 3 */
	finding_mend(finding, STATE_WARNING,
		     "boot with clearcpuid=419; with INVLPGB the patch skips nothing");
}

static void check_kernel(const struct machine *machine, struct finding *finding)
{
	const struct kernel *kernel = &machine->kernel;

	if (!kernel->tainted) {
		finding_is(finding, "%s, not tainted", kernel->release);
		return;
	}
	finding_is(finding, "%s, tainted (%lu)", kernel->release, kernel->tainted);
	finding_mend(finding, STATE_WARNING,
		     "the bits' meaning: Documentation/admin-guide/tainted-kernels.rst");
}

static void check_pt_reclaim(const struct machine *machine, struct finding *finding)
{
	int pt_reclaim = machine->kernel.pt_reclaim;

	finding_is(finding, "%s", pt_reclaim < 0 ? "unknown" : pt_reclaim ? "yes" : "no");
	if (pt_reclaim < 0)
		finding_mend(finding, STATE_WARNING, "boot a kernel with CONFIG_KALLSYMS");
}

static void check_static_key(const struct machine *machine, struct finding *finding)
{
	const struct kernel *kernel = &machine->kernel;

	finding_is(finding, "%s: %s", key_state_name(kernel->static_key), kernel->static_key_why);
	if (kernel->static_key == KEY_UNKNOWN)
		finding_mend(finding, STATE_WARNING, machine->privileged ?
			     "build the kernel with CONFIG_KALLSYMS_ALL and CONFIG_PROC_KCORE" : AS_ROOT);
}

static void check_kcore(const struct machine *machine, struct finding *finding)
{
	uint64_t address = machine->kernel.sym.flush_func;
	char byte;
	int err = address ? kcore_read("/proc/kcore", address, &byte, 1) : -EACCES;

	if (!err) {
		finding_is(finding, "can be read");
	} else if (machine->kernel.static_key == KEY_ABSENT) {
		finding_is(finding, "cannot be read; not needed without the static key");
	} else {
		finding_is(finding, "cannot be read: %s", strerror(-err));
		finding_mend(finding, STATE_WARNING, err == -ENOENT || err == -ENXIO ?
			     "boot a kernel with CONFIG_PROC_KCORE" :
			     "run as root, on a boot without lockdown");
	}
}

const struct check doctor_kernel[] = {
	{ "flush", check_flush },
	{ "invlpgb", check_invlpgb },
	{ "kernel", check_kernel },
	{ "pt_reclaim", check_pt_reclaim },
	{ "static_key", check_static_key },
	{ "kcore", check_kcore },
	{ 0 },
};
