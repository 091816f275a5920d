// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gathers what the other files of this room find, and the settings around them.
 * A fact that cannot be found is "", 0 or false, and no error. Only a machine whose
 * CPUs are unknown cannot be measured.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <numa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "machine/machine.h"
#include "machine/sysfs.h"

#define SYSFS_ONLINE	"/sys/devices/system/cpu/online"

#ifndef CAP_PERFMON
#define CAP_PERFMON	38	/* Linux 5.8 */
#endif

static int cpus_of_node(const struct topology *topo, int node)
{
	int nr = 0;

	for (int i = 0; i < topo->nr_online; i++)
		nr += topo->cpus[i].node == node;
	return nr;
}

static uint64_t hugepages_of_node(int node)
{
	uint64_t nr = 0;
	char path[112];

	snprintf(path, sizeof(path), SYSFS_NODE_HUGETLB_2M "free_hugepages", node);
	sysfs_read_u64(path, &nr);
	return nr;
}

/* A kernel without CONFIG_NUMA: one node that has all there is. */
static int load_one_node(struct machine *machine)
{
	struct sysinfo info;

	if (sysinfo(&info))
		return -errno;
	machine->nodes[0] = (struct machine_node) {
		.node = 0,
		.bytes_total = (uint64_t)info.totalram * info.mem_unit,
		.bytes_free = (uint64_t)info.freeram * info.mem_unit,
		.nr_cpus = machine->topo.nr_online,
	};
	machine->nr_nodes = 1;
	return 0;
}

static int load_nodes(struct machine *machine)
{
	bool numa = numa_available() >= 0;
	struct bitmask *allowed;
	int nr = numa ? numa_max_node() + 1 : 1;

	if (nr < machine->topo.nr_nodes)
		nr = machine->topo.nr_nodes;
	machine->nodes = calloc(nr, sizeof(*machine->nodes));
	if (!machine->nodes)
		return -ENOMEM;
	if (!numa)
		return load_one_node(machine);
	allowed = numa_get_mems_allowed();
	for (int node = 0; node <= numa_max_node(); node++) {
		long long free_bytes = 0, total;

		if (!numa_bitmask_isbitset(numa_nodes_ptr, node))
			continue;
		total = numa_node_size64(node, &free_bytes);
		machine->nodes[machine->nr_nodes++] = (struct machine_node) {
			.node = node,
			.bytes_total = total > 0 ? total : 0,
			.bytes_free = total > 0 ? free_bytes : 0,
			.hugepages_free = hugepages_of_node(node),
			.nr_cpus = cpus_of_node(&machine->topo, node),
			.barred = allowed && !numa_bitmask_isbitset(allowed, node),
		};
	}
	if (allowed)
		numa_bitmask_free(allowed);
	return 0;
}

/*
 * The value of the first line "KEY ...: VALUE" of @path, without the blanks
 * before it and the newline after it. Returns 0, -ENOENT or another -errno.
 */
static int read_line(const char *path, const char *key, char *buf, size_t size)
{
	char line[512];
	size_t len = strlen(key);
	int err = -ENOENT;
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	while (err && fgets(line, sizeof(line), file)) {
		const char *value = strchr(line, ':');

		if (!value || strncmp(line, key, len) || !strchr(": \t", line[len]))
			continue;
		value += 1 + strspn(value + 1, " \t");
		snprintf(buf, size, "%.*s", (int)strcspn(value, "\n"), value);
		err = 0;
	}
	fclose(file);
	return err;
}

static void load_privileges(struct machine *machine)
{
	char text[32];
	uint64_t caps = 0;

	machine->privileged = geteuid() == 0;
	if (!read_line("/proc/self/status", "CapEff", text, sizeof(text)))
		caps = strtoull(text, NULL, 16);
	machine->cap_perfmon = caps >> CAP_PERFMON & 1 || caps >> CAP_SYS_ADMIN & 1;
}

static int read_int(const char *path)
{
	char text[32];

	return sysfs_read(path, text, sizeof(text)) ? 0 : strtol(text, NULL, 10);
}

static void load_cpu_settings(struct machine *machine)
{
	char path[96];

	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor",
		 machine->topo.cpus[0].cpu);
	sysfs_read(path, machine->governor, sizeof(machine->governor));
	read_line("/proc/cpuinfo", "microcode", machine->microcode,
		  sizeof(machine->microcode));
	sysfs_read("/sys/devices/system/cpu/smt/control", machine->smt,
		   sizeof(machine->smt));
	sysfs_read("/sys/devices/system/cpu/isolated", machine->isolated,
		   sizeof(machine->isolated));
	sysfs_read("/sys/devices/system/cpu/nohz_full", machine->nohz_full,
		   sizeof(machine->nohz_full));
	if (!strcmp(machine->nohz_full, "(null)"))	/* built in, not asked for */
		machine->nohz_full[0] = '\0';
	topology_mark(&machine->topo, machine->isolated, machine->nohz_full);
}

static void load_memory_settings(struct machine *machine)
{
	char text[32];

	sysfs_read_choice(SYSFS_THP "enabled", machine->thp_enabled,
			  sizeof(machine->thp_enabled));
	sysfs_read_choice(SYSFS_THP "shmem_enabled", machine->shmem_thp,
			  sizeof(machine->shmem_thp));
	machine->khugepaged = !access(SYSFS_KHUGEPAGED "scan_sleep_millisecs", F_OK);
	machine->hugetlb_2m = !sysfs_read_u64(SYSFS_HUGETLB_2M "nr_hugepages",
					      &machine->hugepages_total);
	sysfs_read_u64(SYSFS_HUGETLB_2M "free_hugepages", &machine->hugepages_free);
	sysfs_read_u64(SYSFS_HUGETLB_2M "resv_hugepages", &machine->hugepages_reserved);
	if (!read_line("/proc/meminfo", "MemAvailable", text, sizeof(text)))
		machine->mem_available = strtoull(text, NULL, 10) * 1024;
}

/* fs/pipe.c: whoever lacks CAP_SYS_RESOURCE stays within both limits. */
static void load_pipe_limit(struct machine *machine)
{
	uint64_t bytes = 0, pages = 0;

	if (!machine->refused.cap_sys_resource)
		return;
	sysfs_read_u64("/proc/sys/fs/pipe-max-size", &bytes);
	sysfs_read_u64("/proc/sys/fs/pipe-user-pages-soft", &pages);
	machine->pipe_max = bytes;
	if (pages && pages * 4096 < bytes)
		machine->pipe_max = pages * 4096;
}

static int load_cpus(struct machine *machine)
{
	sysfs_read(SYSFS_ONLINE, machine->online, sizeof(machine->online));
	return topology_load(&machine->topo);
}

/*
 * Has a CPU come or gone since @machine was loaded? Then the CPUs that are online
 * are in @now, as the kernel lists them.
 */
bool machine_cpus_changed(const struct machine *machine, char *now, size_t size)
{
	return !sysfs_read(SYSFS_ONLINE, now, size) && strcmp(now, machine->online) != 0;
}

/*
 * Load the CPUs of @machine again, as they are online now. 0 or -errno, and then
 * @machine has none.
 */
int machine_reload_cpus(struct machine *machine)
{
	topology_free(&machine->topo);
	return load_cpus(machine);
}

/*
 * Fill @machine. Call it early, in the main thread, before any thread is pinned:
 * the allowed CPUs are that thread's. Returns 0 or -errno, on which @machine is
 * empty; otherwise it is the caller's to machine_free().
 */
int machine_load(struct machine *machine)
{
	int err;

	memset(machine, 0, sizeof(*machine));
	err = load_cpus(machine);
	if (!err)
		err = load_nodes(machine);
	if (err) {
		machine_free(machine);
		return err;
	}
	gethostname(machine->host, sizeof(machine->host) - 1);
	cpufeat_load(&machine->cpu);
	kernel_load(&machine->kernel, &machine->cpu);
	load_privileges(machine);
	load_cpu_settings(machine);
	load_memory_settings(machine);
	refusals_load(&machine->refused);
	load_pipe_limit(machine);
	machine->perf_event_paranoid = read_int("/proc/sys/kernel/perf_event_paranoid");
	machine->kptr_restrict = read_int("/proc/sys/kernel/kptr_restrict");
	return 0;
}

/* Give back what @machine owns; it is empty afterwards, and may be freed again. */
void machine_free(struct machine *machine)
{
	free(machine->nodes);
	topology_free(&machine->topo);
	memset(machine, 0, sizeof(*machine));
}
