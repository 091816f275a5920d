// SPDX-License-Identifier: GPL-2.0-or-later
/* What the ipi pass found, read back: whoever wrote it may have got it wrong. */
#include "record/ipi-latency-json.h"

#include <string.h>

#include "case/ipi-latency.h"
#include "record/histogram-from-json.h"

#define MAX_CPUS	65536	/* no kernel has more */
#define MAX_READ_EDGES	(1u << 20)

/* ---- a class ----------------------------------------------------------------------------------- */

static void read_distance(struct reader *r, const struct node *at, struct class_latency *one)
{
	const char *distance = get_string(r, at, "distance"), *target = get_string(r, at, "target");
	struct spread spread = { 0 };
	bool known;

	spread.n = get_number(r, at, "n", INT64_MAX);
	spread.p50 = get_number_if(r, at, "p50_ns", INT64_MAX, &known);
	spread.p99 = get_number_if(r, at, "p99_ns", INT64_MAX, &known);
	spread.max = get_number_if(r, at, "max_ns", INT64_MAX, &known);
	for (int i = 0; !r->err && i < NR_DISTANCES; i++)
		for (int state = 0; state < NR_TARGET_STATES; state++)
			if (!strcmp(distance, distance_name((enum distance)i)) &&
			    !strcmp(target, target_state_name((enum target_state)state))) {
				one->by_distance[i][state] = spread;
				return;
			}
	if (!r->err)
		json_fault(r, at, "is of no distance and target that is known");
}

static void read_last(struct reader *r, const struct node *up, struct class_latency *one)
{
	struct node node = get_array(r, up, "last");
	size_t nr = json_nr(&node);

	if (nr > MAX_CPUS)
		json_fault(r, &node, "has more than %d CPUs", MAX_CPUS);
	one->last = json_allocate(r, &node, nr, sizeof(*one->last));
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at)) {
		struct last_target *last = &one->last[one->nr_last++];

		last->cpu = (int)get_number(r, &at, "cpu", MAX_CPUS - 1);
		last->ops = get_number(r, &at, "ops", INT64_MAX);
	}
}

static void read_class(struct reader *r, const struct node *up, enum latency_class cls,
		       struct class_latency *one)
{
	struct node node = get_object(r, up, latency_class_name(cls)), distances;
	bool known;

	one->requested = get_number(r, &node, "requested", INT64_MAX);
	one->matched = get_number(r, &node, "matched", INT64_MAX);
	one->merged = get_number(r, &node, "merged", INT64_MAX);
	if (!r->err && (one->matched > one->requested || one->merged > one->matched))
		json_fault(r, &node, "has more matched than requested, or more merged than matched");
	json_spread(r, &node, "delivery_ns", &one->delivery);
	json_spread(r, &node, "merged_delivery_ns", &one->merged_delivery);
	json_spread(r, &node, "handler_ns", &one->handler);
	json_spread(r, &node, "wait_ns", &one->wait);
	one->wait_share = get_real_if(r, &node, "wait_share", &known);
	read_last(r, &node, one);
	distances = get_array(r, &node, "by_distance");
	for (struct node at = first_below(&distances); at.json && !r->err; at = next_below(&at))
		read_distance(r, &at, one);
}

/* ---- pairs of CPUs -------------------------------------------------------------------------------- */

static size_t count_edges(struct reader *r, const struct node *up)
{
	size_t nr = 0;

	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		const char *name = latency_class_name((enum latency_class)cls);
		struct node node, edges;

		if (!has_member(up, name))
			continue;
		node = get_object(r, up, name);
		edges = get_array(r, &node, "edges");
		nr += json_nr(&edges);
		if (nr > MAX_READ_EDGES)
			json_fault(r, &edges, "are too many");
	}
	return nr;
}

static void read_edge(struct reader *r, const struct node *at, struct ipi_edge *edge)
{
	bool known;

	edge->from = (int)get_number(r, at, "from", MAX_CPUS - 1);
	edge->to = (int)get_number(r, at, "to", MAX_CPUS - 1);
	edge->n = get_number(r, at, "n", INT64_MAX);
	edge->p50 = get_number_if(r, at, "p50_ns", INT64_MAX, &known);
	edge->p99 = get_number_if(r, at, "p99_ns", INT64_MAX, &known);
	edge->max = get_number_if(r, at, "max_ns", INT64_MAX, &known);
}

static void read_edges(struct reader *r, const struct node *up, struct ipi_latency *latency)
{
	size_t nr = count_edges(r, up);

	if (r->err)
		return;
	latency->edge = json_allocate(r, up, nr, sizeof(*latency->edge));
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++) {
		const char *name = latency_class_name((enum latency_class)cls);
		struct node node, edges;

		if (!has_member(up, name))
			continue;
		node = get_object(r, up, name);
		edges = get_array(r, &node, "edges");
		for (struct node at = first_below(&edges); at.json && !r->err; at = next_below(&at)) {
			struct ipi_edge *edge = &latency->edge[latency->nr_edges++];

			edge->cls = (enum latency_class)cls;
			read_edge(r, &at, edge);
		}
	}
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static void read_stolen(struct reader *r, const struct node *up, struct ipi_latency *latency)
{
	struct node node;

	if (!has_member(up, "stolen"))
		return;
	latency->has_stolen = true;
	node = get_array(r, up, "stolen");
	for (struct node at = first_below(&node); at.json && !r->err; at = next_below(&at)) {
		enum gap_cause cause;

		if (gap_cause_parse(get_string(r, &at, "cause"), &cause)) {
			json_unknown_word(r, &at, "cause");
			return;
		}
		latency->stolen[cause].gaps = get_real(r, &at, "gaps");
		latency->stolen[cause].ns = get_real(r, &at, "stolen_ns");
	}
}

static void read_pass(struct reader *r, const struct node *node, struct ipi_latency *latency)
{
	bool known;

	latency->ops = get_number(r, node, "ops", INT64_MAX);
	if (!r->err && !latency->ops)
		json_fault(r, node, "has no ops");
	latency->timed = get_tristate(r, node, "timed", false) > 0;
	latency->lost = get_number(r, node, "lost", INT64_MAX);
	latency->traced_p50_ns = get_number_if(r, node, "traced_p50_ns", INT64_MAX, &known);
	latency->edges_left_off = get_number(r, node, "edges_left_off", INT64_MAX);
	latency->gaps_left_off = get_number(r, node, "gaps_left_off", INT64_MAX);
	read_stolen(r, node, latency);
	for (int cls = 0; cls < NR_LATENCY_CLASSES; cls++)
		if (has_member(node, latency_class_name((enum latency_class)cls)))
			read_class(r, node, (enum latency_class)cls, &latency->of[cls]);
	read_edges(r, node, latency);
}

/*
 * The ipi pass of the case @up, on the heap, ipi_latency_free() frees it also after a fault.
 * NULL: the record has none.
 */
struct ipi_latency *read_ipi_latency(struct reader *r, const struct node *up)
{
	struct ipi_latency *latency;
	struct node node;

	if (!has_member(up, "ipi_latency"))
		return NULL;
	node = get_object(r, up, "ipi_latency");
	latency = json_allocate(r, &node, 1, sizeof(*latency));
	if (!latency || r->err)
		return latency;
	if (has_member(&node, "why"))
		get_text_into(r, &node, "why", latency->why, sizeof(latency->why));
	else
		read_pass(r, &node, latency);
	return latency;
}
