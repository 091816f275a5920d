// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The running kernel: its identity, whether it carries the series (the static
 * key and its value), and which function flushes other CPUs' TLBs. If an answer is
 * deduced, a sentence beside it says so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine/kernel.h"
#include "machine/sysfs.h"

#define KALLSYMS	"/proc/kallsyms"
#define KCORE		"/proc/kcore"
#define PV_OPS_BYTES	1024	/* struct paravirt_patch_template: about 100 pointers */

static const char *const key_state_names[] = {
	[KEY_UNKNOWN] = "unknown",
	[KEY_ABSENT] = "absent",
	[KEY_OFF] = "off",
	[KEY_ON] = "on",
};

static const char *const flush_backend_names[] = {
	[FLUSH_UNKNOWN] = "unknown",
	[FLUSH_NATIVE] = "native",
	[FLUSH_KVM] = "kvm",
	[FLUSH_HYPERV] = "hyperv",
	[FLUSH_XEN] = "xen",
};

#define NR_NAMES(names)	((int)(sizeof(names) / sizeof((names)[0])))

/* The index of @name, or -EINVAL. */
static int find_name(const char *const *names, int nr, const char *name)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -EINVAL;
}

/* The word that a record holds for @state. */
const char *key_state_name(enum key_state state)
{
	return (unsigned int)state < NR_NAMES(key_state_names) ?
		key_state_names[state] : "unknown";
}

/* The state that the word @name stands for: 0, or -EINVAL and *@state unchanged. */
int key_state_parse(const char *name, enum key_state *state)
{
	int i = find_name(key_state_names, NR_NAMES(key_state_names), name);

	if (i < 0)
		return i;
	*state = i;
	return 0;
}

/* The word that a record holds for @backend. */
const char *flush_backend_name(enum flush_backend backend)
{
	return (unsigned int)backend < NR_NAMES(flush_backend_names) ?
		flush_backend_names[backend] : "unknown";
}

/* The backend that the word @name stands for: 0, or -EINVAL and *@backend unchanged. */
int flush_backend_parse(const char *name, enum flush_backend *backend)
{
	int i = find_name(flush_backend_names, NR_NAMES(flush_backend_names), name);

	if (i < 0)
		return i;
	*backend = i;
	return 0;
}

/*
 * What follows "NAME=" on the command line, "" if it is not there. The lab says so what its
 * kernel was made of (scripts/vm-run): the kernel itself passes such words over.
 */
static void read_word(const struct kernel *kernel, const char *name, char *buf, size_t size)
{
	const char *at = strstr(kernel->cmdline, name);

	if (!at || (at > kernel->cmdline && at[-1] != ' '))
		return;
	at += strlen(name);
	snprintf(buf, size, "%.*s", (int)strcspn(at, " \n"), at);
}

static void load_identity(struct kernel *kernel)
{
	struct utsname uts;
	uint64_t tainted = 0;

	if (uname(&uts) == 0) {
		snprintf(kernel->release, sizeof(kernel->release), "%s", uts.release);
		snprintf(kernel->version, sizeof(kernel->version), "%s", uts.version);
	}
	sysfs_read("/proc/cmdline", kernel->cmdline, sizeof(kernel->cmdline));
	sysfs_read("/proc/sys/kernel/random/boot_id", kernel->boot_id,
		   sizeof(kernel->boot_id));
	read_word(kernel, "tlbsync_config=", kernel->config_hash, sizeof(kernel->config_hash));
	read_word(kernel, "tlbsync_patches=", kernel->patches_hash, sizeof(kernel->patches_hash));
	sysfs_read_u64("/proc/sys/kernel/tainted", &tainted);
	kernel->tainted = tainted;
}

/* Is @word one of the words of the command line? */
static bool booted_with(const struct kernel *kernel, const char *word)
{
	const char *at = kernel->cmdline;
	size_t len = strlen(word);

	while ((at = strstr(at, word))) {
		bool starts = at == kernel->cmdline || at[-1] == ' ';

		if (starts && (at[len] == ' ' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

static const char *kcore_why(int err)
{
	switch (err) {
	case -ENOENT:
		return "the key is there, but this kernel has no /proc/kcore (CONFIG_PROC_KCORE)";
	case -EPERM:
	case -EACCES:
		return "the key is there, but /proc/kcore may not be read (needs root and no lockdown)";
	default:
		return "the key is there, but reading it from /proc/kcore failed";
	}
}

/*
 * The key is data, which kallsyms lists only with CONFIG_KALLSYMS_ALL
 * (scripts/kallsyms.c, symbol_valid()). native_pv_tlb_init(), which enables the key, is
 * text and always listed. A kernel that lists neither does not have the series.
 * The value is `enabled`, the first member of struct static_key
 * (include/linux/jump_label.h): 0 is off; -1 while switching on, else a count.
 */
static void find_static_key(struct kernel *kernel)
{
	const struct kernel_symbols *sym = &kernel->sym;
	int32_t enabled;
	int err;

	kernel->static_key = KEY_UNKNOWN;
	if (!(sym->listed & SYM_FLUSH_FUNC)) {
		kernel->static_key_why = "/proc/kallsyms does not list the kernel's symbols";
	} else if (!(sym->listed & (SYM_KEY | SYM_KEY_INIT))) {
		kernel->static_key = KEY_ABSENT;
		kernel->static_key_why = "no tlb_ipi_broadcast_key in /proc/kallsyms";
	} else if (!(sym->listed & SYM_KEY)) {
		kernel->static_key_why = "the kernel is patched, but lists no data symbols (CONFIG_KALLSYMS_ALL)";
	} else if (!sym->key) {
		kernel->static_key_why = "the key is there, but its address is hidden (kptr_restrict)";
	} else {
		err = kcore_read(KCORE, sym->key, &enabled, sizeof(enabled));
		kernel->static_key_why = err ? kcore_why(err) : "read from /proc/kcore";
		if (!err)
			kernel->static_key = enabled ? KEY_ON : KEY_OFF;
	}
}

/*
 * pv_ops.mmu.flush_tlb_multi itself, which native_pv_tlb_init() tests too. Its offset
 * differs between versions, so we find it by its value: of the functions that it can
 * be, exactly one is in pv_ops. False if pv_ops cannot be read.
 */
static bool read_pv_ops(struct kernel *kernel)
{
	const struct kernel_symbols *sym = &kernel->sym;
	const uint64_t function[] = {
		[FLUSH_NATIVE] = sym->native_flush, [FLUSH_KVM] = sym->kvm_flush,
		[FLUSH_HYPERV] = sym->hyperv_flush, [FLUSH_XEN] = sym->xen_flush,
	};
	uint64_t ops[PV_OPS_BYTES / sizeof(uint64_t)];

	if (!sym->pv_ops || kcore_read(KCORE, sym->pv_ops, ops, sizeof(ops)))
		return false;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		for (int backend = FLUSH_NATIVE; backend <= FLUSH_XEN; backend++) {
			if (!ops[i] || ops[i] != function[backend])
				continue;
			kernel->flush = backend;
			kernel->flush_why = "pv_ops, read from /proc/kcore";
			return true;
		}
	}
	return false;
}

static bool one_possible_cpu(void)
{
	char possible[32];

	return !sysfs_read("/sys/devices/system/cpu/possible", possible,
			   sizeof(possible)) && !strcmp(possible, "0");
}

/* Why KVM's PV flush is off, or NULL if on: arch/x86/kernel/kvm.c, pv_tlb_flush_supported(). */
static const char *kvm_flush_off(const struct cpufeat *feat)
{
	if (!feat->kvm_pv_tlb_flush)
		return "KVM does not offer the PV flush (KVM_FEATURE_PV_TLB_FLUSH)";
	if (feat->kvm_realtime)
		return "KVM offers the PV flush, but says that vCPUs are never preempted";
	if (!feat->kvm_steal_time)
		return "KVM offers the PV flush, but not the steal time that it needs";
	if (feat->mwait)
		return "KVM offers the PV flush, but the kernel leaves it off with MWAIT";
	if (one_possible_cpu())
		return "KVM offers the PV flush, but there is one possible CPU only";
	return NULL;
}

static bool xen_pv_guest(void)
{
	char type[16];

	return !sysfs_read("/sys/hypervisor/guest_type", type, sizeof(type)) &&
		!strcmp(type, "PV");
}

static void set_flush(struct kernel *kernel, enum flush_backend backend, const char *why)
{
	kernel->flush = backend;
	kernel->flush_why = why;
}

static void deduce_kvm_flush(struct kernel *kernel, const struct cpufeat *feat)
{
	const char *off = kvm_flush_off(feat);

	if (off)
		set_flush(kernel, FLUSH_NATIVE, off);
	else
		set_flush(kernel, FLUSH_KVM, "KVM offers the PV flush and the kernel takes it");
}

/*
 * What the kernel chose at boot, deduced from the facts on which it decided:
 * arch/x86/kernel/kvm.c, kvm_guest_init(); arch/x86/hyperv/mmu.c,
 * hyperv_setup_mmu_ops(); arch/x86/xen/mmu_pv.c, xen_mmu_ops. "nopv" switches off all
 * but Xen PV (arch/x86/kernel/cpu/hypervisor.c, detect_hypervisor_vendor()).
 */
static void deduce_flush(struct kernel *kernel, const struct cpufeat *feat)
{
	uint32_t listed = kernel->sym.listed;
	bool kvm = !strcmp(feat->hypervisor, "kvm");
	bool hyperv = !strcmp(feat->hypervisor, "hyperv");

	if (!(listed & SYM_NATIVE))
		set_flush(kernel, FLUSH_UNKNOWN, "/proc/kallsyms does not list native_flush_tlb_multi");
	else if (listed & SYM_XEN && xen_pv_guest())
		set_flush(kernel, FLUSH_XEN, "a Xen PV guest");
	else if (!feat->valid)
		set_flush(kernel, FLUSH_UNKNOWN, "CPUID cannot be read");
	else if (!feat->hypervisor[0])
		set_flush(kernel, FLUSH_NATIVE, "no hypervisor");
	else if (booted_with(kernel, "nopv"))
		set_flush(kernel, FLUSH_NATIVE, "booted with nopv");
	else if (kvm && listed & SYM_KVM)
		deduce_kvm_flush(kernel, feat);
	else if (hyperv && listed & SYM_HYPERV && feat->hyperv_remote_flush)
		set_flush(kernel, FLUSH_HYPERV, "Hyper-V recommends its flush hypercall");
	else if (listed & SYM_OTHER_PV)
		set_flush(kernel, FLUSH_UNKNOWN, "the kernel has the PV flush of a hypervisor that is not known here");
	else
		set_flush(kernel, FLUSH_NATIVE, "the kernel has no PV flush for this hypervisor");
}

/*
 * With CONFIG_PT_RECLAIM, and only then, mm/mmu_gather.c defines the RCU callback
 * __tlb_remove_table_one_rcu(); its address is taken, so it is always a symbol.
 */
static int find_pt_reclaim(const struct kernel_symbols *sym)
{
	if (!(sym->listed & SYM_FLUSH_FUNC))
		return -1;
	return !!(sym->listed & SYM_PT_RECLAIM);
}

/*
 * Is @kernel Linux @major.@minor or newer? Ask this only about a change that leaves no
 * other trace. A symbol is better evidence, because distributions backport changes.
 */
bool kernel_since(const struct kernel *kernel, int major, int minor)
{
	int is_major = 0, is_minor = 0;

	sscanf(kernel->release, "%d.%d", &is_major, &is_minor);
	return is_major > major || (is_major == major && is_minor >= minor);
}

/*
 * Fill @kernel with what can be found out about the running kernel. All other facts
 * are unknown, -1 or "", which is no error. Returns 0. The strings *_why are static.
 */
int kernel_load(struct kernel *kernel, const struct cpufeat *feat)
{
	FILE *kallsyms = fopen(KALLSYMS, "re");

	memset(kernel, 0, sizeof(*kernel));
	load_identity(kernel);
	if (kallsyms) {
		kallsyms_parse(kallsyms, &kernel->sym);
		fclose(kallsyms);
	}
	find_static_key(kernel);
	if (!read_pv_ops(kernel))
		deduce_flush(kernel, feat);
	kernel->pt_reclaim = find_pt_reclaim(&kernel->sym);
	return 0;
}

/*
 * Does a CPU leave an mm's mask when it switches to another mm, or is woken from
 * lazy TLB mode (arch/x86/mm/tlb.c, switch_mm_irqs_off())? Since 6.13 the CPU's bit
 * stays until a flush finds that another mm is loaded there.
 */
bool kernel_clears_mm_cpumask(const struct kernel *kernel)
{
	return !kernel_since(kernel, 6, 13);
}
