// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it costs to read every CPU's trace ring after an op. A ring is a
 * CPU, so the csd probe is opened several times: 32 of them on 2 CPUs have the 64
 * rings of a machine with 64 CPUs and are read by the same code. What that leaves
 * out: rings whose last writer is further away than any CPU here.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define MAX_RINGS	64
#define MAX_PROBES	32
#define ROUNDS		31
#define ROUND_NS	1000000ull	/* one round of one row takes so long at least */

struct rig {
	const struct machine *machine;
	struct clock clock;
	struct probe *probe[MAX_PROBES];
	int nr_probes, nr_rings;
	struct ipi_result total;
	int *remote;	/* an event on each other CPU: reading it is a request to that CPU */
	int nr_remote;
	unsigned int missed;	/* requests that were not made, or that a probe did not see */
};

/* A request to each other CPU: a record in its ring and one in ours (perf_event_read()). */
static void make_requests(struct rig *rig)
{
	uint64_t value;

	for (int i = 0; i < rig->nr_remote; i++)
		rig->missed += read(rig->remote[i], &value, sizeof(value)) != sizeof(value);
}

/* Read all rings after an op, and count what was asked for in it. Returns the ticks of that. */
static uint64_t read_all(struct rig *rig, bool requests)
{
	struct op_note note = { .began_ns = probe_now_ns() };
	struct op_log log = { .pid = getpid(), .actor = gettid(), .op = &note, .nr_ops = 1 };
	uint64_t start;

	if (requests)
		make_requests(rig);
	note.ended_ns = probe_now_ns();
	start = clock_read(&rig->clock);
	for (int i = 0; i < rig->nr_probes; i++) {
		double fill;

		memset(&note.counts, 0, sizeof(note.counts));
		rig->missed += !!csd_source.collect(rig->probe[i], &log, 1, &fill);
		if (requests && note.counts.requested[IPI_OTHER] < (uint32_t)rig->nr_remote)
			rig->missed++;
		rig->missed += !!csd_source.tally(rig->probe[i], &log, 1, &rig->total);
	}
	return clock_read(&rig->clock) - start;
}

/* Nanoseconds that reading takes an op: the mean of a round. */
static double one_round(struct rig *rig, bool requests)
{
	uint64_t ticks = 0, nr = 0;

	while (clock_ns(&rig->clock, ticks) < ROUND_NS) {
		ticks += read_all(rig, requests);
		nr++;
	}
	return (double)clock_ns(&rig->clock, ticks) / (double)nr;
}

static int open_remotes(struct rig *rig)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};
	const struct topology *topo = &rig->machine->topo;
	int here = sched_getcpu();

	rig->remote = calloc(topo->nr_online, sizeof(rig->remote[0]));
	if (!rig->remote)
		return -ENOMEM;
	for (int i = 0; i < topo->nr_online; i++) {
		int fd;

		if (topo->cpus[i].cpu == here)
			continue;
		fd = (int)syscall(SYS_perf_event_open, &attr, -1, topo->cpus[i].cpu, -1,
				  PERF_FLAG_FD_CLOEXEC);
		if (fd < 0)
			return -errno;
		rig->remote[rig->nr_remote++] = fd;
	}
	return 0;
}

static int add_probe(struct rig *rig)
{
	char why[256] = "";
	struct probe *probe;
	int error = csd_source.open(rig->machine, &probe, why, sizeof(why));

	if (error) {
		printf("probes     skipped: %s\n", why[0] ? why : strerror(-error));
		return -EOPNOTSUPP;
	}
	rig->probe[rig->nr_probes++] = probe;
	rig->nr_rings += rig->machine->topo.nr_online;
	error = csd_source.attach(probe, 0);
	return error ? error : csd_source.enable(probe);
}

static void print_row(struct rig *rig)
{
	double empty[ROUNDS], full[ROUNDS], e, f;

	for (int i = 0; i < ROUNDS; i++) {
		empty[i] = one_round(rig, false);
		full[i] = one_round(rig, true);
	}
	e = median(empty, ROUNDS);
	f = median(full, ROUNDS);
	printf("           %5d  %10.0f %8.1f  %10.0f %8.1f\n", rig->nr_rings,
	       e, e / rig->nr_rings, f, f / rig->nr_rings);
}

static void print_head(const struct rig *rig)
{
	printf("probes     the csd probe of %d CPUs, opened again and again: ns to read all rings\n"
	       "           after an op, without a record, and with a request to each\n"
	       "           other CPU in the op: that is %d in the ring of this one, 1 in each of the others\n"
	       "           rings   empty: op   a ring    full: op   a ring\n",
	       rig->machine->topo.nr_online, rig->nr_remote);
}

static int grow_and_print(struct rig *rig)
{
	int cpus = rig->machine->topo.nr_online, error = add_probe(rig);

	if (!error)
		error = open_remotes(rig);
	if (error)
		return error;
	print_head(rig);
	for (int probes = 1; !error; probes *= 2) {
		while (!error && rig->nr_probes < probes)
			error = add_probe(rig);
		if (!error)
			print_row(rig);
		if (probes == MAX_PROBES || 2 * probes * cpus > MAX_RINGS)
			break;
	}
	return error;
}

static void close_all(struct rig *rig)
{
	for (int i = 0; i < rig->nr_probes; i++)
		csd_source.close(rig->probe[i]);
	for (int i = 0; i < rig->nr_remote; i++)
		close(rig->remote[i]);
	free(rig->total.count[0].per_cpu);
	free(rig->remote);
}

/* A probe that does not see the requests would time the reading of nothing: -EIO. */
int bench_probes(const struct machine *machine)
{
	struct rig rig = { .machine = machine };
	int error = clock_init(&rig.clock, machine->cpu.invariant_tsc);

	uint64_t *per_cpu = calloc(IPI_ARRAYS * (size_t)machine->topo.nr_possible,
				   sizeof(*per_cpu));

	if (per_cpu)
		ipi_place(&rig.total, per_cpu, machine->topo.nr_possible);
	else
		error = -ENOMEM;
	if (!error)
		error = grow_and_print(&rig);
	if (!error && (rig.missed || rig.total.lost)) {
		fprintf(stderr, "probes: %u requests were missed, %llu records lost\n",
			rig.missed, (unsigned long long)rig.total.lost);
		error = -EIO;
	}
	close_all(&rig);
	return error == -EOPNOTSUPP ? 0 : error;
}
