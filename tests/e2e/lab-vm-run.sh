#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/vm-run promises about bad input, boots that fail and what is left
# behind, with a stand-in for QEMU. The stand-in boots nothing, but writes what a guest
# would write; the next line of a plan says what.
# shellcheck disable=SC2317,SC2030,SC2031 # called by promise; PATH is meant to change there only
set -u
top=${top_srcdir:?run this with: make check}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv busybox cpio ldd; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done
! ldd "$(command -v busybox)" >/dev/null 2>&1 || cannot_run "busybox is not static"

out=$scratch/out
plan=$scratch/plan
mkdir -p "$scratch/bin" "$scratch/tmp" "$scratch/no-qemu"
ln -s "$top/tests/vm/qemu-stand-in" "$scratch/bin/qemu-system-x86_64"
export PLAN=$plan TMPDIR=$scratch/tmp
PATH=$scratch/bin:$PATH
# What vm-run takes for a kernel: the magic word at its place.
{ head -c 514 /dev/zero; echo HdrS; } >"$scratch/image"

# vm PLANNED OPTION...: one run of vm-run, PLANNED a boot each.
vm()
{
	local planned=$1
	shift

	rm -rf "$out" "$plan".*
	tr ' ' '\n' <<<"$planned" >"$plan"
	"$top/scripts/vm-run" --kernel "$scratch/image" --tlbsync "$(command -v bash)" --out "$out" "$@"
}

fact() { sed -n "s/.*\"$1\": \([^,]*\).*/\1/p" "$out/vm.json"; }
tidy() { [ -z "$(ls "$scratch/tmp")" ] || { ls -R "$scratch/tmp"; return 1; }; }
with_path() { (PATH=$1; "${@:2}"); }

good_boot()
{
	vm ok -- sh -c 'echo told; echo made >file; echo "two  words"; exit 3' >"$scratch/stdout"
	[ $? -eq 3 ] && grep -x 'two  words' "$scratch/stdout" && [ "$(cat "$out/file")" = made ] &&
		[ "$(fact retries)" = 0 ] && [ "$(fact status)" = 3 ] && tidy
}

odd_folder()
{
	out="$scratch/a folder, with odd \"name\"" good_boot
}

retried()
{
	vm "panic dies ok" -- true 2>"$scratch/stderr" || return 1
	[ "$(fact retries)" = 2 ] && grep 'the kernel panicked' "$out/vm.json" &&
		grep 'retry 1 of 2' "$scratch/stderr" && grep 'retry 2 of 2' "$scratch/stderr"
}

panics_at_boot()
{
	fails 1 "did not boot with 8 CPUs in 3 attempts: the kernel panicked" vm "panic panic panic ok" -- true || return 1
	grep -q 'line 12$' "$scratch/fails.log" && ! grep 'line 11$' "$scratch/fails.log" &&
		grep 'no init' "$scratch/fails.log" && [ "$(cat "$plan")" = ok ] && tidy
}

hangs_at_boot()
{
	fails 1 "not done after 1 s" vm "hang hang hang" --timeout 1 -- true && gone "$(cat "$plan.pid")" && tidy
}

late_trouble()
{
	fails 1 "$2" vm "$1 ok" --timeout 2 -- true && [ "$(cat "$plan")" = ok ] && [ "$(fact retries)" = 0 ]
}

# The list that src/stress/klog.c is made from, each entry in a line of its own.
complaints=$top/src/stress/kernel-complaints.inc

every_complaint()
{
	local text nr=0

	: >"$scratch/bad"
	while read -r text; do
		nr=$((nr + 1))
		echo "[    9.$nr] number $nr: $text, it says" >>"$scratch/bad"
	done < <(sed -n 's/^COMPLAINT("\(.*\)")$/\1/p' "$complaints")
	[ "$nr" -ge 30 ] && [ "$nr" -eq "$(grep -c '^COMPLAINT' "$complaints")" ] || return 1
	fails 1 "the kernel log is not clean" log_of "$scratch/bad" || return 1
	while read -r text; do
		grep -qxF "$text" "$scratch/fails.log" || { echo "not found: $text"; return 1; }
	done <"$scratch/bad"
}

# log_of FILE: a boot whose kernel wrote that.
log_of()
{
	rm -rf "$out" "$plan".*
	echo says >"$plan"
	cp "$1" "$plan.says"
	"$top/scripts/vm-run" --kernel "$scratch/image" --tlbsync "$(command -v bash)" --out "$out" -- true
}

no_list()
{
	mkdir -p "$scratch/alone"
	cp -r "$top/scripts" "$scratch/alone"
	fails 1 "kernel-complaints.inc is missing" "$scratch/alone/scripts/vm-run" --kernel "$scratch/image" -- true
}

# ended_by SIGNAL: no machine and no temporary folder is left.
ended_by()
{
	local pid

	rm -f "$plan".*
	echo hang >"$plan"
	"$top/scripts/vm-run" --kernel "$scratch/image" --tlbsync "$(command -v bash)" -- true &
	pid=$!
	eventually test -s "$plan.pid" || return 1
	kill "-$1" "$pid"
	wait "$pid"
	eventually gone "$(cat "$plan.pid")" || return 1
	if [ "$1" = KILL ]; then
		rm -rf "$scratch"/tmp/*		# after SIGKILL no script can clean up
	fi
	tidy
}

# nodes_of WANT OPTION...: the machine has exactly these NUMA nodes.
nodes_of()
{
	local want=$1
	shift

	vm ok "$@" -- true && [ "$(grep -o 'node,nodeid[^ ]*' "$plan.calls" | sed 's/.*cpus=//' | tr '\n' ' ')" = "$want " ]
}

without_qemu()
{
	local tool

	for tool in bash dirname sed mktemp setpriv cat; do
		ln -sf "$(command -v "$tool")" "$scratch/no-qemu/$tool"
	done
	fails 1 "install the Debian package qemu-system-x86" with_path "$scratch/no-qemu" vm_bare
}
vm_bare() { "$top/scripts/vm-run" --kernel "$scratch/image" -- true; }

# vm-compare's standard flags are a command, to be copied.
fits_but_for_flags() { ! grep -vE '^  --ops .* -w ' "$1" | grep -E '^.{81}'; }

printf '#!/bin/sh\n' >"$scratch/wrapper"
promise "a command runs; its words, files and exit status come out" good_boot
promise "a folder of any name will do" odd_folder
promise "boots that fail are tried again, counted and told" retried
promise "a panic at boot shows the last 30 lines, and ends after two retries" panics_at_boot
promise "a boot that hangs is ended" hangs_at_boot
promise "a panic after the boot is a result: no retry" late_trouble late-panic "the kernel panicked"
promise "a hang after the boot is one too" late_trouble late-hang "not done after 2 s"
promise "a warning of the guest's kernel fails the run and is shown" late_trouble warning "WARNING: CPU: 0 PID: 1 at mm/mmu_gather.c"
promise "each complaint of the suite's one list is found in the kernel log" every_complaint
promise "what healthy kernels write is none" log_of "$top/tests/fixtures/kernel-log-healthy"
promise "without the list nothing runs" no_list
promise "after TERM there is no machine and no temporary folder" ended_by TERM
promise "after kill -9 there is no machine" ended_by KILL
promise "CPUs are spread over the nodes" nodes_of "0-1 2-3 4-5 6-7" --cpus 8 --nodes 4
promise "uneven ones too" nodes_of "0-2 3-4 5-6" --cpus 7 --nodes 3
promise "no QEMU: its package is named" without_qemu
promise "more CPUs than the kernel has room for are refused" fails 1 "CONFIG_NR_CPUS in scripts/lab.config is 256" vm ok --cpus 257 -- true
promise "more nodes than CPUs are refused" fails 1 "4 nodes for 2 CPUs" vm ok --cpus 2 -- true
promise "too little memory is refused" fails 1 "256 MiB a node" vm ok --memory 512 -- true
promise "a number that is none is wrong usage" fails 2 "--cpus is no number: 'many'" vm ok --cpus many -- true
promise "a configuration that is none is wrong usage" fails 2 "--config is lab or debug, not 'fast'" vm ok --config fast -- true
promise "no kernel at all is wrong usage" fails 2 "no --kernel given" "$top/scripts/vm-run" -- true
promise "a kernel that is none is named" fails 1 "no kernel image $scratch/none" vm ok --kernel "$scratch/none" -- true
promise "an image that is none is named" fails 1 "is no bootable x86 kernel image" vm ok --kernel "$plan" -- true
promise "a program that is a script is refused" fails 1 "is no program" vm ok --tlbsync "$scratch/wrapper" -- true
promise "a program that is not there is named" fails 1 "no program $scratch/none" vm ok --tlbsync "$scratch/none" -- true
promise "--shell needs a terminal" fails 1 "needs a terminal" "$top/scripts/vm-run" --kernel "$scratch/image" --shell
for script in vm-run vm-compare vm-scale vm-storm vm-initramfs mutants kernel-build kernel-source kernel-matrix kernel-patch; do
	promise "$script --help works" fails 0 "Usage: scripts/$script" "$top/scripts/$script" --help
	promise "and fits 80 columns" fits_but_for_flags "$scratch/fails.log"
done
conclude
