/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of CPUs as the kernel writes them: "0,2-5". */
#ifndef TLBSYNC_MACHINE_CPULIST_H
#define TLBSYNC_MACHINE_CPULIST_H

#include <stdbool.h>
#include <stddef.h>

#define CPULIST_MAX_CPUS	8192	/* x86 has no more (arch/x86/Kconfig, NR_CPUS) */

size_t cpulist_print(char *buf, size_t size, const int *cpu, int nr);
bool cpulist_range(const char *text, int *first, int *last);

#endif
