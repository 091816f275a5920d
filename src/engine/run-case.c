// SPDX-License-Identifier: GPL-2.0-or-later
/* The supervisor's side of a case. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/can-run.h"
#include "engine/ipi-pass.h"
#include "engine/measure.h"
#include "engine/run-case.h"

/* A result in shared memory, with the arrays that it points at behind it. */
struct shared_result {
	struct case_result result;
	struct histogram latency;
	struct histogram gaps;
	size_t size;
	uint64_t arrays[];
};

/* Bytes of @nr members of @size, in cache lines of their own. */
static size_t lines_of(size_t nr, size_t size)
{
	return (nr * size + 63) & ~63ul;
}

/* Cut @nr members of @size bytes off what *@at points at. */
static void *cut(char **at, size_t nr, size_t size)
{
	void *array = *at;

	*at += lines_of(nr, size);
	return array;
}

static size_t arrays_size(size_t nr_cpus, size_t initiators)
{
	return lines_of(nr_cpus * IPI_ARRAYS, sizeof(uint64_t)) +
	       lines_of(nr_cpus, sizeof(struct bystander_count)) +
	       lines_of(initiators, sizeof(struct initiator_result)) +
	       lines_of(initiators, sizeof(struct histogram)) +
	       lines_of(MAX_COUNTERS * NR_ROLES, sizeof(struct case_counter)) +
	       lines_of(1, ipi_latency_size((int)nr_cpus));
}

/* Let @result point at its arrays, which lie from @at on, as arrays_size() has them. */
static void place_arrays(struct case_result *result, char *at, size_t nr_cpus, size_t initiators)
{
	struct histogram *latency;

	ipi_place(&result->ipi, cut(&at, nr_cpus * IPI_ARRAYS, sizeof(uint64_t)),
		  result->nr_cpus);
	result->bystander = cut(&at, nr_cpus, sizeof(*result->bystander));
	result->initiator = cut(&at, initiators, sizeof(*result->initiator));
	latency = cut(&at, initiators, sizeof(*latency));
	for (size_t i = 0; i < initiators; i++)
		result->initiator[i].latency = &latency[i];
	result->counter = cut(&at, MAX_COUNTERS * NR_ROLES, sizeof(*result->counter));
	result->ipi_latency = ipi_latency_place(cut(&at, 1, ipi_latency_size((int)nr_cpus)),
						(int)nr_cpus);
}

static struct case_result *result_new(const struct case_plan *plan, int nr_cpus, int initiators)
{
	struct case_result *result;
	size_t size = sizeof(struct shared_result) + 64 +
		      arrays_size((size_t)nr_cpus, (size_t)initiators);
	struct shared_result *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (shared == MAP_FAILED)
		return NULL;
	shared->size = size;
	result = &shared->result;
	result->latency = &shared->latency;
	result->gaps = &shared->gaps;
	result->nr_cpus = nr_cpus;
	result->nr_initiators = initiators;
	place_arrays(result, (char *)(((uintptr_t)shared->arrays + 63) & ~63ul), (size_t)nr_cpus,
		     (size_t)initiators);
	case_plan_id(plan, &result->id);
	result->status = CASE_SKIP;
	return result;
}

/* Free a result of run_case(). NULL is fine. */
void run_result_free(struct case_result *result)
{
	if (!result)
		return;
	roles_free(&result->roles);
	munmap(result, ((struct shared_result *)result)->size);
}

struct errand {
	const struct bench *bench;
	const struct case_plan *plan;
	struct case_result *result;
	void (*tick)(void *arg);
	void *tick_arg;
};

static void measure_errand(void *arg)
{
	struct errand *errand = arg;

	measure_case(errand->bench, errand->plan, errand->result);
}

static void tick_errand(void *arg)
{
	struct errand *errand = arg;

	errand->tick(errand->tick_arg);
}

/* The kernel function at @address, as a record names it. */
static void name_function(uint64_t address, char *func, size_t size)
{
	FILE *kallsyms = fopen("/proc/kallsyms", "r");

	if (!kallsyms || !kallsyms_name(kallsyms, address, func, (int)size))
		snprintf(func, size, "0x%llx", (unsigned long long)address);
	if (kallsyms)
		fclose(kallsyms);
}

/*
 * Functions behind the requests of class other, by name. Printing kallsyms takes
 * the kernel some 100 ms, so what was found once is kept for the run.
 */
static void name_causes(struct known_functions *known, struct ipi_result *ipi)
{
	for (int i = 0; i < ipi->nr_causes; i++) {
		struct ipi_cause *cause = &ipi->cause[i];
		int at = 0;

		snprintf(cause->func, sizeof(cause->func), "others");
		if (!cause->address)
			continue;
		while (at < known->nr && known->function[at].address != cause->address)
			at++;
		if (at == MAX_KNOWN)
			at = 0;		/* forget the first */
		if (at >= known->nr || known->function[at].address != cause->address) {
			known->function[at].address = cause->address;
			name_function(cause->address, known->function[at].name,
				      sizeof(known->function[at].name));
			known->nr = at >= known->nr ? at + 1 : known->nr;
		}
		memcpy(cause->func, known->function[at].name, sizeof(cause->func));
	}
}

/* A result that is worth nothing, with the reason that its caller has filled in. */
static void spoil(struct case_result *result)
{
	result->status = CASE_FAIL;
	result->as_expected = VERDICT_NULL;
	result->ipi.source = IPI_NONE;
	result->nr_bystanders = result->nr_metrics = result->nr_initiators = 0;
	result->nr_counters = 0;
	result->rate_per_s = 0;
	result->ipi_latency->ops = 0;
	hist_init(result->latency);
}

/* N, the roles and the probes were those of other CPUs, at least for a while. */
static void check_cpus(const struct machine *machine, struct case_result *result)
{
	char now[sizeof(machine->online)];

	if (!machine_cpus_changed(machine, now, sizeof(now)))
		return;
	spoil(result);
	snprintf(result->reason, sizeof(result->reason),
		 "CPUs came or went during the case: online were %.90s, now %.90s",
		 machine->online, now);
}

/* The case has run on the CPUs of all its @roles. */
static void end_meter(const struct bench *bench, const struct roles *roles)
{
	bool *cpus = calloc((size_t)bench->machine->topo.nr_possible, sizeof(*cpus));

	for (int role = 0; cpus && role < NR_ROLES; role++)
		for (int i = 0; i < roles->nr[role]; i++)
			cpus[roles->cpu[role][i]] = true;
	if (cpus)
		busy_end(bench->meter, cpus);
	free(cpus);
}

static int run_placed(struct errand *errand, struct supervisor *supervisor)
{
	struct case_result *result = errand->result;
	char why[REASON_SIZE];
	int error;

	progress_reset(errand->bench->progress, 0);
	if (errand->bench->meter)
		busy_begin(errand->bench->meter,
			   case_plan_needs(errand->plan) & NEEDS_KHUGEPAGED);
	error = supervisor_run(supervisor, result->roles.cpu[ROLE_INITIATOR][0],
			       measure_errand, errand, errand->tick ? tick_errand : NULL,
			       why, sizeof(why));
	if (errand->bench->meter)
		end_meter(errand->bench, &result->roles);
	if (error == -ECHILD) {
		spoil(result);	/* what it left behind is half a count */
		snprintf(result->reason, sizeof(result->reason), "%s", why);
		error = 0;
	}
	check_cpus(errand->bench->machine, result);
	name_causes(errand->bench->known, &result->ipi);
	return error;
}

/*
 * Run one case, calling @tick(@tick_arg) now and then. 0 with *@result, whose
 * status tells how it went (run_result_free() frees it); -EINTR when a signal
 * asked the run to stop; -ENOMEM.
 */
int run_case(const struct bench *bench, struct supervisor *supervisor,
	     const struct case_plan *plan, void (*tick)(void *arg), void *tick_arg,
	     struct case_result **result)
{
	struct roles roles = { 0 };
	struct binding memory;
	char why[REASON_SIZE] = "";
	int error = case_can_run(plan, bench->machine, &roles, &memory, why, sizeof(why));
	struct case_result *new = result_new(plan, bench->machine->topo.nr_possible,
					     roles.nr[ROLE_INITIATOR]);
	struct errand errand = {
		.bench = bench, .plan = plan, .result = new,
		.tick = tick, .tick_arg = tick_arg,
	};

	if (!new) {
		roles_free(&roles);
		return -ENOMEM;
	}
	new->roles = roles;
	new->memory = memory;
	memcpy(new->reason, why, sizeof(why));
	if (!error)
		error = run_placed(&errand, supervisor);
	else if (error == -EOPNOTSUPP)
		error = 0;	/* skipped, with the reason */
	if (new->status != CASE_OK || new->nr_initiators < 2)
		new->nr_initiators = 0;		/* a lone one is the case itself */
	if (error) {
		run_result_free(new);
		return error;
	}
	*result = new;
	return 0;
}
