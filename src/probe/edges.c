// SPDX-License-Identifier: GPL-2.0-or-later
/* A sender has a row of targets once it has sent anything; a pair has memory once it has a sample. */
#include "probe/edges.h"

#include <errno.h>
#include <stdlib.h>

struct samples {
	uint64_t n, max;
	uint32_t *ns;		/* the first of them; more than 4 s reads as that */
	uint32_t nr, room;
};

struct edges {
	int nr_cpus;
	struct samples **row;	/* by class and sender */
};

/* For CPUs below @nr_cpus. edges_free() frees it. NULL: no memory. */
struct edges *edges_new(int nr_cpus)
{
	struct edges *edges = calloc(1, sizeof(*edges));

	if (!edges)
		return NULL;
	edges->nr_cpus = nr_cpus;
	edges->row = calloc((size_t)nr_cpus * NR_LATENCY_CLASSES, sizeof(*edges->row));
	if (!edges->row) {
		free(edges);
		return NULL;
	}
	return edges;
}

static int keep(struct samples *samples, uint64_t ns)
{
	if (samples->nr == samples->room) {
		uint32_t room = samples->room ? 2 * samples->room : 16;
		uint32_t *more = realloc(samples->ns, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		samples->ns = more;
		samples->room = room;
	}
	samples->ns[samples->nr++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
	return 0;
}

/* A request of @cls took @ns from CPU @from to CPU @to. 0 or -ENOMEM. */
int edges_add(struct edges *edges, enum latency_class cls, int from, int to, uint64_t ns)
{
	struct samples **row, *samples;

	if (from >= edges->nr_cpus || to >= edges->nr_cpus)
		return 0;
	row = &edges->row[(int)cls * edges->nr_cpus + from];
	if (!*row)
		*row = calloc((size_t)edges->nr_cpus, sizeof(**row));
	if (!*row)
		return -ENOMEM;
	samples = &(*row)[to];
	samples->n++;
	samples->max = ns > samples->max ? ns : samples->max;
	return samples->nr < EDGE_SAMPLES ? keep(samples, ns) : 0;
}

static int rising(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The value of rank ceil(@percent / 100 * nr), as hist_quantile() has it. */
static uint64_t percentile(const struct samples *samples, uint64_t percent)
{
	uint64_t rank = (percent * samples->nr + 99) / 100;

	return samples->ns[rank ? rank - 1 : 0];
}

static struct ipi_edge edge_of(struct samples *samples, enum latency_class cls, int from, int to)
{
	qsort(samples->ns, samples->nr, sizeof(*samples->ns), rising);
	return (struct ipi_edge){
		.cls = cls, .from = from, .to = to, .n = samples->n,
		.p50 = percentile(samples, 50), .p99 = percentile(samples, 99),
		.max = samples->max,
	};
}

/*
 * All pairs that have samples, by class, sender and target, into @latency->edge, which has
 * room for @room of them; more are counted as left off. Samples may be added no more.
 */
void edges_report(struct edges *edges, struct ipi_latency *latency, int room)
{
	latency->nr_edges = 0;
	for (int at = 0; at < NR_LATENCY_CLASSES * edges->nr_cpus; at++) {
		struct samples *row = edges->row[at];

		for (int to = 0; row && to < edges->nr_cpus; to++) {
			if (!row[to].n)
				continue;
			if (latency->nr_edges == room) {
				latency->edges_left_off++;
				continue;
			}
			latency->edge[latency->nr_edges++] = edge_of(&row[to],
				(enum latency_class)(at / edges->nr_cpus), at % edges->nr_cpus, to);
		}
	}
}

/* NULL is fine. */
void edges_free(struct edges *edges)
{
	if (!edges)
		return;
	for (int at = 0; at < NR_LATENCY_CLASSES * edges->nr_cpus; at++) {
		for (int to = 0; edges->row[at] && to < edges->nr_cpus; to++)
			free(edges->row[at][to].ns);
		free(edges->row[at]);
	}
	free(edges->row);
	free(edges);
}
