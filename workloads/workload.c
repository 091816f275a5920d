// SPDX-License-Identifier: GPL-2.0-or-later
/* What holds for every workload: look-up, needs, errors with a reason. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine/sysfs.h"
#include "workloads/workload.h"

/* The workload called @name, or NULL. */
const struct workload *workload_find(const char *name)
{
	for (int i = 0; workloads[i]; i++)
		if (!strcmp(workloads[i]->name, name))
			return workloads[i];
	return NULL;
}

/* How many parameters @workload takes. */
int workload_nr_params(const struct workload *workload)
{
	int nr = 0;

	while (nr < WORKLOAD_MAX_PARAMS && workload->params[nr].name)
		nr++;
	return nr;
}

/*
 * Say in @id which of its parameters have their standard value, as far as its workload
 * and its parameters are known here: a record may be of another version.
 */
void workload_mark_standard(struct case_id *id)
{
	const struct workload *workload = workload_find(id->workload);
	int nr = workload ? workload_nr_params(workload) : 0;

	for (int i = 0; i < id->nr_params; i++)
		for (int j = 0; j < nr; j++)
			if (!strcmp(id->params[i].name, workload->params[j].name))
				id->params[i].standard =
					id->params[i].value == workload->params[j].standard[0];
}

/*
 * Collapse needs 4 KiB pages first: with THP "always" a fault gives a huge page
 * at once (mm/memory.c, __handle_mm_fault()), so root switches to "madvise" for
 * the run. MADV_COLLAPSE itself works whatever the setting is, but "never" says
 * that whoever runs this machine wants no huge pages.
 */
static const char *thp_blocked(const struct machine *machine)
{
	if (!machine->thp_enabled[0])
		return "this kernel has no transparent huge pages; boot one with CONFIG_TRANSPARENT_HUGEPAGE";
	if (!machine->privileged && !strcmp(machine->thp_enabled, "always"))
		return "THP is 'always', so faults give huge pages at once; run as root, or write madvise to " SYSFS_THP "enabled";
	return NULL;
}

static const char *khugepaged_blocked(const struct machine *machine)
{
	if (!machine->khugepaged)
		return "this kernel has no khugepaged; boot one with CONFIG_TRANSPARENT_HUGEPAGE";
	if (!machine->privileged)
		return "khugepaged's settings belong to root; run as root";
	return NULL;
}

static const char *hugetlb_blocked(const struct machine *machine)
{
	if (!machine->hugetlb_2m)
		return "this kernel has no 2 MiB hugetlb pool; boot one with CONFIG_HUGETLBFS";
	if (!machine->privileged && !machine->hugepages_free)
		return "no free 2 MiB page in the pool; run as root, or write 8 to " SYSFS_HUGETLB_2M "nr_hugepages";
	return NULL;
}

static const char *nodes_blocked(const struct machine *machine)
{
	int nr = 0;

	for (int i = 0; i < machine->nr_nodes; i++)
		nr += machine->nodes[i].bytes_total > 0;
	return nr > 1 ? NULL : "there is no second memory node; boot a machine with two";
}

/*
 * Can @workload run on @machine? 0 if so; else -EOPNOTSUPP with the reason, and
 * what to do about it, in @why.
 */
int workload_blocked(const struct workload *workload,
		     const struct machine *machine, char *why, size_t size)
{
	const char *reason = NULL;

	if (workload->needs & NEEDS_THP)
		reason = thp_blocked(machine);
	if (!reason && workload->needs & NEEDS_KHUGEPAGED)
		reason = khugepaged_blocked(machine);
	if (!reason && workload->needs & NEEDS_HUGETLB)
		reason = hugetlb_blocked(machine);
	if (!reason && workload->needs & NEEDS_TWO_NODES)
		reason = nodes_blocked(machine);
	if (!reason)
		return 0;
	snprintf(why, size, "%s", reason);
	return -EOPNOTSUPP;
}

/* An expect() for ops that ask no other CPU for anything, whoever shares the mm. */
void workload_no_ipis(const struct workload_ctx *ctx, const struct scene *scene,
		      struct prediction *predicted)
{
	(void)ctx;
	(void)scene;
	predicted->sync = 0;
	predicted->flush = 0;
}

/*
 * Flush IPIs of @nr flushes in one op that wake lazy CPUs: flush_tlb_range(), and
 * gathers that freed tables (arch/x86/mm/tlb.c, native_flush_tlb_multi()). The
 * first makes a lazy CPU switch to init_mm (flush_tlb_func()). Up to 6.12 that
 * takes it out of mm_cpumask (switch_mm_irqs_off()). Since 6.13 its bit stays: the
 * second finds another mm loaded there and clears it (flush_tlb_func() again).
 */
double waking_flushes(const struct workload_ctx *ctx, const struct scene *scene,
		      uint64_t nr)
{
	uint64_t most = kernel_since(&ctx->machine->kernel, 6, 13) ? 2 : 1;

	return (double)nr * scene->l + (double)(nr < most ? nr : most) * scene->z;
}

/*
 * Add @value to the metric @name (a literal that ends in its unit): its mean over
 * the ops of the timing pass goes into the record. One too many is dropped.
 */
void workload_metric(struct workload_ctx *ctx, const char *name, double value)
{
	int i = 0;

	while (i < ctx->nr_metrics && strcmp(ctx->metric[i].name, name))
		i++;
	if (i == WORKLOAD_MAX_METRICS)
		return;
	if (i == ctx->nr_metrics)
		ctx->metric[ctx->nr_metrics++] = (struct workload_metric){ .name = name };
	ctx->metric[i].sum += value;
}

/*
 * Store why a step failed and pass @error (-errno) on:
 * return workload_fail(ctx, -errno, "mmap of %zu bytes", size);
 */
int workload_fail(struct workload_ctx *ctx, int error, const char *format, ...)
{
	va_list args;
	int used;

	va_start(args, format);
	used = vsnprintf(ctx->reason, sizeof(ctx->reason), format, args);
	va_end(args);
	if (error != -EOPNOTSUPP && used >= 0 && (size_t)used < sizeof(ctx->reason))
		snprintf(ctx->reason + used, sizeof(ctx->reason) - used, ": %s",
			 strerror(-error));
	return error;
}
