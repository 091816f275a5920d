// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hwloc's tree of objects, flattened to one entry for each online CPU. If the machine
 * does not describe a level, another one stands in: the machine for a missing package,
 * the package for a missing cache, the CPU itself for a missing core.
 */
#include <errno.h>
#include <hwloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/sysfs.h"
#include "machine/topology.h"

/* The numbers of objects of one kind, in the order in which they were found. */
struct numbering {
	hwloc_obj_t *seen;
	int nr;
};

static int number_of(struct numbering *numbering, hwloc_obj_t obj)
{
	for (int i = 0; i < numbering->nr; i++)
		if (numbering->seen[i] == obj)
			return i;
	numbering->seen[numbering->nr] = obj;
	return numbering->nr++;
}

static hwloc_obj_t package_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
	hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(hw, HWLOC_OBJ_PACKAGE, pu);

	return package ? package : hwloc_get_root_obj(hw);
}

static hwloc_obj_t core_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(hw, HWLOC_OBJ_CORE, pu);

	return core ? core : pu;
}

static hwloc_obj_t llc_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
	hwloc_obj_t llc = NULL;

	for (hwloc_obj_t obj = pu->parent; obj; obj = obj->parent)
		if (hwloc_obj_type_is_dcache(obj->type))
			llc = obj;
	return llc ? llc : package_of(hw, pu);
}

/*
 * The NUMA node of @pu: of all nodes that are local to it, the one with the fewest CPUs.
 * Memory without CPUs of its own (CXL, HBM) is local to many CPUs, so this finds the
 * CPU's own node. -1: none.
 */
static int node_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
	hwloc_obj_t node = NULL;
	int best = -1, fewest = 0;

	while ((node = hwloc_get_next_obj_by_type(hw, HWLOC_OBJ_NUMANODE, node))) {
		int nr_cpus = hwloc_bitmap_weight(node->cpuset);

		if (!hwloc_bitmap_isset(node->cpuset, pu->os_index) ||
		    (best >= 0 && nr_cpus >= fewest))
			continue;
		best = node->os_index;
		fewest = nr_cpus;
	}
	return best;
}

static int fill_cpus(struct topology *topo, hwloc_topology_t hw,
		     hwloc_const_bitmap_t online, hwloc_const_bitmap_t allowed)
{
	int nr = hwloc_bitmap_weight(online);
	hwloc_obj_t *seen = calloc(3 * (size_t)nr, sizeof(*seen));
	struct numbering packages = { seen, 0 }, llcs = { seen + nr, 0 };
	struct numbering cores = { seen + 2 * (size_t)nr, 0 };
	unsigned int cpu;

	topo->cpus = calloc(nr, sizeof(*topo->cpus));
	if (!seen || !topo->cpus) {
		free(seen);
		return -ENOMEM;
	}
	hwloc_bitmap_foreach_begin(cpu, online) {
		hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(hw, cpu);

		if (!pu)
			continue;
		topo->cpus[topo->nr_online++] = (struct topo_cpu) {
			.cpu = cpu,
			.node = node_of(hw, pu),
			.package = number_of(&packages, package_of(hw, pu)),
			.llc = number_of(&llcs, llc_of(hw, pu)),
			.core = number_of(&cores, core_of(hw, pu)),
			.allowed = hwloc_bitmap_isset(allowed, cpu),
			.in_cpuset = hwloc_bitmap_isset(
				hwloc_topology_get_allowed_cpuset(hw), cpu),
		};
		topo->nr_allowed += hwloc_bitmap_isset(allowed, cpu);
	} hwloc_bitmap_foreach_end();
	free(seen);
	return 0;
}

/* The CPUs of @all that are not @online. */
static int fill_offline(struct topology *topo, hwloc_const_bitmap_t all,
			hwloc_const_bitmap_t online)
{
	int nr = hwloc_bitmap_weight(all);
	unsigned int cpu;

	topo->offline = calloc(nr > 0 ? nr : 1, sizeof(*topo->offline));
	if (!topo->offline)
		return -ENOMEM;
	hwloc_bitmap_foreach_begin(cpu, all) {
		if (nr > 0 && !hwloc_bitmap_isset(online, cpu))
			topo->offline[topo->nr_offline++] = cpu;
	} hwloc_bitmap_foreach_end();
	return 0;
}

/*
 * Fill the topology from @hw, which holds the online CPUs. @all holds all CPUs that are
 * there.
 */
static int flatten(struct topology *topo, hwloc_topology_t hw,
		   hwloc_const_bitmap_t all, hwloc_const_bitmap_t allowed)
{
	hwloc_const_bitmap_t online = hwloc_topology_get_topology_cpuset(hw);
	int err;

	memset(topo, 0, sizeof(*topo));
	if (hwloc_bitmap_iszero(online) || hwloc_bitmap_weight(online) < 0)
		return -EINVAL;
	topo->nr_nodes = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_NUMANODE);
	topo->nr_possible = hwloc_bitmap_last(online) + 1;
	err = fill_cpus(topo, hw, online, allowed);
	if (!err)
		err = fill_offline(topo, all, online);
	if (err)
		topology_free(topo);
	return err;
}

/*
 * hwloc takes any text for a list of CPUs, so text that is no list is refused here.
 * Returns 0 or -errno.
 */
static int parse_cpu_list(hwloc_bitmap_t set, const char *list)
{
	if (!*list || strspn(list, "0123456789,-") != strlen(list))
		return -EINVAL;
	return hwloc_bitmap_list_sscanf(set, list) ||
		hwloc_bitmap_weight(set) < 0 ? -EINVAL : 0;
}

/* The highest CPU number that this boot can ever have, plus 1; at least @least. */
static int possible_cpus(int least)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	char list[256];
	int nr = 0;

	if (set && !sysfs_read("/sys/devices/system/cpu/possible", list, sizeof(list)) &&
	    !parse_cpu_list(set, list))
		nr = hwloc_bitmap_last(set) + 1;
	hwloc_bitmap_free(set);
	return nr > least ? nr : least;
}

/* The CPUs where this thread may run: its affinity, within hwloc's allowed ones. */
static int get_allowed(hwloc_topology_t hw, hwloc_bitmap_t allowed)
{
	if (hwloc_get_cpubind(hw, allowed, HWLOC_CPUBIND_THREAD))
		return -errno;
	return hwloc_bitmap_and(allowed, allowed,
				hwloc_topology_get_allowed_cpuset(hw)) ? -ENOMEM : 0;
}

/* Load what was set up in @hw: the running machine, not one from a file. */
static int load_this_system(struct topology *topo, hwloc_topology_t hw,
			    hwloc_bitmap_t allowed)
{
	int err;

	if (hwloc_topology_set_flags(hw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) ||
	    hwloc_topology_load(hw))
		return errno ? -errno : -EIO;
	if (!hwloc_topology_is_thissystem(hw))
		return -EINVAL;
	err = get_allowed(hw, allowed);
	if (!err)
		err = flatten(topo, hw, hwloc_topology_get_complete_cpuset(hw), allowed);
	if (!err)
		topo->nr_possible = possible_cpus(topo->nr_possible);
	return err;
}

/*
 * Fill @topo with the running machine's online CPUs. The calling thread's affinity
 * (sched_getaffinity(2), through hwloc) and its cpuset decide which of them are
 * allowed, so call this before any thread is pinned. Returns 0 or -errno: -EINVAL
 * if hwloc's environment variables (HWLOC_XMLFILE, HWLOC_SYNTHETIC, ...) describe
 * another machine. The caller frees @topo with topology_free().
 */
int topology_load(struct topology *topo)
{
	hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
	hwloc_topology_t hw;
	int err = -ENOMEM;

	memset(topo, 0, sizeof(*topo));
	if (allowed && !hwloc_topology_init(&hw)) {
		err = load_this_system(topo, hw, allowed);
		hwloc_topology_destroy(hw);
	}
	hwloc_bitmap_free(allowed);
	return err;
}

/* Take the CPUs of the list @offline out of @hw, as if they had never come up. */
static int remove_cpus(hwloc_topology_t hw, const char *offline)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int err;

	if (!set)
		return -ENOMEM;
	err = parse_cpu_list(set, offline);
	if (!err && hwloc_bitmap_andnot(set, hwloc_topology_get_topology_cpuset(hw), set))
		err = -ENOMEM;
	if (!err && hwloc_topology_restrict(hw, set, 0))
		err = -EINVAL;
	hwloc_bitmap_free(set);
	return err;
}

static int load_synthetic(struct topology *topo, hwloc_topology_t hw,
			  const char *description, const char *offline)
{
	hwloc_bitmap_t all;
	int err = 0;

	if (hwloc_topology_set_synthetic(hw, description) || hwloc_topology_load(hw))
		return -EINVAL;
	all = hwloc_bitmap_dup(hwloc_topology_get_topology_cpuset(hw));
	if (!all)
		return -ENOMEM;
	if (offline && *offline)
		err = remove_cpus(hw, offline);
	if (!err)
		err = flatten(topo, hw, all, hwloc_topology_get_topology_cpuset(hw));
	if (!err)
		topo->nr_possible = hwloc_bitmap_last(all) + 1;
	hwloc_bitmap_free(all);
	return err;
}

/*
 * Fill @topo with a made-up machine: @description in hwloc's synthetic syntax
 * ("pack:2 core:4 pu:2"), without the CPUs of the list @offline ("1,4-5"; NULL or
 * "" for none). Every CPU is allowed. Returns 0 or -errno: -EINVAL if the description
 * or the list cannot be read, or no CPU is left.
 */
int topology_load_synthetic(struct topology *topo, const char *description,
			    const char *offline)
{
	hwloc_topology_t hw;
	int err;

	memset(topo, 0, sizeof(*topo));
	if (hwloc_topology_init(&hw))
		return -ENOMEM;
	err = load_synthetic(topo, hw, description, offline);
	hwloc_topology_destroy(hw);
	return err;
}

/* Which CPUs of @topo stand in @list? "" is an empty one. 0 or -errno. */
static int flag_cpus(struct topology *topo, const char *list, bool isolated)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int err = set ? 0 : -ENOMEM;

	if (!err && *list)
		err = parse_cpu_list(set, list);
	for (int i = 0; !err && i < topo->nr_online; i++) {
		bool listed = hwloc_bitmap_isset(set, topo->cpus[i].cpu);

		if (isolated)
			topo->cpus[i].isolated = listed;
		else
			topo->cpus[i].nohz_full = listed;
	}
	hwloc_bitmap_free(set);
	return err;
}

/*
 * Mark the CPUs of the kernel's lists @isolated and @nohz_full. The default affinity
 * of a process has no isolated CPUs (kernel/sched/core.c, sched_init_smp()). So if the
 * allowed CPUs are exactly the online ones without the isolated ones, nobody has chosen
 * that, and the isolated CPUs of the cpuset are reachable. 0; -EINVAL if a text is no
 * list; -ENOMEM.
 */
int topology_mark(struct topology *topo, const char *isolated, const char *nohz_full)
{
	bool by_default = true;
	int err = flag_cpus(topo, isolated, true);

	if (!err)
		err = flag_cpus(topo, nohz_full, false);
	for (int i = 0; i < topo->nr_online; i++)
		by_default &= topo->cpus[i].allowed != topo->cpus[i].isolated;
	topo->nr_reachable = 0;
	for (int i = 0; i < topo->nr_online; i++) {
		struct topo_cpu *cpu = &topo->cpus[i];

		cpu->reachable = by_default && cpu->isolated && cpu->in_cpuset;
		topo->nr_reachable += cpu->reachable;
	}
	return err;
}

static int compare_cpu(const void *key, const void *entry)
{
	return *(const int *)key - ((const struct topo_cpu *)entry)->cpu;
}

/* The entry of the CPU with the kernel's number @cpu; NULL if it is not online. */
const struct topo_cpu *topology_find(const struct topology *topo, int cpu)
{
	if (!topo->cpus)
		return NULL;
	return bsearch(&cpu, topo->cpus, topo->nr_online, sizeof(*topo->cpus), compare_cpu);
}

/* How far CPU @a is from CPU @b. One that is not known is far from all. */
enum distance topology_distance(const struct topology *topo, int a, int b)
{
	const struct topo_cpu *one = topology_find(topo, a), *other = topology_find(topo, b);

	if (!one || !other || one->node != other->node)
		return DISTANCE_REMOTE;
	if (one->llc != other->llc)
		return DISTANCE_NODE;
	return one->core == other->core ? DISTANCE_CORE : DISTANCE_CACHE;
}

/* "same core", "same cache", "same node" or "other node", as in a record. */
const char *distance_name(enum distance distance)
{
	static const char *const names[NR_DISTANCES] = {
		[DISTANCE_CORE] = "same core", [DISTANCE_CACHE] = "same cache",
		[DISTANCE_NODE] = "same node", [DISTANCE_REMOTE] = "other node",
	};

	return names[distance];
}

/* Give back what @topo owns; it is empty afterwards, and may be freed again. */
void topology_free(struct topology *topo)
{
	free(topo->cpus);
	free(topo->offline);
	memset(topo, 0, sizeof(*topo));
}
