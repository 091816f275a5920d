#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel patches promise, against the real sources, and what kernel-patch
# promises about a tree it cannot patch, against a tree of three files.
# The real sources are those that the cache has; TLBSYNC_TEST_LAB=1 fetches them.
# shellcheck disable=SC2317,SC2030,SC2031 # called by promise
set -u
top=${top_srcdir:?run this with: make check}
top=$(cd -- "$top" && pwd) || exit 1
# shellcheck source=tests/promise.sh
. "$top/tests/promise.sh"
for tool in setpriv patch git; do
	command -v "$tool" >/dev/null || cannot_run "$tool is missing"
done
unset KSRC
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
all=$top/kernel-patches
mapfile -t every < <(find "$all" -name '*.patch' | sort)

state_of() { (cd "$1" && find . -type f -printf '%p %s %T@ %C@ %n\n' -exec sha256sum {} + | sort); }

# unchanged TREE COMMAND...: COMMAND succeeds, and nothing in TREE is different.
unchanged()
{
	local tree=$1 before
	shift

	before=$(state_of "$tree")
	"$@" || return 1
	diff <(echo "$before") <(state_of "$tree")
}

# The patches as texts.

series_complete()
{
	local dir

	for dir in "$all"/[0-9]* "$all"/lab/[0-9]*; do
		diff <(grep -v '^#' "$dir/series") <(cd "$dir" && printf '%s\n' *.patch) || return 1
	done
}

nobody_signs()
{
	! grep -nE '^(Signed-off-by|Reviewed-by|Acked-by|Tested-by|Co-developed-by):' "${every[@]}" &&
		! grep -n '^From:' "${every[@]}" | grep -v ':From: tlbsync project <>$'
}

licensed()
{
	! grep -L '^SPDX-License-Identifier: GPL-2.0-only$' "${every[@]}" | grep .
}

no_placeholder() { ! grep -nE '@[A-Z0-9.-]+@' "${every[@]}"; }

# The lab's patches say that they are the lab's; mutants say what should catch them.
lab_says_so() { ! grep -L '^For the kernels of the tlbsync lab only, not for upstream' "$all"/lab/*/*.patch | grep .; }
mutants_say_so() { ! grep -L '^Caught by: [a-z]' "$all"/mutants/*/*.patch | grep .; }

# The README's table: each mutant of each version, with the first line of its patch.
# shellcheck disable=SC2016 # Markdown's, not the shell's
mutants_listed()
{
	local dir file

	for dir in "$all"/mutants/[0-9]*; do
		for file in "$dir"/*.patch; do
			printf '| `%s` | %s |\n' "$(basename "$file" .patch)" \
				"$(sed -n 's/^Subject: \[PATCH [0-9.]* mutant\] //p' "$file")"
		done | diff - <(sed -nE 's/^(\| `[a-z-]+` \| [^|]+ \|) [^|]* \|$/\1/p' "$all/README.md") || return
	done
}

# kernel-patch, on a small tree.

# make_patch NAME FILE OLD NEW: one hunk on the second of the file's three lines.
make_patch()
{
	printf '%s\n' "Subject: $1" '' "--- a/$2" "+++ b/$2" '@@ -1,3 +1,3 @@' " one" "-$3" "+$4" " three" >"$mine/$1"
	echo "$1" >>"$mine/series"
}

# small: a new tree of three files, and no patch.
small()
{
	tree=$scratch/small
	mine=$scratch/mine
	rm -rf "$tree" "$mine"
	mkdir -p "$tree/mm" "$mine"
	echo all: >"$tree/Makefile"
	printf 'one\ntwo\nthree\n' | tee "$tree/mm/a.c" >"$tree/mm/b.c"
}

apply() { "$top/scripts/kernel-patch" "$@"; }

small_applies()
{
	small
	make_patch 1.patch mm/a.c two zwei
	make_patch 2.patch mm/a.c zwei deux
	cp -al "$tree" "$scratch/linked"
	unchanged "$tree" apply --check "$tree" "$mine" && apply "$tree" "$mine" && grep -x deux "$tree/mm/a.c"
}

links_kept()
{
	grep -x two "$scratch/linked/mm/a.c"
}

# refused WORDS: the series is refused for that reason, and the tree is unchanged.
refused()
{
	unchanged "$tree" fails 1 "$1" apply "$tree" "$mine" &&
		unchanged "$tree" fails 1 "$1" apply --check "$tree" "$mine"
}

second_fails()
{
	small
	make_patch 1.patch mm/a.c two zwei
	make_patch 2.patch mm/b.c zwei deux
	refused "2.patch: mm/b.c: hunk 1 does not apply at line 1"
}

no_fuzz()
{
	small
	make_patch 1.patch mm/a.c two zwei
	sed -i 's/^one/eins/' "$tree/mm/a.c"
	refused "1.patch: mm/a.c: hunk 1 does not apply"
}

file_missing()
{
	small
	make_patch 1.patch mm/c.c two zwei
	refused "1.patch: mm/c.c: no such file in the tree"
}

applied_already()
{
	small
	make_patch 1.patch mm/a.c two zwei
	apply "$tree" "$mine" && refused "1.patch: mm/a.c: already applied"
}

makes_and_deletes()
{
	small
	printf '%s\n' '--- /dev/null' '+++ b/mm/new/d.c' '@@ -0,0 +1 @@' '+new' \
		'--- a/mm/b.c' '+++ /dev/null' '@@ -1,3 +0,0 @@' -one -two -three >"$mine/1.patch"
	echo 1.patch >"$mine/series"
	apply "$tree" "$mine" && grep -x new "$tree/mm/new/d.c" && [ ! -e "$tree/mm/b.c" ]
}

bad_series()
{
	small
	fails 1 "has no series file" apply "$tree" "$mine" || return 1
	echo '# nothing' >"$mine/series"
	fails 1 "lists no patch" apply "$tree" "$mine" || return 1
	echo 1.patch >"$mine/series"
	fails 1 "lists 1.patch, which is not there" apply "$tree" "$mine" || return 1
	fails 1 "is no kernel source" apply "$mine" "$mine"
}

# The patches, on the real sources.

# find_source VERSION: prints the tree, if it is there or may be fetched.
find_source()
{
	local cache=${TLBSYNC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tlbsync}

	[ -n "${TLBSYNC_TEST_LAB:-}" ] || grep -qsx "$1" "$cache"/source/*/stamp || return 1
	"$top/scripts/kernel-source" "$1"
}

# sparse: the files that the series touches, in a folder of their own, with git.
sparse()
{
	rm -rf "$scratch/sparse"
	mkdir "$scratch/sparse"
	sed -n 's,^+++ b/,,p' "$all/$version"/*.patch | sort -u |
		tar -C "$source" -cf - Makefile -T - | tar -C "$scratch/sparse" -xf -
	git -C "$scratch/sparse" init -q
	git -C "$scratch/sparse" add -A
	git -C "$scratch/sparse" -c user.name=test -c user.email=test@localhost commit -q -m base
}

# how_patch, how_apply, how_am, how_quilt: the ways of the README, in a sparse tree.
how_patch()
{
	local file

	while read -r file; do
		patch -p1 --fuzz=0 <"$all/$version/$file" >>"$scratch/patch.log" || return 1
	done < <(grep -v '^#' "$all/$version/series")
	cat "$scratch/patch.log"
	! grep -E 'fuzz|offset' "$scratch/patch.log"
}
how_apply() { git apply --whitespace=error-all "$all/$version"/*.patch; }
how_am() { git -c user.name=test -c user.email=test@localhost am "$all/$version"/*.patch; }
how_quilt()
{
	QUILT_PATCHES=$all/$version quilt --quiltrc /dev/null push -a --fuzz=0 >"$scratch/quilt.log" || return 1
	rm -rf .pc
	! grep -E 'fuzz|offset' "$scratch/quilt.log"
}

# applies HOW: it applies in this way, and gives the same tree as kernel-patch.
applies()
{
	sparse && rm -f "$scratch/patch.log" && cp -a "$scratch/sparse" "$scratch/same" &&
		apply "$scratch/same" "$all/$version" && (cd "$scratch/sparse" && "how_$1") || return 1
	diff -r --exclude=.git "$scratch/same" "$scratch/sparse" && rm -rf "$scratch/same"
}

style()
{
	"$source/scripts/checkpatch.pl" --root="$source" --strict --ignore MISSING_SIGN_OFF "$all/$version"/*.patch
}

# lab_tree: the files that the series, the lab and the mutants touch, with the series.
lab_tree()
{
	rm -rf "$scratch/lab"
	mkdir "$scratch/lab"
	sed -n 's,^--- a/,,p' "$all"/{,lab/,mutants/}"$version"/*.patch | sort -u |
		while read -r file; do
			[ ! -f "$source/$file" ] || echo "$file"	# the others are the lab's own
		done | tar -C "$source" -cf - Makefile -T - | tar -C "$scratch/lab" -xf -
	apply "$scratch/lab" "$all/$version"
}

# exactly ARGUMENT...: kernel-patch applies it, at exactly the lines it was made for.
exactly()
{
	apply "$@" >"$scratch/exactly.log" 2>&1 || { cat "$scratch/exactly.log"; return 1; }
	! grep 'at other lines' "$scratch/exactly.log"
}

lab_applies() { lab_tree && exactly "$scratch/lab" "$all/lab/$version"; }

mutants_apply()
{
	local file

	for file in "$all/mutants/$version"/*.patch; do
		exactly --check "$scratch/lab" "$file" || return 1
	done
}

lab_style()
{
	"$source/scripts/checkpatch.pl" --root="$source" --strict --ignore MISSING_SIGN_OFF,FILE_PATH_CHANGES \
		"$all"/{lab,mutants}/"$version"/*.patch
}

documented()
{
	apply "$scratch/sparse" "$all/$version" &&
		"$source/scripts/kernel-doc" -none "$scratch/sparse/include/asm-generic/tlb.h" >"$scratch/doc.log" 2>&1
	! grep tlb_table_flush "$scratch/doc.log" &&
		grep -q ' \* tlb_table_flush_implies_ipi_broadcast - ' "$scratch/sparse/include/asm-generic/tlb.h"
}

# The other version's series; "which hunk, which file" for each that fails.
other_refused()
{
	sparse
	unchanged "$scratch/sparse" fails 1 "hunk" apply "$scratch/sparse" "$all/$1" || return 1
	grep -E ': 000[12]-.*\.patch: [a-z0-9/_.-]+\.[ch]: hunk [0-9]+ does not apply at line [0-9]+$' "$scratch/fails.log"
}

promise "each series lists the patches that are there, in order" series_complete
promise "no person is named as author or signs" nobody_signs
promise "the patches are GPL-2.0-only" licensed
promise "no figure is left to be filled in" no_placeholder
promise "each patch of the lab says that it is not for upstream" lab_says_so
promise "each mutant says what should catch it" mutants_say_so
promise "the README lists the mutants that there are" mutants_listed
promise "kernel-patch --help works" fails 0 "Usage: scripts/kernel-patch" apply --help
promise "kernel-patch without a folder of patches is wrong usage" fails 2 "TREE and PATCHDIR" apply /tmp
promise "a series is applied, and --check changes nothing" small_applies
promise "a tree that shares its files by hard links keeps its own" links_kept
promise "where the second patch fails, patch, file and hunk are named, and nothing is applied" second_fails
promise "a hunk that needs fuzz is refused" no_fuzz
promise "a missing file is named" file_missing
promise "a series that has been applied is recognised" applied_already
promise "a patch may make and delete files" makes_and_deletes
promise "a folder without patches, or without a kernel, is an error" bad_series

absent=
mapfile -t bases < <("$top/scripts/bases")
for version in "${bases[@]}"; do
	if ! source=$(find_source "$version"); then
		[ -z "${TLBSYNC_TEST_LAB:-}" ] || promise "the source of $version is there" false
		absent+=" $version"
		continue
	fi
	promise "$version: the series applies to $(basename "${source%/linux}"), which stays as it is" \
		unchanged "$source/arch/x86/mm" apply --check "$source" "$all/$version"
	promise "$version: patch applies it without fuzz or offset" applies patch
	promise "$version: git apply applies it" applies apply
	promise "$version: git am applies it" applies am
	if command -v quilt >/dev/null; then
		promise "$version: quilt applies it without fuzz or offset" applies quilt
	elif [ -n "${TLBSYNC_TEST_LAB:-}" ]; then
		promise "$version: quilt is there" false
	else
		echo "skipped - $version: quilt applies it: quilt is missing"
	fi
	sparse
	promise "$version: the helper's contract is in its kernel-doc" documented
	promise "$version: checkpatch --strict finds nothing" style
	if [ -d "$all/lab/$version" ]; then
		promise "$version: the lab's patches apply on top, without fuzz or offset" lab_applies
		promise "$version: each mutant applies on top of them, without fuzz or offset" mutants_apply
		promise "$version: checkpatch --strict finds nothing in them" lab_style
	fi
	other=$([ "$version" = "${bases[0]}" ] && echo "${bases[-1]}" || echo "${bases[0]}")
	promise "$version: the series of $other is refused with patch, file and hunk" other_refused "$other"
done
[ "$broken" -eq 0 ] || exit 1
[ -z "$absent" ] || cannot_run "the source of$absent is not in the cache; scripts/kernel-source fetches it"
conclude
