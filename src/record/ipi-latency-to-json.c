// SPDX-License-Identifier: GPL-2.0-or-later
/* What the ipi pass found as JSON. Under emulation there are counts, and no times. */
#include "case/ipi-latency.h"
#include "record/ipi-latency-json.h"
#include "record/json-writer.h"

/* The same shape as of any latency in a record. */
static json_t *spread_json(const struct spread *spread, bool timed)
{
	json_t *buckets;

	if (!timed || !spread->n)
		return json_null();
	buckets = json_array();
	for (int i = 0; buckets && i < spread->nr_buckets; i++)
		json_array_append_new(buckets, json_pack("[o, o]",
							 json_number(spread->bucket[i].lower),
							 json_number(spread->bucket[i].count)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "min", json_number(spread->min), "p50", json_number(spread->p50),
			 "p90", json_number(spread->p90), "p99", json_number(spread->p99),
			 "p999", json_number(spread->p999), "max", json_number(spread->max),
			 "histogram", buckets);
}

static json_t *distances_json(const struct class_latency *one, bool timed)
{
	json_t *json = json_array();

	for (int distance = 0; json && distance < NR_DISTANCES; distance++)
		for (int state = 0; state < NR_TARGET_STATES; state++) {
			const struct spread *spread = &one->by_distance[distance][state];

			if (!spread->n)
				continue;
			json_array_append_new(json, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}",
				"distance", distance_name((enum distance)distance),
				"target", target_state_name((enum target_state)state),
				"n", json_number(spread->n),
				"p50_ns", json_number_if(timed, spread->p50),
				"p99_ns", json_number_if(timed, spread->p99),
				"max_ns", json_number_if(timed, spread->max)));
		}
	return json;
}

static json_t *last_json(const struct class_latency *one)
{
	json_t *json = json_array();

	for (int i = 0; json && i < one->nr_last; i++)
		json_array_append_new(json, json_pack("{s:i, s:o}", "cpu", one->last[i].cpu, "ops",
						      json_number(one->last[i].ops)));
	return json;
}

static json_t *edges_json(const struct ipi_latency *latency, enum latency_class cls)
{
	json_t *json = json_array();

	for (int i = 0; json && i < latency->nr_edges; i++) {
		const struct ipi_edge *edge = &latency->edge[i];

		if (edge->cls != cls)
			continue;
		json_array_append_new(json, json_pack("{s:i, s:i, s:o, s:o, s:o, s:o}",
			"from", edge->from, "to", edge->to, "n", json_number(edge->n),
			"p50_ns", json_number_if(latency->timed, edge->p50),
			"p99_ns", json_number_if(latency->timed, edge->p99),
			"max_ns", json_number_if(latency->timed, edge->max)));
	}
	return json;
}

static json_t *class_json(const struct ipi_latency *latency, enum latency_class cls)
{
	const struct class_latency *one = &latency->of[cls];
	bool timed = latency->timed;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "requested", json_number(one->requested),
			 "matched", json_number(one->matched),
			 "merged", json_number(one->merged),
			 "delivery_ns", spread_json(&one->delivery, timed),
			 "merged_delivery_ns", spread_json(&one->merged_delivery, timed),
			 "handler_ns", spread_json(&one->handler, timed),
			 "wait_ns", spread_json(&one->wait, timed),
			 "wait_share", json_real_if(timed && one->wait.n, one->wait_share),
			 "last", last_json(one),
			 "by_distance", distances_json(one, timed),
			 "edges", edges_json(latency, cls));
}

/* Only of a pass that bystanders watched. */
static json_t *stolen_json(const struct ipi_latency *latency)
{
	json_t *json = latency->has_stolen && latency->timed ? json_array() : NULL;

	for (int cause = 0; json && cause < NR_GAP_CAUSES; cause++)
		if (latency->stolen[cause].gaps > 0)
			json_array_append_new(json, json_pack("{s:s, s:f, s:f}",
				"cause", gap_cause_name((enum gap_cause)cause),
				"gaps", latency->stolen[cause].gaps,
				"stolen_ns", latency->stolen[cause].ns));
	return json;
}

/* NULL, no member at all, where nobody asked for the pass. */
json_t *ipi_latency_to_json(const struct ipi_latency *latency)
{
	json_t *json;

	if (!latency || (!latency->ops && !*latency->why))
		return NULL;
	if (!latency->ops)
		return json_pack("{s:o}", "why", json_text(latency->why));
	json = json_pack("{s:o, s:b, s:o, s:o, s:o, s:o*, s:o}",
			 "ops", json_number(latency->ops), "timed", latency->timed,
			 "lost", json_number(latency->lost),
			 "traced_p50_ns", json_number_if(latency->timed, latency->traced_p50_ns),
			 "edges_left_off", json_number(latency->edges_left_off),
			 "stolen", stolen_json(latency),
			 "gaps_left_off", json_number(latency->gaps_left_off));
	for (int cls = 0; json && cls < NR_LATENCY_CLASSES; cls++)
		if (latency->of[cls].requested)
			json_object_set_new(json, latency_class_name((enum latency_class)cls),
					    class_json(latency, (enum latency_class)cls));
	return json;
}
