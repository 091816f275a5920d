#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/kernel-matrix promises about its estimate, its progress and a second one
# beside it, with a kernel of a few lines: a Makefile that knows the same targets.
# shellcheck disable=SC2317,SC2030,SC2031 # called by promise; PATH is meant to change there only
set -u
top=${top_srcdir:?run this with: make check}
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv flock script make patch flex bison bc df; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done

# A copy of the scripts, with a patch of our own, for a kernel of our own.
lab=$scratch/copy
tree=$scratch/source/9.9.1/linux
mkdir -p "$lab/scripts" "$lab/kernel-patches/9.9" "$tree/mm"
cp "$top"/scripts/{common.sh,progress.sh,figures.sh,kernel-matrix,kernel-patch,lab.config} "$lab/scripts"
printf '#!/bin/sh\necho "%s"\n' "$tree" >"$lab/scripts/kernel-source"
chmod +x "$lab/scripts/kernel-source"
cat >"$lab/scripts/lab-figures" <<'END'
matrix 9.9 no-smp 3 120 2 0 300
matrix 9.9 hyperv 5 600 2 0 500
END
cat >"$tree/Makefile" <<'END'
x86_64_defconfig:
	echo CONFIG_MMU=y >$(O)/.config
	printf 'CONFIG_%s=y\n' TRANSPARENT_HUGEPAGE HUGETLBFS HYPERVISOR_GUEST PARAVIRT HYPERV >>$(O)/.config
olddefconfig prepare:
	@:
%.o:
	if [ -f $(SIGNS)/slow ]; then sleep 2; fi
	if [ -f $(SIGNS)/broken ]; then echo 'code.c:1: error: broken'; exit 1; fi
	mkdir -p $(dir $(O)/$@); touch $(O)/$@
END
sed -i "1i SIGNS = $scratch" "$tree/Makefile"
printf 'one\ntwo\nthree\n' >"$tree/mm/code.c"
printf '%s\n' "Subject: [PATCH] code: two" '' --- "--- a/mm/code.c" "+++ b/mm/code.c" \
	'@@ -1,3 +1,3 @@' ' one' -two +deux ' three' >"$lab/kernel-patches/9.9/0001-two.patch"
echo 0001-two.patch >"$lab/kernel-patches/9.9/series"
export TLBSYNC_CACHE=$scratch/cache

matrix() { "$lab/scripts/kernel-matrix" "$@"; }
fresh() { rm -rf "$TLBSYNC_CACHE" "$scratch"/{slow,broken}; }
with_path() { (PATH=$1; "${@:2}"); }

compiles()
{
	fresh
	matrix --config hyperv >"$scratch/out" 2>"$scratch/said"
	cat "$scratch/out" "$scratch/said"
	grep -E '^hyperv +[0-9]+  ok +ok' "$scratch/out"
}

estimate()
{
	fresh
	matrix --config no-smp --config hyperv >"$scratch/out" 2>"$scratch/said"
	cat "$scratch/said"
	head -n 1 "$scratch/said" | grep -x 'kernel-matrix: compiles 9.9 in 2 configurations:' &&
		grep -E "^kernel-matrix:   about [0-9]+ (s|min) on $(nproc) CPUs, [0-9]+ MiB in $TLBSYNC_CACHE$" "$scratch/said"
}

no_space()
{
	fresh
	mkdir -p "$scratch/full"
	printf '#!/bin/sh\necho Avail; echo 1024\n' >"$scratch/full/df"
	chmod +x "$scratch/full/df"
	fails 1 "no room for the matrix in $TLBSYNC_CACHE: 1 MiB free, " with_path "$scratch/full:$PATH" matrix --config hyperv &&
		[ ! -e "$TLBSYNC_CACHE/matrix/9.9/obj" ]
}

cells_told()
{
	compiles && plain "$scratch/said" && narrow "$scratch/said" 80 &&
		grep -x 'kernel-matrix: cell 1 of 3: 9.9, hyperv, configuration' "$scratch/said" &&
		grep -E '^kernel-matrix: cell 3 of 3: 9.9, hyperv, series, ' "$scratch/said"
}

drawn()
{
	fresh
	on_terminal xterm "$lab/scripts/kernel-matrix" --config hyperv >"$scratch/said"
	cat -v "$scratch/said"
	draws "$scratch/said" && grep -q 'cell [123] of 3: 9.9, hyperv, ' "$scratch/said" &&
		! grep -q '^kernel-matrix: cell' "$scratch/said"
}

dumb()
{
	fresh
	on_terminal dumb "$lab/scripts/kernel-matrix" --config hyperv >"$scratch/said"
	plain "$scratch/said"
}

own_figures()
{
	compiles && grep -E '^[0-9]+ [0-9]+ [0-9]+ 0 [0-9]+$' "$TLBSYNC_CACHE/figures/9.9-hyperv-matrix"
}

second_refused()
{
	local first status=0

	fresh
	touch "$scratch/slow"
	"$lab/scripts/kernel-matrix" --config hyperv >"$scratch/first" 2>&1 &
	first=$!
	eventually grep -qs 'cell 2' "$scratch/first" || status=1
	fails 1 "another kernel-matrix of 9.9 is running" matrix --config hyperv &&
		grep "pid $first: kernel-matrix --config hyperv$" "$scratch/fails.log" || status=1
	rm "$scratch/slow"
	wait "$first" || status=1
	return "$status"
}

broken_cell()
{
	fresh
	touch "$scratch/broken"
	fails 1 "some cells failed" matrix --config hyperv && grep 'code.c:1: error: broken' "$scratch/fails.log"
}

promise "a configuration that compiles is ok at each level" compiles
promise "before it compiles it says what that takes in time and disk" estimate
promise "a full disk is seen before anything is compiled" no_space
promise "each cell is told, plainly in a pipe" cells_told
promise "a terminal has one line for that, drawn anew" drawn
promise "TERM=dumb gets no carriage returns" dumb
promise "what it took is kept for the next time" own_figures
promise "a second one beside it is refused, and is told the first's pid and command" second_refused
promise "a cell that does not compile fails, and shows the error" broken_cell
promise "--help works" fails 0 "Usage: scripts/kernel-matrix" matrix --help
conclude
