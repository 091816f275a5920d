# SPDX-License-Identifier: GPL-2.0-or-later
# Records of $nights nights, one a line, from the record of a test: in the middle, when
# the kernel changes, its first case takes twice as many sync IPIs, its second a tenth
# longer and no more sync IPIs at all. Times waver. $host, $kernel and $placement are the
# names that anybody could give.

# 0 to 4, without a pattern that a change could be seen in
def waver($night): ($night * $night * 7 + $night * 3) % 11 % 5;

# Buckets' lower bounds: here every multiple of 512 ns is one.
def latency($more):
	([40960, 49664, 59904] | map(. + 512 * $more)) as [$least, $middle, $most]
	| {min: $least, p50: $middle, p90: $middle, p99: $most, p999: $most, max: $most,
	   histogram: [[$least, 10], [$middle, 80], [$most, 10]]};

range($nights | tonumber) as $night
| ($night >= ($nights | tonumber) / 2) as $after
| .started = (1735732800 + 86400 * $night | todate)
| .id = "night-\($night)"
| .host = $host
| .kernel.boot_id = "boot-\($night)"
| .kernel.release = $kernel + if $after then ".1" else ".0" end
| .machine.hypervisor = ""
| .cases[].placement |= if . == "all" then $placement else . end
| .cases[:3][].latency_ns = latency(waver($night))
| if $after then
	.cases[0].ipi.sync += {requested: 1400}
	| .cases[1].ipi.sync += {requested: 0, handled: 0, min_per_op: 0, max_per_op: 0, per_cpu: [range(8) | 0]}
	| .cases[1].latency_ns = latency(waver($night) + 10)
  else . end
