// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's facts of memory: huge pages of both kinds, and what is free. */
#include <string.h>

#include "cmd/doctor.h"
#include "machine/sysfs.h"

#define MIB		(UINT64_C(1) << 20)
#define ENOUGH_MEMORY	(256 * MIB)	/* so that nothing is reclaimed during an op */
#define ENOUGH_HUGE	4		/* free 2 MiB pages for one shared window */

static void check_thp(const struct machine *machine, struct finding *finding)
{
	if (!machine->thp_enabled[0]) {
		finding_is(finding, "not in this kernel, nothing can be collapsed");
		finding_mend(finding, STATE_MISSING,
			     "boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE");
		return;
	}
	finding_is(finding, "%s", machine->thp_enabled);
	if (!strcmp(machine->thp_enabled, "never") && !machine->privileged)
		finding_mend(finding, STATE_WARNING,
			     "echo madvise | sudo tee " SYSFS_THP "enabled");
}

static void check_khugepaged(const struct machine *machine, struct finding *finding)
{
	if (!machine->khugepaged) {
		finding_is(finding, "not in this kernel");
		finding_mend(finding, STATE_WARNING,
			     "boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE");
	} else if (!machine->privileged) {
		finding_is(finding,
			   "its settings cannot be changed: collapse-khugepaged is skipped");
		finding_mend(finding, STATE_WARNING, AS_ROOT);
	} else {
		finding_is(finding, "its settings can be changed");
	}
}

static void check_hugetlb(const struct machine *machine, struct finding *finding)
{
	bool enough = machine->hugepages_free >= ENOUGH_HUGE;

	if (!machine->hugetlb_2m) {
		finding_is(finding, "no 2 MiB pages in this kernel: hugetlb workloads are skipped");
		finding_mend(finding, STATE_WARNING, "boot a kernel with CONFIG_HUGETLBFS");
		return;
	}
	finding_is(finding, "%llu of %llu pages free%s",
		   (unsigned long long)machine->hugepages_free,
		   (unsigned long long)machine->hugepages_total,
		   !enough && machine->privileged ? "; a run as root lets the pool grow" : "");
	if (!enough && !machine->privileged)
		finding_mend(finding, STATE_WARNING, "sudo sysctl vm.nr_hugepages=8");
}

static void check_memory(const struct machine *machine, struct finding *finding)
{
	finding_is(finding, "%llu MiB available",
		   (unsigned long long)(machine->mem_available / MIB));
	if (machine->mem_available < ENOUGH_MEMORY)
		finding_mend(finding, STATE_WARNING,
			     "free some: below 256 MiB the kernel reclaims during ops");
}

const struct check doctor_memory[] = {
	{ "thp", check_thp },
	{ "khugepaged", check_khugepaged },
	{ "hugetlb", check_hugetlb },
	{ "memory", check_memory },
	{ 0 },
};
