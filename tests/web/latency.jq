# SPDX-License-Identifier: GPL-2.0-or-later
# Four boots, one a line, from the record of a test: two of base, then two of patched. Each has
# an ipi pass on a machine of 16 CPUs and 4 nodes, with made-up times: one initiator in the
# first case, sixteen in the second. The patched ones have no syncs.

# Where CPU $a is from CPU $b: the farther, the longer, and no two alike.
def way($a; $b):
	(if ($a / 4 | floor) == ($b / 4 | floor) then 1536 else 3072 end) + 512 * (($a * 5 + $b * 3) % 3);

def spread($ns):
	{min: $ns, p50: $ns, p90: $ns, p99: ($ns + 1024), p999: ($ns + 1024), max: ($ns + 1024),
	 histogram: [[$ns, 95], [$ns + 1024, 5]]};

def class($senders; $ns):
	[range($senders) as $from | range(16) as $to | select($from != $to)
		| way($from; $to) as $p50
		| {from: $from, to: $to, n: 100, p50_ns: $p50, p99_ns: (2 * $p50), max_ns: (3 * $p50)}] as $edges
	| {requested: (100 * ($edges | length)), matched: (100 * ($edges | length)), merged: 0,
	   delivery_ns: spread($ns), merged_delivery_ns: null, handler_ns: spread(512),
	   wait_ns: spread($ns + 512), wait_share: 0.25, last: [{cpu: 15, ops: 100}],
	   by_distance: [{distance: "other node", target: "busy", n: 100, p50_ns: $ns,
			  p99_ns: (2 * $ns), max_ns: (3 * $ns)}], edges: $edges};

. as $record | range(4) as $boot | $record
| ($boot >= 2) as $after
| .id = "latency-\($boot)" | .started = (1735732800 + 86400 * $boot | todate)
| .kernel.boot_id = "00000000-0000-4000-8000-00000000000\($boot)"
| .machine.hypervisor = "" | .machine.cpus_online = 16 | .machine.cpus_allowed = 16 | .machine.nodes = 4
| .machine.topology = {cpu: [range(16)], node: [range(16) | . / 4 | floor],
	package: [range(16) | . / 8 | floor], llc: [range(16) | . / 4 | floor],
	core: [range(16) | . / 2 | floor]}
| .cases |= [.[:2] | to_entries[] | (if .key == 0 then 1 else 16 end) as $senders
	| .value | .ipi_latency = ({ops: 100, timed: true, lost: 0, traced_p50_ns: 50000, edges_left_off: 0,
		gaps_left_off: 0, flush: class($senders; 3072 + 512 * $boot)}
		+ (if $after then {} else {sync: class($senders; 2048 + 512 * $boot)} end))]
