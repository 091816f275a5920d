# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests with real kernels share: promise.sh, the lab's tools, and a folder of their
# own for temporary files. Source it; it ends the test if a tool is missing.

top=${top_srcdir:?run this with: make check-vm}
# shellcheck disable=SC2034 # for who sources this
tlbsync=${TLBSYNC:?run this with: make check-vm}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in qemu-system-x86_64 busybox cpio jq flex bison bc; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing: run ./bootstrap --lab"
done
# shellcheck disable=SC2034 # for who sources this
default_base=$("$top/scripts/bases" --default)
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"

# In the guest: functions that start no process of their own, for they would be seen. pss is
# what all processes of a run hold, shared memory once, in KiB; most_pss FILE writes the most.
# shellcheck disable=SC2016,SC2034 # for the guest, by who sources this
guest_words='
ours() { for dir in /proc/[0-9]*; do comm=; read -r comm 2>/dev/null <$dir/comm
	case $comm in tlbsync*) echo ${dir#/proc/} ;; esac; done; }
pss() { kib=0; for pid in $(ours); do
	while read -r key value unit; do [ "$key" != Pss: ] || kib=$((kib + value)); done \
		2>/dev/null </proc/$pid/smaps_rollup; done; echo $kib; }
most_pss() { most=0; while :; do now=$(pss); [ $now -le $most ] || most=$now; echo $most >$1
	sleep 1; done; }
'
