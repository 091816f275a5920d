#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `tlbsync run` promises: a record and a table that agree with each other, and
# counts of sync IPIs that are exact in every single run.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

succeeds()
{
	run "$@"
	[ "$code" -eq 0 ]
}

# Ten times. A slow or busy machine does as many as fit ten seconds, but at least three.
always_exact()
{
	local start=$SECONDS

	for ((times = 0; times < 10; times++)); do
		[ "$times" -lt 3 ] || [ $((SECONDS - start)) -lt 10 ] || break
		succeeds -w collapse-madvise -p alone --ops 500 || return 1
		holds '.cases[0] | .status == "ok" and .ops == 500 and .as_expected == true' || return 1
		holds ".cases[0].ipi.sync.requested == 500 *
			(if .kernel.static_key == \"on\" then 0 else $((online - 1)) end)" || return 1
	done
}

every_ok_case_has_rising_quantiles()
{
	holds '.cases | length > 0 and all(.[] | select(.status == "ok") | .latency_ns;
		.min > 0 and .min <= .p50 and .p50 <= .p90 and .p90 <= .p99 and
		.p99 <= .p999 and .p999 <= .max and (.histogram | length > 0))'
}

every_ok_case_timed_all_its_ops()
{
	holds 'all(.cases[] | select(.status == "ok");
		.ops == ([.latency_ns.histogram[][1]] | add))'
}

every_verdict_but_true_has_a_reason()
{
	holds 'all(.cases[]; .as_expected == true or (.reason | length > 0))'
}

every_case_is_ok_or_says_why_not()
{
	holds 'all(.cases[]; .status == "ok" or (.status == "skip" and (.reason | length > 0)))'
}

# And the latency of IPIs, which a run prints with -v.
show_prints_the_same_table()
{
	"$tlbsync" show "$record" >"$scratch/shown"
	! diff "$scratch/shown" "$out" | grep '^>' || return 1
	! holds 'any(.cases[]; .ipi_latency.ops > 0)' || grep -q '^Latency of each IPI' "$scratch/shown"
}

table_has_a_line_for_each_case()
{
	local cases

	cases=$(jq '.cases | length' "$record")
	[ "$(grep -cE '^[a-z-]+( [a-z]+=[0-9]+[KMG]?)* +(alone|all) ' "$out")" -eq "$cases" ]
}

only_the_record_is_named_on_stderr()
{
	[ "$(cat "$err")" = "record: $record" ]
}

json_is_the_record()
{
	succeeds -w munmap:size=4K -p alone --ops 20 --json && diff "$out" "$record"
}

record_says_what_was_typed()
{
	holds '.schema == "tlbsync.run/1" and .profile == "default" and
		(.command | startswith("tlbsync run ") and contains("--ops 20"))' &&
	holds ".kernel.release == \"$(uname -r)\" and .machine.cpus_online == $online and
		.kernel.boot_id == \"$(</proc/sys/kernel/random/boot_id)\""
}

params_and_roles_are_recorded()
{
	holds ".cases | length == 1 and (.[0] | .workload == \"munmap\" and .placement == \"alone\" and
		.params == {size: 65536} and (.roles.initiator | length == 1) and .roles.responder == [])"
}

counter_none_counts_nothing()
{
	succeeds -w munmap:size=4K -p alone --ops 50 --counter none && holds '.counter == "none" and
		(.cases[0] | .ipi == null and .as_expected == null and
		 (.reason | contains("not counted")) and .latency_ns.p50 > 0)'
}

counter_interrupts_estimates()
{
	succeeds -w munmap:size=4K -p alone --ops 50 --counter interrupts &&
		holds '.counter == "interrupts" and (.cases[0] | .ipi.source == "interrupts" and
		 .as_expected == null and (.reason | contains("estimate")))' &&
		grep -q '^munmap size=4K .* ~' "$out"
}

file_name_tells_time_host_and_kernel()
{
	local file=("$scratch/here/results"/*)

	[ ${#file[@]} -eq 1 ] && [[ ${file[0]##*/} =~ ^20[0-9]{6}T[0-9]{6}Z-"$(uname -n)"-"$(uname -r)"\.json$ ]] &&
		jq -e ".id + \".json\" == \"${file[0]##*/}\"" "${file[0]}"
}

default_folder_is_made()
{
	mkdir "$scratch/here"
	cd "$scratch/here" || return 1
	in_turn "$tlbsync" run -w munmap:size=4K -p alone --ops 20
	cd - >/dev/null || return 1
	[ "$code" -eq 0 ] && file_name_tells_time_host_and_kernel && [ "$(ls -A "$scratch/here")" = results ]
}

an_old_record_is_replaced()
{
	echo "old" >"$record"
	in_turn "$tlbsync" run -o "$record" -w munmap:size=4K -p alone --ops 20
	[ "$code" -eq 0 ] && holds '.schema' && ! compgen -G "$scratch/.tlbsync-*"
}

await_turn
settings >"$scratch/before"

promise "a short run writes a record, exit status 0" succeeds -w munmap:size=64K -p alone --ops 20
promise "the record holds the parameters and the roles" params_and_roles_are_recorded
promise "the record says what was typed, and on which kernel" record_says_what_was_typed
promise "the table has a line for the case" table_has_a_line_for_each_case
promise "without a terminal, standard error has one line: where the record is" only_the_record_is_named_on_stderr
promise "show prints the same table" show_prints_the_same_table
promise "--json prints the record itself" json_is_the_record
promise "without -o the record goes to results/<time>-<host>-<kernel>.json" default_folder_is_made
promise "a record of the same name is replaced" an_old_record_is_replaced
promise "--counter none counts nothing and gives no verdict" counter_none_counts_nothing
promise "--counter interrupts gives an estimate and no verdict" counter_interrupts_estimates

# khugepaged runs at nice 19: while the CPUs are busy it takes seconds for an op.
others=munmap,madvise-dontneed,collapse-madvise,hugetlb-unshare-munmap
for choice in "-w $others --ops 5" "-w collapse-khugepaged -p alone --ops 1"; do
	# shellcheck disable=SC2086 # words
	run $choice >/dev/null
	promise "$choice: exit status 0, or 77 if nothing can run" test "$code" -eq 0 -o "$code" -eq 77
	promise "$choice: every case is ok, or skipped with a reason" every_case_is_ok_or_says_why_not
	promise "$choice: quantiles rise in every case" every_ok_case_has_rising_quantiles
	promise "$choice: every op is in the histogram" every_ok_case_timed_all_its_ops
	promise "$choice: each verdict but true has a reason" every_verdict_but_true_has_a_reason
	promise "$choice: the table has a line for each case" table_has_a_line_for_each_case
	promise "$choice: show prints the same table" show_prints_the_same_table
done

run -w collapse-madvise -p alone --ops 1 >/dev/null
if [ "$(jq -r '.cases[0].status' "$record")" != ok ]; then
	note "exact counts: $(jq -r '.cases[0].reason' "$record")"
elif ! source_is csd; then
	note "exact counts: $(jq -r .counter_why "$record")"
else
	promise "500 collapses alone: 500 x (CPUs online - 1) syncs requested, in every run" always_exact
	echo "# that was tried $times times"
fi

promise "all settings have their old values" restored "$scratch/before"
conclude
