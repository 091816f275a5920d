# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/nightly says of tonight's record ($tonight) beside the records of the
# nights before it ($before, newest first) and of tlbsync history ($history): one line
# each, "regression: ..." or "note: ...".

def key: [.workload, .placement, .params];

def name: .workload + (.params | to_entries | map(" \(.key)=\(.value)") | add // "") +
	", " + .placement;

def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;

def rounded: . * 1000 | round / 1000;

# Counts of $class where they are exact, each request attributed to its op.
def exact($class): select(.status == "ok" and .ops > 0 and .ipi.source == "csd") |
	.ipi[$class] + {ops} | select(.requested != null and .max_per_op != null);

# A count has grown when tonight's mean is above what even the costliest op of a night
# took in the median of nights: for a count that is the same in every op, any growth;
# for one that varies by itself, no chance fluctuation.
def grown($class; $old):
	exact($class) as $now | [$old[] | exact($class) | .max_per_op] | select(length > 0) |
	median as $was | ($now.requested / $now.ops) as $is | select($is > $was) |
	"\($class)/op \($is | rounded), up from \($was | rounded), the median of \(length) nights";

def findings($old):
	if .status == "fail" then "failed: \(.reason)"
	elif .as_expected == false then "not as the kernel source predicts: \(.reason)"
	else empty end,
	grown("sync"; $old), grown("flush"; $old);

# Changes in the nights compared with, on the machine of tonight's record. Of emulation
# history tells no times.
def slower($tonight; $since):
	[$tonight | .host, (.machine | .cpu, .cpus_online, .hypervisor)] as $machine |
	.machines as $machines | .changes[] |
	select(.verdict == "worse" and .unit == "ns" and .night >= $since) |
	select($machines[.machine] | [.host, .cpu, .cpus_online, .hypervisor] == $machine) |
	"regression: \(name): \(.metric) \(.before | rounded) to \(.after | rounded) \(.unit)" +
	" on \(.night), kernel \(.kernel_before) to \(.kernel_after), p=\(.p)";

$tonight[0] as $tonight |
([$before[].cases[]] | group_by(key)) as $groups |
($before[-1] // $tonight | .started[:10]) as $since |
(
	($tonight.cases[] | key as $key |
		"regression: \(name): \(findings([$groups[] | select(.[0] | key == $key)[]]))"),
	($history[0] | slower($tonight; $since)),
	([$tonight.cases[] | select(.status != "skip") | key] as $ran |
		$before[0] // {cases: []} | .cases[] | select(.status == "ok" and (key | IN($ran[]) | not)) |
		"note: \(name): measured the night before, not tonight")
) | gsub("[[:cntrl:]]"; "?")
