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
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
