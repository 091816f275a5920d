// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine and the placements on it for programs, schema tlbsync.topology/1. */
#include <jansson.h>

#include "render/topology.h"

#define TOPOLOGY_SCHEMA	"tlbsync.topology/1"

static json_t *numbers(const int *number, int nr)
{
	json_t *json = json_array();

	for (int i = 0; json && i < nr; i++)
		json_array_append_new(json, json_integer(number[i]));
	return json;
}

static json_t *cpus_json(const struct topology *topo)
{
	json_t *json = json_array();

	for (int i = 0; json && i < topo->nr_online; i++) {
		const struct topo_cpu *cpu = &topo->cpus[i];

		json_array_append_new(json,
			json_pack("{s:i, s:i, s:i, s:i, s:i, s:b, s:b, s:b, s:b}",
				  "cpu", cpu->cpu, "package", cpu->package,
				  "node", cpu->node, "cache", cpu->llc, "core", cpu->core,
				  "allowed", cpu->allowed, "usable", topo_usable(cpu),
				  "isolated", cpu->isolated, "nohz_full", cpu->nohz_full));
	}
	return json;
}

static json_t *nodes_json(const struct machine *machine)
{
	json_t *json = json_array();

	for (int i = 0; json && i < machine->nr_nodes; i++) {
		const struct machine_node *node = &machine->nodes[i];

		json_array_append_new(json,
			json_pack("{s:i, s:i, s:I, s:I}", "node", node->node,
				  "cpus_online", node->nr_cpus,
				  "bytes_total", (json_int_t)node->bytes_total,
				  "bytes_free", (json_int_t)node->bytes_free));
	}
	return json;
}

static json_t *placed_json(const struct placed *placed)
{
	json_t *roles = json_object();

	for (int role = 0; role < NR_ROLES; role++)
		json_object_set_new(roles, role_name(role),
				    numbers(placed->roles.cpu[role], placed->roles.nr[role]));
	return json_pack("{s:s, s:b, s:s, s:o, s:o}", "placement", placed->name,
			 "can_run", !placed->why[0], "reason", placed->why,
			 "roles", roles,
			 "memory_nodes", numbers(placed->memory.node, placed->memory.nr));
}

/* @machine with the @nr placements of @placed; NULL without memory. */
json_t *topology_to_json(const struct machine *machine, const struct placed *placed, int nr)
{
	json_t *placements_json = json_array();

	for (int i = 0; placements_json && i < nr; i++)
		json_array_append_new(placements_json, placed_json(&placed[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", TOPOLOGY_SCHEMA,
			 "nodes", nodes_json(machine),
			 "cpus", cpus_json(&machine->topo),
			 "offline", numbers(machine->topo.offline, machine->topo.nr_offline),
			 "placements", placements_json);
}
