// SPDX-License-Identifier: GPL-2.0-or-later
/* What holds for every workload: look-up, needs, errors with a reason. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* The value that @name, "size" or in a mix "munmap.size", has by itself. False: unknown here. */
static bool standard_value(const char *workloads_text, const char *name, uint64_t *value)
{
	const char *dot = strrchr(name, '.');
	char member[WORKLOAD_NAME_SIZE];
	const struct workload *workload;

	snprintf(member, sizeof(member), "%.*s", dot ? (int)(dot - name) :
		 (int)sizeof(member) - 1, dot ? name : workloads_text);
	workload = workload_find(member);
	for (int i = 0; workload && i < workload_nr_params(workload); i++)
		if (!strcmp(dot ? dot + 1 : name, workload->params[i].name)) {
			*value = workload->params[i].standard[0];
			return true;
		}
	return false;
}

/*
 * Mark in @id the parameters that have their standard value. A record may come from
 * another version: workloads and parameters that are unknown here are left unmarked.
 */
void workload_mark_standard(struct case_id *id)
{
	uint64_t value;

	for (int i = 0; i < id->nr_params; i++)
		if (standard_value(id->workload, id->params[i].name, &value))
			id->params[i].standard = id->params[i].value == value;
}

/*
 * Can so many @initiators run @workload at once? 0; -EOPNOTSUPP with the reason in @why.
 */
int workload_crew_blocked(const struct workload *workload, int initiators, enum crew_as as,
			  char *why, size_t size)
{
	if (initiators > 1 && workload->only_one)
		snprintf(why, size, "%s runs with one initiator only: %s", workload->name,
			 workload->only_one);
	else if (initiators > 1 && as == AS_THREAD && workload->forks)
		snprintf(why, size, "%s forks, and a fork disturbs the other threads of the mm; use --as processes",
			 workload->name);
	else
		return 0;
	return -EOPNOTSUPP;
}

/*
 * Can what has these @needs (NEEDS_ bits) run on @machine? 0 if so; else -EOPNOTSUPP with
 * the reason, and what to do about it, in @why.
 */
int needs_blocked(unsigned int needs, const struct machine *machine, char *why, size_t size)
{
	static const struct {
		enum workload_needs need;
		int (*blocked)(const struct machine *machine, char *why, size_t size);
	} checks[] = {
		{ NEEDS_THP, thp_blocked },
		{ NEEDS_MADV_COLLAPSE, collapse_blocked },
		{ NEEDS_SHMEM_THP, shmem_thp_blocked },
		{ NEEDS_KHUGEPAGED, khugepaged_blocked },
		{ NEEDS_TWO_NODES, two_nodes_blocked },
		{ NEEDS_GUP_TEST, gup_test_blocked },
		{ NEEDS_FAIL_ALLOC, fail_alloc_blocked },
	};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(checks) / sizeof(checks[0]); i++)
		if (needs & checks[i].need)
			error = checks[i].blocked(machine, why, size);
	return error;
}

/*
 * Can @workload with these parameters run @initiators times at once on @machine, its memory
 * on the @nr_nodes @nodes if it is bound? As needs_blocked().
 */
int workload_blocked(const struct workload *workload, const uint64_t *param, int initiators,
		     const struct machine *machine, const int *nodes, int nr_nodes,
		     char *why, size_t size)
{
	int error = workload->blocked ? workload->blocked(machine, param, why, size) : 0;

	if (!error)
		error = needs_blocked(workload->needs, machine, why, size);
	if (!error && workload->hugepages)
		error = hugepages_blocked(machine, workload->hugepages(param) * (uint64_t)initiators, nodes, nr_nodes,
					  why, size);
	return error;
}

/* A .hugepages() of those who touch one page of a mapping, however large that is. */
uint64_t one_hugepage(const uint64_t *param)
{
	(void)param;
	return 1;
}

/* An expect() for ops that ask no other CPU for anything, even if all share the mm. */
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
 * gathers that freed tables (arch/x86/mm/tlb.c, native_flush_tlb_multi()). The first
 * flush makes a lazy CPU switch to init_mm (flush_tlb_func()). Up to 6.12 the switch
 * takes that CPU out of mm_cpumask (switch_mm_irqs_off()). Since 6.13 its bit stays; the
 * second flush finds another mm loaded there and clears it (flush_tlb_func() again).
 */
double waking_flushes(const struct workload_ctx *ctx, const struct scene *scene,
		      uint64_t nr)
{
	uint64_t most = kernel_since(&ctx->machine->kernel, 6, 13) ? 2 : 1;

	return (double)nr * scene->l + (double)(nr < most ? nr : most) * scene->z;
}

/*
 * Add @value to the metric @name (a literal that ends in its unit): its mean over
 * the ops of the timing pass goes into the record. Metrics beyond the limit are dropped.
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
