/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run record, schema tlbsync.run/1: one run on one boot, one JSON file.
 * Built in memory as struct record, written whole or not at all, and read back
 * into the same struct. The record owns every string in it and everything that
 * its cases point at (all on the heap: see case_result_copy()).
 */
#ifndef TLBSYNC_RECORD_RECORD_H
#define TLBSYNC_RECORD_RECORD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "case/machine-id.h"
#include "case/result.h"
#include "machine/busy.h"
#include "machine/kernel.h"

#define RECORD_SCHEMA	"tlbsync.run/1"
#define RECORD_MAX_BYTES	(16u << 20)	/* a larger file is no record */
#define RECORD_MAX_CASES	4096
#define RECORD_STRINGS		23	/* that a record owns, its cases' aside */

struct record_clock {
	char source[24];	/* "tsc" or "monotonic_raw" */
	double cost_ns;		/* one read, median */
	double hz;		/* ticks a second; 1e9 for monotonic_raw */
};

/* Where an online CPU is: see struct topo_cpu. */
struct record_cpu {
	int cpu, node, package, llc, core;	/* node: -1 unknown */
};

/* Of a run that a signal ended before all its cases were done. */
struct record_incomplete {
	char signal[16];	/* "SIGINT"; "": the run is complete */
	int cases_planned;
};

struct record {
	char *id;		/* <UTC time>-<host>-<release> */
	char *started;		/* ISO 8601, UTC */
	char *tool;		/* "tlbsync <version>" */
	char *command;		/* as typed */
	char *profile;
	char *host;
	struct {
		char *release, *cmdline, *boot_id;
		char *version;	/* uname -v; "" in older records, as the next two */
		char *config_hash, *patches_hash;	/* of a lab kernel; "" */
		uint64_t tainted;
		enum key_state static_key;
		char *static_key_why;
		enum flush_backend flush;
		char *flush_why;
		int invlpgb;		/* the CPU has it: 0 or 1 */
		int pt_reclaim;		/* -1 unknown */
	} kernel;
	struct {
		int cpus_online;
		int cpus_allowed;
		int nodes;
		char *cpu, *hypervisor, *microcode, *governor, *smt;
		char *isolated, *nohz_full;
		int invariant_tsc;
		uint64_t memory_bytes;
		struct record_cpu *topology;	/* by rising CPU; NULL in older records */
		int nr_topology;
	} machine;
	struct record_clock clock;
	char *counter;		/* "csd", "interrupts", "none" */
	char *counter_why;	/* why the best one could not be used, or "" */
	struct busy_load load;
	bool has_load;		/* older records lack it */
	struct record_incomplete incomplete;
	struct case_result *cases;
	int nr_cases;
};

/* A string of a record, or "" where it has none. */
static inline const char *or_empty(const char *text)
{
	return text ? text : "";
}

json_t *record_to_json(const struct record *rec);
int record_from_json(const char *text, size_t bytes, struct record *rec, char *why, size_t size);
int record_print(const struct record *rec, FILE *out);
int record_check_path(const char *path, char *why, size_t size);
int record_write(const struct record *rec, const char *path, char *why, size_t size);
int record_read(const char *path, struct record *rec, char *why, size_t size);
struct machine_id record_machine(const struct record *rec);
bool record_emulated(const struct record *rec);
bool record_busy(const struct record *rec);
void record_strings(struct record *rec, char **strings[RECORD_STRINGS]);
void record_free_cases(struct record *rec);
void record_free(struct record *rec);

#endif
